"""Rules on the data: its order, and whether all of it is used."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean, median
from typing import TypeGuard

from robot_agent.doctor.facts import Facts, found, note, notes
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function, call_of
from robot_agent.doctor.words import called, names, split, tree_of
from robot_agent.health.finding import Finding

MADE = split("ones zeros ones_like zeros_like full full_like empty_like empty")


def not_shuffled(facts: Facts) -> Iterator[Finding]:
    """Find data that is sorted by class."""
    if facts.reinforce:
        return
    calls = [
        each
        for each in facts.calls
        if not each.many
        and each.rows >= 4
        and (each.name in CLASSES | TWO or each.integer)
        and not (each.target is not None and (each.target.born_op in MADE and each.target.op in MADE))
        and not each.from_net
    ]
    if len(calls) < 6:
        return
    values = {value for each in calls for value in each.values}
    pure = fmean(each.pure for each in calls)
    if len(values) < 2 or pure < 0.6:
        return
    counts = Counter(each.values[0] for each in calls if each.pure)
    total = sum(counts.values())
    rows = median(each.rows for each in calls)
    expected = sum((count / total) ** rows for count in counts.values())
    if expected > 0.4:
        return
    runs = [each.values[0] for each in calls if each.pure]
    changes = sum(a != b for a, b in zip(runs, runs[1:], strict=False))
    loader = next(
        (
            each
            for each in facts.record.loaders.values()
            if not each.shuffled and each.iterations and each.fetched >= 6
        ),
        None,
    )
    target = calls[0].target
    site = loader.site if loader is not None else (target.site if target is not None else None)
    yield found(
        "not-shuffled",
        f"{pure:.0%} of the batches hold samples of one class only ({changes} changes of class in "
        f"{len(runs)} batches).",
        "The data comes in the order of its classes: the network unlearns one while it learns the next.",
        "Shuffle: DataLoader(..., shuffle=True), or draw a new order in each epoch with torch.randperm(n).",
        0.94,
        site or calls[0].site,
        "in order of the classes",
    )


def first_batch_only(facts: Facts) -> Iterator[Finding]:
    """Find a loader of which only the first batch is used."""
    record = facts.record
    if record.narrow is not None and record.backward:
        site, weights, samples = record.narrow
        made = call_of(site.file, "WeightedRandomSampler") if site is not None else None
        yield replace(
            _only_first(made or site, f"This sampler has {weights} weights for {samples} samples.", 0.95),
            means=f"A weight belongs to a sample, not to a class: only the first {weights} are drawn.",
            cure="Give each sample the weight of its class: weights = class_weights[labels].",
            label=f"draws {weights} samples only",
        )
        return
    for each in record.loaders.values():
        if (
            each.batches > 2
            and not each.shuffled
            and each.singles >= 4
            and each.singles >= 0.8 * (each.iterations - 1)
        ):
            yield _only_first(
                each.at or each.site, f"Each time only the first of {each.batches} batches is taken.", 0.95
            )
            return
    inputs = [
        each for each in record.inputs if each.grad and not each.recurrent and each.backward < record.backward
    ]
    others = record.inputs_tested + [each for each in record.inputs if each.backward >= record.backward]
    if len(inputs) < 12 or len({round(each.same, 6) for each in inputs}) > 1:
        return
    first = inputs[0]
    once = next(
        (
            each
            for each in record.loaders.values()
            if each.iterations == 1 and each.fetched == 1 and each.batches > 2
        ),
        None,
    )
    tested = any(test.rows != first.rows or abs(test.same - first.same) > 1e-6 for test in others)
    if once is not None and first.rows == once.size and tested:
        yield _only_first(
            once.at,
            f"One batch of {once.batches} is taken before the loop, and every step learns from it.",
            0.85,
        )
    elif (
        first.part is not None
        and first.part[2] >= 3.5 * first.numel
        and first.part[1] == 0
        and tested
        and not record.loaders
        and facts.calls
        and facts.calls[0].target is not None
        and facts.calls[0].target.site is not None
        and facts.in_loop(facts.calls[0].target.site)
    ):
        yield _only_first(first.site, f"Every step learns from the same {first.rows} samples.", 0.8)


def used_up(facts: Facts) -> Iterator[Finding]:
    """Find an iterator that is gone through again and again, though it is empty after the first time."""
    if not facts.fine:
        return
    for file in facts.files():
        tree = tree_of(file)
        for outer in ast.walk(tree) if tree is not None else ():
            if not isinstance(outer, ast.For | ast.While) or tree is None:
                continue
            for loop in ast.walk(outer):
                if loop is outer or not isinstance(loop, ast.For):
                    continue
                given = loop.iter.args[0] if _passes_on(loop.iter) else loop.iter
                made = _iterator(tree, outer, given)
                ends = any(isinstance(each, ast.Break | ast.Return | ast.Raise) for each in ast.walk(loop))
                if made is None or ends or "loss" not in ast.unparse(loop):
                    continue
                name = ast.unparse(given)
                yield _only_first(
                    Site(file, made.lineno, made.col_offset, made.end_col_offset or 0),
                    f"{name} can be gone through once only: from the second pass on there is no batch in it.",
                    0.94,
                    "zip(), map(), iter() and a generator give each element once, and are empty then.",
                    f"Make a list of it, {name} = list(...), or make it anew in each epoch.",
                    "empty after the first pass",
                )
                return


def _passes_on(node: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call) and bool(node.args) and names(node.func)[-1:] in (["enumerate"], ["tqdm"])
    )


def _iterator(tree: ast.Module, outer: ast.AST, given: ast.expr) -> ast.Assign | None:
    """Return where an iterator got its name, outside of a loop; None if it is something else."""
    values = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(given, ast.Name | ast.Attribute)
        and ast.unparse(given) in map(ast.unparse, node.targets)
    ]
    inside = {id(each) for each in ast.walk(outer)}
    if len(values) != 1 or id(values[0]) in inside:
        return None
    value = values[0].value
    called = isinstance(value, ast.Call) and names(value.func) in (["zip"], ["map"], ["iter"], ["filter"])
    return values[0] if called or isinstance(value, ast.GeneratorExp) or _passes_on(value) else None


def _only_first(
    site: Site | None,
    seen: str,
    sure: float,
    means: str = "next(iter(loader)) and a break begin anew each time, so the rest is never seen.",
    cure: str = "Go through all batches: for x, y in loader: ...",
    label: str = "begins anew",
) -> Finding:
    return found("first-batch-only", seen, means, cure, sure, site, label)


def same_inputs(facts: Facts) -> Iterator[Finding]:
    """Find a network that gets the same inputs in each step, while the labels change."""
    if facts.reinforce or not facts.single or not facts.poor(0.5, 0.9) or not facts.record.loaders:
        return
    calls = [each for each in facts.calls if not each.from_net and each.rows >= 4]
    inputs = [each for each in facts.record.inputs if each.grad and each.rows >= 4]
    if len(calls) < 8 or len(inputs) < 8 or len({round(each.same, 6) for each in inputs}) > 1:
        return
    if len({each.same for each in calls}) < 0.8 * len(calls) or calls[0].rows != inputs[0].rows:
        return
    yield found(
        "labels-shuffled",
        f"The network gets the same {inputs[0].rows} samples in each step, and each time other labels.",
        "The labels belong to a batch that the network is not shown.",
        "Give it the batch of the loop, the one from which the labels come.",
        0.92,
        inputs[0].site,
        "always the same inputs",
        *notes(note("the loss", calls[0].site)),
    )


FLIPS = re.compile(r"flip(lr)?_?$|^hflip$|^(Random)?HorizontalFlip$|^mirror$")
CHANCE = re.compile(r"rand|choice|bernoulli|uniform|binomial", re.IGNORECASE)


def mirrored(facts: Facts) -> Iterator[Finding]:
    """Find pictures that are mirrored at random, while the numbers to be foretold stay as they are."""
    if facts.reinforce or not facts.calls or facts.calls[0].name not in QUANTITIES:
        return
    calls = facts.calls
    numbers = max(math.prod(each.shape[1][1:]) for each in calls)
    if facts.skill is None or facts.skill > 0.4 or len(calls) < 8 or numbers > 16 or calls[0].from_net:
        return
    for file in facts.files():
        place = _mirror(tree_of(file) or ast.Module([], []))
        if place is not None:
            yield found(
                "labels-shuffled",
                "Half of the pictures are mirrored at random, and what belongs to them is not.",
                "A mirrored road turns the other way: where left and right count, the labels of a picture "
                "cancel each other, and the mean is all that can be learned.",
                "Mirror the label too (angle = -angle, x = width - x), or leave the mirror out.",
                0.78,
                Site(file, place.lineno, place.col_offset, place.end_col_offset or 0),
                "the label is not mirrored",
            )
            return


def _mirror(tree: ast.Module) -> ast.Call | ast.Subscript | None:
    """Return what mirrors a picture at random and leaves its label alone; None if there is nothing."""
    own = {each.name for each in ast.walk(tree) if isinstance(each, ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in {"RandomHorizontalFlip", "HorizontalFlip"} - own:
            return node  # of a library: it gets the picture alone
    for function in ast.walk(tree):
        if not isinstance(function, Function):
            continue
        for branch in ast.walk(function):
            if not isinstance(branch, ast.If | ast.IfExp) or not CHANCE.search(ast.unparse(branch.test)):
                continue
            body = branch.body if isinstance(branch.body, list) else [branch.body]
            inside = [node for each in body for node in ast.walk(each)]
            flips = [node for node in inside if isinstance(node, ast.Call) and FLIPS.search(called(node))]
            turned = [
                node for node in inside if isinstance(node, ast.Subscript) and "::-1" in ast.unparse(node)
            ]
            targets = {ast.unparse(t) for n in inside if isinstance(n, ast.Assign) for t in n.targets}
            targets |= {ast.unparse(n.target) for n in inside if isinstance(n, ast.AugAssign)}
            whole = [n for n in inside if isinstance(n, ast.Return) and isinstance(n.value, ast.Tuple)]
            if len(flips) + len(turned) == 1 and len(targets) <= 1 and not whole:
                return (flips + turned)[0]
    return None


RULES = (first_batch_only, used_up, same_inputs, not_shuffled, mirrored)

__all__ = ["QUANTITIES", "RULES"]
