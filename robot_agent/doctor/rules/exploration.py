"""Epsilon-greedy: chance that never ends, that never comes, or that is taken the wrong way round."""

import ast
import re
from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.rules.critic import GAMMA
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import names, tree_of
from robot_agent.health.finding import Finding

EPSILON = re.compile(r"^(eps|epsilon|explor\w*)(_\w+)?$", re.IGNORECASE)
CHANCE = re.compile(r"\b(random|rand|uniform|rng)\b")
DRAWS = re.compile(r"randrange|randint|action_space\.sample|choice\(|integers\(")
GREEDY = re.compile(r"argmax|\.max\(")
FALLS = re.compile(r"\bexp\(-|^max\(")
"""What a formula for epsilon looks like that falls with the number of steps."""
Test = tuple[ast.If | ast.IfExp, str, bool]


def _tests(tree: ast.Module) -> Iterator[Test]:
    """Yield each `if` or `... if ... else ...` that compares a random number with epsilon.

    With it come the name of epsilon, and whether the test is true for a number below epsilon.
    """
    for node in ast.walk(tree):
        test = node.test if isinstance(node, ast.If | ast.IfExp) else None
        if not isinstance(test, ast.Compare) or len(test.ops) != 1:
            continue
        left, right, op = test.left, test.comparators[0], test.ops[0]
        for draw, bound, less in ((left, right, ast.Lt | ast.LtE), (right, left, ast.Gt | ast.GtE)):
            name = (names(bound) or [""])[-1]
            if EPSILON.match(name) and _is_chance(tree, draw):
                assert isinstance(node, ast.If | ast.IfExp)
                yield node, name, isinstance(op, less)


def _is_chance(tree: ast.Module, draw: ast.expr) -> bool:
    """Return whether an expression is a random number, or a name that is only ever given one."""
    given = _given(tree, draw.id) if isinstance(draw, ast.Name) else None
    drawn = [value for value, _ in given] if given else [draw]
    return all(
        value is not None
        and any(isinstance(each, ast.Call) for each in ast.walk(value))
        and CHANCE.search(ast.unparse(value))
        for value in drawn
    )


def _branches(tree: ast.Module, node: ast.If | ast.IfExp) -> tuple[str, str]:
    """Return what is done if the test is true, and otherwise: of an `if` that returns, what follows it."""
    if isinstance(node, ast.IfExp):
        return ast.unparse(node.body), ast.unparse(node.orelse)
    rest = node.orelse
    for parent in ast.walk(tree):
        body = getattr(parent, "body", None)
        if not rest and isinstance(body, list) and node in body:
            rest = body[body.index(node) + 1 :]
    return "\n".join(map(ast.unparse, node.body)), "\n".join(map(ast.unparse, rest))


def _given(tree: ast.Module, name: str) -> list[tuple[ast.expr | None, ast.AST]] | None:
    """Return all that gives a name its value; None if it is an argument of a function."""
    values: list[tuple[ast.expr | None, ast.AST]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == name:
            return None
        if isinstance(node, ast.AugAssign | ast.AnnAssign | ast.NamedExpr) and names(node.target)[-1:] == [
            name
        ]:
            values.append((node.value if isinstance(node, ast.AnnAssign) else None, node))
        elif isinstance(node, ast.For) and name in names(node.target):
            return None
        elif isinstance(node, ast.Assign):
            for target, value in ((each, node.value) for each in node.targets):
                pairs = [(target, value)]
                if isinstance(target, ast.Tuple):
                    alike = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
                    right = (
                        value.elts if isinstance(value, ast.Tuple) and alike else [value] * len(target.elts)
                    )
                    pairs = list(zip(target.elts, right, strict=True))
                values += [(given, node) for each, given in pairs if names(each)[-1:] == [name]]
    return values


def _number(tree: ast.Module, value: ast.expr | None, depth: int = 3) -> float | None:
    """Return the number that an expression is, also by a name that is given once."""
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
        return float(value.value)
    if isinstance(value, ast.Name | ast.Attribute) and depth:
        given = _given(tree, names(value)[-1])
        if given is not None and len(given) == 1:
            return _number(tree, given[0][0], depth - 1)
    return None


def exploration(facts: Facts) -> Iterator[Finding]:
    """Find an epsilon that stays near 1 or is 0, or a test of it that is turned round."""
    for file in facts.files():
        tree = tree_of(file)
        if tree is None or not any(map(GAMMA.search, names(tree))):
            continue
        for node, name, below in _tests(tree):
            given = _given(tree, name)
            if not given:
                continue
            chosen, other = _branches(tree, node) if below else _branches(tree, node)[::-1]
            first = _number(tree, given[0][0])
            falls = len(given) > 1 and any(name in names(each) for _, each in given[1:])
            falls |= (
                len(given) == 1 and given[0][0] is not None and bool(FALLS.search(ast.unparse(given[0][0])))
            )
            turned = bool(GREEDY.search(chosen)) and not DRAWS.search(chosen) and bool(DRAWS.search(other))
            fixed = len(given) == 1 and first is not None
            if turned and (falls or (fixed and first is not None and first <= 0.3)):
                yield _found(
                    "The test of epsilon is turned round: the action is drawn at random where the chance is "
                    "1 - epsilon.",
                    "As epsilon falls, the agent acts more and more at random.",
                    f"Act at random if random() < {name}, and by the network otherwise.",
                    Site(file, node.lineno, node.test.col_offset, node.test.end_col_offset or 0),
                )
                return
            if turned or not fixed or first is None or not DRAWS.search(chosen) or 0 < first < 0.6:
                continue
            place = _unused(tree, name) or given[0][1]
            yield _found(
                f"{name} is {first:g} and stays so: the agent "
                + ("never tries anything at random." if first == 0 else "acts at random to the end."),
                "What it does then says nothing of what it has learned."
                if first
                else "It only ever sees what its first weights happen to choose.",
                f"Begin with 1 and let it fall: {name} = max(0.05, {name} * 0.995) after each episode.",
                Site(file, place.lineno, place.col_offset),  # type: ignore[attr-defined]
            )
            return


def _unused(tree: ast.Module, name: str) -> ast.AST | None:
    """Find an expression that computes a smaller epsilon and keeps it nowhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and name in names(node) and not isinstance(node.value, ast.Constant):
            called = getattr(getattr(node.value, "func", None), "id", "")
            if isinstance(node.value, ast.BinOp) or called in ("max", "min"):
                return node
    return None


def _found(seen: str, means: str, cure: str, site: Site) -> Finding:
    return found("exploration-wrong", seen, means, cure, 0.85, site, "chance")


RULES = (exploration,)
