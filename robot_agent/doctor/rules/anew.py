"""Rules on what is made again in each pass of the training loop, so that what was learned is lost."""

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise
from statistics import median_high

from robot_agent.doctor.entries import Optimizer
from robot_agent.doctor.facts import Facts, found
from robot_agent.doctor.site import Site
from robot_agent.doctor.source import Function, call_in_loop
from robot_agent.doctor.words import tree_of
from robot_agent.health.finding import Finding

PARAMETER = ("nn.Parameter", "Parameter", "torch.nn.Parameter")
WITH_MEMORY = ("Adam", "RMS", "Ada", "Lamb", "Lion", "NAdam")
"""Parts of the names of optimizers that remember the gradients of earlier steps."""


def layers_anew(facts: Facts) -> Iterator[Finding]:
    """Find layers that are made again in each forward pass."""
    for site, built in facts.record.modules.items():
        inside = sum(each.inside and each.weights for each in built)
        if inside < 3 or len({each.backward for each in built}) < 3:
            continue
        yield found(
            "made-anew",
            f"{len(built)} layers were made here, one in each forward pass.",
            "A new layer begins with new random weights each time, and the optimizer does not know it.",
            "Make the layer once, in __init__, and only call it in forward().",
            0.97,
            site,
            "made in each pass",
        )
        return


def parameters_anew(facts: Facts) -> Iterator[Finding]:
    """Find a Parameter that is made new in each forward pass, so that no optimizer can know it."""
    record = facts.record
    unknown = [n for n in facts.reached - facts.held if n not in record.weight_sites and n not in facts.names]
    if len(unknown) < 4 or not any(each.steps for each in record.optimizers) or record.manual:
        return
    for file in facts.files():
        tree = tree_of(file)
        for function in ast.walk(tree) if tree else ():
            if not isinstance(function, Function) or function.name == "__init__":
                continue
            calls = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and ast.unparse(node.func) in PARAMETER
            ]
            if calls:
                node = calls[0]
                yield found(
                    "made-anew",
                    f"{len(unknown)} parameters were made here, a new one each time.",
                    "A new parameter begins with new numbers, and no optimizer knows it.",
                    "Make it once, in __init__ (self.weight = nn.Parameter(...)), and use it in forward().",
                    0.93,
                    Site(file, node.lineno, node.col_offset, node.end_col_offset or 0),
                    "made in each pass",
                )
                return


def weights_anew(facts: Facts) -> Iterator[Finding]:
    """Find weights that get their initial numbers again and again during the training."""
    record = facts.record
    held = facts.held_now
    rewritten = {
        site: [when for when, number in entries if number in held]
        for site, entries in record.rewritten.items()
    }
    reloaded = {
        site: [when for when, content, number in entries if content == entries[0][1] and number in held]
        for site, entries in record.reloaded.items()
    }
    steps = max((each.steps for each in facts.optimizers), default=0)
    for site, whens in [*rewritten.items(), *reloaded.items()]:
        gaps = _gaps(whens)
        usual = median_high(gaps) if gaps else 0
        if len(gaps) < 3 or usual > 30 or steps < 3 * usual or not facts.poor(0.9, 0.6):
            continue
        numbers = {number for _, number in record.rewritten.get(site, [])} or held
        if len(numbers & held) < 0.5 * len(held):
            continue
        yield found(
            "made-anew",
            f"The weights were set back {len(gaps) + 1} times during the training, after {usual} steps each.",
            "What was learned since the last time is thrown away.",
            "Give the weights their first numbers once, before the loop.",
            0.93,
            call_in_loop(site),
            "sets the weights back",
        )
        return


def networks_anew(facts: Facts) -> Iterator[Finding]:
    """Find a network that is made in the loop, with few steps of training each time."""
    record = facts.record
    networks = [
        (site, built)
        for site, built in record.modules.items()
        if len({each.backward for each in built}) >= 4
        and any(each.weights for each in built)
        and not any(each.inside for each in built)
        and site not in record.loaded
    ]
    fresh = None
    for site, built in networks:
        gaps = _gaps({each.backward for each in built})
        if gaps and median_high(gaps) <= 30 and len(facts.fine) >= 6:
            fresh = site if fresh is None or site.line < fresh.line else fresh
    if fresh is None:
        return
    site = next((site for site, built in networks if any(each.own for each in built)), fresh)
    yield found(
        "made-anew",
        f"The network was made {len(record.modules[site])} times, and trained for a few steps each time.",
        "It is made in the loop: what it has learned is thrown away with the old one.",
        "Make the network and its optimizer once, before the loop.",
        0.95,
        site,
        "made in the loop",
    )


def optimizers_anew(facts: Facts) -> Iterator[Finding]:
    """Find optimizers that are made for the same weights again and again."""
    groups: dict[Site, list[Optimizer]] = {}
    for each in facts.record.optimizers:
        groups.setdefault(each.site, []).append(each)
    for site, group in groups.items():
        first = group[0]
        if len(group) < 4 or not all(
            each.options == first.options and set(each.ids) & set(first.ids) for each in group
        ):
            continue
        steps = median_high(each.steps for each in group[:-1])
        few = steps <= 2
        remembers = any(word in first.kind for word in WITH_MEMORY) or dict(first.options).get("momentum", 0)
        if (remembers and (few or facts.poor(0.8))) or (few and len(group) >= 6):
            yield found(
                "made-anew",
                f"{len(group)} optimizers were made here for the same weights, with {steps} steps each.",
                "The optimizer is made in the loop: its memory (momentum, Adam's averages) is thrown "
                "away each time.",
                "Make the optimizer once, before the loop.",
                0.9,
                site,
                "made in the loop",
            )
            return


def _gaps(times: Iterable[int]) -> list[int]:
    """Return the numbers of steps between these times."""
    ordered = sorted(set(times))
    return [later - earlier for earlier, later in pairwise(ordered)]


RULES = (layers_anew, parameters_anew, weights_anew, networks_anew, optimizers_anew)
