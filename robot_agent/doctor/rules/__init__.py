"""The rules of the doctor, a module for each family; `diagnose` applies all and puts the cause first."""

import os
from dataclasses import replace

from robot_agent.doctor.facts import Facts
from robot_agent.doctor.rules import (
    anew,
    balance,
    critic,
    data,
    direction,
    ends,
    evaluated,
    exploration,
    graph,
    held,
    labels,
    layout,
    loss,
    modes,
    numbers,
    optimizer,
    overwritten,
    rates,
    registered,
    reinforce,
    returns,
    sequences,
    shuffled,
    silent,
    targets,
    tested,
    units,
    weights,
)
from robot_agent.health.finding import Finding

ORDER = [
    "batch-of-one",
    "all-frozen",
    "weights-rebound",
    "not-registered",
    "made-anew",
    "graph-carried-over",
    "in-place",
    "loss-overwritten",
    "graph-cut",
    "not-in-optimizer",
    "no-backward",
    "no-step",
    "zeroed-before-step",
    "not-zeroed",
    "arguments-swapped",
    "labels-out-of-range",
    "one-answer",
    "nll-without-log",
    "softmax-dim",
    "softmax-twice",
    "sigmoid-twice",
    "answers-squeezed",
    "broadcast",
    "time-first",
    "state-lost",
    "view-for-transpose",
    "inputs-constant",
    "loss-sign",
    "mask-inverted",
    "target-is-input",
    "target-in-sight",
    "index-for-value",
    "target-not-updated",
    "layer-left-out",
    "dropout-too-high",
    "relu-output",
    "norm-on-output",
    "constant-target",
    "state-not-advanced",
    "exploration-wrong",
    "reinforce-sign",
    "another-action",
    "not-sampled",
    "reward-constant",
    "reward-of-another-step",
    "wrong-discount",
    "entropy-sign",
    "not-detached",
    "labels-constant",
    "labels-shuffled",
    "seed-in-loop",
    "first-batch-only",
    "first-time-step",
    "padding-read-last",
    "weights-not-loaded",
    "not-shuffled",
    "mse-on-classes",
    "eval-while-training",
    "not-a-number",
    "symmetric",
    "weight-decay-too-high",
    "term-too-strong",
    "not-scaled",
    "exploding",
    "dead-relu",
    "saturated",
    "no-positions",
    "mask-needless",
    "vanishing-gradient",
    "rate-too-high",
    "no-activation",
    "rate-too-low",
    "accuracy-wrong",
    "train-while-testing",
    "statistics-too-slow",
    "state-not-copied",
    "another-network",
    "imbalanced",
]
"""The kinds of findings, in order: causes come before the faults that may follow from them."""
APART = frozenset(("train-while-testing", "reinforce-sign", "eval-while-training"))
"""Kinds of findings that follow from no other, and from which no other follows."""


def diagnose(facts: Facts) -> list[Finding]:
    """Return the faults of a training, the cause first; its `follows` names kinds that may follow from it."""
    found: list[Finding] = []
    for family in (
        graph,
        weights,
        anew,
        optimizer,
        registered,
        held,
        silent,
        loss,
        targets,
        direction,
        overwritten,
        data,
        labels,
        shuffled,
        modes,
        layout,
        reinforce,
        returns,
        critic,
        ends,
        sequences,
        balance,
        numbers,
        units,
        rates,
        tested,
        evaluated,
        exploration,
    ):
        for rule in family.RULES:
            try:
                found += list(rule(facts))
            except Exception as error:
                if os.environ.get("ROBOT_AGENT_DOCTOR_DEBUG"):
                    raise
                facts.record.own_errors.append(f"{rule.__name__}: {type(error).__name__}: {error}"[:200])
    found.sort(key=_rank)
    return _folded(found)


def hints(facts: Facts) -> list[Finding]:
    """Return suggestions that would make the training better, although there is no fault."""
    return list(critic.no_baseline(facts))


def _rank(finding: Finding) -> tuple[float, float]:
    """Return the sort key: causes first; units that died only during the training come after long steps."""
    late = finding.kind in ("dead-relu", "saturated") and finding.sure < 0.75
    return (ORDER.index("rate-too-high") + 0.5 if late else ORDER.index(finding.kind), -finding.sure)


def _folded(found: list[Finding]) -> list[Finding]:
    """Return the first finding and those that do not follow from it; its `follows` names the others."""
    if not found:
        return []
    first, rest = found[0], found[1:]
    kept = [each for each in rest if each.kind != first.kind and (each.kind in APART or first.kind in APART)]
    follows = tuple(dict.fromkeys(each.kind for each in rest if each not in kept and each.kind != first.kind))
    return [replace(first, follows=follows), *kept]
