"""`Steps` records what happens at backward(), losses and gradients, and decides which steps are observed."""

import math
import weakref
from typing import TYPE_CHECKING, Any

import torch

from robot_agent.doctor import flat, graph_walk
from robot_agent.doctor.entries import Backward
from robot_agent.doctor.optimizer_steps import OptimizerSteps
from robot_agent.doctor.pace import Enough, Pace
from robot_agent.doctor.record import MOST
from robot_agent.doctor.site import here

if TYPE_CHECKING:
    from robot_agent.doctor.observe import Observer


class Steps:
    """Follows a training step by step, and decides which steps are observed."""

    def __init__(self, observer: "Observer", *, steps: int | None = None) -> None:
        """Begin."""
        self.observer = observer
        self.record = observer.record
        self.pace = Pace()
        self.since = 0
        """Number of calls of backward() since the last step ended."""
        self.looking = True
        """Whether the step that is under way is observed."""
        self.stop_at = steps
        """Number of calls of backward() after which to end the script; None for never."""
        self.in_closure = False
        """Whether an optimizer's step calls a closure now; each of its calls counts as a step."""
        self.manual: dict[int, tuple[Any, int, int]] = {}
        """Where there is no optimizer, some weights after backward(): reference, gradient's id, version."""
        self.optimizers = OptimizerSteps(self)
        observer.zeroed = self.optimizers.weight_zeroed
        self.first_weights: dict[int, Any] = {}
        """By weight: a reference to it, and a copy of its first numbers."""
        self.still: set[int] = set()
        """Numbers of the weights whose gradients were 0 in all observed steps."""
        self.traced = 0
        """Number of calls of backward() in which it was traced where these gradients become 0."""

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
                    entry = self._before(loss, inputs)
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

    def _before(self, loss: Any, inputs: Any) -> Backward | None:
        """Record a call of backward() that is about to begin; None if it is no training."""
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
        entry.origin = observer.origins.get(loss)
        entry.of_inputs = inputs is not None
        if entry.looked or record.backward < 3 or not math.isfinite(value):
            graph_walk.walk(self, loss, entry)
        if entry.looked:
            self._leftovers()
        self._keep(entry)
        return entry

    def keep_first(self, number: int, variable: Any) -> None:
        """Keep a copy of a weight's first numbers."""
        if number not in self.first_weights and variable.numel() <= 300_000 and len(self.first_weights) < 400:
            self.first_weights[number] = (weakref.ref(variable), variable.detach().clone())

    def _leftovers(self) -> None:
        """Check whether the gradients that the last step used are still in the weights."""
        for each in self.optimizers.entries.values():
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
            for ref, grad, version in self.manual.values():
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
            if left and not self.optimizers.entries and self.observer.current.get("manual"):
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
                if len(self.manual) < 4 and not self.optimizers.entries:
                    self.manual[number] = (weakref.ref(weight), id(weight.grad), weight._version)
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
            or not self.optimizers.entries
            or self.since > 4
            or (record.tick == 0 and record.backward > 20)
        ):
            self.end_step()
        if self.stop_at is not None and record.backward >= self.stop_at:
            record.interrupted = f"after {record.backward} steps"
            raise Enough

    def end_step(self) -> None:
        """End a step, and switch the observer on or off for the next one."""
        self.since = 0
        self.looking = self.pace.step(self.looking)
        self.observer.look(self.looking)
