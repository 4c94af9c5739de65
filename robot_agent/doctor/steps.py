"""`Steps` records what happens at backward() and step(): losses, gradients and weights."""

import functools
import math
import weakref
from typing import TYPE_CHECKING, Any

import torch

from robot_agent.doctor import flat, graph_walk
from robot_agent.doctor.entries import Backward, Optimizer
from robot_agent.doctor.pace import Enough, Pace
from robot_agent.doctor.record import MOST
from robot_agent.doctor.site import Site, here

if TYPE_CHECKING:
    from robot_agent.doctor.observe import Observer


class Steps:
    """Follows a training step by step, and decides which steps are observed."""

    def __init__(
        self, observer: "Observer", *, seconds: float | None = None, steps: int | None = None
    ) -> None:
        """Begin."""
        self.observer = observer
        self.record = observer.record
        self.pace = Pace()
        self.since = 0
        self.looking = True
        self.stop_at = steps
        self.in_closure = False
        """Whether an optimizer's step calls a closure now; each of its calls counts as a step."""
        self.manual: dict[int, tuple[Any, int, int, int]] = {}
        self.optimizers: dict[int, Optimizer] = {}
        observer.zeroed = self.weight_zeroed
        self.snapshots: list[tuple[Any, Any]] = []
        self.clip: tuple[Site, float, float, list[int]] | None = None
        """The last clipping: place, norm of the gradients before and after, and the weights' numbers."""
        self.first_weights: dict[int, Any] = {}
        self.still: set[int] = set()
        """Numbers of the weights whose gradients were 0 in all observed steps."""
        self.traced = 0
        """Number of calls of backward() in which it was traced where these gradients become 0."""

    # backward()

    def backward(self, original: Any, loss: Any, args: Any, kwargs: Any, inputs: Any = None) -> Any:
        """Carry out backward(), and record the loss and the gradients."""
        observer, local = self.observer, self.observer.local
        if local.quiet or observer.closed:
            return original(*args, **kwargs)
        if not local.on and inputs is None and self.record.backward >= 3:
            entry = self._unseen(loss)
            if entry is not None:
                try:
                    original(*args, **kwargs)
                except RuntimeError as error:
                    entry.error = str(error)
                    raise
                self._count()
                return None
        entry, trace = None, None
        local.quiet += 1
        try:
            try:
                with observer.silent():
                    entry = self._before(loss, kwargs, inputs)
                    if entry is not None and entry.looked and self._stays_flat() and inputs is None:
                        trace = flat.Trace(loss)
            except Exception as error:
                observer.trouble(error)
            try:
                return original(*args, **kwargs)
            except RuntimeError as error:
                if entry is not None:
                    entry.error = str(error)
                raise
        finally:
            local.quiet -= 1
            try:
                if trace is not None:
                    self.traced += 1
                    trace.end()
                    flat.note(self, trace)
                if entry is not None and not entry.of_inputs:
                    with observer.silent():
                        self._after(entry)
            except Enough:
                raise
            except Exception as error:
                observer.trouble(error)

    def _stays_flat(self) -> bool:
        """Return whether to trace, in this backward(), where gradients become 0."""
        return bool(self.still) and self.record.looked >= 2 and self.traced < 2

    def _unseen(self, loss: Any) -> Backward | None:
        """Record only the loss of a step that is not observed; None if the loss needs a closer look."""
        if type(loss) is not torch.Tensor or not loss.requires_grad or loss.is_leaf or loss.numel() != 1:
            return None
        value, site, record = loss.item(), here(), self.record
        if site is None or not math.isfinite(value):
            return None
        entry = Backward(record.backward, site, record.tick, value, False)
        self._keep(entry)
        return entry

    def _keep(self, entry: Backward) -> None:
        record = self.record
        losses = record.losses[entry.site]
        losses.append(entry.loss)
        if len(losses) > MOST:
            losses[:] = losses[::2]
        record.backwards.append(entry)
        if len(record.backwards) > MOST:
            del record.backwards[100 : MOST // 2]
        if not entry.of_inputs:
            record.backward += 1

    def _before(self, loss: Any, kwargs: Any, inputs: Any) -> Backward | None:
        record, observer = self.record, self.observer
        site = here()
        if site is None or not isinstance(loss, torch.Tensor):
            return None
        if inputs is not None and not any(
            each.is_leaf and isinstance(each, torch.nn.Parameter)
            for each in inputs
            if isinstance(each, torch.Tensor)
        ):
            return None
        value = float(loss.detach().float().mean()) if loss.numel() else math.nan
        entry = Backward(record.backward, site, record.tick, value, observer.local.on)
        entry.leaf, entry.grad = loss.is_leaf, loss.requires_grad
        entry.retained = bool(kwargs.get("retain_graph") or kwargs.get("create_graph"))
        entry.origin = observer.origins.get(loss)
        entry.of_inputs = inputs is not None
        if entry.looked or record.backward < 3 or not math.isfinite(value):
            graph_walk.walk(self, loss, entry)
        if entry.looked:
            self._leftovers(entry)
        self._keep(entry)
        return entry

    def keep_first(self, number: int, variable: Any) -> None:
        """Keep a copy of a weight's first numbers."""
        if number not in self.first_weights and variable.numel() <= 300_000 and len(self.first_weights) < 400:
            self.first_weights[number] = (weakref.ref(variable), variable.detach().clone())

    def _leftovers(self, entry: Backward) -> None:
        """Check whether the gradients that the last step used are still in the weights."""
        for each in self.optimizers.values():
            if each.reset or not each.used or each.none:
                continue
            still = 0
            for ref, grad, _ in each.used:
                weight = ref()
                if weight is None or weight.grad is None or id(weight.grad) != grad:
                    continue
                if bool(weight.grad.any()):
                    still += 1
            if not still:
                each.reset = True
        if self.manual:
            left = 0
            for ref, grad, version, _ in self.manual.values():
                weight = ref()
                if (
                    weight is None
                    or weight.grad is None
                    or id(weight.grad) != grad
                    or not bool(weight.grad.any())
                ):
                    continue
                if weight._version != version or self.observer.current.get("manual"):
                    left += 1
            if left and not self.optimizers and self.observer.current.get("manual"):
                self.record.manual_not_reset += 1
            self.observer.current["manual"] = False

    def _after(self, entry: Backward) -> None:
        record, observer = self.record, self.observer
        if entry.looked and not entry.error:
            weights = observer.origins.weights()
            self.manual = {}
            for number in entry.leaves:
                weight = weights.get(number)
                if weight is None or weight.grad is None:
                    if weight is not None and record.flat_functions:
                        entry.norms[number] = 0.0  # a function of the script answered None
                    continue
                if len(entry.norms) < 200:
                    entry.norms[number] = float(weight.grad.norm()) if not weight.grad.is_sparse else 1.0
                if len(self.manual) < 4 and not self.optimizers:
                    self.manual[number] = (weakref.ref(weight), id(weight.grad), weight._version, number)
            if any(not math.isfinite(each) for each in entry.norms.values()) and math.isfinite(entry.loss):
                record.grad_not_finite = record.grad_not_finite or (entry.number, entry.site)
            if entry.norms:
                zero = {number for number, norm in entry.norms.items() if norm == 0}
                self.still = zero if record.looked == 0 else self.still & zero
            record.looked += 1
        self._count()

    def _count(self) -> None:
        """Count a call of backward(); without an optimizer, it counts as a step."""
        record = self.record
        self.since += 1
        if (
            self.in_closure
            or not self.optimizers
            or self.since > 4
            or (record.tick == 0 and record.backward > 20)
        ):
            self._next()
        if self.stop_at is not None and record.backward >= self.stop_at:
            record.interrupted = f"after {record.backward} steps"
            raise Enough

    def _next(self) -> None:
        """End a step, and switch the observer on or off for the next one."""
        self.since = 0
        self.looking = self.pace.step(self.looking)
        self.observer.look(self.looking)

    # Optimizers

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
            self.pace.renew()
        if len(self.record.optimizers) < 2000:
            self.record.optimizers.append(entry)
        self.optimizers[id(optimizer)] = entry
        for group in groups:
            for p in group["params"]:
                self.keep_first(self.observer.origins.weight(p), p.detach())
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
        entry = self.optimizers.get(id(optimizer))
        if entry is None:
            return
        entry.reset = True
        seen = (self.record.backward, entry.steps)
        if seen[0] > entry.zero_seen[0] and seen[1] == entry.zero_seen[1] and not entry.closure:
            entry.lost += 1
        entry.zero_seen = seen
        if self.looking:
            site = here()
            if site is not None:
                entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def weight_zeroed(self, weight: Any, site: Site) -> None:
        """Note that the script set one gradient to zero by itself."""
        number = self.observer.origins.weight(weight)
        for entry in self.optimizers.values():
            if number in entry.ids:
                entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def module_zeroed(self, module: Any) -> None:
        """Note zero_grad() of a network."""
        with self.observer.silent():
            ids = {self.observer.origins.weight(p) for p in module.parameters()}
        site = here()
        for entry in self.optimizers.values():
            if ids & set(entry.ids):
                entry.reset = True
                if not entry.steps and ids.issuperset(entry.ids):
                    entry.lost += self.record.backward > entry.zero_seen[0]
                    entry.zero_seen = (self.record.backward, 0)
                if site is not None:
                    entry.zeroed_site, entry.zeroed_at = site, self.record.backward

    def before_step(self, optimizer: Any, closure: bool) -> None:
        """Record the gradients that a step is about to use."""
        entry = self.optimizers.get(id(optimizer))
        if entry is None:
            return
        entry.steps += 1
        entry.closure = closure
        if entry.inside:  # the step before ended in an exception, which the script caught
            self._stepped(entry)
        if closure or self.looking:  # what a step computes itself is nothing to look at
            self.observer.local.quiet += 1
            self.observer.look(False)
            entry.inside = True
        if not self.looking:
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
                (p, p.detach().clone()) for p in weights if p.dim() > 1 and 1 < p.numel() <= 300_000
            ][:10] or [(p, p.detach().clone()) for p in weights if 1 < p.numel() <= 300_000][:4]

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
        entry = self.optimizers.get(id(optimizer))
        observer = self.observer

        @functools.wraps(closure)
        def seen(*args: Any, **kwargs: Any) -> Any:
            if entry is None or not entry.inside or observer.closed:
                return closure(*args, **kwargs)
            observer.local.quiet -= 1
            self.in_closure = True
            observer.look(self.looking)
            try:
                return closure(*args, **kwargs)
            finally:
                self.in_closure = False
                observer.look(False)
                observer.local.quiet += 1

        return seen

    def _stepped(self, entry: Optimizer) -> None:
        """Observe calls again, after a step."""
        self.observer.local.quiet -= 1
        entry.inside = False
        self.observer.look(self.looking)

    def after_step(self, optimizer: Any) -> None:
        """Record how far a step has moved the weights."""
        entry = self.optimizers.get(id(optimizer))
        if entry is None:
            return
        if entry.inside:
            self._stepped(entry)
        self.record.tick += 1
        if len(self.record.steppers) < 100_000:
            self.record.steppers.append(entry.number)
        entry.last = self.record.tick - 1
        if self.looking and (entry.closure or self.snapshots):
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
        first = next(iter(self.optimizers.values()), None)
        if first is entry or entry.steps > (first.steps if first else 0):
            self._next()
