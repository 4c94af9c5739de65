"""The kept episodes of a run as plain arrays, for any robot, task and version of robot-agent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import ACTION_NAMES
from robot_agent.runs.pictures import Pictures
from robot_agent.runs.store import Store

Floats = NDArray[np.float32]

PAGE = 200
"""Number of episodes that are read from the store at once."""


@dataclass(frozen=True, slots=True)
class KeptEpisode:
    """One episode of T moves, with the sights before each move and after the last one."""

    run: int
    number: int
    """Number of the episode in its run, from 1."""
    ending: str
    """How the episode ended: reached, lost, timeout, halted or interrupted."""
    action_names: tuple[str, ...]
    sights: NDArray[np.int64]
    """First and last slice, shape (T + 1, 2); -1 where nothing was seen."""
    observations: Floats
    """Observations of the policy, shape (T + 1, D)."""
    actions: Floats
    """Actions, shape (T, A)."""
    pulses: Floats
    """Left, right (shares of full speed) and seconds, shape (T, 3)."""
    rewards: Floats
    """Rewards, shape (T,)."""
    terms: Mapping[str, Floats]
    """The terms of the reward by name, each of shape (T,)."""
    authors: tuple[str, ...]
    """Who made each move: `policy`, or `person`."""
    pictures: tuple[bytes, ...] = field(default=(), repr=False)
    """Contents of the JPEG files of all T + 1 sights; empty if they are not kept."""

    def __len__(self) -> int:
        """Return T, the number of moves."""
        return len(self.actions)

    @property
    def times(self) -> Floats:
        """Seconds of driving before each sight, shape (T + 1,): the sum of the pulses until then."""
        return np.concatenate([[0.0], np.cumsum(self.pulses[:, 2], dtype=np.float64)]).astype(np.float32)

    @property
    def title(self) -> str:
        """A short text that describes the episode."""
        return f"run {self.run}, episode {self.number}"


def kept_episodes(
    store: Store, run: int, *, pictures: Pictures | None = None, only: int | None = None
) -> Iterator[KeptEpisode]:
    """Yield the kept episodes of a run, the earliest first, without holding all of them in memory.

    Args:
        store: the store.
        run: number of the run.
        pictures: where the pictures are kept; None to read no pictures.
        only: number of the only episode to yield; None for all.
    """
    names = ACTION_NAMES.get(store.run(run).settings.get("task", {}).get("action", ""), ())
    since = 0 if only is None else only
    while rows := store.episodes(run, since, PAGE if only is None else 1):
        for row in rows:
            if only is not None and row["number"] != only:
                return
            yield _episode(run, row, names, pictures)
        if only is not None:
            return
        since = rows[-1]["number"] + 1


def _episode(
    run: int, row: Mapping[str, Any], names: tuple[str, ...], pictures: Pictures | None
) -> KeptEpisode:
    steps = row["steps"]
    actions = np.asarray(steps["action"], np.float32)
    length, size = actions.shape
    first = [[int(steps[f"start_{end}"][0]) if f"start_{end}" in steps else -1] for end in ("x1", "x2")]
    sights = np.concatenate([first, [steps["x1"], steps["x2"]]], axis=1).T.astype(np.int64)
    observations = np.asarray(steps["observation"], np.float32)
    final = np.asarray(steps.get("final_observation", observations[-1:]), np.float32)
    people = steps.get("by_hand", np.zeros(length))
    files = pictures.read(run, row["number"]) if pictures is not None else ()
    return KeptEpisode(
        run=run,
        number=row["number"],
        ending=row["ending"],
        action_names=names if len(names) == size else tuple(f"action_{i}" for i in range(size)),
        sights=sights,
        observations=np.concatenate([observations, final]),
        actions=actions,
        pulses=np.stack([steps[name] for name in ("left", "right", "seconds")], axis=1).astype(np.float32),
        rewards=np.asarray(steps["reward"], np.float32),
        terms={
            name.removeprefix("reward."): np.asarray(values, np.float32)
            for name, values in sorted(steps.items())
            if name.startswith("reward.")
        },
        authors=tuple("person" if hand else "policy" for hand in people),
        pictures=files if len(files) == length + 1 else (),
    )
