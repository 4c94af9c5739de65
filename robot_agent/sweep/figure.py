"""The figures that a sweep can optimise: one number from the trainings of all seeds of a trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from robot_agent.learning.outcome import GOAL

Outcome = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: one number by which a trial is judged."""

    title: str
    """Description of the figure in words."""
    more_is_better: bool
    form: str
    """Python format with which the figure is printed."""


FIGURES = {
    "moves_to_95": Figure("moves until 95 % succeed, mean of the seeds", False, ",.0f"),
    "worst_seed": Figure("success of the worst seed at the end", True, ".1%"),
    "held_out_robots": Figure("success on held-out robots, mean of the seeds", True, ".1%"),
}
"""All figures by their names in a space file."""


def value_of(name: str, outcomes: Sequence[Outcome], longest: int) -> float:
    """Return a figure of some trainings with the same settings.

    Args:
        name: name of the figure.
        outcomes: outcomes of at least one training.
        longest: number of moves of the longest training in the space. A seed that never reaches 95 %
            counts as more moves than that: the lower its best success, the more. So the search can also
            tell bad settings from worse ones.
    """
    if name == "worst_seed":
        return min(_success(one) for one in outcomes)
    if name == "held_out_robots":
        return fmean(float(one["held_out_robots"]) for one in outcomes)
    return fmean(_moves_to_95(one, longest) for one in outcomes)


def is_better(name: str, value: float, than: float) -> bool:
    """Return whether `value` of a figure is better than the value `than`."""
    return value > than if FIGURES[name].more_is_better else value < than


def shown(name: str, value: float | None) -> str:
    """Return a value of a figure in words."""
    return "none" if value is None else format(value, FIGURES[name].form)


def _success(outcome: Outcome) -> float:
    return float(outcome["success_rate"] or 0.0)


def _moves_to_95(outcome: Outcome, longest: int) -> float:
    if outcome["moves_to_95"] is not None:
        return float(outcome["moves_to_95"])
    return longest * (2.0 - min(outcome["best_success"] or 0.0, GOAL))
