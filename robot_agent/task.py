"""What the robot is to learn: what it observes, what its actions mean, what it is rewarded for.

This is the file a researcher edits. Everything works on N robots at once; one robot is N = 1.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robot_agent.errors import SettingsError
from vision.sight import GOAL, SLICES, Sight

Floats = NDArray[np.float32]
Slices = NDArray[np.int64]
Mask = NDArray[np.bool_]

ActionKind = Literal["curvature", "wheels"]
ObservationKind = Literal["centre", "ends", "raw"]
RewardKind = Literal["slices", "log_width"]

ACTION_NAMES: dict[str, tuple[str, ...]] = {
    "curvature": ("curvature", "duration"),
    "wheels": ("left", "right", "duration"),
}


LOG_WIDTH = np.log(np.arange(1, SLICES + 1) / 12).astype(np.float32)
"""Logarithm of the width of a sight over 12 slices, by x2 - x1."""


class Ending(IntEnum):
    """How an episode ended; GOING while it has not."""

    GOING = 0
    REACHED = 1
    LOST = 2
    TIMEOUT = 3
    HALTED = 4
    INTERRUPTED = 5
    """The camera failed; what happened says nothing of the policy."""


@dataclass(frozen=True, slots=True)
class Pulses:
    """What the motors are to do."""

    wheels: Floats
    """Left and right, shares of full speed, shape (2, N)."""
    seconds: Floats
    """Shape (N,)."""


@dataclass(frozen=True, slots=True)
class Reward:
    """The terms of one move's reward, each of shape (N,); their sum is what the learner gets."""

    progress: Floats
    """By how much the sight came closer to the goal sight."""
    reached: Floats
    """The bonus for reaching it."""
    lost: Floats
    """The penalty for losing sight of the target."""

    @property
    def total(self) -> Floats:
        """The sum of the terms."""
        return self.progress + self.reached + self.lost


class Approach:
    """Drive until the target fills the picture as in the goal sight.

    An action is a vector u, one number in [-1, 1] per name in `action_names`; each stands for
    (u + 1) / 2 in [0, 1], and what lies outside is clipped. Curvature 0 is hard left, 1/2 straight,
    1 hard right; duration is a share of `max_seconds`.
    """

    def __init__(
        self,
        *,
        goal: Sight = GOAL,
        tolerance: int = 2,
        max_moves: int = 20,
        max_seconds: float = 1.0,
        action: ActionKind = "curvature",
        observation: ObservationKind = "centre",
        reward: RewardKind = "slices",
        reached_bonus: float = 2.0,
        lost_penalty: float = 1.0,
    ) -> None:
        """Describe the task.

        Args:
            goal: the sight to reach.
            tolerance: reached when both ends are within so many slices of the goal's.
            max_moves: an episode times out after so many.
            max_seconds: length of the longest pulse.
            action: `curvature` (curvature, duration), the original's; or `wheels` (left, right, duration).
            observation: `centre` (error of the centre, log width), `ends` (both ends scaled to
                [-1, 1]) or `raw` (the slice numbers as they are: what does not learn well).
            reward: progress measured in `slices` between the ends, or in `log_width` and centre.
            reached_bonus: added when the goal is reached.
            lost_penalty: taken when the target is lost.
        """
        if action not in ACTION_NAMES:
            raise SettingsError(f"The action {action!r} is unknown; choose curvature or wheels.")
        self.goal, self.tolerance = goal, tolerance
        self._goal = np.array([[goal.x1], [goal.x2]])
        self.max_moves, self.max_seconds = max_moves, max_seconds
        self.action, self.observation, self.reward_kind = action, observation, reward
        self.reached_bonus, self.lost_penalty = reached_bonus, lost_penalty
        self.action_names = ACTION_NAMES[action]
        self.observation_size = 2

    def observe(self, sights: Slices) -> Floats:
        """Turn sights, x1 and x2 in shape (2, N), into what the policy sees, shape (N, 2)."""
        observations = np.empty((sights.shape[1], 2), np.float32)
        if self.observation == "centre":
            observations[:, 0] = (sights.sum(axis=0) - self._goal.sum()) * (1 / 20)
            observations[:, 1] = LOG_WIDTH[sights[1] - sights[0]]
        else:
            observations[:] = sights.T
            if self.observation == "ends":
                observations *= 2 / (SLICES - 1)
                observations -= 1
        return observations

    def pulses(self, actions: Floats) -> Pulses:
        """Turn actions u, shape (N, A), into what the motors are to do."""
        share = actions.T * np.float32(0.5)
        share += np.float32(0.5)
        np.minimum(np.maximum(share, 0, out=share), 1, out=share)
        seconds = share[-1] * np.float32(self.max_seconds)
        if self.action == "wheels":
            return Pulses(share[:2], seconds)
        # The original robot's arithmetic: left = (1 + 99 c) %, right = (1 + 99 (1 - c)) % of full speed.
        wheels = np.empty((2, share.shape[1]), np.float32)
        wheels[0] = share[0] * np.float32(0.99) + np.float32(0.01)
        wheels[1] = np.float32(1.01) - wheels[0]
        return Pulses(np.minimum(wheels, 1, out=wheels), seconds)

    def distance(self, sights: Slices) -> Floats:
        """How far sights, shape (2, N), are from the goal sight, shape (N,); 0 at the goal."""
        if self.reward_kind == "log_width":
            centre = np.abs(sights.sum(axis=0) - self._goal.sum()) / 20
            width = LOG_WIDTH[sights[1] - sights[0]] - LOG_WIDTH[self.goal.x2 - self.goal.x1]
            far: Floats = (centre + np.abs(width)).astype(np.float32)
            return far
        apart: Floats = np.abs(sights - self._goal).sum(axis=0) * np.float32(1 / 10)
        return apart

    def is_reached(self, sights: Slices) -> Mask:
        """Say which sights, shape (2, N), are the goal sight within the tolerance, shape (N,)."""
        reached: Mask = np.abs(sights - self._goal).max(axis=0) <= self.tolerance
        return reached

    def judge(self, before: Slices, after: Slices, seen: Mask, moves: Slices) -> tuple[Reward, Slices]:
        """Reward one move of N robots and say which episodes it ends.

        Args:
            before: the sights before the move, shape (2, N).
            after: those after it; without meaning where nothing is seen.
            seen: where the target is in view after the move, shape (N,).
            moves: how many moves each episode has had, this one included, shape (N,).

        Returns:
            The reward and the endings, values of `Ending`, both of shape (N,).
        """
        reached = self.is_reached(after) & seen
        reward = Reward(
            (self.distance(before) - self.distance(after)) * seen,
            reached * np.float32(self.reached_bonus),
            ~seen * np.float32(-self.lost_penalty),
        )
        ending = (moves >= self.max_moves) * Ending.TIMEOUT.value
        ending[reached] = Ending.REACHED
        ending[~seen] = Ending.LOST
        return reward, ending

    def mirror_observations(self, observations: Floats) -> Floats:
        """Observations of the same scenes seen in a mirror, shape (..., 2)."""
        first, second = observations[..., 0], observations[..., 1]
        if self.observation == "centre":
            return np.stack([-first, second], axis=-1)
        last = np.float32(SLICES - 1 if self.observation == "raw" else 0)
        return np.stack([last - second, last - first], axis=-1)

    def mirror_actions(self, actions: Floats) -> Floats:
        """Actions that do in the mirror what these do here, shape (..., A)."""
        if self.action == "wheels":
            return actions[..., [1, 0, 2]]
        return actions * np.array([-1, 1], np.float32)
