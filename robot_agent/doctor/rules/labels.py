"""Rules on labels: they are all the same, or sorted."""

import re
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean

from robot_agent.doctor.entries import LossCall
from robot_agent.doctor.facts import Facts, found, note, notes, number
from robot_agent.doctor.losses import CLASSES, QUANTITIES, TWO
from robot_agent.doctor.source import keyword
from robot_agent.doctor.source_values import label_of_dataset, where_made
from robot_agent.health.finding import Finding

LABELS = re.compile(
    r"\b(y\w{0,3}|t|labels?|targets?|classes|kinds?|\w*_(y|labels?|targets?))\b", re.IGNORECASE
)
WHOLE = re.compile(r"\.(long|int)\(|astype\((np\.)?int|torch\.(long|int)|LongTensor")
"""A line that makes integers: what was between 0 and 1 is 0 from there on."""


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


RULES = (labels_constant, sorted_quantities)
