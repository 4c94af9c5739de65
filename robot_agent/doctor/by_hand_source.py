"""Finds in the source of a NumPy script the lines that compute its gradients and move its weights."""

import ast
from dataclasses import replace

from robot_agent.doctor.site import Site
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding


def at(finding: Finding, site: Site | None, label: str) -> Finding:
    """Return a finding with a place and a label added; unchanged if the place is not known."""
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


def place(file: str, node: ast.expr | ast.stmt) -> Site:
    """Return the place of an expression or statement."""
    same = node.end_lineno == node.lineno
    return Site(file, node.lineno, node.col_offset, (node.end_col_offset or 0) if same else 0)


def line_of(file: str, function: str, wrong: tuple[str, ...], known: set[str]) -> Site | None:
    """Return the line of the gradient function that all wrong gradients depend on, and no right one does."""
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
        return place(file, body)
    bad = [flow.behind(flow.answers[name][1]) for name in wrong if name in flow.answers]
    good = [flow.behind(flow.answers[name][1]) for name in known - set(wrong) if name in flow.answers]
    shared = set.intersection(*bad).difference(*good)
    if len(bad) > 1 and shared:
        target = body.args.args[-1].arg if body.args.args else ""
        errors = [n for n in sorted(shared) if target in flow.names[n]]
        if not good and errors:
            return place(file, flow.made[errors[0]])  # all are wrong: where the error itself is computed
        closest = [n for n in shared if not any(n in flow.behind(flow.uses[m]) for m in shared if m != n)]
        return place(file, flow.made[max(closest or shared)])
    return place(file, flow.answers[next(name for name in wrong if name in flow.answers)][0])


class Flow:
    """The data flow of a function: on which assignments each value depends."""

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
        """Return all assignments on which those in `used` depend, and those in `used` themselves."""
        todo, found = list(used), set()
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += self.uses[each]
        return found


def _names(value: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}


def loop_around(file: str, site: Site | None) -> Site | None:
    """Return the loop around a step if it goes over a written list of names, else the step itself."""
    tree = tree_of(file)
    for node in ast.walk(tree) if tree and site else ():
        if (
            isinstance(node, ast.For)
            and isinstance(node.iter, ast.Tuple | ast.List)
            and node.lineno <= (site.line if site else 0) <= (node.end_lineno or 0)
        ):
            return place(file, node.iter)
    return site


def update(file: str) -> Site | None:
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
    return place(file, max(candidates, key=lambda each: (each[0], each[1].lineno))[1])
