"""Reads the names in the user's source: whether a number is a reward, a cost or a log-probability."""

import ast
import linecache
import re
from functools import lru_cache
from typing import Any

from robot_agent.doctor.site import Site

REWARD = re.compile(
    r"(^|_)(rewards?|rews?|returns?|rets?|adv|advs|advantages?|gains?|score|scores|r|g|G|R|utility|wins?|payoffs?)"
    r"(_|\d*$)",
    re.IGNORECASE,
)
COST = re.compile(
    r"(^|_)(costs?|penalt(y|ies)|regrets?|distances?|dists?|errors?|errs?|pain)(_|\d*$)", re.IGNORECASE
)


@lru_cache(maxsize=64)
def tree_of(file: str) -> ast.Module | None:
    """Return the syntax tree of a source file; None if it cannot be read."""
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=64)
def _statements(file: str) -> dict[int, list[ast.stmt]]:
    tree = tree_of(file)
    found: dict[int, list[ast.stmt]] = {}
    todo: list[Any] = [tree] if tree else []
    while todo:  # statements hold statements in their blocks only: their expressions need not be walked
        node = todo.pop()
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found.setdefault(line, []).append(node)
        for block in ("finalbody", "orelse", "handlers", "cases", "body"):
            todo += reversed(getattr(node, block, ()))
    return found


def statement(site: Site) -> ast.stmt | None:
    """Return the statement that contains a place."""
    found = _statements(site.file).get(site.line, [])
    at = (site.line, site.column)
    return next(
        (each for each in found if at <= (each.end_lineno or 0, (each.end_col_offset or 0) - 1)),
        found[0] if found else None,
    )


def names(node: ast.AST) -> list[str]:
    """Return the names and attributes that an expression uses."""
    found = []
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            found.append(each.id)
        elif isinstance(each, ast.Attribute) and not isinstance(each.value, ast.Call):
            found.append(each.attr)
    return found


def called(call: ast.Call) -> str:
    """Return the name of what is called, without its module or object; empty if it has none."""
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def reward_words(words: list[str]) -> bool:
    """Return whether the names show a reward or a cost."""
    return _sign(words) != 0


LOG_PROB = re.compile(
    r"^(neg(ative)?_)?(log_?probs?|log_?ps?|lps?|log_?pi|logprobs?|log_?likelihood)", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def log_prob_sign(site: Site) -> int:
    """Return by the name of a result: 1 for a log-probability, -1 for a negative one, 0 for neither."""
    node = statement(site)
    name = ""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        name = ast.unparse(node.targets[0]).split(".")[-1]
    elif isinstance(node, ast.Return):
        tree = tree_of(site.file)
        for each in ast.walk(tree) if tree else ():
            if isinstance(each, ast.FunctionDef) and each.lineno <= site.line <= (each.end_lineno or 0):
                name = each.name
    match = LOG_PROB.match(name)
    return 0 if match is None else -1 if match[1] else 1


def _sign(words: list[str]) -> int:
    if any(REWARD.search(word) for word in words):
        return 1
    return -1 if any(COST.search(word) for word in words) else 0


def _numbers(value: ast.expr) -> list[str]:
    """Return the names in an expression, not those of distributions: dist.log_prob(a) is no distance."""
    asked = {
        name
        for node in ast.walk(value)
        if isinstance(node, ast.Attribute)
        and node.attr in ("log_prob", "entropy", "sample", "rsample", "probs")
        for name in names(node.value)
    }
    return [name for name in names(value) if name not in asked]


@lru_cache(maxsize=4096)
def reward_sign(site: Site) -> int:
    """Return by the names at a place: 1 for a reward (more is better), -1 for a cost, 0 for neither."""
    node = statement(site)
    match node:
        case ast.Assign(targets=targets, value=value):
            sign = _sign([name for target in targets for name in names(target)])
        case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
            sign = _sign(names(target))
        case ast.Return(value=value):
            sign = 0
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target, attr="append"), args=[value])):
            sign = _sign(names(target))
        case _:
            return 0
    if sign or value is None:
        return sign
    inner = _sign(_numbers(value))
    negated = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub)
    return -inner if negated and inner < 0 else inner


@lru_cache(maxsize=4096)
def other_sign(site: Site) -> int:
    """Return what `reward_sign` returns, for the factor of a log-probability on this line."""
    node = statement(site)
    value = getattr(node, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append":
        value = value.args[0] if value.args else None
    if value is None:
        return 0
    return _sign(
        [name for name in _numbers(value) if not re.search(r"log|prob|lp|loss", name, re.IGNORECASE)]
    )


def split(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())
