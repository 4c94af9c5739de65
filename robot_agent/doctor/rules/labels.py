"""Rules on labels: they are all the same, in another order than their inputs, or sorted."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

from robot_agent.doctor.entries import LossCall
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import keyword
from robot_agent.doctor.source_values import label_of_dataset, where_made
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

LABELS = re.compile(
    r"\b(y\w{0,3}|t|labels?|targets?|classes|kinds?|\w*_(y|labels?|targets?))\b", re.IGNORECASE
)
WHOLE = re.compile(r"\.(long|int)\(|astype\((np\.)?int|torch\.(long|int)|LongTensor")
"""A line that makes integers: what was between 0 and 1 is 0 from there on."""
INPUTS = re.compile(r"^(\w+\.)?(x\w{0,6}|data|inputs?|features?|images?|samples?)$", re.IGNORECASE)


def sorted_quantities(facts: Facts) -> Iterator[Finding]:
    """Find numeric targets that are sorted, so that each batch shows only a small part of their range."""
    record = facts.record
    if facts.reinforce or record.recurrent is not None or not facts.single or not facts.poor(0.8, 0.5):
        return
    calls = [each for each in facts.calls if each.name in QUANTITIES and each.rows >= 8 and not each.from_net]
    if len(calls) < 12 or len({round(each.mean, 6) for each in calls}) < 6:
        return
    means = [each.mean for each in calls]
    between = fmean((each - fmean(means)) ** 2 for each in means)
    within = fmean(each.std**2 for each in calls)
    if within > 0.1 * (within + between):
        return
    loader = next((each for each in record.loaders.values() if not each.shuffled and each.fetched >= 6), None)
    target = calls[0].target
    site = loader.site if loader is not None else (target.site if target is not None else None)
    yield found(
        "not-shuffled",
        f"The targets of a batch vary by {within / (within + between):.0%} of what all targets vary.",
        "The data comes in its order: the network unlearns one part while it learns the next.",
        "Shuffle: DataLoader(..., shuffle=True), or draw a new order in each epoch with torch.randperm(n).",
        0.8,
        site or calls[0].site,
        "in order",
    )


def target_made_inside(call: LossCall) -> bool:
    """Return whether a target was made during the call of a network."""
    return call.target is not None and call.target.where is not None


def labels_constant(facts: Facts) -> Iterator[Finding]:
    """Find labels that are all the same."""
    if facts.reinforce or not facts.single or facts.record.narrow is not None:
        return
    calls = [each for each in facts.calls if not each.from_net]
    if len(calls) < 4 or sum(each.rows for each in calls) < 16:
        return
    two = calls[0].name in CLASSES | TWO
    if not two and not all(each.integer for each in calls):
        return
    square = all(each.shape[0] == (each.rows, each.rows) for each in calls) and facts.poor(0.6, 0.6)
    if not (all(each.direct for each in calls) or square) or (target_made_inside(calls[0])):
        return  # candidates arranged so that the first one is right, as contrastive losses do
    values = {value for each in calls for value in each.values}
    if all(each.weightless for each in calls):
        values, calls = {0.0}, [replace(each, ignoring=True, many=False) for each in calls]
    if len(values) != 1 or any(each.many for each in calls) or (calls[0].classes < 2 and not two):
        return
    target = calls[0].target
    word = "weight" if calls[0].weightless else "ignore_index"
    site = keyword(word, calls[0].site) if calls[0].ignoring else None
    if target is not None and site is None:
        site = target.constant or target.data or target.born
        if site is not None and not (target.constant and WHOLE.search(site.text)):
            site = where_made(site)
        site = label_of_dataset(site) if site is not None else None
    yield found(
        "labels-constant",
        f"All labels that the loss has seen are {number(next(iter(values)))}.",
        "There is nothing to tell apart: the loss falls, and nothing is learned.",
        "Print labels.unique(), and look at how they are made.",
        0.94,
        site or calls[0].site,
        "always the same",
        *notes(note("the loss", calls[0].site)),
    )


def labels_shuffled(facts: Facts) -> Iterator[Finding]:
    """Find labels in another order than the inputs."""
    if facts.reinforce:
        return
    for file in facts.files():
        tree = tree_of(file)
        crossed = _crossed(tree) if tree is not None else None
        if crossed is not None and facts.calls and not all(each.from_net for each in facts.calls):
            yield shuffled_finding(
                Site(file, crossed.lineno, crossed.col_offset, crossed.end_col_offset or 0), 0.85
            )
            return
    if not facts.poor(0.8):
        return
    alone = [
        each for each in facts.record.loaders.values() if each.alone and each.shuffled and each.fetched > 5
    ]
    for one, other in zip(alone, alone[1:], strict=False):
        same = (
            one.at == other.at
            and one.size == other.size
            and abs(one.fetched - other.fetched) <= one.iterations
        )
        if same and facts.calls and not any(each.from_net for each in facts.calls) and facts.poor(0.5, 0.9):
            yield replace(
                shuffled_finding(other.site, 0.88),
                seen="Inputs and labels come from two DataLoaders, each of which draws an order of its own.",
                cure="Use one: DataLoader(TensorDataset(x, y), shuffle=True).",
            )
            return
    for place, (count, of_answer, of_target) in facts.record.transposed.items():
        if count >= 3:
            yield replace(
                shuffled_finding(place, 0.95),
                seen=f"Answers of shape {of_answer} and labels of shape {of_target} are made flat as they "
                "are: their first two dimensions are exchanged.",
                means="Each answer then gets the label of another time and another sample.",
                cure="Bring both into one order first: out.transpose(0, 1).reshape(-1, classes), or "
                "batch_first=True.",
            )
            return
    calls = [each for each in facts.calls if each.target is not None and each.rows > 1 and not each.from_net]
    wrong = [
        each
        for each in calls
        if _differ(each.answer_orders or frozenset(), each.target.orders if each.target else frozenset())
    ]
    if len(calls) >= 3 and len(wrong) >= 0.8 * len(calls):
        target = calls[0].target
        assert target is not None
        site = (
            facts.record.order_sites.get(_last(target.orders))
            or facts.record.order_sites.get(_last(calls[0].answer_orders))
            or target.site
        )
        yield shuffled_finding(site, 0.9)
        return
    if facts.skill is not None and facts.skill < 0.35 and len(facts.losses) > 20:
        for file in facts.files():
            tree = tree_of(file)
            half = _half_permuted(tree) if tree is not None else None
            if half is not None:
                place = Site(file, half.lineno, half.col_offset, half.end_col_offset or 0)
                yield shuffled_finding(place, 0.85)
                return
        for file in facts.files():
            tree = tree_of(file)
            taken = _other_index(tree) if tree is not None else None
            if taken is not None:
                place = Site(file, taken.lineno, taken.col_offset, taken.end_col_offset or 0)
                yield replace(
                    shuffled_finding(place, 0.85),
                    seen="A sample's input and its label are taken at two different indices.",
                    means="Each input gets the label of another sample.",
                    cure="Use the index that __getitem__ is given for both.",
                )
                return
        mention = _shuffles_labels(facts)
        if mention is not None:
            yield shuffled_finding(mention, 0.8)


def shuffled_finding(site: Site | None, sure: float) -> Finding:
    """Return the finding of inputs and labels in different orders."""
    return found(
        "labels-shuffled",
        "Inputs and labels are not in the same order.",
        "Only one of them was shuffled, or both by different permutations, so each sample has the label "
        "of another.",
        "Draw one permutation and use it for both: order = torch.randperm(n); x, y = x[order], y[order].",
        sure,
        site,
        "in another order",
    )


def _last(orders: frozenset[tuple[tuple[str, int], ...]] | None) -> tuple[str, int]:
    longest = max(orders or [()], key=len)
    return longest[-1] if longest else ("", 0)


def _differ(
    inputs: frozenset[tuple[tuple[str, int], ...]], target: frozenset[tuple[tuple[str, int], ...]]
) -> bool:
    a, b = inputs or frozenset([()]), target or frozenset([()])
    if a & b:
        return False
    if _keys(a, "p") & _keys(b, "p"):
        chosen, of_target = _keys(a, "g"), _keys(b, "g")
        return all(chosen) and all(of_target) and not chosen & of_target
    return True


def _keys(orders: frozenset[tuple[tuple[str, int], ...]], kind: str) -> set[tuple[tuple[str, int], ...]]:
    """Return the keys of one kind (`p` permuted, `g` selected) in each order."""
    return {tuple(key for key in each if key[0] == kind) for each in orders}


def _shuffles_labels(facts: Facts) -> Site | None:
    """Return a call in the source that shuffles only the labels or only the inputs; None if there is none."""
    for file in facts.files():
        tree = tree_of(file)
        hits: list[tuple[ast.Call, str]] = []
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name in ("shuffle", "permutation", "permuted") and node.args:
                    hits.append((node, ast.unparse(node.args[0])))
        alone = [(node, text) for node, text in hits if LABELS.search(text) and "len(" not in text]
        if not alone and len(hits) == 1 and INPUTS.match(hits[0][1]):
            alone = hits  # the inputs alone
        if alone:
            node = alone[0][0]
            return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def _crossed(tree: ast.Module) -> ast.expr | None:
    """Return y[q] if the source has x[p] and y[q] with two different permutations; else None."""
    drawn: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            func = node.value.func
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if name in ("permutation", "randperm"):
                drawn |= {ast.unparse(each) for each in node.targets}
    used: dict[bool, dict[str, ast.expr]] = {True: {}, False: {}}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript):
            continue
        key = ast.unparse(node.slice)
        drawn_here = re.match(r"[\w.]*(permutation|randperm)\(", key) is not None
        if key in drawn or drawn_here:
            labels = bool(LABELS.search(ast.unparse(node.value)))
            used[labels].setdefault(f"{key} {node.lineno}" if drawn_here else key, node)
    if len(used[True]) == 1 and used[False] and not set(used[True]) & set(used[False]):
        return next(iter(used[True].values()))
    return None


def _other_index(tree: ast.Module) -> ast.stmt | None:
    """Return the statement of a `__getitem__` that takes input or label at another index than its own."""
    for item in ast.walk(tree):
        if not isinstance(item, ast.FunctionDef) or item.name != "__getitem__" or len(item.args.args) < 2:
            continue
        given, body = item.args.args[1].arg, list(ast.walk(item))
        keys: dict[str, ast.stmt] = {}
        for at in body:
            if not isinstance(at, ast.Assign | ast.Return) or at.value is None:
                continue
            for node in ast.walk(at.value):
                if not isinstance(node, ast.Subscript) or not ast.unparse(node.value).startswith("self."):
                    continue
                if isinstance(node.slice, ast.Name | ast.BinOp):
                    keys.setdefault(ast.unparse(node.slice), at)
        others = [key for key in keys if key != given]
        if given not in keys or len(others) != 1:
            continue
        for at in body:
            if isinstance(at, ast.Assign) and ast.unparse(at.targets[0]) == others[0]:
                return at  # the line that makes the other index
        if given in others[0]:
            return keys[others[0]]
    return None


def _half_permuted(tree: ast.Module) -> ast.expr | None:
    """Find x[j] beside y[i : i + n] in one function, j of a permutation: return the labels' one."""
    for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]:
        drawn: set[str] = set()
        for _ in range(2):
            for node in ast.walk(scope):
                value = (
                    node.value
                    if isinstance(node, ast.Assign)
                    else node.iter
                    if isinstance(node, ast.For)
                    else None
                )
                text = ast.unparse(value) if value is not None else ""
                base = ast.unparse(value.value) if isinstance(value, ast.Subscript) else text.split(".")[0]
                if re.search(r"(permutation|randperm)\(", text) or base in drawn:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]  # type: ignore[attr-defined]
                    drawn |= {ast.unparse(each) for each in targets}
        if not drawn:
            continue
        cut = [node for node in ast.walk(scope) if isinstance(node, ast.Subscript)]
        chosen = [node for node in cut if ast.unparse(node.slice) in drawn]
        chosen += [
            node
            for node in cut
            if isinstance(node.slice, ast.Subscript) and ast.unparse(node.slice.value) in drawn
        ]
        others = [
            node for node in cut if isinstance(node.slice, ast.Slice) and ast.unparse(node.value) not in drawn
        ]
        of = {ast.unparse(node.value) for node in chosen}
        lines = {node.lineno for node in chosen}
        for node in others:
            name = ast.unparse(node.value)
            near = any(abs(node.lineno - line) <= 1 for line in lines)
            labels = [bool(LABELS.fullmatch(each.split(".")[-1])) for each in (name, *of)]
            if near and of and labels[0] and not any(labels[1:]):
                return node
    return None


RULES = (labels_constant, labels_shuffled, sorted_quantities)
