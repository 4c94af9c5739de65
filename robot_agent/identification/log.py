"""`Log`: the moves of a robot, each with the pulse as commanded and the sight after it.

From a log, an estimate can be computed again, and plots are drawn. `robot-agent drive --json` prints a log
line by line.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from robot_agent.envs.task import CUT_SHORT
from robot_agent.identification.wirings import Ends
from robot_agent.motors.motors import Pulse, check_pulse
from vision.sight import SLICES

LONGEST = 2000
"""Largest number of moves that are kept; the oldest episodes are dropped first."""


class Learns(Protocol):
    """Something that learns from a log, such as `Knowledge` or `Diagnosis`."""

    def begin(self, ends: Ends) -> None:
        """Begin an episode with its first sight."""

    def observe(self, pulse: Pulse, ends: Ends) -> None:
        """Learn from a move."""


@dataclass(frozen=True, slots=True)
class Episode:
    """The moves of one episode, as they were commanded and seen."""

    first: Ends
    """First and last slice of the first sight; None when nothing was seen."""
    moves: list[tuple[Pulse, Ends]] = field(default_factory=list)
    """Each pulse as the motors were commanded, and the sight after it."""


@dataclass(slots=True)
class Log:
    """The moves of a robot, as a list of episodes, the earliest first."""

    episodes: list[Episode] = field(default_factory=list)

    def __len__(self) -> int:
        """Return the number of moves."""
        return sum(len(episode.moves) for episode in self.episodes)

    def add(self, pulse: Pulse | None, ends: Ends) -> None:
        """Add a move; with None as the pulse, begin an episode whose first sight is `ends`."""
        if pulse is None or not self.episodes:
            self.episodes.append(Episode(ends))
            while len(self) > LONGEST:
                del self.episodes[0]
        else:
            self.episodes[-1].moves.append((pulse, ends))

    def replay(self, *learners: Learns) -> None:
        """Let `learners` learn from the whole log, from the first episode on."""
        for episode in self.episodes:
            for learner in learners:
                learner.begin(episode.first)
            for pulse, ends in episode.moves:
                for learner in learners:
                    learner.observe(pulse, ends)

    def to_json(self) -> list[Any]:
        """Return the log as JSON values: a list for each episode, with its first sight, then its moves."""
        return [
            [episode.first, *([p.left, p.right, p.seconds, *(ends or (-1, -1))] for p, ends in episode.moves)]
            for episode in self.episodes
        ]

    @staticmethod
    def from_json(value: Any) -> "Log":
        """Read the JSON values of `to_json`; raise ValueError if they are damaged."""
        try:
            return Log(
                [
                    Episode(
                        None if first is None else _ends(*first),
                        [(_pulse(*move[:3]), _ends(*move[3:])) for move in moves],
                    )
                    for first, *moves in value
                ]
            )
        except (TypeError, ValueError) as error:
            raise ValueError("The log of this robot's moves is damaged; let the robot drive anew.") from error

    @staticmethod
    def of_run(episodes: Iterable[Mapping[str, Any]]) -> "Log":
        """Make a log from the `steps` of a run's episodes, see `robot_agent.learning.events.Episode`."""
        log = Log()
        for steps in episodes:
            if "start_x1" not in steps or not len(steps["x1"]):
                continue
            log.add(None, _ends(int(steps["start_x1"][0]), int(steps["start_x2"][0])))
            columns = (steps[name].tolist() for name in ("left", "right", "seconds", "x1", "x2", "ending"))
            for left, right, seconds, x1, x2, ending in zip(*columns, strict=True):
                if ending in CUT_SHORT:
                    break  # that pulse was cut short, or nothing was looked at after it
                log.add(_pulse(left, right, seconds), _ends(x1, x2))
        return log


def read_log(lines: Iterable[str], name: str) -> tuple[Log, int]:
    """Read the output of `robot-agent drive --json`.

    Args:
        lines: the lines, one JSON object for each move.
        name: name of the file, for the errors.

    Returns:
        The log, and the number of gaps: places where moves are missing. The log begins a new episode there.

    Raises:
        ValueError: a line is not such a move, or there are no moves; the text says which line and why.
    """
    log, gaps = Log(), 0
    last: tuple[Any, Any, Ends] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError("it is no JSON object")
            pulse = _pulse(value["left"], value["right"], value["seconds"])
            before = _ends(*value["before"]) if value.get("before") is not None else None
            after = _ends(value["x1"], value["x2"])
            episode, move = value["episode"], int(value["move"])
        except KeyError as error:
            raise ValueError(
                f"{name}, line {number}: {error} is missing; give a log of 'robot-agent drive --json'."
            ) from None
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name}, line {number} is no move ({error}); give a log of 'robot-agent drive --json'."
            ) from None
        goes_on = last is not None and last == (episode, move - 1, before)
        if not goes_on:
            gaps += last is not None and last[0] == episode
            log.add(None, before)
        if value.get("ending") not in ("halted", "interrupted"):
            log.add(pulse, after)
        last = (episode, move, after)
    if not len(log):
        raise ValueError(f"{name} holds no moves; give a log of 'robot-agent drive --json'.")
    return log, gaps


def _ends(x1: Any, x2: Any) -> Ends:
    """Return a checked sight; None for -1 and -1, which mean that nothing was seen."""
    if (x1, x2) == (-1, -1):
        return None
    first, last = int(x1), int(x2)
    if (first, last) != (x1, x2) or not 0 <= first <= last < SLICES:
        raise ValueError(f"slices {x1} to {x2} are not from 0 to {SLICES - 1} in order")
    return first, last


def _pulse(left: Any, right: Any, seconds: Any) -> Pulse:
    pulse = Pulse(float(left), float(right), float(seconds))
    if not all(math.isfinite(value) for value in (pulse.left, pulse.right, pulse.seconds)):
        raise ValueError("the pulse has a value that is not a number")
    check_pulse(pulse.left, pulse.right, pulse.seconds)
    return pulse
