"""Pictures of many seeds and of a sweep; the file's ending decides between PNG and SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.figures import BLUE, GREEN, INK, QUIET, RED, sheet
from robot_agent.sweep.distribution import NUMBERS, values_of, worst

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_SETTINGS = 11
"""Largest number of settings that are drawn: the most important ones. The first panel is the curve."""


def draw_seeds(file: Path, title: str, outcomes: Sequence[Mapping[str, Any]]) -> None:
    """Draw the learning curves of all seeds, and the distribution of each number; the worst seed is red."""
    bad = worst(outcomes)
    with sheet(file, title, panels=1 + len(NUMBERS)) as (curves, *panels):
        curves.set_title("Learning, all seeds")
        for one in outcomes:
            moves, success = (
                np.array([row[column] for row in one["curve"]], float).clip(low)
                for column, low in ((0, 1), (1, 0))
            )
            color, width, above = (RED, 2.0, 3) if one is bad else (BLUE, 0.8, 2)
            alpha = 1.0 if one is bad else max(0.08, min(0.6, 15 / len(outcomes)))
            curves.plot(moves, 100 * success, color=color, lw=width, alpha=alpha, zorder=above)
        curves.axhline(95, color=QUIET, lw=0.8, ls=":")
        last = max(one["moves"] for one in outcomes)
        curves.set(xscale="log", xlabel="moves made", ylabel="reach the goal, %", ylim=(-3, 103))
        curves.set_xlim(1000 if last > 10_000 else 1, last * 1.02)
        for axes, (name, what) in zip(panels, NUMBERS.items(), strict=True):
            _distribution(axes, what, values_of(outcomes, name), len(outcomes))
            if bad[name] is not None:
                value = values_of([bad], name)[0]
                axes.axvline(value, color=RED, lw=1.5)
                axes.text(value, 0.5, f" seed {bad['seed']}", color=RED, rotation=90, va="center", ha="right")


def _distribution(axes: "Axes", what: str, values: list[float], trainings: int) -> None:
    """Draw the cumulative distribution: the share of the trainings that have at most each value."""
    axes.set_title(what[0].upper() + what[1:])
    axes.set(xlabel=what, ylim=(0, 1.03), ylabel="share of seeds at or below")
    if not values:
        axes.text(0.5, 0.5, "no seed", transform=axes.transAxes, ha="center", color=QUIET)
        return
    ordered = np.sort(values)
    share = np.arange(1, len(ordered) + 1) / trainings
    axes.step(
        np.concatenate([ordered[:1], ordered]), np.concatenate([[0], share]), where="post", color=BLUE, lw=2
    )
    axes.plot(ordered, share, "o", color=BLUE, ms=3)
    axes.axhline(0.5, color=QUIET, lw=0.8, ls=":")
    if len(values) < trainings:
        axes.text(
            0.98, 0.03, f"{trainings - len(values)} never", transform=axes.transAxes, ha="right", color=RED
        )


def draw_sweep(file: Path, title: str, report: Mapping[str, Any]) -> None:
    """Draw the optimisation curve, and the sweep's figure over each setting; the best trial is marked.

    Args:
        file: the picture to write.
        title: title of the sheet.
        report: report of a sweep, with its trials, see `robot_agent.sweep.report`.
    """
    trials = [one for one in report["trials"] if one["value"] is not None]
    best = report["best"]
    ranges = report["space"]
    weights = report["importance"]
    names = sorted(ranges, key=lambda name: -weights.get(name, 0.0))[:MOST_SETTINGS]
    across = min(4, 1 + len(names))
    with sheet(file, title, panels=across, rows=-(-(1 + len(names)) // across)) as (curve, *panels):
        _optimisation(curve, report, trials)
        _scale([curve, *panels], [one["value"] for one in trials])
        for number, (axes, name) in enumerate(zip(panels, names, strict=False), 1):
            _over_setting(axes, name, ranges[name], trials, best)
            if number % across == 0:
                axes.set_ylabel(report["figure_words"])
            if name in weights:
                axes.set_title(f"{name}: importance {weights[name]:.0%}")
        for axes in panels[len(names) :]:
            axes.set_axis_off()


def _optimisation(axes: "Axes", report: Mapping[str, Any], trials: Sequence[Mapping[str, Any]]) -> None:
    axes.set_title("The best so far")
    axes.set(xlabel="trial", ylabel=report["figure_words"])
    axes.locator_params(axis="x", integer=True)
    axes.plot([one["number"] for one in trials], [one["value"] for one in trials], ".", color=QUIET, ms=5)
    rows = [row for row in report["curve"] if row[2] is not None]
    if rows:
        axes.step([row[0] for row in rows], [row[2] for row in rows], where="post", color=BLUE, lw=2)
    best = report["best"]
    if best is not None:
        axes.plot(best["number"], best["value"], "*", color=GREEN, ms=16, mec=INK, mew=0.8, zorder=4)


def _scale(panels: "Sequence[Axes]", values: Sequence[float]) -> None:
    """Give all panels the same scale for the figure; a logarithmic one if the values span a wide range."""
    if not values:
        return
    for axes in panels:
        if min(values) > 0 and max(values) > 5 * min(values):
            axes.set_yscale("log")
            axes.set_ylim(0.8 * min(values), 1.25 * max(values))
        else:
            margin = 0.06 * (max(values) - min(values)) or 0.05 * abs(max(values)) or 1.0
            axes.set_ylim(min(values) - margin, max(values) + margin)


def _over_setting(
    axes: "Axes",
    name: str,
    given: Mapping[str, Any],
    trials: Sequence[Mapping[str, Any]],
    best: Mapping[str, Any] | None,
) -> None:
    axes.set_title(name)
    axes.set_xlabel(name)
    choices = [_word(choice) for choice in given.get("choices", ())]

    def place(trial: Mapping[str, Any]) -> float:
        value = trial["settings"][name]
        return choices.index(_word(value)) if choices else value

    axes.plot(
        [place(one) for one in trials], [one["value"] for one in trials], "o", color=BLUE, ms=4, alpha=0.6
    )
    if best is not None:
        axes.plot(place(best), best["value"], "*", color=GREEN, ms=16, mec=INK, mew=0.8, zorder=4)
    if choices:
        axes.set_xticks(range(len(choices)), choices, rotation=0 if len(choices) < 6 else 45)
        axes.set_xlim(-0.5, len(choices) - 0.5)
    elif given.get("log"):
        axes.set_xscale("log")
    elif isinstance(given["low"], int):
        axes.locator_params(axis="x", integer=True)


def _word(choice: Any) -> str:
    return " ".join(map(str, choice)) if isinstance(choice, list) else str(choice)
