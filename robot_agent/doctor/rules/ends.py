"""Rules on the ends of episodes: returns and targets that go on over them."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeGuard

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.rules.critic import GAMMA
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import names, reward_words, tree_of
from robot_agent.health.finding import Finding

DONE = re.compile(r"^(dones?|terminals?|terminated|truncated|finished|masks?|is_done|ends?)$", re.IGNORECASE)
ENDS = re.compile(r"done|mask|final|term|trunc|end|alive|cont|over|fell|^ds?$", re.IGNORECASE)
"""Part of a name that may say, in a formula, where an episode ends."""
FLAG = re.compile(r"^(\w*_)?(dones?|terminals?|terminated|is_done)(_\w*)?$", re.IGNORECASE)
"""Name of a number that is 1 at the end of an episode."""
KEEPS = ("append", "push", "add", "store", "remember", "put")
"""Methods that put a record into a memory."""


def over_ends(facts: Facts) -> Iterator[Finding]:
    """Find returns that continue over the end of an episode: the loop gets `done` and does not use it."""
    if not facts.reinforce or not facts.record.log_probs:
        return
    for file in facts.files():
        for loop in ast.walk(tree_of(file) or ast.Module([], [])):
            if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Tuple):
                continue
            given = [ast.unparse(each) for each in loop.target.elts]
            done = [each for each in given if DONE.match(each)]
            body = {name for node in loop.body for name in names(node)}
            sums = [
                node
                for node in loop.body
                if isinstance(node, ast.Assign)
                and any(GAMMA.search(name) for name in names(node.value)) | ("0.9" in ast.unparse(node.value))
                and set(names(node.targets[0])) & set(names(node.value))
            ]
            if done and sums and not set(done) & body and any(reward_words([each]) for each in given):
                node = sums[0]
                yield found(
                    "wrong-discount",
                    f"{done[0]} is not used: the sum of rewards goes on over the end of an episode.",
                    "The last actions of an episode are judged by the rewards of the next one.",
                    f"Begin anew at an end: G = r + gamma * G * (1 - {done[0]}).",
                    0.85,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "goes over the end",
                )
                return


def unused_ends(facts: Facts) -> Iterator[Finding]:
    """Find a target that continues over the end of an episode: `done` is there, and never used."""
    for file in facts.files():
        tree = tree_of(file)
        if tree is None:
            continue
        stored = _stored_end(tree)
        for scope in ast.walk(tree):
            if not isinstance(scope, ast.FunctionDef | ast.Module):
                continue
            own = list(_own(scope))
            given = {
                each.id: node
                for node in own
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
                for each in node.targets[0].elts
                if isinstance(each, ast.Name) and DONE.match(each.id)
            }
            read = {each.id for each in own if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
            best = {
                name
                for node in own
                if isinstance(node, ast.Assign) and _is_next(node.value)
                for each in node.targets
                for name in names(each)
            }
            targets = [node for node in own if _is_target(node, best)]
            unread = [name for name, node in given.items() if name not in read and len(_elements(node)) >= 3]
            after = [node for node in targets if unread and node.lineno > given[unread[0]].lineno]
            name = unread[0] if unread else stored
            if not after and stored and not any(ENDS.search(each) for each in read):
                after, name = targets, stored
            if after:
                node = after[0]
                yield found(
                    "wrong-discount",
                    f"{name} is not used: the target goes on over the end of an episode.",
                    "After the end nothing more comes, but the target adds what the next state promises.",
                    f"Write r + gamma * next_value * (1 - {name}.float()).",
                    0.85,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "goes over the end",
                )
                return


def turned_ends(facts: Facts) -> Iterator[Finding]:
    """Find a target that multiplies the value of the next state with `done` instead of 1 - done."""
    for file in facts.files():
        tree = tree_of(file)
        if tree is None or any(map(_turns, ast.walk(tree))):
            continue
        best = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _is_next(node.value)
            for each in node.targets
            for name in names(each)
        }
        for node in ast.walk(tree):
            if not _is_target(node, best):
                continue
            factors = [
                _bare(each)
                for part in ast.walk(node.value)
                if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult)
                for each in (part.left, part.right)
            ]
            done = [each for each in factors if FLAG.match(each)]
            if done:
                yield found(
                    "wrong-discount",
                    f"The value of the next state is multiplied with {done[0]}, which is 1 at the end.",
                    "Before the end nothing of what comes next is counted, and after it something is.",
                    f"Write r + gamma * next_value * (1 - {done[0]}.float()).",
                    0.88,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "the wrong way round",
                )
                return


def _turns(node: ast.AST) -> bool:
    """Return whether an expression turns `done` round: 1 - done, ~done, `not done` as an argument."""
    inner: list[ast.AST] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        inner = [node.right]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        inner = [node.operand]
    elif isinstance(node, ast.IfExp):
        inner = [node.test]
    elif isinstance(node, ast.Call | ast.Tuple | ast.Assign):
        given = (
            node.args
            if isinstance(node, ast.Call)
            else [node.value]
            if isinstance(node, ast.Assign)
            else node.elts
        )
        inner = [each for each in given if isinstance(each, ast.UnaryOp | ast.Compare)]
        if isinstance(node, ast.Call) and "not" in ast.unparse(node.func):
            inner = list(node.args)
    return any(FLAG.match(name) for each in inner for name in names(each))


def _bare(node: ast.expr) -> str:
    """Return the name of a number, without a change of its type or shape: `done` of done.float()."""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and names(node.func)[:-1] != ["torch"]
    ):
        node = node.func.value
    return names(node)[-1] if isinstance(node, ast.Name | ast.Attribute) else ""


def _is_next(node: ast.AST) -> bool:
    """Return whether an expression contains the value of a next state."""
    return any(word in ast.unparse(node) for word in ("max(", "amax(", "gather(", "next", "_2", "s2"))


def _is_target(node: ast.AST, best: set[str]) -> TypeGuard[ast.Assign]:
    """Return whether a statement adds gamma times the value of a next state, or times one of `best`."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return False
    inside = names(node.value)
    return any(GAMMA.search(name) for name in inside) and (_is_next(node.value) or bool(best & set(inside)))


def _stored_end(tree: ast.Module) -> str | None:
    """Return the name of the end of an episode as it is stored in each record, if nothing reads it back.

    A record is a named tuple, a class with annotated fields, a dictionary, or a tuple in a list.
    """
    fields: set[str] = set()
    read: set[Any] = set()
    stored: dict[int, tuple[int, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called == "namedtuple":
                fields |= {word for text in _strings(node) for word in text.replace(",", " ").split()}
            elif called in KEEPS and len(node.args) == 1 and isinstance(node.args[0], ast.Tuple):
                parts = [names(each) for each in node.args[0].elts]
                ends = [(n, each) for n, part in enumerate(parts) for each in part if DONE.match(each)]
                stored |= {len(parts): each for each in ends if len(parts) >= 4}
        elif isinstance(node, ast.ClassDef):
            fields |= {ast.unparse(each.target) for each in node.body if isinstance(each, ast.AnnAssign)}
        elif isinstance(node, ast.Dict):
            fields |= {text for each in node.keys if each is not None for text in _strings(each)}
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            read.add(node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            with suppress(ValueError):
                read.add(ast.literal_eval(node.slice))
        elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            read.add(("unpacked", len(node.elts)))
    for size, (place, name) in stored.items():
        if not {place, place - size, ("unpacked", size)} & read:
            return name
    found = sorted(filter(DONE.match, fields))
    return found[0] if found and not set(found) & read else None


def _strings(node: ast.AST) -> list[str]:
    return [
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _elements(node: ast.Assign) -> list[ast.expr]:
    """Return the targets of an assignment."""
    return node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else [node.targets[0]]


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function or module, without those of functions and classes inside of it."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop(0)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node
            todo += ast.iter_child_nodes(node)


RULES = (over_ends, unused_ends, turned_ends)
