"""`OptimizerSteps` records what optimizers do: when they are made, and which gradients their steps use."""

import functools
import math
import weakref
from typing import Any

from robot_agent.doctor.entries import Optimizer
from robot_agent.doctor.site import Site, here

Steps = Any  # of a later module

LARGE = 300_000
"""Largest number of elements of a weight whose movement in a step is measured."""


class OptimizerSteps:
    """Follows the optimizers of a script, and what happens to the gradients that they use."""

    def __init__(self, steps: "Steps") -> None:
        """Begin."""
        self.steps, self.observer, self.record = steps, steps.observer, steps.record
        self.entries: dict[int, Optimizer] = {}
        """The optimizers, by the id of each."""
        self.snapshots: list[tuple[Any, Any]] = []
        """Weights, and their numbers before the step that is under way."""
        self.clip: tuple[Site, float, float, list[int]] | None = None
        """The last clipping: place, norm of the gradients before and after, and the weights' numbers."""

    def made(self, optimizer: Any, site: Site | None) -> None:
        """Record an optimizer that was just made."""
        if site is None:
            return
        groups = optimizer.param_groups
        ids = tuple(self.observer.origins.weight(p) for g in groups for p in g["params"])
        rate = groups[0].get("lr", 0.0) if groups else 0.0
        options = tuple(
            sorted((k, v) for k, v in (groups[0] if groups else {}).items() if isinstance(v, (int, float)))
        )
        entry = Optimizer(
            weakref.ref(optimizer),
            site,
            float(rate),
            type(optimizer).__name__,
            ids,
            self.record.tick,
            self.record.backward,
            len(self.record.optimizers),
            options=options,
        )
        entry.made_at = self.observer.count()
        if len(self.record.optimizers) < 20:
            entry.frozen = self._frozen()
        if self.record.backward > 8:
            self.steps.pace.renew()
        if len(self.record.optimizers) < 2000:
            self.record.optimizers.append(entry)
        self.entries[id(optimizer)] = entry
        for group in groups:
            for p in group["params"]:
                self.steps.keep_first(self.observer.origins.weight(p), p.detach())
                self.record.shapes.setdefault(self.observer.origins.weight(p), tuple(p.shape))

    def _frozen(self) -> frozenset[int]:
        """Return the numbers of the networks' weights that are frozen now."""
        networks = [each.ref() for built in list(self.record.modules.values())[:300] for each in built[-50:]]
        return frozenset(
            self.observer.origins.weight(weight)
            for network in networks
            if network is not None
            for weight in network.parameters(recurse=False)
            if not weight.requires_grad
        )

    def zeroed(self, optimizer: Any) -> None:
        """Note zero_grad() of an optimizer."""
        entry = self.entries.get(id(optimizer))
        if entry is None:
            return
        entry.reset = True
        seen = (self.record.backward, entry.steps)
        if seen[0] > entry.zero_seen[0] and seen[1] == entry.zero_seen[1] and not entry.closure:
            entry.lost += 1
        entry.zero_seen = seen
        if self.steps.looking:
            site = here()
            if site is not None:
                entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def weight_zeroed(self, weight: Any, site: Site) -> None:
        """Note that the script set one gradient to zero by itself."""
        number = self.observer.origins.weight(weight)
        for entry in self.entries.values():
            if number in entry.ids:
                entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def module_zeroed(self, module: Any) -> None:
        """Note zero_grad() of a network."""
        with self.observer.silent():
            ids = {self.observer.origins.weight(p) for p in module.parameters()}
        site = here()
        for entry in self.entries.values():
            if ids & set(entry.ids):
                entry.reset = True
                if not entry.steps and ids.issuperset(entry.ids):
                    entry.lost += self.record.backward > entry.zero_seen[0]
                    entry.zero_seen = (self.record.backward, 0)
                if site is not None:
                    entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def before_step(self, optimizer: Any, closure: bool) -> None:
        """Record the gradients that a step is about to use."""
        entry = self.entries.get(id(optimizer))
        if entry is None:
            return
        entry.steps += 1
        entry.closure = closure
        if entry.inside:  # the step before ended in an exception, which the script caught
            self._stepped(entry)
        if closure or self.steps.looking:  # what a step computes itself is nothing to look at
            self.observer.local.quiet += 1
            self.observer.look(False)
            entry.inside = True
        if not self.steps.looking:
            return
        with self.observer.silent():
            entry.step_site = here() or entry.step_site
            if self.record.backwards:
                entry.backward_site = self.record.backwards[-1].site
            weights = [p for g in optimizer.param_groups for p in g["params"]]
            if len(weights) != len(entry.ids):
                entry.ids = tuple(self.observer.origins.weight(p) for p in weights)
            entry.rates.append(float(optimizer.param_groups[0].get("lr", 0.0)))
            entry.rate_steps.append(entry.steps)
            if not closure:
                entry.looked += 1
                grads = [p.grad for p in weights]
                if all(g is None for g in grads):
                    entry.none += 1
                    empty = True
                else:
                    empty = all(g is None or (g.is_sparse is False and not bool(g.any())) for g in grads)
                    entry.zero += empty
                self._clipped(entry, weights)
                self._after_clip(entry, weights)
                if empty and entry.zeroed_at == self.record.backward and self.record.backward > 0:
                    entry.zeroed_between += 1
                    entry.lost_site = entry.zeroed_site
            self.snapshots = [
                (p, p.detach().clone()) for p in weights if p.dim() > 1 and 1 < p.numel() <= LARGE
            ][:10] or [(p, p.detach().clone()) for p in weights if 1 < p.numel() <= LARGE][:4]

    def norm_of(self, weights: list[Any]) -> float:
        """Return the norm of the gradients of these weights together."""
        with self.observer.silent():
            grads = [p.grad for p in weights if p.grad is not None and not p.grad.is_sparse]
            return math.sqrt(sum(float(each.norm()) ** 2 for each in grads))

    def clips(self, weights: list[Any], before: float) -> None:
        """Note that the script has clipped the gradients of these weights."""
        site, after = here(), self.norm_of(weights)
        if site is not None and math.isfinite(before) and 0 < after < before:
            numbers = [self.observer.origins.weight(p) for p in weights if p.grad is not None]
            self.clip = (site, before, after, numbers)

    def _after_clip(self, entry: Optimizer, weights: list[Any]) -> None:
        """Record what a step uses of gradients that were clipped."""
        if self.clip is None:
            return
        site, before, after, numbers = self.clip
        graded = [n for n, p in zip(entry.ids, weights, strict=False) if p.grad is not None]
        if set(graded) == set(numbers):
            self.clip = None
            kept = self.record.clips[site]
            if len(kept) < 3000:
                kept.append((before / after, self.norm_of(weights) / after))

    def _clipped(self, entry: Optimizer, weights: list[Any]) -> None:
        """Record the gradients' norm as a share of their norm after backward(); below 1 they were clipped."""
        norms = self.record.backwards[-1].norms if self.record.backwards else {}
        before = [norms[number] for number in entry.ids if number in norms]
        if (
            not before
            or len(before) != sum(p.grad is not None for p in weights)
            or len(self.record.clipped) > 3000
        ):
            return
        size = math.sqrt(sum(each * each for each in before))
        now = math.sqrt(
            sum(float(p.grad.norm()) ** 2 for p in weights if p.grad is not None and not p.grad.is_sparse)
        )
        if math.isfinite(size) and size > 0:
            self.record.clipped.append(now / size)

    def closure(self, optimizer: Any, closure: Any) -> Any:
        """Return a closure whose calls are observed, although those of the step around it are not."""
        entry = self.entries.get(id(optimizer))
        observer = self.observer

        @functools.wraps(closure)
        def seen(*args: Any, **kwargs: Any) -> Any:
            if entry is None or not entry.inside or observer.closed:
                return closure(*args, **kwargs)
            observer.local.quiet -= 1
            self.steps.in_closure = True
            observer.look(self.steps.looking)
            try:
                return closure(*args, **kwargs)
            finally:
                self.steps.in_closure = False
                observer.look(False)
                observer.local.quiet += 1

        return seen

    def _stepped(self, entry: Optimizer) -> None:
        """Observe calls again, after a step."""
        self.observer.local.quiet -= 1
        entry.inside = False
        self.observer.look(self.steps.looking)

    def after_step(self, optimizer: Any) -> None:
        """Record how far a step has moved the weights."""
        entry = self.entries.get(id(optimizer))
        if entry is None:
            return
        if entry.inside:
            self._stepped(entry)
        self.record.tick += 1
        if len(self.record.steppers) < 100_000:
            self.record.steppers.append(entry.number)
        entry.last = self.record.tick - 1
        if self.steps.looking and (entry.closure or self.snapshots):
            with self.observer.silent():
                shares = []
                for p, old in self.snapshots:
                    fan = old.shape[1] if old.dim() > 1 else old.numel()
                    usual = math.sqrt(old.numel() / (3 * fan))  # the norm of PyTorch's own first weights
                    shares.append(float((p.detach() - old).norm()) / max(float(old.norm()), usual))
                if shares:
                    entry.moved.append((entry.steps, max(shares)))
                self.snapshots = []
                if entry.armed:
                    entry.judged += 1
                    entry.not_reset += not entry.reset
                weights = [p for g in optimizer.param_groups for p in g["params"]]
                graded = [
                    p for p in weights if p.grad is not None and not p.grad.is_sparse and bool(p.grad.any())
                ][:3]
                entry.used = [(weakref.ref(p), id(p.grad), p.grad._version) for p in graded]
                entry.armed = bool(graded)
        else:
            entry.armed = False
        entry.reset = False
        if len(entry.moved) > 4000:
            del entry.moved[200:2000]
        if entry.closure:
            return
        first = next(iter(self.entries.values()), None)
        if first is entry or entry.steps > (first.steps if first else 0):
            self.steps.end_step()
