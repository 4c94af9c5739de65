"""`ByHand` checks a training written in NumPy: its gradients and steps, against the loss function itself.

The script needs a function `gradients` (or `gradient`, `grads`, `backward`, `backprop`) that takes the
parameters as a dictionary and returns their gradients as another dictionary; and a function `loss` (or
`cost`) with the same arguments. The script runs unmodified; a profile hook only reads the arguments and the
results of `gradients`.
"""

import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from robot_agent.doctor.by_hand_source import at, line_of, update
from robot_agent.doctor.by_hand_steps import findings_of_steps
from robot_agent.health.finding import Finding
from robot_agent.health.gradients import check_gradient
from robot_agent.health.network import findings as of_watch
from robot_agent.health.watch import Watch

GRADIENTS = ("gradients", "gradient", "grads", "grad", "compute_gradients", "backward", "backprop")
LOSSES = ("loss", "cost", "loss_function", "compute_loss", "error", "objective")
KEPT = 400
"""Largest number of calls that are kept: each of the first 40, then two in a row of every 25."""


class Call:
    """One call of the script's gradient function."""

    def __init__(self, arguments: tuple[Any, ...], name: str, answer: dict[str, Any]) -> None:
        """Begin."""
        self.live = arguments
        self.parameters = {key: np.array(value) for key, value in arguments[0].items()}
        self.answer = {key: np.array(value) for key, value in answer.items()}
        self.name = name


class ByHand:
    """Reads a script's gradients while it runs."""

    def __init__(self) -> None:
        """Begin."""
        self.calls: list[Call] = []
        self.count = 0
        self.numbers: list[int] = []
        self.unseen: list[str] = []
        """Sentences on what could not be checked."""

    def begin(self) -> None:
        """Start to read the script's gradients, in all threads."""
        sys.setprofile(self._event)
        threading.setprofile(self._event)

    def end(self) -> None:
        """Stop reading the script's gradients."""
        sys.setprofile(None)
        threading.setprofile(None)

    def _event(self, frame: types.FrameType, event: str, answer: Any) -> None:
        if event != "return" or frame.f_code.co_name not in GRADIENTS or not isinstance(answer, dict):
            return
        if frame.f_globals.get("__name__") != "__main__":
            return
        try:
            self._keep(frame, answer)
        except Exception as error:  # the script may have anything there
            self._not_checked(f"a call of {frame.f_code.co_name}()", error)

    def _not_checked(self, what: str, error: Exception) -> None:
        sentence = f"{what}: {type(error).__name__}: {error}"[:200]
        if sentence not in self.unseen and len(self.unseen) < 8:
            self.unseen.append(sentence)

    def _keep(self, frame: types.FrameType, answer: dict[str, Any]) -> None:
        self.count += 1
        if (self.count > 40 and self.count % 25 not in (0, 1)) or len(self.calls) >= KEPT:
            return
        code = frame.f_code
        arguments = tuple(frame.f_locals[name] for name in code.co_varnames[: code.co_argcount])
        if not arguments or not isinstance(arguments[0], dict):
            parameters = next(
                (
                    v
                    for v in frame.f_globals.values()
                    if isinstance(v, dict)
                    and v
                    and set(answer) <= set(v)
                    and all(hasattr(x, "shape") for x in v.values())
                ),
                None,
            )
            if parameters is None:
                return
            arguments = (parameters, *arguments)
        self.calls.append(Call(arguments, code.co_name, answer))
        self.numbers.append(self.count)

    def findings(self, script: dict[str, Any], file: str) -> list[Finding]:
        """Return the faults of the training, the cause first."""
        if not self.calls:
            self._call_once(script)
        if not self.calls:
            return []
        loss = next((script[name] for name in LOSSES if callable(script.get(name))), None)
        if loss is None:
            self.unseen.append(
                f"the gradients: there is no function {LOSSES[0]}(parameters, ...) to hold them against."
            )
            return []
        found = self._gradient(loss, file) or findings_of_steps(self, loss, file) or self._watch(loss, file)
        return found

    def _call_once(self, script: dict[str, Any]) -> None:
        """Call the gradient function of a script that only defines it, with the script's own arguments."""
        function = next((script[name] for name in GRADIENTS if callable(script.get(name))), None)
        parameters = next(
            (script[n] for n in ("params", "parameters", "weights") if isinstance(script.get(n), dict)), None
        )
        if function is None or parameters is None:
            return
        rest = [
            script[n]
            for names in (("x", "X", "inputs"), ("t", "y", "T", "Y", "targets"))
            for n in names
            if n in script
        ]
        try:
            answer = function(parameters, *rest[:2])
        except Exception as error:
            self._not_checked(f"{function.__name__}(), called with the script's own data", error)
            return
        if isinstance(answer, dict):
            self.calls.append(Call((parameters, *rest[:2]), function.__name__, answer))
            self.numbers.append(1)

    def _gradient(self, loss: Callable[..., Any], file: str) -> list[Finding]:
        """Return the fault of the gradients, held against the differences of the loss."""
        votes: list[Finding] = []
        for call in self.calls[:3]:
            rest = call.live[1:]
            sizes = tuple(
                dict.fromkeys(size for each in rest if hasattr(each, "shape") for size in each.shape)
            )
            parameters = {name: np.array(value) for name, value in call.parameters.items()}
            try:
                with np.errstate(all="ignore"):
                    votes += check_gradient(
                        lambda p=parameters, r=rest: float(loss(p, *r)),
                        parameters,
                        call.answer,
                        samples=sizes,
                    )
            except Exception as error:
                self._not_checked("the gradients against the differences of the loss", error)
                return []
        if not votes:
            return []
        first = votes[0]
        site = line_of(file, self.calls[0].name, first.notes, set(self.calls[0].answer))
        return [at(first, site, f"the gradient of {', '.join(first.notes)}")]

    def losses(self, loss: Callable[..., Any]) -> list[float]:
        """Return the loss at each call that was kept; an empty list if it cannot be computed."""
        values = []
        for call in self.calls:
            try:
                values.append(float(loss(call.parameters, *call.live[1:])))
            except Exception as error:
                self._not_checked("the course of the loss", error)
                return []
        return values

    def _watch(self, loss: Callable[..., Any], file: str) -> list[Finding]:
        """Return the findings of the health rules for networks, from the calls that were kept."""
        watch = Watch(check_at=())
        for call in self.calls:
            rest = call.live[1:]
            inputs = np.asarray(rest[0], np.float64) if rest and getattr(rest[0], "ndim", 0) == 2 else None
            try:
                with np.errstate(all="ignore"):
                    value = float(loss(call.parameters, *rest))
                watch(loss=value, parameters=call.parameters, gradients=call.answer, inputs=inputs)
            except Exception as error:
                self._not_checked("the course of the training", error)
                return []
        if len(watch.steps) < 10:
            return []
        found = [
            each
            for each in of_watch(watch)
            if each.kind not in ("not-learning", "layer-still", "weights-still")
        ]
        return [at(each, update(file), "") for each in found]
