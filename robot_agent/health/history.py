"""The record of a run until now, live or from the store: updates, evaluations and episodes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import POLICY, Task
from robot_agent.learning.events import Episode, Evaluated, Event, Update
from vision.sight import SLICES

Array = NDArray[np.float64]
Row = Mapping[str, Any]

LEARNING = 0.5
"""Success rate from which on a run counts as learning."""
FEWEST_UPDATES = 10
"""Number of updates below which only certain faults are reported."""


@dataclass(frozen=True)
class History:
    """The record of a run, as rows of the store, the earliest first: see `robot_agent.runs.store`."""

    updates: Sequence[Row] = ()
    evaluations: Sequence[Row] = ()
    episodes: Sequence[Row] = ()

    @staticmethod
    def of(events: Iterable[Event]) -> "History":
        """Collect the events of a training as it runs."""
        updates: list[Row] = []
        evaluations: list[Row] = []
        episodes: list[Row] = []
        for event in events:
            match event:
                case Update():
                    updates.append(asdict(event))
                case Evaluated(moves, seconds, result):
                    evaluations.append({"moves": moves, "seconds": seconds, **asdict(result)})
                case Episode():
                    ending = event.ending.name.lower()
                    episodes.append({"moves": event.moves, "ending": ending, "steps": event.steps})
        return History(updates, evaluations, episodes)

    def series(self, name: str) -> Array:
        """Return one number of every update's report, shape (U,); not-a-number where it was not recorded."""
        return np.array([row["report"].get(name, math.nan) for row in self.updates], np.float64)

    @cached_property
    def std(self) -> Array:
        """Standard deviation of each action after each update, shape (U, A)."""
        return np.array([row["report"]["std"] for row in self.updates], np.float64)

    @cached_property
    def update_ratio(self) -> Array:
        """|dW| / |W| of each layer in each update, shape (U, L); L is 0 where it was not recorded."""
        ratios = [row["report"].get("update_ratio", ()) for row in self.updates]
        return np.array(ratios if all(ratios) else [() for _ in ratios], np.float64)

    @cached_property
    def late(self) -> slice:
        """The last quarter of the updates."""
        return slice(-max(len(self.updates) // 4, 1), None)

    @cached_property
    def success(self) -> float:
        """Present success rate: that of the last evaluation, or else of the late updates."""
        if self.evaluations:
            return float(self.evaluations[-1]["success_rate"])
        return float(np.mean([row["success_rate"] for row in self.updates[self.late]]))

    @cached_property
    def lost(self) -> float:
        """Share of the late episodes in which the target was lost."""
        late = self.updates[self.late]
        ended = sum(sum(row["endings"].values()) for row in late)
        return float(sum(row["endings"].get("lost", 0) for row in late) / max(ended, 1))

    def steps(self, name: str) -> NDArray[Any]:
        """Return one quantity of all recorded moves, shape (M, ...); empty if it was not recorded."""
        parts = [row["steps"][name] for row in self.episodes if name in row["steps"]]
        return np.concatenate(parts) if parts else np.zeros(0)

    def policy_steps(self, name: str) -> NDArray[Any]:
        """Return the same quantity for the moves of the policy only, without those of a person."""
        parts = [
            np.asarray(steps[name])[_authors(steps) == POLICY]
            for steps in (row["steps"] for row in self.episodes)
            if name in steps
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    @cached_property
    def authors(self) -> NDArray[Any]:
        """Who made each recorded move, shape (M,); see `robot_agent.envs.task`."""
        parts = [_authors(row["steps"]) for row in self.episodes]
        return np.concatenate(parts) if parts else np.zeros(0, np.int8)

    @cached_property
    def sights(self) -> NDArray[np.int64]:
        """All sights of the recorded episodes, shape (2, M); every possible one if nothing was recorded."""
        parts = [
            np.array([steps[f"{start}x1"], steps[f"{start}x2"]])
            for steps in (row["steps"] for row in self.episodes)
            for start in ("start_", "")
            if f"{start}x1" in steps
        ]
        if not parts:
            return np.array(np.triu_indices(SLICES))
        seen = np.concatenate(parts, axis=1)
        return seen[:, seen[0] >= 0].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Case:
    """A run to examine, with its task and its policy."""

    history: History
    task: Task
    policy: Any = field(default=None)
    """The present policy, a `GaussianPolicy`; None if it is not available."""

    @property
    def outcome(self) -> str:
        """Return a sentence with the present success rate."""
        moves = self.history.updates[-1]["moves"]
        return f"After {moves:,} moves {self.history.success:.1%} of the episodes reach the goal."


def _authors(steps: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    return np.asarray(steps.get("by_hand", np.full(len(steps.get("x1", ())), POLICY)))
