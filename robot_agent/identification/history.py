"""`History`: how the knowledge of a robot grew, move by move; the page and `adapt --plot` draw it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.log import LONGEST, Log
from robot_agent.identification.parameters import (
    DEVIATION,
    ESTIMATED,
    FIELD_OF_VIEW,
    FULL_SPEED,
    MEAN,
    NAMES,
    WHEEL_BASE,
    Array,
)
from robot_agent.identification.wirings import Ends

UNITS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "speed": ("Full speed, m/s", lambda x: FULL_SPEED * np.exp(x)),
    "ratio": ("Left wheel beside right, %", lambda x: 100 * (np.exp(x) - 1)),
    "dead_band": ("Dead band, % of power", lambda x: 100 * x),
    "dead_time": ("Wheels start late, s", lambda x: x),
    "wheel_base": ("Wheel base, cm", lambda x: 100 * WHEEL_BASE * np.exp(x)),
    "yaw": ("Camera to the right, degrees", np.degrees),
    "ahead": ("Camera before the axle, cm", lambda x: 100 * x),
    "lens": (
        "Field of view, degrees",
        lambda x: 2 * np.degrees(np.arctan(math.tan(FIELD_OF_VIEW / 2) * np.exp(x))),
    ),
}
"""The name of each parameter for people, with its unit, and the function that converts to this unit."""


def in_units(name: str, mean: Array, deviation: Array) -> tuple[Array, Array]:
    """Return means and standard deviations of a parameter in the unit of `UNITS`."""
    work = UNITS[name][1]
    spread: Array = np.abs(work(mean + deviation) - work(mean - deviation)) / 2
    return work(mean), spread


@dataclass(slots=True)
class History:
    """The estimates after each of the last moves; call `record` once after each move."""

    means: list[Array] = field(default_factory=list)
    deviations: list[Array] = field(default_factory=list)
    doubts: list[float] = field(default_factory=list)
    expected: list[tuple[float, float] | None] = field(default_factory=list)
    """Expected edges of the target after each move, slices from the left; None if nothing was expected."""
    seen: list[Ends] = field(default_factory=list)
    """First and last slice that were seen after each move; None if nothing was seen."""

    def record(self, knowledge: Knowledge, expected: tuple[float, float] | None, ends: Ends) -> None:
        """Record what is known after a move.

        Args:
            knowledge: what is known, with the move already observed.
            expected: what `Knowledge.predict` returned before the move.
            ends: first and last slice seen after the move; None if nothing was seen.
        """
        estimate = knowledge.estimate
        rows: tuple[tuple[list[Any], Any], ...] = (
            (self.means, estimate.mean),
            (self.deviations, estimate.deviation),
            (self.doubts, knowledge.doubt),
            (self.expected, expected),
            (self.seen, ends),
        )
        for values, value in rows:
            values.append(value)
            del values[:-LONGEST]

    @staticmethod
    def of(log: Log) -> "tuple[History, Knowledge]":
        """Learn again from a whole log; return the history, and what is known at the end."""
        history, knowledge = History(), Knowledge()
        for episode in log.episodes:
            knowledge.begin(episode.first)
            for pulse, ends in episode.moves:
                expected = knowledge.predict(pulse)
                knowledge.observe(pulse, ends)
                history.record(knowledge, expected, ends)
        return history, knowledge

    def to_json(self, knowledge: Knowledge, *, most: int = LONGEST) -> dict[str, Any]:
        """Return all that a page needs to draw the history, as JSON values: curves, changes, sentences.

        Args:
            knowledge: what is known now.
            most: largest number of points of a curve, evenly spread over the moves.
        """
        means, deviations = (np.array(v).reshape(-1, len(NAMES)) for v in (self.means, self.deviations))
        first = knowledge.moves - len(means) + 1
        some = np.unique(np.linspace(0, len(means) - 1, min(len(means), most)).round().astype(int))
        return {
            "first_move": first,
            "at": (first + some).tolist(),
            "moves": knowledge.moves,
            "parameters": {
                name: self._parameter(name, means[some, i], deviations[some, i], i)
                for i, name in enumerate(NAMES[:ESTIMATED])
            },
            "doubt": [round(doubt, 4) for doubt in self.doubts],
            "expected": self.expected,
            "seen": self.seen,
            "changes": [
                {"move": change.move, "wiring": list(change.wiring), "rewired": change.rewired}
                for change in knowledge.changes
                if change.move >= first
            ],
            "words": knowledge.estimate.words(),
        }

    @staticmethod
    def _parameter(name: str, mean: Array, deviation: Array, index: int) -> dict[str, Any]:
        means, deviations = in_units(name, mean, deviation)
        prior = in_units(name, MEAN[index], DEVIATION[index])
        return {
            "label": UNITS[name][0],
            "mean": means.round(4).tolist(),
            "deviation": deviations.round(4).tolist(),
            "prior": [round(float(value), 4) for value in prior],
        }


def plot(history: History, knowledge: Knowledge, file: Path) -> None:
    """Draw each parameter over the moves, with a band of two standard deviations; needs the extra `plot`."""
    from matplotlib.figure import Figure

    value = history.to_json(knowledge)
    figure = Figure(figsize=(10, 8), layout="constrained")
    for axes, parameter in zip(
        figure.subplots(4, 2, sharex=True).flat, value["parameters"].values(), strict=True
    ):
        mean, deviation = np.array(parameter["mean"]), np.array(parameter["deviation"])
        moves = np.array(value["at"])
        axes.fill_between(moves, mean - 2 * deviation, mean + 2 * deviation, alpha=0.25)
        axes.plot(moves, mean)
        for change in value["changes"]:
            axes.axvline(change["move"], color="tab:red", linestyle=":")
        axes.set_title(parameter["label"], fontsize=9)
    figure.supxlabel("moves")
    figure.savefig(file, dpi=110)
