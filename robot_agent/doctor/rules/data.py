"""The data: its order, its labels, and the mode in which the network meets it."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean, median

from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.record import LossCall, Test
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import keyword, label_of_dataset, where_made
from robot_agent.doctor.words import split, tree_of
from robot_agent.health.finding import Finding

LABELS = re.compile(
    r"\b(y\w{0,3}|t|labels?|targets?|classes|kinds?|\w*_(y|labels?|targets?))\b", re.IGNORECASE
)
INPUTS = re.compile(r"^(\w+\.)?(x\w{0,6}|data|inputs?|features?|images?|samples?)$", re.IGNORECASE)
MADE = split("ones zeros ones_like zeros_like full full_like empty_like empty")


def not_shuffled(facts: Facts) -> Iterator[Finding]:
    """Find data in the order of its classes."""
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


def sorted_quantities(facts: Facts) -> Iterator[Finding]:
    """Find a quantity that comes in its order, so that each batch knows a small part of it only."""
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
    """Tell whether a target was made in the call of a network."""
    return call.target is not None and call.target.where is not None


def labels_constant(facts: Facts) -> Iterator[Finding]:
    """Find labels that are all the same."""
    if facts.reinforce or not facts.single:
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
        site = where_made(site) if site is not None else None
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
            yield _shuffled(Site(file, crossed.lineno, crossed.col_offset, crossed.end_col_offset or 0), 0.85)
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
                _shuffled(other.site, 0.88),
                seen="Inputs and labels come from two DataLoaders, each of which draws an order of its own.",
                cure="Use one: DataLoader(TensorDataset(x, y), shuffle=True).",
            )
            return
    for place, (count, of_answer, of_target) in facts.record.transposed.items():
        if count >= 3:
            yield replace(
                _shuffled(place, 0.95),
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
        yield _shuffled(site, 0.9)
        return
    if facts.skill is not None and facts.skill < 0.25 and len(facts.losses) > 20:
        mention = _shuffles_labels(facts)
        if mention is not None:
            yield _shuffled(mention, 0.8)


def _shuffled(site: Site | None, sure: float) -> Finding:
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
    """Return the keys of one kind (`p` permuted, `g` gathered) in each order."""
    return {tuple(key for key in each if key[0] == kind) for each in orders}


def _shuffles_labels(facts: Facts) -> Site | None:
    """Find a call in the source that shuffles the labels alone."""
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
    """Find x[p] and y[q] with two different permutations; return the labels' one."""
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


def first_batch_only(facts: Facts) -> Iterator[Finding]:
    """Find a loader of which only the first batch is used."""
    record = facts.record
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


def _only_first(site: Site | None, seen: str, sure: float) -> Finding:
    return found(
        "first-batch-only",
        seen,
        "next(iter(loader)) and a break begin anew each time, so the rest of the data is never seen.",
        "Go through all batches: for x, y in loader: ...",
        sure,
        site,
        "begins anew",
    )


def eval_mode(facts: Facts) -> Iterator[Finding]:
    """Find a network that learns in eval() mode."""
    record = facts.record
    evals = [each for each in record.evals if each.learned_from and each.trainable]
    trains = [each for each in record.tests if each.learned_from]
    if len(evals) < 3 or len(evals) < 0.6 * (len(evals) + len(trains)):
        return
    calls = [(when, site) for when, site, mode, ref in record.mode_calls if not mode]
    before = [site for when, site in calls if when <= evals[-1].backward]
    site = before[0] if before else evals[0].site
    yield found(
        "eval-while-training",
        f"The network learns in eval() mode, with its {evals[0].what} switched off.",
        "Dropout then drops nothing, and BatchNorm uses old statistics instead of the batch's.",
        "Call model.train() at the beginning of each epoch, and eval() only for the test.",
        0.92,
        site,
        "eval() from here on",
        *notes(note("it learns here", evals[0].site)),
    )


def train_mode(facts: Facts) -> Iterator[Finding]:
    """Find a network that is tested in training mode."""
    record = facts.record
    for place, count in record.always_dropped.items():
        if count >= 1:
            yield found(
                "train-while-testing",
                "dropout() is active although the network is in eval() mode.",
                "The function does not know of eval(): it throws answers away in the test too.",
                "Write F.dropout(x, p, training=self.training), or use a layer nn.Dropout(p).",
                0.93,
                place,
                "active in the test too",
            )
            return
    if record.error is not None or record.interrupted or not record.backward:
        return
    tests = [
        each
        for each in record.tests
        if each.compared and not each.learned_from and (not each.grad or each.backward >= record.backward)
    ]
    tests = tests or _predictions(facts)
    if (
        len(facts.optimizers) > 1
    ):  # a generator answers with the statistics of its own batch, as it learned to
        tests = [each for each in tests if not each.what.startswith("BatchNorm")]
    if not tests:
        return
    sites = Counter(each.site for each in tests)
    first = next(each for each in tests if each.site == sites.most_common(1)[0][0])
    yield found(
        "train-while-testing",
        f"The network is tested in training mode: its {first.what} is active.",
        "Dropout throws answers away, and BatchNorm takes the statistics of each test batch.",
        "Call model.eval() before the test, and model.train() before you go on.",
        0.9,
        first.site,
        "no eval() before this",
    )


def _predictions(facts: Facts) -> list[Test]:
    """Return calls that are no training and whose answers left PyTorch, where eval() was never called.

    One that asks the same network again and again after the training wants its dropout: Monte Carlo.
    """
    record = facts.record
    if any(not mode for _, _, mode, _ in record.mode_calls):
        return []
    calls = [each for each in record.tests if each.reduced and not each.learned_from and not each.grad]
    late = [each for each in calls if each.backward >= record.backward]
    between = [each for each in calls if 0 < each.backward < record.backward and each.rows >= 8]
    if late and (len(late) <= 4 or "BatchNorm" in late[0].what):
        return late
    return between if len({each.backward for each in between}) >= 3 and not facts.reinforce else []


def seeded(facts: Facts) -> Iterator[Finding]:
    """Find a seed that is set in every step, so that the same is drawn each time."""
    for site, whens in facts.record.seeds.items():
        times = sorted(set(whens))
        gaps = sorted(b - a for a, b in zip(times, times[1:], strict=False))
        if len(times) < 8 or gaps[len(gaps) // 2] > 2:
            continue
        inputs = [each for each in facts.record.inputs if each.grad and each.backward < facts.record.backward]
        if len(inputs) < 6 or len({round(each.same, 6) for each in inputs}) > 2:
            continue
        yield found(
            "seed-in-loop",
            f"The same seed was set {len(whens)} times during the training, and every batch is the same.",
            "What is drawn at random after it is the same in each step.",
            "Set the seed once, at the start.",
            0.92,
            site,
            "draws the same each time",
        )
        return


RULES = (
    seeded,
    first_batch_only,
    labels_constant,
    labels_shuffled,
    not_shuffled,
    sorted_quantities,
    eval_mode,
    train_mode,
)
__all__ = ["QUANTITIES", "RULES"]
