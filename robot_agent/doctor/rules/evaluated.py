"""Answers that are read wrongly after the training: along the samples, or beside labels in another order."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.rules.labels import LABELS
from robot_agent.doctor.rules.shuffled import shuffled_finding
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function, enclosing
from robot_agent.doctor.words import called, names, statement, tree_of
from robot_agent.health.finding import Finding

METRIC = re.compile(
    r"(accuracy|f1|precision|recall|mean_\w+_error|r2|roc_auc)(_score)?$|report$|matrix$|corrcoef$"
)
COLLECTS = ("append", "extend")


def numpy_across(facts: Facts) -> Iterator[Finding]:
    """Find np.argmax(answers, axis=0) of a batch of answers that has left PyTorch."""
    classes = max((each.classes for each in facts.calls), default=0)
    for leave in facts.record.exits:
        if not leave.out or leave.why not in ("numpy", "__array__") or not 1 < classes < leave.numbers:
            continue
        tree, start = tree_of(leave.site.file), statement(leave.site)
        if tree is None or start is None:
            continue
        held = [ast.unparse(each) for each in start.targets] if isinstance(start, ast.Assign) else []
        for node in ast.walk(enclosing(tree, leave.site.line)):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "argmax":
                continue
            of = node.func.value if isinstance(node.func, ast.Attribute) else node.func
            module = isinstance(of, ast.Name) and of.id in ("np", "numpy", "jnp")
            rest = node.args[1:] if module else node.args
            given = node.args[0] if module and node.args else of
            axis = next(
                (each.value for each in node.keywords if each.arg in ("axis", "dim")), next(iter(rest), None)
            )
            inside = given.lineno <= leave.site.line <= (given.end_lineno or 0)
            if not isinstance(axis, ast.Constant) or axis.value != 0 or isinstance(axis.value, bool):
                continue
            if ast.unparse(given) in held or (inside and isinstance(given, ast.Call)):
                yield found(
                    "softmax-dim",
                    f"This argmax runs along axis 0 of {leave.numbers // classes} rows of {classes} answers: "
                    "over the samples.",
                    "It says which sample has the largest number, not which answer is the best for a sample.",
                    "Write axis=1 (or axis=-1).",
                    0.93,
                    Site(leave.site.file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "axis=0 are the samples",
                )
                return


def other_order(facts: Facts) -> Iterator[Finding]:
    """Find predictions in the order of a shuffled loader that are compared with labels in their own order."""
    if facts.reinforce:
        return
    for loader in facts.record.loaders.values():
        if not loader.shuffled or loader.at is None or not facts.calls:
            continue
        tree = tree_of(loader.at.file)
        loop = next(
            (
                e
                for e in (ast.walk(tree) if tree else ())
                if isinstance(e, ast.For) and e.lineno == loader.at.line
            ),
            None,
        )
        if tree is None or loop is None or not _without_labels(loop):
            continue
        kept = {
            ast.unparse(node.func.value)
            for node in ast.walk(loop)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in COLLECTS
        } | {ast.unparse(node.target) for node in ast.walk(loop) if isinstance(node, ast.AugAssign)}
        if kept and _compared(tree, loop, kept):
            yield replace(
                shuffled_finding(loader.site, 0.88),
                seen="The answers come in the order that this loader has drawn, and are compared with labels "
                "in their own order.",
                means="Each answer is held against the label of another sample: the score is that of chance.",
                cure="Write shuffle=False for what is tested, or take the labels from the same batches.",
            )
            return


def _without_labels(loop: ast.For) -> bool:
    """Return whether a loop over batches asks a network and does not use the labels."""
    body = [node for each in loop.body for node in ast.walk(each)]
    if any(getattr(node, "attr", "") in ("backward", "step") for node in body):
        return False
    read = [node.id for node in body if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    target = loop.target
    if isinstance(target, ast.Tuple) and len(target.elts) == 2 and isinstance(target.elts[0], ast.Tuple):
        target = target.elts[0]
    if isinstance(target, ast.Tuple):
        rest = [name for each in target.elts[1:] for name in names(each)]
        return len(target.elts) > 1 and bool(rest) and not set(rest) & set(read)
    whole = names(target)[-1]
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == whole:
            return False  # x, y = batch
    parts = [
        ast.unparse(n.slice) for n in body if isinstance(n, ast.Subscript) and ast.unparse(n.value) == whole
    ]
    return bool(parts) and set(parts) == {"0"} and read.count(whole) == len(parts)


def _compared(tree: ast.Module, loop: ast.For, kept: set[str]) -> bool:
    """Return whether what a loop has collected is compared with labels that come from elsewhere."""
    around = enclosing(tree, loop.lineno)
    known = {each.split(".")[-1] for each in kept}
    if isinstance(around, Function):
        known.add(around.name)
    for _ in range(3):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and known & set(names(node.value)):
                known |= {name for target in node.targets for name in names(target)[-1:]}
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            sides = [node.left, node.comparators[0]]
        elif isinstance(node, ast.Call) and METRIC.search(called(node)) and len(node.args) > 1:
            sides = node.args[:2]
        if len(sides) != 2 or (loop.lineno <= sides[0].lineno <= (loop.end_lineno or 0)):
            continue
        ours = [bool(known & set(names(each))) for each in sides]
        if sum(ours) == 1 and LABELS.search(ast.unparse(sides[ours.index(False)])):
            return True
    return False


RULES = (numpy_across, other_order)
