"""Rules on labels that are in another order than their inputs."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice, pairwise

from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.rules.labels import LABELS
from robot_agent.doctor.site import Site
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

INPUTS = re.compile(r"^(\w+\.)?(x\w{0,6}|data|inputs?|features?|images?|samples?)$", re.IGNORECASE)


def labels_shuffled(facts: Facts) -> Iterator[Finding]:
    """Find labels in another order than the inputs."""
    if not facts.reinforce:
        yield from islice(_ways(facts), 1)


def _ways(facts: Facts) -> Iterator[Finding]:
    """Look at the ways in which an order is lost: in what was recorded first, in the source after that."""
    yield from _two_permutations(facts)
    if not facts.poor(0.8):
        return
    yield from _two_loaders(facts)
    yield from _flattened(facts)
    yield from _orders_differ(facts)
    if facts.skill is not None and facts.skill < 0.35 and len(facts.losses) > 20:
        yield from _in_source(facts)


def _two_permutations(facts: Facts) -> Iterator[Finding]:
    """Find x[p] and y[q] in the source."""
    site = _place(facts, _crossed)
    if site is not None and facts.calls and not all(each.from_net for each in facts.calls):
        yield shuffled_finding(site, 0.85)


def _two_loaders(facts: Facts) -> Iterator[Finding]:
    """Find inputs and labels in two DataLoaders, both of which shuffle."""
    if not facts.calls or any(each.from_net for each in facts.calls) or not facts.poor(0.5, 0.9):
        return
    loaders = facts.record.loaders.values()
    for one, other in pairwise(each for each in loaders if each.alone and each.shuffled and each.fetched > 5):
        together = one.at == other.at and one.size == other.size
        if together and abs(one.fetched - other.fetched) <= one.iterations:
            yield replace(
                shuffled_finding(other.site, 0.88),
                seen="Inputs and labels come from two DataLoaders, each of which draws an order of its own.",
                cure="Use one: DataLoader(TensorDataset(x, y), shuffle=True).",
            )


def _flattened(facts: Facts) -> Iterator[Finding]:
    """Find answers (time, batch) and labels (batch, time) that are made flat without a transpose."""
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


def _orders_differ(facts: Facts) -> Iterator[Finding]:
    """Find losses whose labels went through another permutation than the inputs behind the answers."""
    calls = [
        (each, each.target)
        for each in facts.calls
        if each.target is not None and each.rows > 1 and not each.from_net
    ]
    wrong = [call for call, target in calls if _differ(call.answer_orders or frozenset(), target.orders)]
    if len(calls) < 3 or len(wrong) < 0.8 * len(calls):
        return
    call, target = calls[0]
    sites = facts.record.order_sites
    site = sites.get(_last(target.orders)) or sites.get(_last(call.answer_orders)) or target.site
    yield shuffled_finding(site, 0.9)


def _in_source(facts: Facts) -> Iterator[Finding]:
    """Find lines that put inputs or labels alone in another order."""
    half = _place(facts, _half_permuted)
    if half is not None:
        yield shuffled_finding(half, 0.85)
    taken = _place(facts, _other_index)
    if taken is not None:
        yield replace(
            shuffled_finding(taken, 0.85),
            seen="A sample's input and its label are taken at two different indices.",
            means="Each input gets the label of another sample.",
            cure="Use the index that __getitem__ is given for both.",
        )
    mention = _place(facts, _shuffles_labels)
    if mention is not None:
        yield shuffled_finding(mention, 0.8)


def _place(facts: Facts, search: Callable[[ast.Module], ast.expr | ast.stmt | None]) -> Site | None:
    """Return the place of what a search finds in the first file that has it."""
    for file in facts.files():
        tree = tree_of(file)
        node = search(tree) if tree is not None else None
        if node is not None:
            return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


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


def _shuffles_labels(tree: ast.Module) -> ast.expr | None:
    """Return a call that shuffles only the labels or only the inputs; None if there is none."""
    hits: list[tuple[ast.Call, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("shuffle", "permutation", "permuted") and node.args:
                hits.append((node, ast.unparse(node.args[0])))
    for node, text in hits:
        if LABELS.search(text) and "len(" not in text:
            return node
    inputs_alone = len(hits) == 1 and INPUTS.match(hits[0][1])
    return hits[0][0] if inputs_alone else None


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


RULES = (labels_shuffled,)
