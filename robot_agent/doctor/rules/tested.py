"""Rules on tests: of a network that does not learn, with other data, or with a maximum over the samples."""

import ast
import re
from collections.abc import Iterator
from statistics import median
from typing import Any

from robot_agent.doctor.entries import Called
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, TWO
from robot_agent.doctor.rules.critic import GAMMA
from robot_agent.doctor.site import Site
from robot_agent.doctor.source_patterns import mixing, second_name
from robot_agent.doctor.tested import number_of
from robot_agent.doctor.words import names, tree_of
from robot_agent.health.finding import Finding

SECOND = re.compile(r"target|tgt|old|frozen|fixed|ema|teacher|best|copy|backup|prev", re.IGNORECASE)


def _alive(facts: Facts) -> list[tuple[Called, Any, set[int]]]:
    """Return the called networks that still exist, with the numbers of their weights."""
    weight = facts.observer.origins.weight
    alive = [(each, each.ref()) for each in facts.record.networks.values()]
    return [(each, net, {weight(p) for p in net.parameters()}) for each, net in alive if net is not None]


def _shapes(network: Any) -> list[tuple[int, ...]]:
    return [tuple(each.shape) for each in network.parameters()]


def _tests(facts: Facts, entry: Called) -> list[tuple[int, bool, Site]]:
    """Return the calls of a network that are not part of the training."""
    return [each for each in entry.tests if each[0] and (not each[1] or each[0] >= facts.record.backward)]


def another_network(facts: Facts) -> Iterator[Finding]:
    """Find a test of a network that never learns, while a similar one learns and is not tested."""
    record = facts.record
    if facts.reinforce or len(facts.fine) < 5:
        return
    networks = _alive(facts)
    learning = [(e, net) for e, net, weights in networks if weights & facts.held & facts.reached]
    taught = {each.target.by for each in record.calls if each.target is not None and each.grad}
    for entry, network, weights in networks:
        tests = _tests(facts, entry)
        if not tests or weights & (facts.held | facts.reached) or entry.first != entry.last:
            continue
        averaged = type(network).__module__.startswith("torch.optim")  # it has weights that were learned
        if id(network) in record.given or id(network) in taught or averaged:
            continue
        twin = next(
            (
                (other, net)
                for other, net in learning
                if _shapes(net) == _shapes(network) and not _tests(facts, other) and not _equal(net, network)
            ),
            None,
        )
        if twin is None or not (_built(facts, network) or _as_at_first(facts, twin[1], network)):
            continue
        yield found(
            "another-network",
            "The network that is asked here has never learned; another one of the same kind has.",
            "It still has its first weights: its answers are those of an untrained network.",
            "Ask the network that was trained: return it from the function that trains it, and use that one.",
            0.92,
            tests[-1][2],
            "another network",
            *notes(note("this one learns", twin[0].tests[0][2] if twin[0].tests else None)),
        )
        return


def _equal(one: Any, other: Any) -> bool:
    return all(a.equal(b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def _built(facts: Facts, network: Any) -> Site | None:
    """Return where a network was built; None for a copy."""
    known = facts.observer.layers.get(id(network))
    return known[1] if known is not None and known[0]() is network else None


def _as_at_first(facts: Facts, learning: Any, network: Any) -> bool:
    """Return whether a network has the weights that the learning network had at the start."""
    first = facts.steps.first_weights
    weight = facts.observer.origins.weight
    pairs = [
        (first[weight(a)][1], b)
        for a, b in zip(learning.parameters(), network.parameters(), strict=True)
        if weight(a) in first
    ]
    return bool(pairs) and all(a.equal(b.detach()) for a, b in pairs)


def never_updated(facts: Facts) -> Iterator[Finding]:
    """Find a target network that is never updated, or that is the learning network itself."""
    record = facts.record
    files = list(facts.files())
    if len(facts.fine) < 30 or not _discounts(facts):
        return
    targets = [each.target for each in record.calls if each.target is not None and each.grad]
    asked = {each.by for each in targets if each.net or each.cut is not None}
    networks = _alive(facts)
    for entry, network, weights in networks:
        if id(network) not in asked:
            continue
        if weights & facts.held:
            alias = next(filter(None, map(second_name, files)), None)
            if alias is not None:
                yield _stays(
                    "The target network is the learning network itself, under a second name.",
                    "The target moves with each step, and nothing holds it still.",
                    "Copy it: target = copy.deepcopy(network), and load it now and then.",
                    alias,
                    "no copy",
                )
                return
            continue
        given = record.given.get(id(network), (0, None))
        seen = max((each.number for each in facts.fine if each.looked), default=0)
        if given[0] or entry.first != number_of(network) or entry.until - entry.since < 0.5 * seen:
            continue
        if any(_shapes(net) == _shapes(network) and held & facts.held for _, net, held in networks):
            mixed = next(filter(None, map(mixing, files)), None)
            if mixed is not None:
                yield _stays(
                    f"The target network has stayed as it was, over {record.backward} steps: the mixture is "
                    "written into the other network.",
                    "The learning network is pulled back to the target's first weights in each step.",
                    "Write it into the target: t.data.copy_(tau * p.data + (1 - tau) * t.data).",
                    mixed,
                    "the wrong way round",
                )
                return
            yield _stays(
                f"The target network has stayed as it was made, over {record.backward} steps.",
                "Its answers say nothing of what was learned.",
                "Load it now and then, as every 500 steps: target.load_state_dict(network.state_dict()).",
                given[1] or _built(facts, network) or _copied(files) or entry.tests[-1][2],
                "never loaded again",
            )
            return


def _discounts(facts: Facts) -> bool:
    """Return whether the script discounts later rewards: by a name such as gamma, or a factor of 0.8 to 1."""
    for file in facts.files():
        for node in ast.walk(tree_of(file) or ast.Module([], [])):
            if isinstance(node, ast.Name | ast.Attribute | ast.arg) and any(map(GAMMA.search, names(node))):
                return True
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
                value = getattr(node.left, "value", None)
                if isinstance(value, float) and 0.8 < value < 1:
                    return True
    return False


def _stays(seen: str, means: str, cure: str, site: Site, label: str) -> Finding:
    return found("target-not-updated", seen, means, cure, 0.9, site, label)


def _copied(files: list[str]) -> Site | None:
    """Return the place of `target = copy.deepcopy(network)`; None if there is none."""
    for file in files:
        for node in ast.walk(tree_of(file) or ast.Module([], [])):
            copied = isinstance(node, ast.Assign) and "deepcopy(" in ast.unparse(node.value)
            if isinstance(node, ast.Assign) and copied and any(map(SECOND.search, names(node.targets[0]))):
                return Site(file, node.lineno, node.col_offset, node.end_col_offset or 0)
    return None


def across(facts: Facts) -> Iterator[Finding]:
    """Find a maximum of the outputs that is taken along the samples of a batch."""
    classes = {each.classes for each in facts.calls}
    for site, (name, shape) in facts.record.across.items():
        if shape[1] == 1:
            if facts.calls and facts.calls[0].name in TWO:
                yield found(
                    "one-answer",
                    f"This {name} runs over a single answer: it is always 0.",
                    "With one output for two classes, its sign says the class; the training may be right.",
                    "Write (logits > 0).long(), or (probability > 0.5).long() behind a sigmoid.",
                    0.93,
                    site,
                    "always 0",
                )
                return
            continue
        if not (shape[1] in classes if name == "argmax" else _discounts(facts)):
            continue
        yield found(
            "softmax-dim",
            f"This {name} runs along dimension 0 of {shape}: over the samples, not over the answers of each.",
            "It says which sample has the largest number, not which answer is the best one for a sample.",
            "Write dim=1 (or dim=-1).",
            0.93,
            site,
            "dim=0 are the samples",
        )
        return


def other_scale(facts: Facts) -> Iterator[Finding]:
    """Find test data with another scale than the training data."""
    record = facts.record
    if facts.reinforce or not facts.calls:
        return
    training = [
        each for each in record.inputs if each.grad and each.backward < record.backward and each.network
    ]
    tests = [
        each
        for each in record.inputs_tested + [e for e in record.inputs if e.backward >= record.backward]
        if each.backward and each.rows >= 4
    ]
    for network in {each.network for each in tests}:
        learned = [each.rms for each in training if each.network == network and each.rows >= 4]
        asked = [each for each in tests if each.network == network]
        if len(learned) < 5 or not min(learned) > 0:
            continue
        usual, now = median(learned), median(each.rms for each in asked)
        if max(learned) > 4 * min(learned) or not (now > 8 * usual or 0 < now < usual / 8):
            continue
        yield found(
            "not-scaled",
            f"The network is asked about inputs of size {number(now)}, and has learned from inputs of size "
            f"{number(usual)}.",
            "What was done to the training data was not done to these, so its answers mean nothing.",
            "Treat both alike: subtract the training data's mean and divide by its standard deviation.",
            0.84,
            asked[-1].site,
            f"inputs of size {number(now)}",
            *notes(note("it learned here", training[0].site)),
        )
        return


MISREAD = {
    "rounded": (
        "These rounded answers are logits: many are below 0 or above 1.",
        "A logit of 0.4 means class 1, and rounds to 0; one of 3 is class 1, and is compared as 3.",
        "Round the probability: torch.sigmoid(out).round(), or write (out > 0).",
    ),
    "largest": (
        "The largest answer of each sample is compared with its class number.",
        "max(dim=1) returns two things, first the value and then its place; the place is the class.",
        "Take the second one: _, predicted = out.max(1), or out.argmax(1).",
    ),
    "raw": (
        "Answers with a decimal point are compared with class numbers as they are.",
        "A logit or a probability is hardly ever equal to a class number.",
        "Make classes of them first: out.argmax(1), or (torch.sigmoid(out) > 0.5).",
    ),
}


def misread(facts: Facts) -> Iterator[Finding]:
    """Find an accuracy that compares labels with what is no class."""
    if not facts.calls or facts.calls[0].name not in CLASSES | TWO:
        return
    for site, (what, right) in facts.record.misread.items():
        seen, means, cure = MISREAD[what]
        yield found(
            "accuracy-wrong",
            f"{seen} {right:.0%} are equal.",
            means + " The training may be right.",
            cure,
            0.93,
            site,
            "no class",
        )
        return


RULES = (misread, another_network, never_updated, across, other_scale)
