"""How sure estimates are while a robot drives, and estimates of that sureness for training a policy.

The parameters are not known one by one: after some moves, speed, wheel base and lens may each be unsure, but
how far a pulse turns the robot is sure. So the training uses the covariances of real filters, taken after few
and after many moves of robots of the prior. The estimates are drawn so that the true values are distributed
around them exactly as the covariance says.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from robot_agent.envs.task import ActionKind, Approach
from robot_agent.identification.fleet import Floats, ModelRobot
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.motion import OF_ROBOT
from robot_agent.identification.parameters import DEVIATION, ESTIMATED, HIGH, LOW, MEAN, NAMES, Array
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.policy_inputs import first_guess
from robot_agent.identification.wirings import WIRINGS

SNAPSHOTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 40, 80, 160)
"""Numbers of moves after which the covariance of a filter is kept."""
ROBOTS = 60
"""Number of robots whose filters give covariances."""
KNOWN_MIX = 0.15
"""Share of the training's estimates that are nearly exact; the same share knows only the prior."""


def along_the_arc(task: Approach) -> Callable[[Floats], Floats]:
    """Return a policy without learning: it makes the pulse to the goal, as far as the action allows."""
    first = task.observation_size

    def act(observations: Floats) -> Floats:
        power, share = observations[:, first : first + 2], observations[:, first + 2]
        seconds = share / np.maximum(1 - share / 2, 0.1)
        power = np.clip(power, 0.0, 1.0)
        if task.action == "curvature":
            return first_guess(task, observations)
        steering = 2 * power - 1
        duration = 2 * np.clip(seconds / task.max_seconds, 0.05, 0.9) - 1
        return np.concatenate([steering, duration[:, None]], axis=1)

    return act


def posteriors(action: ActionKind) -> Array:
    """Return covariances of filters after the `SNAPSHOTS`, in deviations of the prior.

    They have the shape (M, P, P) with P = `ESTIMATED`.
    """
    rng = np.random.default_rng(0)
    kept = []
    task = Approach(action=action)
    for number in range(ROBOTS):
        theta = np.clip(MEAN + DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
        robot = ModelRobot(theta, number, distance=(0.5, 2.2))
        knowledge = Knowledge(wirings=WIRINGS[:1])
        pilot = KnowingPilot(along_the_arc(task), task, knowledge)

        def keep(knowledge: Knowledge = knowledge) -> None:
            if knowledge.moves in SNAPSHOTS:
                kept.append(_covariance(knowledge))

        pilot.watch = keep
        while knowledge.moves < SNAPSHOTS[-1]:
            robot.reset()
            pilot.episode(robot)
    return np.array(kept)


def save_posteriors(file: Path, covariances: Array) -> None:
    """Write covariances, shape (M, P, P), to a file."""
    rows, columns = np.tril_indices(ESTIMATED)
    file.write_bytes(save({"lower": np.ascontiguousarray(covariances[:, rows, columns], np.float32)}))


def shipped_posteriors(action: ActionKind) -> Array:
    """Read the covariances that ship with the package; its policies were trained with them."""
    content = (
        files("robot_agent.identification") / "shipped" / f"sureness-{action}.safetensors"
    ).read_bytes()
    lower = load(content)["lower"].astype(np.float64)
    rows, columns = np.tril_indices(ESTIMATED)
    covariances = np.zeros((len(lower), ESTIMATED, ESTIMATED))
    covariances[:, rows, columns] = covariances[:, columns, rows] = lower
    return covariances


def _covariance(knowledge: Knowledge) -> Array:
    """Return the covariance of an estimate in deviations of the prior, with eigenvalues of at most 1."""
    best = int(np.argmax(knowledge.noise_weights))
    scaled = knowledge.bank.cov[best, OF_ROBOT, OF_ROBOT] / np.outer(
        DEVIATION[:ESTIMATED], DEVIATION[:ESTIMATED]
    )
    values, vectors = np.linalg.eigh(scaled)
    cov: Array = (vectors * np.clip(values, 1e-4, 1.0)) @ vectors.T
    return cov


class EstimatesAtRandom:
    """Draws estimates of robots, as sure as those of real filters; a `tell` for `ConditionedFleet`."""

    def __init__(self, covariances: Array) -> None:
        """Take the covariances of `posteriors`, shape (M, P, P).

        Let z be the true values, C a covariance (both in deviations of the prior), and n standard normal.
        The estimate is (I - C) z + (C - C^2)^(1/2) n; then z is distributed as N(estimate, C).
        """
        values, vectors = np.linalg.eigh(covariances)
        turned = vectors.transpose(0, 2, 1)
        self._shrink = (vectors * (1 - values)[:, None]) @ turned
        values = np.clip(values, 0, 1)  # rounding
        self._noise = (vectors * np.sqrt(values - values**2)[:, None]) @ turned
        self._deviation = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))

    def __call__(self, theta: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw estimates of robots `theta`; return means and standard deviations, each of shape (N, P)."""
        n = len(theta)
        z = (theta - MEAN) / DEVIATION
        which = rng.integers(len(self._shrink), size=n)
        noise = rng.standard_normal((n, ESTIMATED))
        mean, deviation = np.zeros_like(z), np.ones_like(z)
        mean[:, :ESTIMATED] = np.einsum("nij,nj->ni", self._shrink[which], z[:, :ESTIMATED])
        mean[:, :ESTIMATED] += np.einsum("nij,nj->ni", self._noise[which], noise)
        deviation[:, :ESTIMATED] = self._deviation[which]
        mix = rng.random(n)
        exact, nothing = mix < KNOWN_MIX, mix > 1 - KNOWN_MIX
        mean[exact, :ESTIMATED] = z[exact, :ESTIMATED] + 0.03 * noise[exact]
        deviation[exact, :ESTIMATED] = 0.03
        mean[nothing, :ESTIMATED], deviation[nothing, :ESTIMATED] = 0, 1
        # The noise levels are known only in part, as from the filters side by side.
        k = rng.uniform(0, 0.8, (n, 1))
        more = rng.standard_normal((n, len(NAMES) - ESTIMATED))
        mean[:, ESTIMATED:] = k * z[:, ESTIMATED:] + np.sqrt(k - k * k) * more
        return np.clip(MEAN + DEVIATION * mean, LOW, HIGH), DEVIATION * deviation
