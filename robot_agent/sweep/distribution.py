"""Summary of the trainings of one setting with many seeds: distributions, and the worst seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

NUMBERS = {
    "success_rate": "success at the end, %",
    "moves_to_95": "moves until 95 % succeed",
    "moves_mean": "moves to the goal",
}
"""The numbers of a training whose distribution is shown, and their names for people."""

QUANTILES = {"least": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "most": 1.0}

Outcomes = Sequence[Mapping[str, Any]]


def worst(outcomes: Outcomes) -> Mapping[str, Any]:
    """Return the worst training: least success; if equal, most moves to the goal, then most to 95 %."""

    def badness(outcome: Mapping[str, Any]) -> tuple[float, ...]:
        moves, at_95 = outcome["moves_mean"], outcome["moves_to_95"]
        return (
            -outcome["success_rate"],
            np.inf if moves is None else moves,
            np.inf if at_95 is None else at_95,
        )

    return max(outcomes, key=badness)


def values_of(outcomes: Outcomes, name: str) -> list[float]:
    """Return the number called `name` of all trainings that have it, in order; success in percent."""
    scale = 100.0 if name == "success_rate" else 1
    return [scale * one[name] for one in outcomes if one[name] is not None]


def summarise(outcomes: Outcomes) -> dict[str, Any]:
    """Return, as JSON values, the quantiles of each number; `never` counts the trainings without it.

    Here success is a share in [0, 1].
    """
    summary: dict[str, Any] = {"trainings": len(outcomes), "worst_seed": worst(outcomes)["seed"]}
    for name in NUMBERS:
        values = [one[name] for one in outcomes if one[name] is not None]
        found = np.quantile(values, list(QUANTILES.values())).tolist() if values else [None] * len(QUANTILES)
        summary[name] = dict(zip(QUANTILES, found, strict=True)) | {"never": len(outcomes) - len(values)}
    return summary


def in_words(summary: Mapping[str, Any], outcomes: Outcomes) -> list[str]:
    """Return the lines of a short table, and a sentence on the worst seed."""
    rows = [["", "least", "1/4", "median", "3/4", "most"]]
    for name, title in NUMBERS.items():
        scale, form = {"success_rate": (100, ".1f"), "moves_to_95": (1, ",.0f"), "moves_mean": (1, ".2f")}[
            name
        ]
        quantiles = [summary[name][quantile] for quantile in QUANTILES]
        rows.append([title, *("-" if value is None else format(scale * value, form) for value in quantiles)])
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in rows
    ]
    if never := summary["moves_to_95"]["never"]:
        lines.append(f"{never} of {summary['trainings']} trainings never reach 95 %.")
    one = worst(outcomes)
    moves = "" if one["moves_mean"] is None else f", in {one['moves_mean']:.2f} moves on average"
    lines.append(
        f"The worst seed is {one['seed']}: {one['success_rate']:.1%} of the held-out starts reach the "
        f"goal{moves}."
    )
    return lines
