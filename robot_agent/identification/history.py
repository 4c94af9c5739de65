"""How knowledge of a robot grew, move by move: what the panel and `robot-agent adapt --plot` draw."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robot_agent.identification.filter import Ends
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.log import LONGEST, Log
from robot_agent.identification.parameters import DEVIATION, ESTIMATED, MEAN, NAMES, Array

LABELS = {
    "speed": "ln of full speed / 0.35 m/s",
    "ratio": "ln of left / right wheel",
    "dead_band": "dead band, share of power",
    "dead_time": "dead time, s",
    "wheel_base": "ln of wheel base / 14 cm",
    "yaw": "camera to the right, rad",
    "ahead": "camera ahead of the axle, m",
    "lens": "ln of the lens / nominal",
}
"""What the axes of a plot say."""


@dataclass(slots=True)
class History:
    """The estimates after each move; `record` is called once a move, before and after it."""

    means: list[Array] = field(default_factory=list)
    deviations: list[Array] = field(default_factory=list)
    doubts: list[float] = field(default_factory=list)
    expected: list[tuple[float, float] | None] = field(default_factory=list)
    """Where the edges of the target were expected after each move, slices from the left."""
    seen: list[Ends] = field(default_factory=list)
    """What was seen then."""

    def record(self, knowledge: Knowledge, expected: tuple[float, float] | None, ends: Ends) -> None:
        """Keep what is known after a move.

        Args:
            knowledge: after it has observed the move.
            expected: what `Knowledge.predict` said before the move.
            ends: what was seen after it.
        """
        estimate = knowledge.estimate
        for values, value in (
            (self.means, estimate.mean),
            (self.deviations, estimate.deviation),
            (self.doubts, knowledge.doubt),
            (self.expected, expected),
            (self.seen, ends),
        ):
            values.append(value)  # type: ignore[arg-type]
            del values[:-LONGEST]

    @staticmethod
    def of(log: Log) -> "tuple[History, Knowledge]":
        """Learn from a log anew, and keep what was known after each of its moves."""
        history, knowledge = History(), Knowledge()
        for episode in log.episodes:
            knowledge.begin(episode.first)
            for pulse, ends in episode.moves:
                expected = knowledge.predict(pulse)
                knowledge.observe(pulse, ends)
                history.record(knowledge, expected, ends)
        return history, knowledge

    def to_json(self, knowledge: Knowledge) -> dict[str, Any]:
        """Everything a page needs to draw it: bands of one standard deviation, changes, words."""
        means, deviations = (np.array(v).reshape(-1, len(NAMES)) for v in (self.means, self.deviations))
        first = knowledge.moves - len(means) + 1
        return {
            "first_move": first,
            "moves": knowledge.moves,
            "parameters": {
                name: {
                    "label": LABELS[name],
                    "mean": means[:, i].round(5).tolist(),
                    "deviation": deviations[:, i].round(5).tolist(),
                    "prior": [float(MEAN[i]), float(DEVIATION[i])],
                }
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


def plot(history: History, knowledge: Knowledge, file: Path) -> None:
    """Draw how each parameter became sure, its band of two standard deviations; needs the extra `plot`."""
    from matplotlib.figure import Figure

    value = history.to_json(knowledge)
    figure = Figure(figsize=(10, 8), layout="constrained")
    for axes, parameter in zip(
        figure.subplots(4, 2, sharex=True).flat, value["parameters"].values(), strict=True
    ):
        mean, deviation = np.array(parameter["mean"]), np.array(parameter["deviation"])
        moves = np.arange(len(mean)) + value["first_move"]
        axes.fill_between(moves, mean - 2 * deviation, mean + 2 * deviation, alpha=0.25)
        axes.plot(moves, mean)
        for change in value["changes"]:
            axes.axvline(change["move"], color="tab:red", linestyle=":")
        axes.set_title(parameter["label"], fontsize=9)
    figure.supxlabel("moves")
    figure.savefig(file, dpi=110)
