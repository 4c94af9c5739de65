"""Compare how sure the estimate is with how sure it could be: the Cramér-Rao bound for the same moves.

    python -m tests.benchmarks.sureness --robots 20

For simulated robots of the model everything is known: the target's place before each pulse, and the robot's
parameters. A Kalman filter that is linearised at these true values has the smallest covariance that an
estimate can have on average (Van Trees 1968; Tichavsky et al. 1998). The table compares it with the errors of
the estimate, and with the deviation that the estimate claims.
"""

import argparse
import math

import numpy as np

from robot_agent.envs.task import Ending, judge_sight
from robot_agent.identification import motion
from robot_agent.identification.densities import edge_variance
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import (
    DEVIATION,
    EPISODE_RATIO,
    EPISODE_SPEED,
    ESTIMATED,
    HIGH,
    LOW,
    MEAN,
    NAMES,
)
from robot_agent.identification.pilot import KnowingPilot, ends_of
from vision.sight import SLICES

WALK = 0.08
MOVES = (3, 6, 12, 25, 50, 100)


class Bound:
    """The covariance of a filter that is linearised at the truth."""

    def __init__(self, theta: np.ndarray) -> None:
        """Begin with the prior, for the robot `theta`."""
        self.theta = theta
        self.cov = np.zeros((motion.STATE, motion.STATE))
        self.cov[motion.OF_ROBOT, motion.OF_ROBOT] = np.diag(DEVIATION[:ESTIMATED] ** 2)

    def state(self, place: complex) -> np.ndarray:
        """The true state, shape (1, WITH_NOISE)."""
        x = np.zeros((1, motion.WITH_NOISE))
        x[0, :2] = math.log(abs(place)), math.atan2(place.imag, place.real)
        x[0, motion.OF_ROBOT] = self.theta[:ESTIMATED]
        return x

    def begin(self, place: complex, ends: tuple[int, int] | None) -> None:
        """Begin an episode: nothing is known of the place but its first sight."""
        wander = (WALK * DEVIATION[:ESTIMATED]) ** 2
        diagonal = np.arange(motion.FIRST, motion.FIRST + ESTIMATED)
        most = DEVIATION[:ESTIMATED] ** 2
        self.cov[diagonal, diagonal] = np.minimum(self.cov[diagonal, diagonal] + wander, most)
        for k, variance in zip(
            (0, 1, motion.SPEED_NOW, motion.RATIO_NOW),
            (4.0, 4.0, EPISODE_SPEED**2, EPISODE_RATIO**2),
            strict=True,
        ):
            self.cov[k], self.cov[:, k] = 0, 0
            self.cov[k, k] = variance
        still = np.zeros((1, 2, motion.WITH_NOISE))
        still[0, 0, 0] = still[0, 1, 1] = 1
        x = self.state(place)
        self._see((x[:, 0], x[:, 1], still), x, ends, self.cov)

    def _see(self, after: tuple, x: np.ndarray, ends: tuple[int, int] | None, cov: np.ndarray) -> np.ndarray:
        sides = (
            []
            if ends is None
            else [s for s, whole in ((-1, ends[0] > 0), (1, ends[1] < SLICES - 1)) if whole]
        )
        if sides:
            angles, slopes = motion.edges(after, x, tuple(sides))
            h = slopes[0][:, : len(cov)]
            spread = cov @ h.T
            noise = np.diag(edge_variance(angles[0]))
            gain = spread @ np.linalg.inv(h @ spread + noise)
            kept = np.eye(len(cov)) - gain @ h
            cov[:] = kept @ cov @ kept.T + gain @ noise @ gain.T  # Joseph's form: never below 0
        return cov

    def move(
        self, place: complex, wheels: tuple[float, float], seconds: float, ends: tuple[int, int] | None
    ) -> None:
        """One move from a true place, and what was seen after it."""
        x = self.state(place)
        slip, jitter = np.exp(self.theta[[9]]), np.exp(self.theta[[8]])
        after = motion.drive(x, (np.array(wheels[:1]), np.array(wheels[1:])), seconds, slip, jitter)
        cov = np.zeros((motion.WITH_NOISE, motion.WITH_NOISE))
        cov[: motion.STATE, : motion.STATE] = self.cov
        cov[motion.STATE :, motion.STATE :] = np.eye(3)
        cov = self._see(after, x, ends, cov)
        carried = np.eye(motion.WITH_NOISE)[: motion.STATE]
        carried[:2] = after[2][0]
        cov = carried @ cov @ carried.T
        self.cov = (cov + cov.T) / 2


def main() -> None:
    """Print the table: bound, error, claimed deviation, in deviations of the prior."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--robots", type=int, default=20)
    parser.add_argument("--action", choices=("wheels", "curvature"), default="wheels")
    options = parser.parse_args()
    rows: dict[int, list[np.ndarray]] = {moves: [] for moves in MOVES}
    for seed in range(options.robots):
        rng = np.random.default_rng(seed)
        theta = np.clip(MEAN + DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
        theta[9] = min(theta[9], math.log(0.08))
        robot, pilot, bound = ModelRobot(theta, seed), KnowingPilot.shipped(options.action), Bound(theta)
        knowledge = pilot.knowledge
        while knowledge.moves < MOVES[-1]:
            robot.reset()
            sight = robot.look()
            knowledge.begin(ends_of(sight))
            bound.begin(complex(robot.world.place[0]), ends_of(sight))
            for _ in range(pilot.task.max_moves):
                if sight is None:
                    break
                pulse, place = pilot.decide(sight), complex(robot.world.place[0])
                robot.act(pulse.left, pulse.right, pulse.seconds)
                sight = robot.look()
                knowledge.observe(pulse, ends_of(sight))
                bound.move(place, (pulse.left, pulse.right), pulse.seconds, ends_of(sight))
                if knowledge.moves in rows:
                    estimate, d = knowledge.estimate, DEVIATION[:ESTIMATED]
                    least = np.sqrt(np.diag(bound.cov)[motion.OF_ROBOT]) / d
                    error = (estimate.mean - theta)[:ESTIMATED] / d
                    rows[knowledge.moves].append(np.stack([least, error, estimate.deviation[:ESTIMATED] / d]))
                if sight is not None and judge_sight(pilot.task, sight)[1] is Ending.REACHED:
                    break
    print("bound / error / claimed, in deviations of the prior")
    print(" moves " + " ".join(f"{name:>16}" for name in NAMES[:ESTIMATED]))
    for moves, values in rows.items():
        least, error, claimed = np.array(values).transpose(1, 0, 2)
        # The median: a robot that is far out of the prior would outweigh the others.
        figures = (np.median(least, 0), np.median(np.abs(error), 0) / 0.674, np.median(claimed, 0))
        print(
            f"{moves:6} "
            + " ".join(f"{a:4.2f}/{b:4.2f}/{c:4.2f}".rjust(16) for a, b, c in zip(*figures, strict=True))
        )


if __name__ == "__main__":
    main()
