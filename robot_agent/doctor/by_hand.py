"""Training written by hand in NumPy: its gradients and steps, held against the loss itself.

A script is understood if it has a function `gradients` (or `gradient`, `grads`, `backward`, `backprop`) that
takes the parameters as a dictionary and answers their gradients in another, and a function `loss` (or `cost`)
of the same arguments. The script runs unmodified; a profile hook only reads what `gradients` was given and
what it answered.
"""

import ast
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from robot_agent.doctor.site import Site
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding
from robot_agent.health.gradients import check_gradient
from robot_agent.health.network import findings as of_watch
from robot_agent.health.watch import Watch

GRADIENTS = ("gradients", "gradient", "grads", "grad", "compute_gradients", "backward", "backprop")
LOSSES = ("loss", "cost", "loss_function", "compute_loss", "error", "objective")
KEPT = 400
"""So many steps are kept: the first ones, then ever fewer."""


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

    def begin(self) -> None:
        """Begin to read."""
        sys.setprofile(self._event)
        threading.setprofile(self._event)

    def end(self) -> None:
        """Cease to read."""
        sys.setprofile(None)
        threading.setprofile(None)

    def _event(self, frame: types.FrameType, event: str, answer: Any) -> None:
        if event != "return" or frame.f_code.co_name not in GRADIENTS or not isinstance(answer, dict):
            return
        if frame.f_globals.get("__name__") != "__main__":
            return
        try:
            self._keep(frame, answer)
        except Exception:  # whatever the script has there is no concern of ours
            return

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
        """Return what is wrong with the training, the cause first."""
        if not self.calls:
            self._call_once(script)
        if not self.calls:
            return []
        loss = next((script[name] for name in LOSSES if callable(script.get(name))), None)
        if loss is None:
            return []
        found = self._gradient(loss, script, file) or self._steps(loss, file) or self._watch(loss, file)
        return found

    def _call_once(self, script: dict[str, Any]) -> None:
        """Compute the gradient of a module that only defines it."""
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
        except Exception:
            return
        if isinstance(answer, dict):
            self.calls.append(Call((parameters, *rest[:2]), function.__name__, answer))
            self.numbers.append(1)

    def _gradient(self, loss: Callable[..., Any], script: dict[str, Any], file: str) -> list[Finding]:
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
            except Exception:
                return []
        if not votes:
            return []
        first = votes[0]
        site = _line_of(file, self.calls[0].name, first.notes, set(self.calls[0].answer))
        return [_at(first, site, f"the gradient of {', '.join(first.notes)}")]

    def _steps(self, loss: Callable[..., Any], file: str) -> list[Finding]:
        """Hold the steps against the gradients they were made of."""
        pairs = [
            (a, b)
            for a, b, m, n in zip(self.calls, self.calls[1:], self.numbers, self.numbers[1:], strict=False)
            if n == m + 1
        ]
        if len(pairs) < 3:
            return []
        names = list(self.calls[0].answer)
        moved = {n: [b.parameters[n] - a.parameters[n] for a, b in pairs] for n in names}
        site = _update(file)
        still = [
            n
            for n in names
            if not any(np.any(each) for each in moved[n]) and any(np.any(a.answer[n]) for a, _ in pairs)
        ]
        if still:
            whole = len(still) == len(names)
            return [
                _at(
                    Finding(
                        "weights-still",
                        f"In {len(pairs)} steps "
                        f"{'no weight moved' if whole else ', '.join(still) + ' did not move'} "
                        f"at all, though there is a gradient.",
                        "The step is taken on a copy, or on other arrays than the ones that the network "
                        "computes with.",
                        "Change the arrays in place: params[name] -= rate * gradients[name].",
                        0.97,
                    ),
                    site if whole else _loop_around(file, site),
                    "does not reach the weights",
                )
            ]
        factors: dict[str, float] = {}
        parallel = True
        for n in names:
            g = np.concatenate([np.ravel(a.answer[n]) for a, _ in pairs[:10]])
            d = np.concatenate([np.ravel(each) for each in moved[n][:10]])
            square = float(g @ g)
            if square < 1e-20:
                continue
            factors[n] = float(d @ g) / square
            if float(np.linalg.norm(d - factors[n] * g)) > 1e-3 * float(np.linalg.norm(d)):
                parallel = False
        if not factors:
            return []
        uphill = [n for n, f in factors.items() if f > 0]
        if uphill and (parallel or len(uphill) == len(factors)):
            return [
                _wrong_step(
                    f"The step moves {', '.join(uphill)} along the gradient, not against it: uphill.", site
                )
            ]
        sizes = sorted(abs(f) for f in factors.values())
        if parallel and sizes[-1] > 1.5 * sizes[0]:
            name = max(factors, key=lambda n: abs(np.log(abs(factors[n]) / sizes[len(sizes) // 2])))
            return [
                _wrong_step(
                    f"{name} is moved by {abs(factors[name]):.3g} times its gradient, others by "
                    f"{sizes[len(sizes) // 2]:.3g}.",
                    site,
                )
            ]
        if not parallel and len(self.calls) > 20:
            first = [self._parallel(names, pairs[0]), self._parallel(names, pairs[-1])]
            losses = self._losses(loss)
            if not all(first) and losses and losses[-1] > 0.9 * losses[0]:
                return [
                    _wrong_step("The steps are not along the gradient, and the loss does not fall.", site)
                ]
        return []

    @staticmethod
    def _parallel(names: list[str], pair: tuple[Call, Call]) -> bool:
        a, b = pair
        for n in names:
            d, g = np.ravel(b.parameters[n] - a.parameters[n]), np.ravel(a.answer[n])
            if float(d @ g) > 0:
                return False
        return True

    def _losses(self, loss: Callable[..., Any]) -> list[float]:
        values = []
        for call in self.calls:
            try:
                values.append(float(loss(call.parameters, *call.live[1:])))
            except Exception:
                return []
        return values

    def _watch(self, loss: Callable[..., Any], file: str) -> list[Finding]:
        """Ask the rules for networks."""
        watch = Watch(check_at=())
        for call in self.calls:
            rest = call.live[1:]
            inputs = np.asarray(rest[0], np.float64) if rest and getattr(rest[0], "ndim", 0) == 2 else None
            try:
                with np.errstate(all="ignore"):
                    value = float(loss(call.parameters, *rest))
                watch(loss=value, parameters=call.parameters, gradients=call.answer, inputs=inputs)
            except Exception:
                return []
        if len(watch.steps) < 10:
            return []
        found = [
            each
            for each in of_watch(watch)
            if each.kind not in ("not-learning", "layer-still", "weights-still")
        ]
        return [_at(each, _update(file), "") for each in found]


def _wrong_step(seen: str, site: Site | None) -> Finding:
    return _at(
        Finding(
            "wrong-step",
            seen,
            "The weights are moved by something else than the gradient times one learning rate.",
            "params[name] -= rate * gradients[name], for every parameter.",
            0.95,
        ),
        site,
        "the step",
    )


def _at(finding: Finding, site: Site | None, label: str) -> Finding:
    from dataclasses import replace

    if site is None:
        return finding
    return replace(
        finding,
        file=site.file,
        line=site.line,
        column=site.column,
        end_column=site.end or None,
        source=site.text,
        label=label,
    )


def _place(file: str, node: ast.expr | ast.stmt) -> Site:
    same = node.end_lineno == node.lineno
    return Site(file, node.lineno, node.col_offset, (node.end_col_offset or 0) if same else 0)


def _line_of(file: str, function: str, wrong: tuple[str, ...], known: set[str]) -> Site | None:
    """Return the line in the gradient function that the wrong gradients have in common, and no right one."""
    tree = tree_of(file)
    body = next(
        (
            n
            for n in ast.walk(tree or ast.Module([], []))
            if isinstance(n, ast.FunctionDef) and n.name == function
        ),
        None,
    )
    if body is None:
        return None
    flow = Flow(body)
    if not set(wrong) & set(flow.answers):
        return _place(file, body)
    bad = [flow.behind(flow.answers[name][1]) for name in wrong if name in flow.answers]
    good = [flow.behind(flow.answers[name][1]) for name in known - set(wrong) if name in flow.answers]
    shared = set.intersection(*bad).difference(*good)
    if len(bad) > 1 and shared:
        target = body.args.args[-1].arg if body.args.args else ""
        errors = [n for n in sorted(shared) if target in flow.names[n]]
        if not good and errors:
            return _place(file, flow.made[errors[0]])  # all are wrong: where the error itself is computed
        closest = [n for n in shared if not any(n in flow.behind(flow.uses[m]) for m in shared if m != n)]
        return _place(file, flow.made[max(closest or shared)])
    return _place(file, flow.answers[next(name for name in wrong if name in flow.answers)][0])


class Flow:
    """Which assignment each value of a function comes from; a name that is assigned anew is another."""

    def __init__(self, body: ast.FunctionDef) -> None:
        """Read a function, from its first line to its last."""
        self.made: list[ast.stmt] = []
        self.uses: list[set[int]] = []
        self.names: list[set[str]] = []
        self.answers: dict[str, tuple[ast.expr | ast.stmt, set[int]]] = {}
        """The gradients by their names: where each is computed, and the assignments that it uses."""
        self._now: dict[str, int] = {}
        statements = [node for node in ast.walk(body) if isinstance(node, ast.stmt) and node is not body]
        for node in sorted(statements, key=lambda each: (each.lineno, each.col_offset)):
            if isinstance(node, ast.Assign | ast.AugAssign):
                self._assignment(node)
            for each in ast.walk(node) if not hasattr(node, "body") else ():
                if isinstance(each, ast.Dict):
                    for key, value in zip(each.keys, each.values, strict=True):
                        if isinstance(key, ast.Constant):
                            self._answer(str(key.value), value)
                elif isinstance(each, ast.Call) and getattr(each.func, "id", "") == "dict":
                    for keyword in each.keywords:
                        self._answer(keyword.arg or "", keyword.value)

    def _assignment(self, node: ast.Assign | ast.AugAssign) -> None:
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
        used = self._used(node.value)
        for target in targets:
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                self._answer(str(target.slice.value), node.value)
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Name):
                    old = (
                        {self._now[each.id]}
                        if isinstance(node, ast.AugAssign) and each.id in self._now
                        else set()
                    )
                    self.made.append(node)
                    self.uses.append(used | old)
                    self.names.append(_names(node.value))
                    self._now[each.id] = len(self.made) - 1

    def _answer(self, name: str, value: ast.expr) -> None:
        number = self._now.get(value.id) if isinstance(value, ast.Name) else None
        if number is not None:  # {"W1": dW1}: the line that makes dW1
            self.answers[name] = self.made[number], self.uses[number]
        else:
            self.answers[name] = value, self._used(value)

    def _used(self, value: ast.expr) -> set[int]:
        return {self._now[name] for name in _names(value) if name in self._now}

    def behind(self, used: set[int]) -> set[int]:
        """Return all assignments that some come from, with themselves."""
        todo, found = list(used), set()
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += self.uses[each]
        return found


def _names(value: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}


def _loop_around(file: str, site: Site | None) -> Site | None:
    """Return the loop over written-out names that a step stands in, or the step itself."""
    tree = tree_of(file)
    for node in ast.walk(tree) if tree and site else ():
        if (
            isinstance(node, ast.For)
            and isinstance(node.iter, ast.Tuple | ast.List)
            and node.lineno <= (site.line if site else 0) <= (node.end_lineno or 0)
        ):
            return _place(file, node.iter)
    return site


def _update(file: str) -> Site | None:
    """Return the line that moves the weights."""
    tree = tree_of(file)
    candidates: list[tuple[int, ast.stmt]] = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, (ast.AugAssign, ast.Assign)):
            names = {each.id.lower() for each in ast.walk(node) if isinstance(each, ast.Name)}
            rate = bool(names & {"rate", "lr", "learning_rate", "eta", "alpha", "step_size"})
            target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
            score = 2 * rate + isinstance(node, ast.AugAssign) + isinstance(target, ast.Subscript)
            if rate or (isinstance(node, ast.AugAssign) and isinstance(target, ast.Subscript)):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Tuple):
                    continue
                candidates.append((score, node))
    if not candidates:
        return None
    return _place(file, max(candidates, key=lambda each: (each[0], each[1].lineno))[1])
