"""`event_message` makes messages from a job's events; `EpisodeLooks` is what one robot saw in an episode."""

from typing import Any

from robot_agent.envs.rollout import Move, Paused, Resumed
from robot_agent.learning.events import Episode, Evaluated, Event, Update
from robot_agent.simulator import SimulatedRobot
from server.protocol import from_worker
from server.worker.frames import rounded_pose
from vision.sight import Sight

Path = list[tuple[float, float, float]]


class EpisodeLooks:
    """The sights of one robot in this episode so far, and its path if it is simulated."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.begin(0)

    def begin(self, episode: int) -> None:
        """Forget the last episode, and begin the one with the number `episode`."""
        self.episode, self._looks = episode, 0
        self.sights: list[tuple[int, int] | None] = []
        self.path: Path = []

    def add(self, sight: Sight | None, simulated: SimulatedRobot | None) -> tuple[int, int]:
        """Add a sight, and a simulated robot's pose; return the episode and the picture's number in it."""
        self.sights.append(None if sight is None else (sight.x1, sight.x2))
        if simulated is not None:
            self.path.append(rounded_pose(simulated, 3))
        self._looks += 1
        return self.episode, self._looks - 1

    def take_back(self) -> None:
        """Forget the last sight: a second picture of the same place takes its place."""
        del self.sights[-1:], self.path[-1:]
        self._looks = max(0, self._looks - 1)


def event_message(event: Event, run: int, path: Path | None = None) -> from_worker.Relayed | None:
    """Return the message for an event, or None for an event without one.

    Args:
        event: of a training, or of driving.
        run: number of the run; 0 for driving.
        path: poses of a simulated robot in the episode that has ended: x and y in metres, heading in radians.
    """
    match event:
        case Update():
            return from_worker.Update(
                run=run,
                number=event.number,
                moves=event.moves,
                seconds=event.seconds,
                success_rate=event.success_rate,
                episode_moves=event.episode_moves,
                mean_return=event.report.mean_return,
                entropy=event.report.entropy,
                explained_variance=event.report.explained_variance,
            )
        case Evaluated(moves, _, result):
            return from_worker.Evaluation(run, moves, result.success_rate, result.moves_mean)
        case Move():
            return _move(event.number, event.of())
        case Episode():
            return from_worker.Episode(
                run=run,
                number=event.number,
                moves=event.moves,
                ending=event.ending.name.lower(),
                total_reward=round(event.total_reward, 4),
                sights=_sights(event.steps),
                path=path or [],
            )
        case Paused():
            return from_worker.Notice("warning", event.reason)
        case Resumed():
            return from_worker.Notice("info", "The camera gives good pictures again.")
    return None


def _move(number: int, info: dict[str, Any]) -> from_worker.Move:
    return from_worker.Move(
        number=number,
        x1=int(info["x1"]),
        x2=int(info["x2"]),
        left=round(float(info["left"]), 4),
        right=round(float(info["right"]), 4),
        seconds=round(float(info["seconds"]), 4),
        terms={
            name.removeprefix("reward."): round(float(value), 4)
            for name, value in info.items()
            if name.startswith("reward.")
        },
        by_hand=bool(info.get("by_hand", 0)),
    )


def _sights(steps: dict[str, Any]) -> list[tuple[int, int] | None]:
    """Return the first and last slice of each sight of an episode; None where nothing was seen."""
    sights: list[tuple[int, int] | None] = []
    if "start_x1" in steps:
        sights.append((int(steps["start_x1"][0]), int(steps["start_x2"][0])))
    for x1, x2 in zip(steps["x1"], steps["x2"], strict=True):
        sights.append((int(x1), int(x2)) if x1 >= 0 else None)
    return sights
