"""Finds wrong wiring of the wheels: motors that are swapped, turn backwards, or do not turn.

Each possible wiring predicts where the target's edges are after a move. The estimate is the wiring under
which the sights are most probable. Strength and delay of the motors are unknown: each wiring is tried with
many values of them, and judged by the best. Moves after which nothing is seen count as well: a robot that
turns away from its target loses it at once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import CUT_SHORT
from robot_agent.health.cures import cure
from robot_agent.health.finding import Finding
from robot_agent.simulator import kinematics, projection
from robot_agent.simulator.physics import LEAST_VISIBLE, Physics
from vision.sight import SLICES

Array = NDArray[np.float64]

MOST_MOVES = 150
"""Largest number of moves, spread over the run, that are used."""
GAINS = (0.05, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5)
"""Strengths of a motor that are tried, as factors of its speed."""
DEAD_TIMES = (0.0, 0.12)
"""Dead times that are tried, seconds."""
YAWS = (-0.12, 0.0, 0.12)
"""Angles of the camera that are tried, radians."""
UNEXPLAINED = 0.03
"""Share of the sights that are unrelated to the target."""
VISION, WHEELS = 0.8, 0.2
"""Standard deviation of an edge: in slices, and as a share of the edge's shift by the move."""
FEWEST_MOVES = 30
"""Number of moves below which nothing is reported."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """One possible wiring of motors and wheels: the faults that it has."""

    swapped: bool = False
    """The left motor turns the right wheel, and the right motor the left wheel."""
    left_backwards: bool = False
    """The left wheel turns backwards."""
    right_backwards: bool = False
    """The right wheel turns backwards."""
    still: bool = False
    """No wheel turns."""

    def turned(self, wheels: Array) -> Array:
        """Return how the wheels really turn, shape (2, ...), for these commands to the motors."""
        left, right = wheels[::-1] if self.swapped else wheels
        signs = (1 - 2 * self.left_backwards, 1 - 2 * self.right_backwards)
        return np.stack([left * signs[0], right * signs[1]]) * (not self.still)


WIRINGS = (*(Wiring(*flags) for flags in product((False, True), repeat=3)), Wiring(still=True))
"""All wirings that are compared; the first is the correct one."""


@dataclass(frozen=True, slots=True)
class Steps:
    """M moves, each from a sight with both edges in the picture."""

    before: Array
    """First and last slice before the move, shape (2, M)."""
    wheels: Array
    """Left and right motor, shares of full speed, shape (2, M)."""
    seconds: Array
    """Length of each pulse, shape (M,)."""
    after: Array
    """First and last slice after the move, shape (2, M); -1 where nothing was seen."""

    @staticmethod
    def of(episodes: Sequence[Mapping[str, NDArray[Any]]]) -> "Steps":
        """Collect moves from the `steps` of recorded episodes, see `Episode.steps`."""
        columns = []
        for steps in episodes:
            if "start_x1" not in steps:
                continue
            after = np.stack([steps["x1"], steps["x2"]]).astype(float)
            first = np.array([[steps["start_x1"][0]], [steps["start_x2"][0]]], float)
            before = np.concatenate([first, after[:, :-1]], axis=1)
            use = (before[0] > 0) & (before[1] < SLICES - 1)
            if "ending" in steps:  # leave out a pulse that was cut short, or had no look after it
                use &= ~np.isin(steps["ending"], CUT_SHORT)
            pulse = np.stack([steps["left"], steps["right"], steps["seconds"]])
            columns.append(np.concatenate([before, pulse, after])[:, use])
        table = np.concatenate(columns, axis=1) if columns else np.zeros((7, 0))
        spread = np.linspace(0, table.shape[1] - 1, min(table.shape[1], MOST_MOVES)).astype(np.int64)
        table = table[:, spread]
        return Steps(table[:2], table[2:4], table[4], table[5:])


def _normal_cdf(z: Array) -> Array:
    """Return the probability that a standard normal number is below z, within 0.0003 (Tocher's logistic)."""
    share: Array = 1 / (1 + np.exp(-np.clip(1.5976 * z + 0.070565 * z**3, -60, 60)))
    return share


def _likelihoods(steps: Steps, wiring: Wiring, physics: Physics) -> Array:
    """Return the log-probability of each sight after a move, for the best of many robots, shape (M,)."""
    gains = np.array([1.0]) if wiring.still else np.array(GAINS)
    left, right, dead, yaw = (
        x.ravel()[:, None] for x in np.meshgrid(gains, gains, DEAD_TIMES, YAWS, indexing="ij")
    )
    radius, focal = physics.target_radius, physics.focal_length
    first, last = steps.before + 0.5
    distance, bearing = projection.place_of_edges(first, last, radius, focal)
    place = distance * np.exp(1j * (bearing + yaw))
    time = physics.full_speed * np.maximum(steps.seconds - dead, 0.0)
    wheels = wiring.turned(steps.wheels)
    way = kinematics.arc(wheels[0] * left * time, wheels[1] * right * time, physics.wheel_base)
    there = kinematics.stop_at_target(kinematics.drive(place, *way), physics.nearest)
    edges = SLICES / 2 + projection.Projection(radius, focal, np.exp(-1j * yaw)).edges(there)
    edges = np.clip(edges, -SLICES, 2 * SLICES)
    deviation = np.hypot(VISION, WHEELS * (edges - steps.before[:, None] - 0.5))
    # A border slice means that the edge is in this slice or beyond the picture.
    low = np.where(steps.after == 0, -np.inf, steps.after)[:, None]
    high = np.where(steps.after == SLICES - 1, np.inf, steps.after + 1)[:, None]
    inside = (_normal_cdf((high - edges) / deviation) - _normal_cdf((low - edges) / deviation)).prod(axis=0)
    hidden = [(LEAST_VISIBLE - edges[1]) / deviation[1], (edges[0] - SLICES + LEAST_VISIBLE) / deviation[0]]
    lost = np.minimum(sum(_normal_cdf(z) for z in hidden), 1.0)
    seen = np.where(steps.after[0] < 0, lost, inside)
    chance = np.where(steps.after[0] < 0, 0.2, 1 / SLICES**2)
    log = np.log((1 - UNEXPLAINED) * seen + UNEXPLAINED * chance)
    best: Array = log[np.argmax(log.sum(axis=1))]
    return best


def examine(
    episodes: Sequence[Mapping[str, NDArray[Any]]], physics: Physics, *, own: str = ""
) -> Finding | None:
    """Return the fault of a robot's wiring; None if there is none, or if there are too few moves.

    Two wirings are compared move by move: the sum of the differences of their log-likelihoods, divided by its
    standard deviation, is a standard normal number if both are equally good (Vuong 1989).

    Args:
        episodes: the `steps` of the robot's episodes, see `Episode.steps`.
        physics: the numbers of the robot as it should be.
        own: MODULE:FACTORY of the user's own robot, which has no settings of a motor board; else empty.
    """
    steps = Steps.of(episodes)
    if steps.seconds.size < FEWEST_MOVES:
        return None
    likelihoods = np.stack([_likelihoods(steps, wiring, physics) for wiring in WIRINGS])
    best = int(np.argmax(likelihoods.sum(axis=1)))
    gain = likelihoods[best] - likelihoods[0]
    if best == 0 or gain.sum() < 5:
        return None
    z = float(gain.sum() / math.sqrt((gain**2).sum()))
    return _finding(WIRINGS[best], 0.5 * (1 + math.erf(z / math.sqrt(2))), steps.seconds.size, own)


def _finding(wiring: Wiring, sure: float, moves: int, own: str) -> Finding:
    """Return the finding for a wrong wiring."""
    source = f"as {moves:,} moves show"
    if wiring.still:
        return Finding(
            "not-moving",
            f"The target stays where it is in the picture, whatever the wheels should do, {source}.",
            "The robot stands still: its motors have no power, or its wheels slip.",
            cure("See whether the wheels turn: {test}; look at the motor supply.", own),
            sure,
        )
    if wiring == Wiring(swapped=True):
        return Finding(
            "wheels-wrong",
            f"The robot turns left where it should turn right, and the other way round, {source}.",
            "The motors are swapped; or the picture is mirrored, as it is where the camera is upside down.",
            cure(
                "Look at a picture with {look}. If it is upright and not mirrored, {swap_wheels}; if it is "
                "upside down, {half_turn}; if it is mirrored, {mirror}.",
                own,
            ),
            sure,
        )
    both = wiring.left_backwards and wiring.right_backwards
    side = "left" if wiring.left_backwards else "right"
    which = "Both wheels turn" if both else f"The {side} wheel turns"
    return Finding(
        "wheels-wrong",
        f"{which} backwards, {source}.",
        "The robot does not go where the policy decides, so it cannot learn to reach its target.",
        cure(f"Lift the robot and {{turn_{'both' if both else side}}}.", own),
        sure,
    )
