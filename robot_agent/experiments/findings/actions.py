"""Experiments with rewards: REINFORCE in NumPy on the smallest world that shows each fault."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.experiments.findings.curves import Experiment, both

Array = NDArray[np.float64]
PAY = np.array([0.3, 0.1, 0.9, 0.5])
"""Mean reward of each of four actions."""


def _bandit(
    *,
    steps: int = 120,
    drawn: bool = True,
    sign: float = 1.0,
    constant: bool = False,
    another: bool = False,
    shift: int = 0,
) -> list[float]:
    """Learn which of four actions has the highest reward; return the mean reward of each step."""
    rng = np.random.default_rng(0)
    logits, curve = np.array([0.4, 0.2, 0.0, 0.0]), []
    for _ in range(steps):
        p = np.exp(logits - logits.max())
        p /= p.sum()
        actions = rng.choice(4, 64, p=p) if drawn else np.full(64, int(np.argmax(p)))
        judged = rng.choice(4, 64, p=p) if another else actions
        reward = PAY[actions] + rng.normal(0, 0.1, 64)
        curve.append(float(PAY[actions].mean()))
        weight = np.full(64, 1.0) if constant else np.roll(reward, shift) - reward.mean() * drawn
        slope = np.eye(4)[judged] - p
        logits = logits + 0.5 * sign * (weight[:, None] * slope).mean(axis=0)
    return curve


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of a Gaussian action and of its training."""

    mean: float = 0.0
    std: float = 0.3
    rate: float = 0.05
    batch: int = 32
    baseline: bool = True


def _gauss(
    reward: Callable[[Array, np.random.Generator], Array],
    policy: Policy,
    shown: Callable[[Array], Array] | None = None,
    steps: int = 150,
    seed: int = 0,
) -> list[float]:
    """Train the mean of one action in [-1, 1]; return the mean of `shown`, else of the reward."""
    rng = np.random.default_rng(seed)
    mean, curve = policy.mean, []
    for _ in range(steps):
        drawn = rng.normal(mean, policy.std, policy.batch)
        carried = np.clip(drawn, -1, 1)
        got = reward(carried, rng)
        curve.append(float((got if shown is None else shown(carried)).mean()))
        weight = got - got.mean() if policy.baseline else got
        slope = (weight * (drawn - mean)).mean() / policy.std**2
        mean += policy.rate * float(np.clip(slope, -5, 5))
    return _smooth(curve)


def _smooth(values: list[float], width: int = 5) -> list[float]:
    return [float(np.mean(values[max(0, i - width + 1) : i + 1])) for i in range(len(values))]


def _near(actions: Array, _: np.random.Generator | None = None) -> Array:
    return 1 - (actions - 0.6) ** 2


def _reached(actions: Array) -> Array:
    return np.asarray(np.abs(actions - 0.6) < 0.25, float)


def _corridor(fault: bool) -> list[float]:
    """Learn two moves, the first of which decides the reward of the second; return the mean reward."""
    rng = np.random.default_rng(0)
    logits, curve = np.zeros((2, 2)), []
    for _ in range(150):
        p = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
        moves = (rng.random((64, 2)) < p).astype(int)
        rewards = np.stack([0.2 * (1 - moves[:, 0]), moves[:, 0].astype(float)], axis=1)
        curve.append(float(rewards.sum(axis=1).mean()))
        sums = np.cumsum(rewards, 1) if fault else np.cumsum(rewards[:, ::-1], 1)[:, ::-1]
        weight = sums - sums.mean(axis=0)
        for place in range(2):
            slope = np.eye(2)[moves[:, place]] - np.array([1 - p[place], p[place]])
            logits[place] += 0.3 * (weight[:, place, None] * slope).mean(axis=0)
    return curve


def _goal(fault: bool) -> list[float]:
    """Learn to steer from x to the middle by a = w x: from a loss on the output alone, or from the reward."""
    rng = np.random.default_rng(0)
    w, curve = 0.5, []
    for _ in range(120):
        x = rng.uniform(-1, 1, 64)
        a = w * x + rng.normal(0, 0.2, 64)
        curve.append(float((np.abs(x + w * x) < 0.15).mean()))
        if fault:
            w -= 0.2 * float((2 * (w * x) * x).mean())  # (answer - goal)^2, and the goal is 0
        else:
            reward = -((x + a) ** 2)
            w += 0.1 * float(((reward - reward.mean()) * (a - w * x) / 0.2**2 * x).mean())
    return curve


def _sight(widest: float) -> list[float]:
    """Turn to a target in up to five moves; a target outside the picture is lost. Return the success rate."""
    rng = np.random.default_rng(0)
    gain, curve = 0.0, []
    for _ in range(150):
        at = rng.uniform(-0.5, 0.5, 64)
        lost, score, back = np.zeros(64, bool), np.zeros(64), np.zeros(64)
        for _ in range(5):
            noise = rng.normal(0, 0.3, 64)
            turn = np.clip(gain * at + noise, -1, 1) * widest
            back += np.where(lost, 0, noise * at) / 0.3**2
            at = np.where(lost, at, at + turn)
            lost |= np.abs(at) > 0.6
        score = np.where(lost, -0.3, 1 - np.abs(at))
        curve.append(float((~lost & (np.abs(at) < 0.15)).mean()))
        gain += 0.1 * float(np.clip(((score - score.mean()) * back).mean(), -2, 2))
    return _smooth(curve)


def _hand(good: bool, possible: bool) -> list[float]:
    """Learn from a person's moves where they are better than the policy's; return the mean reward."""
    rng = np.random.default_rng(0)
    mean, curve = -0.5, []
    for _ in range(80):
        moves = rng.normal(0.6 if good else -0.6, 0.2, 16)
        curve.append(float(_near(np.clip(rng.normal(mean, 0.1, 64), -1, 1)).mean()))
        if not possible:
            moves = moves[np.abs(moves + 3) <= 1]  # the policy cannot choose any of them: none is left
        better = moves[_near(np.clip(moves, -1, 1)) > _near(np.array([mean]))[0] + 0.05]
        if len(better):
            mean += 0.05 * float((better - mean).mean())
    return curve


def _far(moves: int) -> list[float]:
    """Drive to a goal 1 m away with moves of at most 15 cm; return the success rate."""
    rng = np.random.default_rng(0)
    mean, curve = 0.3, []
    for _ in range(120):
        drawn = rng.normal(mean, 0.1, 64)
        left = np.abs(1 - moves * 0.15 * np.clip(drawn, 0, 1))
        curve.append(float((left < 0.15).mean()))
        mean += 0.04 * float((-(left - left.mean()) * (drawn - mean)).mean() / 0.1**2)
    return _smooth(curve)


def _noise(actions: Array, rng: np.random.Generator) -> Array:
    return _near(actions) + rng.normal(0, 300, len(actions))


def _against(actions: Array, rng: np.random.Generator) -> Array:
    return 1 - (actions + 0.6) ** 2


def _offset(actions: Array, _: np.random.Generator) -> Array:
    return _near(actions) + 5


def _policy(faulty: Policy, **mended: Any) -> Experiment:
    good = Policy(**mended)
    return both(lambda fault: _gauss(_near, faulty if fault else good), "reward")


EXPERIMENTS: dict[str, Experiment] = {
    "reinforce-sign": both(lambda fault: _bandit(sign=-1.0 if fault else 1.0), "reward"),
    "not-sampled": both(lambda fault: _bandit(drawn=not fault), "reward"),
    "another-action": both(lambda fault: _bandit(another=fault), "reward"),
    "reward-constant": both(lambda fault: _bandit(constant=fault), "reward"),
    "reward-of-another-step": both(lambda fault: _bandit(shift=int(fault)), "reward"),
    "wrong-discount": both(_corridor, "reward of an episode"),
    "constant-target": both(_goal, "success"),
    "actions-clipped": _policy(Policy(mean=-4.0), mean=-0.5),
    "exploration-collapsed": _policy(Policy(mean=-0.5, std=0.003, rate=2e-6), mean=-0.5),
    "exploration-wide": _policy(Policy(mean=-0.5, std=4.0), mean=-0.5),
    "reward-noise": both(
        lambda fault: _gauss(_noise if fault else _near, Policy(mean=-0.5, rate=0.03, batch=8), _near),
        "what the move was worth",
    ),
    "reward-at-odds": both(lambda fault: _gauss(_against if fault else _near, Policy(), _reached), "success"),
    "baseline-useless": both(
        lambda fault: [each - 5 for each in _gauss(_offset, Policy(mean=-0.5, baseline=not fault, batch=8))],
        "reward",
    ),
    "target-lost": both(lambda fault: _sight(1.5 if fault else 0.3), "success"),
    "hand-no-better": both(lambda fault: _hand(good=not fault, possible=True), "reward"),
    "hand-not-imitable": both(lambda fault: _hand(good=True, possible=not fault), "reward"),
    "task-impossible": both(lambda fault: _far(4 if fault else 9), "success"),
    "too-short": both(lambda fault: _far(9)[: 12 if fault else None], "success"),
}
