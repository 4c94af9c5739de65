"""PPO (Schulman et al. 2017), a learner of somebody's own: `robot-agent train --learner ppo.py:build`.

Its own generalised advantage with bootstrapping where an episode was cut, minibatches, epochs, the clipped
surrogate and a value network. All it has from the project are the seam and the networks.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np

from robot_agent.learning.learner import Rollout, UpdateReport
from robot_agent.learning.policy import Policy, Value
from robot_agent.learning.tensors import Floats, Tensors, below, prefixed


@dataclass
class PPO:
    """Proximal policy optimisation with the clipped surrogate; a `Learner`."""

    policy: Policy
    value: Value
    seed: int
    _: KW_ONLY
    gamma: float = 0.95
    gae_lambda: float = 0.9
    epochs: int = 4
    minibatches: int = 4
    clip_range: float = 0.2
    learning_rate: float = 0.004
    """Of the policy at the start; it falls linearly to 0."""
    value_learning_rate: float = 0.01
    entropy_bonus: float = 0.0
    max_gradient_norm: float = 0.5
    updates: int = 0

    def update(self, rollout: Rollout, progress: float) -> UpdateReport:
        """Improve the policy by a rollout, `progress` in [0, 1] through the training."""
        alive = rollout.alive
        V, A = self.advantages(rollout)
        s, u = rollout.observations[alive], rollout.actions[alive]
        advantages, targets, old = A[alive], (V + A)[alive], self.policy.log_prob(s, u)
        learning_rate = self.learning_rate * max(0.0, 1.0 - progress)
        before, norm, value_losses, clipped = self.policy.tensors(), 0.0, [], []
        # The order of the samples follows from the number of the update: so a resumed run draws the same.
        rng = np.random.default_rng([self.seed, self.updates])
        for _ in range(self.epochs):
            for part in np.array_split(rng.permutation(len(s)), self.minibatches):
                weights, outside = self.clipped_surrogate(advantages[part], old[part])
                norm = self.policy.ascend(
                    s[part],
                    u[part],
                    weights,
                    learning_rate=learning_rate,
                    entropy_bonus=self.entropy_bonus,
                    max_gradient_norm=self.max_gradient_norm,
                )
                clipped += outside
                value_losses.append(
                    self.value.fit(s[part], targets[part], learning_rate=self.value_learning_rate)
                )
        self.updates += 1
        return UpdateReport.of(
            self.policy,
            before,
            np.where(alive, V + A, 0.0),
            V,
            alive,
            norm,
            learning_rate,
            value_loss=float(np.mean(value_losses)),
            clip_fraction=float(np.mean(clipped)),
            approximate_kl=float(np.mean(old - self.policy.log_prob(s, u))),
        )

    def advantages(self, rollout: Rollout) -> tuple[Floats, Floats]:
        """V(s_t) and A_t = delta_t + gamma lambda A_{t+1}, shape (T, N); 0 where no move counts.

        delta_t = r_t + gamma V(s_{t+1}) - V(s_t). After a robot's last move V is that of what it then
        observes if its episode was cut there, and 0 if it had really ended.
        """
        T, N, D = rollout.observations.shape
        V = self.value.predict(rollout.observations.reshape(T * N, D)).reshape(T, N)
        V = np.where(rollout.alive, V, 0.0)
        following = np.concatenate([V[1:], np.zeros((1, N))])
        last = rollout.alive.sum(axis=0) - 1
        after = np.where(rollout.cut, self.value.predict(rollout.final_observations), 0.0)
        following[last, np.arange(N)] = after
        A = np.where(rollout.alive, rollout.rewards + self.gamma * following - V, 0.0)
        for t in range(T - 2, -1, -1):
            A[t] += self.gamma * self.gae_lambda * A[t + 1]
        return V, A

    def clipped_surrogate(self, A: Floats, old: Floats) -> tuple[Callable[[Floats], Floats], list[float]]:
        """Weights of log pi whose gradient is that of mean min(ratio A, clip(ratio) A), A normalised.

        The list receives the share of the samples at the clip.
        """
        A = (A - A.mean()) / (A.std() + 1e-8)
        shares: list[float] = []

        def weights(log_prob: Floats) -> Floats:
            ratio = np.exp(log_prob - old)
            outside = np.where(A > 0, ratio > 1 + self.clip_range, ratio < 1 - self.clip_range)
            shares.append(float(outside.mean()))
            return np.where(outside, 0.0, ratio * A) / len(A)

        return weights, shares

    def judge(self, rollout: Rollout, robots: int) -> tuple[Floats, Floats]:
        """Return log pi and the advantages of the first robots, shape (T, robots)."""
        alive = rollout.alive[:, :robots]
        log_probs = np.zeros(alive.shape)
        s, u = rollout.observations[:, :robots][alive], rollout.actions[:, :robots][alive]
        log_probs[alive] = self.policy.log_prob(s, u)
        return log_probs, self.advantages(rollout)[1][:, :robots]

    def get_state(self) -> Tensors:
        """All numbers needed to go on exactly."""
        own = {"updates": np.array(float(self.updates))}
        return prefixed(policy=self.policy.tensors(), value=self.value.tensors(), ppo=own)

    def set_state(self, tensors: Tensors) -> None:
        """Go on from a state."""
        self.policy.load(below(tensors, "policy."))
        self.value.load(below(tensors, "value."))
        self.updates = int(tensors["ppo.updates"])


build = PPO
