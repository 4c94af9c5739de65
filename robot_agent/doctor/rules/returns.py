"""Rules on returns in REINFORCE: they read the source, as PyTorch does not see sums of Python numbers."""

import ast
import re
from collections.abc import Iterator

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function
from robot_agent.doctor.words import names, reward_words, tree_of
from robot_agent.health.finding import Finding

GAMMA = re.compile(r"^(gamma|discount|discount_factor|discount_rate)$", re.IGNORECASE)
LOG_PROB = re.compile(r"log_?p|logp|(^|_)lps?$|log_?pi", re.IGNORECASE)


def _place(file: str, node: ast.expr | ast.stmt) -> Site:
    same = node.end_lineno == node.lineno
    return Site(file, node.lineno, node.col_offset, (node.end_col_offset or 0) if same else 0)


def _backwards(loop: ast.For) -> bool:
    """Return whether a loop goes from the last step to the first."""
    text = ast.unparse(loop.iter)
    return (
        "reversed(" in text
        or "::-1" in text
        or ".flip" in text
        or "flipud(" in text
        or bool(re.search(r"range\(.*, *-1(, *-1)?\)", text))
    )


def _recurrence(loop: ast.For) -> tuple[ast.stmt, str, ast.expr, ast.expr] | None:
    """Return the parts of `G = r + gamma * G` in a loop: the statement, the name G, the term r, and gamma.

    For the mistake `G = gamma * r + G`, the term is the product `gamma * r`.
    """
    for node in loop.body:
        target: ast.expr | None = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
        if target is None or not isinstance(node, ast.Assign):
            continue
        sum_ = node.value
        if not isinstance(sum_, ast.BinOp) or not isinstance(sum_.op, ast.Add):
            continue
        name = ast.unparse(target)
        for one, other in ((sum_.left, sum_.right), (sum_.right, sum_.left)):
            if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult):
                parts = [one.left, one.right]
                inside = [each for each in parts if ast.unparse(each) == name]
                rest = [each for each in parts if ast.unparse(each) != name]
                if len(inside) == 1:
                    return node, name, other, rest[0]
                if ast.unparse(other) == name and any(GAMMA.match(word) for word in names(one)):
                    return node, name, one, one
    return None


def _kept(loop: ast.For, name: str) -> tuple[ast.Call, str] | None:
    """Return the call that puts the sum into a list, and its name: `append`, `insert` or `appendleft`."""
    for node in ast.walk(loop):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("append", "insert", "appendleft")
            and any(ast.unparse(each) == name for each in node.args)
        ):
            return node, node.func.attr
    return None


def _turned(scope: ast.AST, loop: ast.For, name: str) -> bool:
    """Return whether a list is reversed after the loop."""
    end = loop.end_lineno or 0
    for node in ast.walk(scope):
        if getattr(node, "lineno", 0) <= end:
            continue
        text = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript) else ""
        if name in text and ("reverse" in text or "::-1" in text or "flip" in text):
            return True
    return False


def _scopes(facts: Facts) -> Iterator[tuple[str, ast.AST]]:
    for file in facts.files():
        tree = tree_of(file)
        if tree is not None:
            yield file, tree
            for node in ast.walk(tree):
                if isinstance(node, Function):
                    yield file, node


def _loops(scope: ast.AST) -> Iterator[ast.For]:
    """Yield the loops of a function or module, without those of functions inside of it."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop(0)
        if isinstance(node, Function):
            continue
        if isinstance(node, ast.For):
            yield node
        todo += ast.iter_child_nodes(node)


def wrong_returns(facts: Facts) -> Iterator[Finding]:
    """Find returns that add up past rewards, are in the wrong order, or are discounted wrongly."""
    if not facts.reinforce or not facts.record.log_probs:
        return
    for file, scope in _scopes(facts):
        for loop in _loops(scope):
            sum_ = _recurrence(loop)
            if sum_ is None or not reward_words(names(loop.iter) + names(sum_[2])):
                continue
            statement, name, _, gamma = sum_
            kept = _kept(loop, name)
            if gamma is sum_[2]:
                yield _discount(
                    "The reward is multiplied with the discount, and the sum of what follows is not.",
                    _place(file, statement),
                )
                return
            if kept is None:
                continue
            call, how = kept
            assert isinstance(call.func, ast.Attribute)
            if not _backwards(loop):
                yield _discount(
                    f"The sum {name} goes from the first step to the last: it holds the rewards before an "
                    "action.",
                    _place(file, loop.iter),
                )
                return
            if how == "append" and not _turned(scope, loop, ast.unparse(call.func.value)):
                yield _another(
                    "The returns are listed from the last step to the first, the log-probabilities from "
                    "the first to the last.",
                    _place(file, call),
                    f"{ast.unparse(call.func.value)}.insert(0, {name}), or reverse the list after the loop.",
                )
                return
    yield from _cumulated(facts)
    yield from _gamma(facts)


def _cumulated(facts: Facts) -> Iterator[Finding]:
    """Find returns that cumsum() adds up from the first step on, instead of from the last."""
    for file in facts.files():
        tree = tree_of(file)
        for node in ast.walk(tree) if tree else ():
            if not isinstance(node, ast.Assign):
                continue
            calls = [
                each
                for each in ast.walk(node.value)
                if isinstance(each, ast.Call) and "cumsum" in ast.unparse(each.func)
            ]
            text = ast.unparse(node.value)
            targets = [name for target in node.targets for name in names(target)]
            if (
                len(calls) == 1
                and reward_words(names(calls[0]))
                and reward_words(targets)
                and not re.search(r"flip|::-1|reversed|\bsum\(|- ", text)
                and not _turned_before(tree, node, names(calls[0]))
            ):
                yield _discount(
                    "cumsum() adds up from the first step on: it holds the rewards before an action.",
                    _place(file, node),
                )
                return


def _turned_before(tree: ast.Module | None, node: ast.Assign, used: list[str]) -> bool:
    """Return whether the summed list is reversed before or after the sum."""
    targets = [name for target in node.targets for name in names(target)]
    for each in ast.walk(tree) if tree else ():
        if isinstance(each, ast.Assign | ast.Return) and each is not node and each.value is not None:
            text = ast.unparse(each)
            if re.search(r"flip|::-1|reversed", text) and set(names(each)) & {*targets, *used}:
                return True
            for part in ast.walk(each.value):
                if (
                    isinstance(part, ast.BinOp)
                    and isinstance(part.op, ast.Sub)
                    and ast.unparse(part.right) in targets
                    and not set(names(part.left)) & set(targets)
                ):
                    return True  # the whole sum less that of the past
    return False


def _gamma(facts: Facts) -> Iterator[Finding]:
    """Find a discount factor above 1."""
    for file in facts.files():
        tree = tree_of(file)
        for node in ast.walk(tree) if tree else ():
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
                continue
            value = node.value.value
            words = [word for target in node.targets for word in names(target)]
            if isinstance(value, (int, float)) and value > 1 and any(GAMMA.match(each) for each in words):
                yield _discount(
                    f"The discount factor is {value:g}: what comes later counts more and more.",
                    _place(file, node),
                )
                return


def _discount(seen: str, site: Site) -> Finding:
    return found(
        "wrong-discount",
        seen,
        "An action is to be judged by the rewards that come after it, the later the less.",
        "for r in reversed(rewards): G = r + gamma * G; returns.insert(0, G), with gamma from 0.9 to 1.",
        0.85,
        site,
        "these are not the returns",
    )


def _another(seen: str, site: Site, cure: str) -> Finding:
    return found(
        "reward-of-another-step",
        seen,
        "Each action is judged by the reward of another one.",
        cure,
        0.85,
        site,
        "of another step",
    )


def shifted(facts: Facts) -> Iterator[Finding]:
    """Find rewards that are paired with the log-probabilities of other steps: rewards[1:], torch.roll."""
    if not facts.record.log_probs:
        return
    lines = {(each.site.file, each.site.line) for each in facts.record.log_probs}
    for file in {file for file, _ in lines}:
        tree = tree_of(file)
        for node in ast.walk(tree) if tree else ():
            pair: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "zip":
                pair = node.args
            elif (
                isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and (file, node.lineno) in lines
            ):
                pair = [node.left, node.right]
            logs = [each for each in pair if any(LOG_PROB.search(word) for word in names(each))]
            rewards = [each for each in pair if each not in logs and reward_words(names(each))]
            if len(logs) != 1 or len(rewards) != 1:
                continue
            starts = [_start(each) for each in (logs[0], rewards[0])]
            rolled = "roll(" in ast.unparse(rewards[0]) and "roll(" not in ast.unparse(logs[0])
            if starts[0] != starts[1] or rolled:
                yield _another(
                    f"{ast.unparse(logs[0])} is paired with {ast.unparse(rewards[0])}.",
                    _place(file, node) if isinstance(node, ast.expr) else facts.record.log_probs[0].site,
                    "Pair each log-probability with what came of its own action, from the first step on.",
                )
                return


def _start(value: ast.expr) -> str:
    """Return the start of a slice as text: "1" for rewards[1:], empty for a whole list."""
    for node in ast.walk(value):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            if node.slice.step is not None:
                return ""
            lower = node.slice.lower
            return "" if lower is None or ast.unparse(lower) == "0" else ast.unparse(lower)
    return ""


def not_advanced(facts: Facts) -> Iterator[Finding]:
    """Find a loop that makes steps in an environment, but always uses the state before the first step."""
    for file in facts.files():
        tree = tree_of(file)
        loops = [node for node in (ast.walk(tree) if tree else ()) if isinstance(node, ast.For | ast.While)]
        began = {
            ast.unparse(target.elts[0] if isinstance(target, ast.Tuple) else target)
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, ast.Assign) and ".reset(" in ast.unparse(node.value)
            for target in node.targets
        }
        for loop in loops:
            inner = {id(part) for each in loops if each is not loop for part in ast.walk(each)}
            nodes = [node for node in ast.walk(loop) if node is not loop]
            inside = any(each is not loop and id(each) in set(map(id, nodes)) for each in loops)
            steps = [
                node
                for node in nodes
                if isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Tuple)
                and len(node.targets[0].elts) >= 3
                and isinstance(node.value, ast.Call)
                and getattr(node.value.func, "attr", "") == "step"
            ]
            if not steps or (inside and id(steps[0]) in inner):
                continue
            given = {
                ast.unparse(each)
                for node in nodes
                if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr)
                for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
                for each in (target.elts if isinstance(target, ast.Tuple) else [target])
            }
            read = {
                ast.unparse(node)
                for node in nodes
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
            }
            stays = sorted((began & read) - given)
            if stays:
                new = ast.unparse(steps[0].targets[0].elts[0])  # type: ignore[attr-defined]
                yield found(
                    "state-not-advanced",
                    f"{stays[0]} stays what reset() has answered, in each step of the loop.",
                    "The policy is always asked about the first state, whatever its actions lead to.",
                    f"Write {stays[0]} = {new} at the end of the loop.",
                    0.9,
                    _place(file, steps[0]),
                    f"{stays[0]} is not set anew",
                )
                return


RULES = (wrong_returns, shifted, not_advanced)
