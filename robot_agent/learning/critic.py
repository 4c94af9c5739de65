"""The value network as the baseline: V(s), the expected return from s."""

from dataclasses import dataclass

import numpy as np

from robot_agent.learning.batch import Batch
from robot_agent.learning.gae import generalised_advantages, td_errors
from robot_agent.learning.policy import Policy, Value
from robot_agent.learning.tensors import Floats
from robot_agent.learning.vtrace import traced_advantages


@dataclass(frozen=True)
class Critic:
    """A value network as the baseline: better than the mean return with less than about 100 episodes."""

    value: Value
    """V, the value network to train."""
    gae_lambda: float = 1.0
    """Lambda of the generalised advantage: 1 is the plain advantage G - V; lower trusts V more."""
    learning_rate: float = 0.01
    """Constant learning rate of the value network."""

    def values(self, batch: Batch) -> Floats:
        """Return V(s_t), shape (T, N); 0 where no move counts."""
        T, N, D = batch.observations.shape
        values = self.value.predict(batch.observations.reshape(T * N, D)).reshape(T, N)
        return np.where(batch.alive, values, 0.0)

    def advantages(
        self, batch: Batch, r: Floats, G: Floats, V: Floats, policy: Policy, gamma: float
    ) -> tuple[Floats, Floats]:
        """Return the advantages of a policy's moves and the targets of V, both of shape (T, N)."""
        if self.gae_lambda == 1.0:
            return G - V, G
        delta, decay = td_errors(r, V, batch.alive, gamma), gamma * self.gae_lambda
        if batch.log_probs is None:
            A = generalised_advantages(delta, decay)
            return A, V + A
        A, c = traced_advantages(delta, decay, batch.log_probs_by(policy) - batch.log_probs)
        return A, V + c * A

    def fit(self, s: Floats, targets: Floats) -> None:
        """Take one step of V towards the targets, for M moves: shapes (M, D) and (M,)."""
        self.value.fit(s, targets, learning_rate=self.learning_rate)
