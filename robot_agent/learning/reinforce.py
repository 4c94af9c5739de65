"""REINFORCE: episodes in, one update of the policy out.

The gradient of J(theta) = E[G_0] cannot be had through wheels and floor, but it equals
E[ sum_t A_t grad log pi(a_t | s_t) ], in which only the policy is differentiated
(Williams 1992; Sutton & Barto 2018, section 13.4).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robot_agent.errors import SettingsError
from robot_agent.learning.learner import Rollout, UpdateReport
from robot_agent.learning.policy import Policy, Tensors, Value

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]
BaselineKind = Literal["time", "value", "none"]
Mirror = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]

FIELDS = ("observations", "actions", "rewards", "alive", "log_probs")


@dataclass(frozen=True, slots=True)
class Batch:
    """Episodes of N robots side by side, or segments of them, T moves long; a move counts where `alive`."""

    observations: Floats
    """s_t, shape (T, N, D)."""
    actions: Floats
    """u_t, shape (T, N, A)."""
    rewards: Floats
    """r_t, shape (T, N)."""
    alive: Mask
    """Whether episode n was still going when move t was made, shape (T, N)."""
    log_probs: Floats | None = None
    """log pi_old(u_t | s_t), pi_old what made the moves, shape (T, N); the learner fills it in."""

    @staticmethod
    def of(rollout: Rollout) -> "Batch":
        """The moves of a rollout."""
        return Batch(rollout.observations, rollout.actions, rollout.rewards, rollout.alive)

    @staticmethod
    def join(batches: Sequence["Batch"]) -> "Batch":
        """Put episodes side by side; the shorter ones end in moves that do not count."""
        if len(batches) == 1:
            return batches[0]
        longest = max(len(batch.alive) for batch in batches)

        def put(name: str) -> NDArray[np.generic]:
            parts = []
            for batch in batches:
                part = getattr(batch, name)
                missing = [(0, longest - len(part))] + [(0, 0)] * (part.ndim - 1)
                parts.append(np.pad(part, missing))
            return np.concatenate(parts, axis=1)

        names = [name for name in FIELDS if getattr(batches[0], name) is not None]
        return Batch(**{name: put(name) for name in names})  # type: ignore[arg-type]

    def with_mirrored(self, mirror: Mirror) -> "Batch":
        """Put the same episodes seen in a mirror beside these; the log-probabilities are the originals'."""
        s, u = mirror[0](self.observations), mirror[1](self.actions)
        return Batch.join([self, replace(self, observations=s, actions=u)])


def rewards_to_go(rewards: Floats, gamma: float) -> Floats:
    """G_t = r_t + gamma r_{t+1} + gamma^2 r_{t+2} + ..., for rewards of shape (T, ...)."""
    returns = np.array(rewards)
    for t in range(len(returns) - 2, -1, -1):
        returns[t] += gamma * returns[t + 1]
    return returns


def _made(values: Floats, alive: Mask) -> Floats:
    """Return `values[alive]`, shape (M, D), for values of shape (T, N, D), column by column in memory.

    D is small: so a sum over a column, or a column times one, is of M numbers in a row, not of D.
    """
    rows = values.reshape(-1, values.shape[-1]).take(np.flatnonzero(alive), axis=0)
    return np.asfortranarray(rows)


def _variance(values: Floats) -> float:
    """The variance of values, shape (M,); NumPy's own takes three times as long over so few."""
    from_mean = values - np.add.reduce(values) / values.size
    return float(from_mean @ from_mean) / values.size


def update_ratio(before: Tensors, after: Tensors) -> tuple[float, ...]:
    """|dW| / |W| of each weight matrix of a policy; how far an update went, whatever the matrix's size."""
    names = [name for name in after if name.endswith("weight") and not name.startswith("adam.")]

    def length(matrix: Floats) -> float:
        flat = matrix.ravel()
        return math.sqrt(float(flat @ flat))

    return tuple(length(after[name] - before[name]) / max(length(before[name]), 1e-12) for name in names)


class Reinforce:
    """REINFORCE with reward-to-go, a baseline and normalised advantages."""

    def __init__(
        self,
        policy: Policy,
        *,
        gamma: float = 0.9,
        baseline: BaselineKind = "time",
        value: Value | None = None,
        gae_lambda: float = 1.0,
        learning_rate: float = 0.02,
        value_learning_rate: float = 0.01,
        entropy_bonus: float = 0.0,
        max_gradient_norm: float = 1.0,
        epochs: int = 2,
        replay_batches: int = 1,
        clip_range: float = 0.8,
        mirror: Mirror | None = None,
    ) -> None:
        """Describe the learner.

        Args:
            policy: pi, what is learned.
            gamma: discount of later rewards per move; low, since progress is rewarded at each move.
            baseline: `time`, the mean return of each time step over the batch (best from about 100
                episodes on); `value`, a value network (best below); or `none`.
            value: the value network, for that baseline.
            gae_lambda: lambda of the generalised advantage (Schulman et al. 2016); 1 is the plain
                advantage G - V. Below 1 it needs the value network.
            learning_rate: of the policy at the start; it falls linearly to 0.
            value_learning_rate: of the value network; it does not fall.
            entropy_bonus: weight of the policy's entropy in the objective.
            max_gradient_norm: a longer gradient is scaled down to this length.
            epochs: how often the episodes are used in each update. Each move is weighted by pi / pi_old,
                pi_old the policy that made it, clipped (the surrogate of PPO, Schulman et al. 2017).
                Twice halves the episodes that a fleet needs; for a real robot, whose moves are dear, more.
            replay_batches: each update learns from so many of the latest batches, under the same weights. The
                advantages follow pi, not pi_old, by traces cut where pi / pi_old is below 1 (V-trace,
                Espeholt et al. 2018).
            clip_range: how far that weight may leave 1 before a move no longer pulls.
            mirror: functions that mirror observations and actions; each episode is then also
                learned from as if seen in a mirror.
        """
        if (baseline == "value") != (value is not None):
            raise SettingsError("The baseline 'value' and a value network go together; give both or neither.")
        if gae_lambda < 1.0 and value is None:
            raise SettingsError("A gae_lambda below 1 needs the baseline 'value'.")
        self.policy, self.value, self.baseline = policy, value, baseline
        self.gamma, self.gae_lambda = gamma, gae_lambda
        self.learning_rate, self.value_learning_rate = learning_rate, value_learning_rate
        self.entropy_bonus, self.max_gradient_norm = entropy_bonus, max_gradient_norm
        self.epochs, self.replay_batches, self.clip_range, self.mirror = (
            epochs,
            replay_batches,
            clip_range,
            mirror,
        )
        self._kept: list[Batch] = []

    def update(self, rollout: Rollout, progress: float = 0.0) -> UpdateReport:
        """Improve the policy by a rollout, `progress` in [0, 1] through the training."""
        new = rollout.alive
        batch = self._with_recent(Batch.of(rollout))
        alive = batch.alive
        r: Floats = np.where(alive, batch.rewards, 0.0)
        G = rewards_to_go(r, self.gamma)
        b = self._baseline(batch, G)
        A, V_next = (G - b, G) if self.gae_lambda == 1.0 else self._traced(batch, r, b)

        s, u, A = _made(batch.observations, alive), _made(batch.actions, alive), A[alive]
        A = A - np.add.reduce(A) / len(A)
        std = math.sqrt(float(A @ A) / len(A))
        # Where every episode was rewarded alike, what is left is rounding, and Adam would follow it.
        A = A / std if std > 1e-6 * np.abs(G).max() else np.zeros_like(A)
        per_move: Floats = A / len(A)
        learning_rate = self.learning_rate * max(0.0, 1.0 - progress)
        old = None if batch.log_probs is None else batch.log_probs[alive]

        def weights(log_probs: Floats) -> Floats:
            """Return w / M, whose gradient is that of min(ratio A, clip(ratio) A), ratio = pi / pi_old."""
            nonlocal old
            if old is None:  # before the first step pi is still pi_old: all ratios are 1
                old = log_probs
                return per_move
            ratio = np.exp(np.minimum(log_probs - old, 20))
            outside = np.where(A > 0, ratio > 1 + self.clip_range, ratio < 1 - self.clip_range)
            return np.where(outside, 0.0, ratio * per_move)

        norm, before = 0.0, self.policy.tensors()
        for _ in range(self.epochs):
            norm = self.policy.ascend(
                s,
                u,
                weights,
                learning_rate=learning_rate,
                entropy_bonus=self.entropy_bonus,
                max_gradient_norm=self.max_gradient_norm,
            )
            if self.value is not None:
                self.value.fit(s, V_next[alive], learning_rate=self.value_learning_rate)
        own = np.s_[: len(new), : new.shape[1]]  # the new batch stands first
        ratio = update_ratio(before, self.policy.tensors())
        return self._report(G[own], b[own], new, norm, learning_rate, ratio)

    def judge(self, rollout: Rollout, robots: int) -> tuple[Floats, Floats]:
        """Return log pi and G - b of the moves of the first `robots`, shape (T, robots), before an update.

        It is for people to look at: b comes from these episodes alone, and nothing is normalised.
        """
        batch = Batch.of(rollout)
        r: Floats = np.where(batch.alive, batch.rewards, 0.0)
        G = rewards_to_go(r, self.gamma)
        A = (G - self._baseline(batch, G))[:, :robots]
        s, u, alive = batch.observations[:, :robots], batch.actions[:, :robots], batch.alive[:, :robots]
        log_probs = np.zeros(alive.shape, np.float64)
        log_probs[alive] = self.policy.log_prob(s[alive], u[alive])
        return log_probs, A

    def _with_recent(self, batch: Batch) -> Batch:
        """Put the batches of the window, and what they are in a mirror, beside a new batch."""
        if self.replay_batches > 1 or self.mirror is not None:
            # Nothing has been learned since these moves were made: pi is still pi_old.
            batch = replace(batch, log_probs=self._log_probs(batch))
        if self.mirror is not None:
            batch = batch.with_mirrored(self.mirror)
        recent = [batch, *self._kept][: self.replay_batches]
        self._kept = recent[: self.replay_batches - 1]
        return Batch.join(recent)

    def _traced(self, batch: Batch, r: Floats, b: Floats) -> tuple[Floats, Floats]:
        """Return the generalised advantages of pi, whatever policy moved, and what V is to become.

        delta_t = r_t + gamma V(s_{t+1}) - V(s_t),  c_t = min(1, pi / pi_old),
        A_t = delta_t + gamma lambda c_{t+1} A_{t+1},  V(s_t) + c_t A_t.
        """
        delta = r + self.gamma * np.concatenate([b[1:], np.zeros_like(b[:1])]) - b
        A: Floats = np.where(batch.alive, delta, 0.0)
        c = np.ones_like(A)
        if batch.log_probs is not None:
            c = np.exp(np.minimum(self._log_probs(batch) - batch.log_probs, 0.0))
        for t in range(len(A) - 2, -1, -1):
            A[t] += self.gamma * self.gae_lambda * c[t + 1] * A[t + 1]
        return A, b + c * A

    def _log_probs(self, batch: Batch) -> Floats:
        """log pi(u_t | s_t) of every move, shape (T, N); 0 where none was made."""
        s, u = _made(batch.observations, batch.alive), _made(batch.actions, batch.alive)
        values = self.policy.log_prob(s, u)
        log_probs = np.zeros(batch.alive.shape, values.dtype)
        log_probs[batch.alive] = values
        return log_probs

    def _baseline(self, batch: Batch, returns: Floats) -> Floats:
        """b(s_t), which takes variance away and adds no bias; shape (T, N), or (T, 1) where all are alike."""
        if self.value is not None:
            T, N, D = batch.observations.shape
            values = self.value.predict(batch.observations.reshape(T * N, D)).reshape(T, N)
            return np.where(batch.alive, values, 0.0)
        if self.baseline == "none":
            return np.zeros_like(returns[:, :1])
        count = np.maximum(batch.alive.sum(axis=1, keepdims=True, dtype=returns.dtype), 1)
        # After an episode's end its returns are 0.
        mean: Floats = returns.sum(axis=1, keepdims=True) / count
        return mean

    def _report(
        self,
        G: Floats,
        b: Floats,
        alive: Mask,
        norm: float,
        learning_rate: float,
        ratio: tuple[float, ...],
    ) -> UpdateReport:
        variance = _variance(G[alive])
        return UpdateReport(
            mean_return=float(G[0].mean()),
            entropy=self.policy.entropy(),
            gradient_norm=norm,
            explained_variance=1 - _variance((G - b)[alive]) / variance if variance > 1e-12 else 0.0,
            learning_rate=learning_rate,
            std=self.policy.std,
            return_std=math.sqrt(_variance(G[0])),
            update_ratio=ratio,
        )

    def get_state(self) -> Tensors:
        """All numbers needed to go on exactly, by name."""
        numbers = {f"policy.{name}": value for name, value in self.policy.tensors().items()}
        if self.value is not None:
            numbers |= {f"value.{name}": value for name, value in self.value.tensors().items()}
        for i, batch in enumerate(self._kept):
            numbers |= {f"kept.{i}.{name}": np.ascontiguousarray(getattr(batch, name)) for name in FIELDS}
        return numbers

    def set_state(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""
        for prefix, part in (("policy.", self.policy), ("value.", self.value)):
            if part is not None:
                own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
                part.load(own)
        self._kept = []
        while f"kept.{len(self._kept)}.alive" in tensors:
            prefix = f"kept.{len(self._kept)}."
            self._kept.append(Batch(**{name: tensors[prefix + name] for name in FIELDS}))  # type: ignore[arg-type]
