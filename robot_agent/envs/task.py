"""What the robot is to learn: what it observes, what its actions mean, what it is rewarded for.

This is the file a researcher edits. `Task` says what your own task needs; `Approach` is the task of this
package. Everything works on N robots at once; one robot is N = 1.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from robot_agent.errors import SettingsError
from vision.sight import GOAL, SLICES, Sight

Floats = NDArray[np.float32]
Slices = NDArray[np.int64]
Mask = NDArray[np.bool_]
Terms = dict[str, Floats]
"""The terms of one move's reward by name, each of shape (N,). The learner gets their sum; the store keeps
each term, and the dashboard shows each."""

ActionKind = Literal["curvature", "wheels"]
ObservationKind = Literal["centre", "ends", "raw"]
RewardKind = Literal["slices", "log_width"]

ACTION_NAMES: dict[str, tuple[str, ...]] = {
    "curvature": ("curvature", "duration"),
    "wheels": ("left", "right", "duration"),
}


TOLERANCE = 2
"""The goal is reached when both ends of the target are at most this many slices from the goal's."""
MAX_MOVES = 20
"""Number of moves after which an episode times out."""
MAX_SECONDS = 1.0
"""Length of the longest pulse, seconds."""


class Ending(IntEnum):
    """How an episode ended; GOING while it goes on."""

    GOING = 0
    REACHED = 1
    LOST = 2
    TIMEOUT = 3
    HALTED = 4
    INTERRUPTED = 5
    """The camera failed."""


CUT_SHORT = (Ending.HALTED, Ending.INTERRUPTED)
"""Endings of an episode that says nothing about the policy."""

GOING, REACHED, LOST, TIMEOUT, *_ = (ending.value for ending in Ending)
"""Plain numbers for arrays: NumPy takes several times longer to compare with a member of an enum."""


POLICY, DEMONSTRATION, PERSON = 0, 1, 2
"""Values of `by_hand` in a move's info: who made the move. POLICY: the policy. DEMONSTRATION: a person, and
the policy has an action that does the same. PERSON: a person, and the policy has no such action."""


@dataclass(frozen=True, slots=True)
class Pulses:
    """One pulse of each of N robots."""

    wheels: Floats
    """Power of the left and the right wheel, shares of full speed, shape (2, N)."""
    seconds: Floats
    """Length of each pulse, s, shape (N,)."""


class Task(Protocol):
    """What a training needs of a task; `--task MODULE:FACTORY` takes one of your own.

    The shortest way is a subclass of `Approach` that replaces a method. The same arguments must always give
    the same answer: a task keeps no state and draws no random numbers.
    """

    @property
    def goal(self) -> Sight:
        """The sight to reach; shown to people."""

    @property
    def action_names(self) -> tuple[str, ...]:
        """Names of the A parts of an action; the last is the duration."""

    @property
    def observation_size(self) -> int:
        """D, the number of values that the policy sees."""

    def observe(self, sights: Slices) -> Floats:
        """Turn sights, x1 and x2 in shape (2, N), into observations, shape (N, D)."""

    def pulses(self, actions: Floats) -> Pulses:
        """Turn actions u, shape (N, A), whose values may be of any size, into pulses."""

    def judge(self, before: Slices, after: Slices, seen: Mask, moves: Slices) -> tuple[Terms, Slices]:
        """Reward one move of N robots and decide which episodes it ends.

        Args:
            before: the sights before the move, shape (2, N).
            after: the sights after the move; without meaning where nothing is seen.
            seen: whether the target is in view after the move, shape (N,).
            moves: number of moves of each episode, this one included, shape (N,).

        Returns:
            The terms of the reward, and the endings (GOING, REACHED, LOST or TIMEOUT), each of shape (N,).
        """


@runtime_checkable
class Mirrored(Protocol):
    """Further methods that a task needs for `learner.mirror`."""

    def mirror_observations(self, observations: Floats) -> Floats:
        """Return the observations of the same scenes with left and right swapped, shape (..., D)."""

    def mirror_actions(self, actions: Floats) -> Floats:
        """Return the actions with left and right swapped, shape (..., A)."""


@runtime_checkable
class Imitable(Protocol):
    """A further method that a task needs so that the policy can learn from a person's moves."""

    def actions_of(self, pulses: Floats) -> tuple[Floats, Mask]:
        """Return the actions that make these pulses, shape (N, A), and whether each exists, shape (N,).

        Args:
            pulses: left, right and seconds, shape (N, 3).
        """


def as_array(sight: Sight) -> Slices:
    """Return one robot's sight as the array of a fleet of one, shape (2, 1)."""
    return np.array([[sight.x1], [sight.x2]])


def with_present_names(steps: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Rename the reward's terms of an episode from an old store, which had no `reward.` before the names."""
    old = ("progress", "reached", "lost")
    return {f"reward.{name}" if name in old else name: values for name, values in steps.items()}


def judge_sight(task: Task, sight: Sight, moves: int = 1) -> tuple[tuple[str, ...], Ending]:
    """Return the names of the reward's terms, and the ending of an episode at `sight` after `moves` moves."""
    one = as_array(sight)
    terms, endings = task.judge(one, one, np.array([True]), np.array([moves]))
    return tuple(terms), Ending(int(endings[0]))


def _number(sights: Slices) -> NDArray[np.intp]:
    """Return the numbers of sights, x1 * SLICES + x2, shape (N,), for x1 and x2 in shape (2, N)."""
    x1, x2 = sights
    number: Slices = x1 * SLICES
    number += x2
    return number.astype(np.intp, copy=False)  # on a 32-bit system NumPy 1 accepts no wider index


class Approach:
    """Drive until the target fills the picture as in the goal sight.

    An action is a vector u, one number in [-1, 1] per name in `action_names`. Each u means the value
    (u + 1) / 2, clipped to [0, 1]. Curvature 0 is hard left, 1/2 straight, 1 hard right; duration is a
    share of `max_seconds`.
    """

    def __init__(
        self,
        *,
        goal: Sight = GOAL,
        tolerance: int = TOLERANCE,
        max_moves: int = MAX_MOVES,
        max_seconds: float = MAX_SECONDS,
        action: ActionKind = "curvature",
        observation: ObservationKind = "centre",
        reward: RewardKind = "slices",
        reached_bonus: float = 2.0,
        lost_penalty: float = 1.0,
    ) -> None:
        """Describe the task.

        Args:
            goal: the sight to reach.
            tolerance: the goal is reached when both ends are at most this many slices from the goal's.
            max_moves: number of moves after which an episode times out.
            max_seconds: length of the longest pulse, s.
            action: `curvature` (curvature, duration), the original's; or `wheels` (left, right, duration).
            observation: `centre` (error of the centre, log width), `ends` (both ends scaled to
                [-1, 1]) or `raw` (the slice numbers as they are, with which a policy does not learn well).
            reward: progress measured in `slices` between the ends, or in `log_width` and centre.
            reached_bonus: added when the goal is reached.
            lost_penalty: subtracted when the target is lost.
        """
        if action not in ACTION_NAMES:
            raise SettingsError(f"The action {action!r} is unknown; choose curvature or wheels.")
        self.goal, self.tolerance = goal, tolerance
        self.max_moves, self.max_seconds = max_moves, max_seconds
        self.action, self.observation, self.reward_kind = action, observation, reward
        self.reached_bonus, self.lost_penalty = reached_bonus, lost_penalty
        self.action_names = ACTION_NAMES[action]
        self.observation_size = 2
        # Left wheel, right wheel and seconds when u is 0, and their derivatives by u.
        half = max_seconds / 2
        if action == "wheels":
            middle, slope = [0.5, 0.5, half], np.diag([0.5, 0.5, half])
        else:  # the original robot: left = (1 + 99 c) %, right = (1 + 99 (1 - c)) %, c = (u + 1) / 2
            middle, slope = [0.505, 0.505, half], np.array([[0.495, 0], [-0.495, 0], [0, half]])
        self._middle, self._slope = np.array(middle, np.float32)[:, None], slope.astype(np.float32)
        # There are few different sights: values are computed once for each, then looked up.
        x1, x2 = np.divmod(np.arange(SLICES**2), SLICES)
        x2 = np.maximum(x1, x2)
        self._observation_of = self._observation(x1, x2)
        self._distance_of = self._distance(x1, x2)
        self._reached_of = np.maximum(abs(x1 - goal.x1), abs(x2 - goal.x2)) <= tolerance

    def _observation(self, x1: NDArray[Any], x2: NDArray[Any]) -> Floats:
        if self.observation == "centre":
            centre = (x1 + x2 - (self.goal.x1 + self.goal.x2)) / 20
            return np.stack([centre, np.log((x2 - x1 + 1) / 12)], axis=-1).astype(np.float32)
        ends = np.stack([x1, x2], axis=-1).astype(np.float32)
        return ends if self.observation == "raw" else ends * np.float32(2 / (SLICES - 1)) - 1

    def observe_ends(self, ends: NDArray[np.floating[Any]]) -> Floats:
        """Turn ends in slices with fractions, shape (N, 2), into observations; see `observe`."""
        return self._observation(ends[:, 0], ends[:, 1])

    def _distance(self, x1: Slices, x2: Slices) -> Floats:
        goal = self.goal
        if self.reward_kind == "log_width":
            centre = abs(x1 + x2 - (goal.x1 + goal.x2)) / 20
            width = np.log((x2 - x1 + 1) / (goal.x2 - goal.x1 + 1))
            return np.asarray(centre + abs(width), np.float32)
        return np.asarray((abs(x1 - goal.x1) + abs(x2 - goal.x2)) / 10, np.float32)

    def observe(self, sights: Slices) -> Floats:
        """Turn sights, x1 and x2 in shape (2, N), into observations, shape (N, 2)."""
        return self._observation_of.take(_number(sights), axis=0)

    def pulses(self, actions: Floats) -> Pulses:
        """Turn actions u, shape (N, A), into pulses."""
        u = np.minimum(np.maximum(actions, -1), 1)
        pulses = self._slope @ u.T
        pulses += self._middle
        return Pulses(pulses[:2], pulses[2])

    def actions_of(self, pulses: Floats) -> tuple[Floats, Mask]:
        """Return the actions that make these pulses, see `Imitable`.

        With the action `curvature` the wheels' mean power is fixed. A pulse with another mean power is
        replaced by a longer or shorter one with this power, along the same arc.
        """
        done = np.array(pulses, np.float32)
        if self.action == "curvature":
            mean = done[:, :2].mean(axis=1, keepdims=True)
            faster = np.where(mean > 0.05, 0.505 / np.maximum(mean, 0.05), 1.0).astype(np.float32)
            done *= np.concatenate([faster, faster, 1 / faster], axis=1)
        u = np.linalg.lstsq(self._slope, done.T - self._middle, rcond=None)[0].T.astype(np.float32)
        u = np.clip(u, -1, 1)
        back = self.pulses(u)
        wheels = np.abs(back.wheels.T - done[:, :2]).max(axis=1)
        return u, (wheels < 0.1) & (np.abs(back.seconds - done[:, 2]) < 0.25 * self.max_seconds)

    def distance(self, sights: Slices) -> Floats:
        """Return how far sights, shape (2, N), are from the goal sight, shape (N,); 0 at the goal."""
        return self._distance_of.take(_number(sights))

    def judge(self, before: Slices, after: Slices, seen: Mask, moves: Slices) -> tuple[Terms, Slices]:
        """Reward one move of N robots and decide which episodes it ends, see `Task.judge`."""
        number, lost = _number(after), ~seen
        reached = self._reached_of.take(number) & seen
        terms = {
            "progress": (self.distance(before) - self._distance_of.take(number)) * seen,
            "reached": reached * np.float32(self.reached_bonus),
            "lost": lost * np.float32(-self.lost_penalty),
        }
        ending = (moves >= self.max_moves) * TIMEOUT
        ending[reached] = REACHED
        ending[lost] = LOST
        return terms, ending

    def mirror_observations(self, observations: Floats) -> Floats:
        """Return the observations of the same scenes with left and right swapped, shape (..., 2)."""
        first, second = observations[..., 0], observations[..., 1]
        if self.observation == "centre":
            return np.stack([-first, second], axis=-1)
        last = np.float32(SLICES - 1 if self.observation == "raw" else 0)
        return np.stack([last - second, last - first], axis=-1)

    def mirror_actions(self, actions: Floats) -> Floats:
        """Return the actions with left and right swapped, shape (..., A)."""
        if self.action == "wheels":
            return actions[..., [1, 0, 2]]
        return actions * np.array([-1, 1], np.float32)
