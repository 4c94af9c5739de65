"""The one loop that plays episodes: training, evaluation, driving and drawing all use `play`.

`play` is a generator of events, so its caller decides what to show, and can stop between two events.
It also searches for a lost target and waits for a failing camera. If it ends early, by an exception or
because the generator is closed, it stops the wheels first.
"""

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.environment import CARRIED_OUT, Info, TrainingEnvironment
from robot_agent.envs.task import GOING, LOST, Ending, Floats, Mask
from vision.cameras.camera import CameraFault

SEARCHES = 3
"""Number of searches for a lost target in one episode of a robot that is driving."""

Act = Callable[[Floats], Floats]
"""A function from observations (N, D) to actions (N, A), such as `policy.greedy`."""


@dataclass(frozen=True, slots=True)
class Began:
    """The robots stand at the start of an episode."""

    info: Info
    """The first sights, `x1` and `x2`, each of shape (N,); empty if no episode begins here."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move of each robot."""

    number: int
    """Number of moves made in this round, this one included."""
    info: Info
    """Sight, pulse, terms of the reward and ending, arrays of shape (N,) by name; see `FleetEnvironment`."""

    def of(self, robot: int = 0) -> Info:
        """Return the move of one robot, as plain values by name."""
        return {
            name: value[robot].item()
            for name, value in self.info.items()
            if isinstance(value, np.ndarray) and not name.startswith("_")
        }


@dataclass(frozen=True, slots=True)
class Searching:
    """The target is lost; the robot turns to look for it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The target is in view again, and the episode goes on."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The camera fails: the wheels stand still until it gives good pictures again."""

    reason: str
    """What is wrong and what to do about it; another event follows when this text changes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The camera still fails as before: nothing new, but the caller can stop here."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The camera gives good pictures again."""


@dataclass(frozen=True, slots=True)
class Round:
    """The last event of `play`: what N robots did side by side, an episode each or a part of one."""

    observations: list[Floats]
    """Observations before each of T moves and after the last one: T + 1 arrays of shape (N, D)."""
    start: Info
    """The first sights, as in `Began.info`."""
    began: Mask
    """Whether each robot's episode began in this round, shape (N,)."""
    endings: NDArray[Any]
    """Values of `Ending`, shape (N,); GOING where the episode is not over."""
    actions: list[Floats] = field(default_factory=list)
    """Actions, T arrays of shape (N, A)."""
    rewards: list[Floats] = field(default_factory=list)
    """Rewards, T arrays of shape (N,)."""
    alive: list[Mask] = field(default_factory=list)
    """Whether each robot's episode was still going before the move, T arrays of shape (N,)."""
    infos: list[Info] = field(default_factory=list)
    """The info of each move, as in `Move.info`."""

    @property
    def moves(self) -> NDArray[np.int64]:
        """Number of moves that each robot made, shape (N,)."""
        moves: NDArray[np.int64] = np.sum(self.alive, axis=0)
        return moves

    @property
    def total_reward(self) -> float:
        """Sum of the rewards of a fleet of one."""
        return float(sum(reward[0] for reward in self.rewards))

    @property
    def ending(self) -> Ending:
        """How the episode of a fleet of one ended."""
        return Ending(int(self.endings[0]))


Event = Began | Move | Searching | Found | Paused | Waiting | Resumed | Round


def play(
    environment: TrainingEnvironment,
    act: Act,
    *,
    standing: tuple[Floats, Mask] | None = None,
    longest: float = math.inf,
    searches: int = 0,
    seed: int | None = None,
) -> Generator[Event, None, None]:
    """Play one episode, or a part of one, with each robot.

    Args:
        environment: the robots.
        act: chooses the actions.
        standing: the present observations, shape (N, D), and which episodes are over, shape (N,); the
            other episodes go on. If not given, all robots begin a new episode.
        longest: number of moves after which the round ends, even if episodes are not over.
        searches: number of times in an episode that a single robot searches for a lost target.
        seed: seed of the starts; if not given, the environment goes on with its random numbers.
    """
    try:
        observations, start = yield from _begin(environment, standing, seed)
        yield Began(start)
        n = environment.num_envs
        going = np.ones(n, np.bool_)
        played = Round([observations], start, going if standing is None else standing[1], np.full(n, GOING))
        while np.count_nonzero(going) and len(played.rewards) < longest:  # 3 times as fast as going.any()
            played.alive.append(going)
            ending = _move(environment, act, played)
            np.copyto(played.endings, ending, where=going)
            yield Move(len(played.rewards), played.infos[-1])
            if searches and ending[0] == LOST and n == 1:
                searches -= 1
                yield Searching()
                if (found := environment.search()) is not None:
                    played.observations[-1], played.endings[0] = found, GOING
                    yield Found()
            going = going & (played.endings == GOING)
        yield played
    except BaseException:
        environment.halt()
        raise


def _move(environment: TrainingEnvironment, act: Act, played: Round) -> NDArray[Any]:
    """Make one move with every robot, record it, and return the endings, shape (N,)."""
    actions = act(played.observations[-1])
    observations, rewards, _, _, info = environment.step(actions)
    played.actions.append(info.get(CARRIED_OUT, actions))
    played.observations.append(observations)
    played.rewards.append(rewards)
    played.infos.append(info)
    ending: NDArray[Any] = info["ending"]
    return ending


def _begin(
    environment: TrainingEnvironment, standing: tuple[Floats, Mask] | None, seed: int | None
) -> Generator[Event, None, tuple[Floats, Info]]:
    """Start an episode with each robot whose last one is over; wait while the camera fails."""
    over = None if standing is None or standing[1].all() else standing[1]
    fault = environment.fault
    while True:
        if fault:
            yield from _recover(environment, fault)
        try:
            if standing is None or over is None:
                return environment.reset(seed=seed)
            if over.any():
                return environment.reset(seed=seed, options={"reset_mask": over})
            return standing[0], {}
        except CameraFault as error:
            fault = str(error)


def _recover(environment: TrainingEnvironment, reason: str) -> Iterator[Event]:
    """Wait until the camera works again; yield events that say what is wrong."""
    yield Paused(reason)
    for fault in environment.recover():
        yield Waiting() if fault == reason else Paused(fault)
        reason = fault
    yield Resumed()
