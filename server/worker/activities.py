"""What the worker does for a while: training and driving, as generators that stop at every yield.

Between two yields the worker listens to the server. Closing a generator ends what it does in good
order: the wheels stop first, then what was learned is kept.
"""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any, Protocol

import numpy as np

from robot_agent.build import make_physics, make_single, make_task, make_trainer
from robot_agent.envs.rollout import (
    SEARCHES,
    Move,
    Paused,
    Resumed,
    Round,
    Searching,
    Waiting,
    play,
)
from robot_agent.envs.single import SingleFleet
from robot_agent.envs.task import GOING, Ending, as_array
from robot_agent.errors import SettingsError
from robot_agent.health.report import report
from robot_agent.health.training import History
from robot_agent.learning.events import Episode, Evaluated, Event, Finished, Update
from robot_agent.learning.policy import Policy
from robot_agent.learning.trainer import Trainer
from robot_agent.pilot import build_policy
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.runs.recorder import record, restore
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from robot_agent.simulator.world import SimulatedRobot
from server.protocol import Message
from server.worker.frames import View, look_at
from vision.detectors.detector import Detector
from vision.sight import Sight

REMEMBERED = 5000
"""So many of the latest events of a training are looked at for what is wrong with it."""
SHARE = 0.03
"""Of a fleet's training, showing what it has learned takes this share of the work."""

Activity = Generator[Message, None, str]
"""Yields what to tell of it, first when it has begun; returns how it ended."""


class Teller(Protocol):
    """What an activity tells with: at most ten messages of a kind a second, or each of them."""

    def tell(self, message: Message) -> None:
        """Tell the server."""

    def newest(self, message: Message) -> None:
        """Tell the newest of its type, when it is time."""


class Seen:
    """What one robot has looked at in the episode under way."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.episode = 0
        self.looks = 0
        self.sights: list[list[int] | None] = []
        self.path: list[list[float]] = []

    def begin(self, episode: int) -> None:
        """Begin an episode."""
        self.episode, self.looks, self.sights, self.path = episode, 0, [], []

    def take(self, sight: Any, room: SimulatedRobot | None) -> tuple[int, int]:
        """Take what was seen; returns episode and number of the picture."""
        self.sights.append(None if sight is None else [sight.x1, sight.x2])
        if room is not None:
            self.path.append([round(float(value), 3) for value in room.world.poses()[0]])
        self.looks += 1
        return self.episode, self.looks - 1


def training(
    config: Config,
    teller: Teller,
    *,
    run: int | None = None,
    start: dict[str, Any] | None = None,
    robot: Callable[[int], Robot] | None = None,
    seen: Seen | None = None,
    show: Callable[[Trainer], None] = lambda trainer: None,
) -> Activity:
    """Train, and keep what was learned.

    Args:
        config: the settings, with their seed.
        teller: is told what happens.
        run: goes on with this one; a new one if not given.
        start: tensors of a policy to begin with.
        robot: opens the one robot to train, from its seed; a fleet is trained if not given.
        seen: what that robot has looked at.
        show: is called after each event of a fleet.
    """

    def environment(seed: int) -> SingleFleet:
        assert robot is not None
        return make_single(config, robot(seed))

    trainer = make_trainer(config, environment if robot is not None else None)
    with Store(config.store) as store:
        if run is not None:
            restore(trainer, store, run)
        else:
            if start is not None:
                try:
                    trainer.learner.policy.begin_from(start)
                except ValueError as error:
                    raise SettingsError(str(error)) from error
            run = store.create_run(config.model_dump(mode="json"))
        yield {"run": run}
        reporter = _Reporter(config, teller, run, trainer, store, seen)
        ended = "stopped"
        seconds = config.train.checkpoint_seconds
        if seen is not None:
            seen.begin(trainer.episodes + 1)
        with closing(record(trainer, store, run, checkpoint_seconds=seconds)) as events:
            for event in events:
                reporter.report(event)
                if isinstance(event, Finished):
                    ended = "halted" if event.halted else "finished"
                if robot is None:
                    show(trainer)
                yield reporter.progress()
    return ended


class _Reporter:
    """Turns the events of a training into messages."""

    def __init__(
        self, config: Config, teller: Teller, run: int, trainer: Trainer, store: Store, seen: Seen | None
    ) -> None:
        self._config, self._teller, self._run, self._trainer = config, teller, run, trainer
        self._store, self._seen = store, seen
        self._events: deque[Event] = deque(maxlen=REMEMBERED)
        self._evaluated = False
        self._begun, self._begun_at = time.monotonic(), trainer.moves
        self._success: float | None = None
        self._moves_mean: float | None = None
        self._judged = 0.0

    def progress(self) -> Message:
        trainer = self._trainer
        made, elapsed = trainer.moves - self._begun_at, time.monotonic() - self._begun
        left = (trainer.total_moves - trainer.moves) * elapsed / made if made > 0 else None
        return {
            "run": self._run,
            "moves": trainer.moves,
            "total_moves": trainer.total_moves,
            "episodes": trainer.episodes,
            "success_rate": self._success,
            "moves_mean": self._moves_mean,
            "seconds_left": None if left is None else round(max(0.0, left), 1),
        }

    def report(self, event: Event) -> None:
        alone = self._seen is not None
        tell = self._teller.tell if alone else self._teller.newest
        if not isinstance(event, Move):
            self._events.append(event)
        match event:
            case Update():
                if not self._evaluated:
                    self._success, self._moves_mean = event.success_rate, event.episode_moves
                tell(
                    {
                        "type": "update",
                        "run": self._run,
                        "number": event.number,
                        "moves": event.moves,
                        "seconds": event.seconds,
                        "success_rate": event.success_rate,
                        "episode_moves": event.episode_moves,
                        "mean_return": event.report.mean_return,
                        "entropy": event.report.entropy,
                        "explained_variance": event.report.explained_variance,
                    }
                )
                self._judge()
            case Evaluated(moves, _, result):
                self._evaluated = True
                self._success, self._moves_mean = result.success_rate, result.moves_mean
                score = {
                    "run": self._run,
                    "moves": moves,
                    "success_rate": result.success_rate,
                    "moves_mean": result.moves_mean,
                }
                self._teller.tell({"type": "evaluation", **score})
                number = self._store.checkpoints(self._run)[-1].id
                self._teller.tell({"type": "checkpoint", "id": number, **score})
            case Move():
                self._teller.tell({"type": "move", "number": event.number, **move_values(event.of())})
            case Episode():
                message = {
                    "type": "episode",
                    "run": self._run,
                    "number": event.number,
                    "moves": event.moves,
                    "ending": event.ending.name.lower(),
                    "total_reward": round(event.total_reward, 4),
                    "sights": sights_of(event),
                }
                if self._seen is not None:
                    message |= {"path": self._seen.path} if self._seen.path else {}
                    self._seen.begin(event.number + 1)
                tell(message)
            case Paused(reason):
                self._teller.tell({"type": "told", "level": "warning", "text": reason})
            case Resumed():
                self._teller.tell({"type": "told", "level": "info", "text": "The camera is healed."})

    def _judge(self) -> None:
        """Tell what is wrong with the training, once half of its moves are made."""
        if self._trainer.moves * 2 < self._trainer.total_moves or time.monotonic() - self._judged < 5.0:
            return
        self._judged = time.monotonic()
        simulator = self._config.simulator
        found = report(
            History.of(self._events),
            make_task(self._config),
            policy=self._trainer.learner.policy,
            # What every episode's robot is like is drawn anew then: it has no faults of its own.
            physics=None if simulator.randomise else make_physics(simulator),
        )
        findings = [
            {
                "name": finding.kind,
                "level": "fault" if finding.sure >= 0.8 else "warning",
                "seen": f"{finding.seen} {finding.means}",
                "cure": finding.cure,
            }
            for finding in found
        ]
        self._teller.tell({"type": "findings", "run": self._run, "findings": findings})


def move_values(info: dict[str, Any]) -> Message:
    """Return what the message of a move says: sight after it, pulse, terms of the reward by name."""
    values = {name: round(value, 4) for name, value in info.items()}
    message = {name: values[name] for name in ("x1", "x2", "left", "right", "seconds")}
    terms = {name.removeprefix("reward."): values[name] for name in values if name.startswith("reward.")}
    return message | {"terms": terms}


def sights_of(event: Episode) -> list[list[int] | None]:
    """Return the sights of an episode from the first on, None where nothing was seen."""
    steps = event.steps
    first = [[int(steps["start_x1"][0]), int(steps["start_x2"][0])]] if "start_x1" in steps else []
    return first + [
        [int(x1), int(x2)] if x1 >= 0 else None for x1, x2 in zip(steps["x1"], steps["x2"], strict=True)
    ]


def driving(
    config: Config, teller: Teller, tensors: dict[str, Any], robot: Robot, seen: Seen, *, first: int = 1
) -> Activity:
    """Drive a learned policy in endless episodes; a lost target is searched for.

    Args:
        config: the settings to drive under.
        teller: is told what happens.
        tensors: of the policy.
        robot: drives.
        seen: what it has looked at.
        first: number of the first episode.
    """
    policy = build_policy(tensors, config, "the checkpoint")
    environment = make_single(config, robot)
    number, reached, lengths = first - 1, 0, 0
    yield {}
    try:
        while True:
            seen.begin(number + 1)
            for event in play(environment, policy.greedy, searches=SEARCHES):
                match event:
                    case Move():
                        teller.tell({"type": "move", "number": event.number, **move_values(event.of())})
                        yield {"episodes": number}
                    case Paused(reason):
                        teller.tell({"type": "told", "level": "warning", "text": reason})
                        yield {}
                    case Searching() | Waiting():
                        yield {}
                    case Resumed():
                        seen.begin(number + 1)
                    case Round():
                        ending, moves = event.ending, len(event.rewards)
                        # One that was halted or interrupted says nothing of the policy.
                        number += ending not in (Ending.HALTED, Ending.INTERRUPTED)
                        reached += ending is Ending.REACHED
                        lengths += moves if ending is Ending.REACHED else 0
                        teller.tell(
                            {
                                "type": "episode",
                                "run": 0,
                                "number": seen.episode,
                                "moves": moves,
                                "ending": ending.name.lower(),
                                "total_reward": round(event.total_reward, 4),
                                "path": seen.path,
                                "sights": seen.sights,
                            }
                        )
                        done = number - first + 1
                        yield {
                            "episodes": number,
                            "success_rate": reached / done if done else None,
                            "moves_mean": lengths / reached if reached else None,
                        }
                        if ending is Ending.HALTED:
                            return "halted"
    except TargetNotSeen as error:
        teller.tell({"type": "told", "level": "error", "text": str(error)})
        return "lost"
    finally:
        robot.stop()


class Demonstration:
    """While a fleet learns, one robot shows what its policy does by now; no wheel turns for it."""

    def __init__(self, room: SimulatedRobot, detector: Detector, config: Config, view: View) -> None:
        """Drive `room` by what `detector` sees, and show it in `view`."""
        self._room, self._detector, self._view = room, detector, view
        self._task = make_task(config)
        self._left = 0.0
        self._powers = (0.0, 0.0)
        self._moves = 0
        self._last = time.monotonic()
        self._after = 0.0

    def show(self, policy: Policy) -> None:
        """Go on by what has passed of the time since the last picture, and show one, if it is time."""
        if not self._view.due() or time.thread_time() < self._after:
            return
        now, begun = time.monotonic(), time.thread_time()
        passed, self._last = now - self._last, now
        if self._left > 0:
            part = min(passed, self._left)
            self._room.pulse(*self._powers, part)
            self._left -= part
        frame = self._room.peek()
        found = look_at(frame, self._detector)
        self._view.show(frame, found, room=self._room)
        if self._left <= 0:
            self._decide(policy, found.sight)
        # Of the work, not of the time: on a busy machine a training has less than all of it.
        ended = time.thread_time()
        self._after = ended + (ended - begun) / SHARE

    def _decide(self, policy: Any, sight: Sight | None) -> None:
        if sight is None or self._is_over(sight):
            self._room.reset()
            self._moves = 0
            return
        action = policy.greedy(self._task.observe(as_array(sight))).astype(np.float32)
        pulses = self._task.pulses(action)
        self._powers = float(pulses.wheels[0, 0]), float(pulses.wheels[1, 0])
        self._left, self._moves = float(pulses.seconds[0]), self._moves + 1

    def _is_over(self, sight: Sight) -> bool:
        one = as_array(sight)
        return bool(self._task.judge(one, one, np.array([True]), np.array([self._moves]))[1][0] != GOING)
