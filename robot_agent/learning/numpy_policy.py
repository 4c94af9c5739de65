"""The Gaussian policy and the value network in NumPy, every derivative by hand: `--backend numpy`.

For boards on which PyTorch does not run or does not fit. Parameters and optimiser have the same names as with
PyTorch, so a run that was begun with one backend can be continued with the other.
"""

from functools import cached_property

import numpy as np

from robot_agent.learning.gaussian import GaussianActor, mean_actions
from robot_agent.learning.losses import squared_error
from robot_agent.learning.mlp import MLP
from robot_agent.learning.policy import Weights
from robot_agent.learning.tensors import Floats, Tensors, prefixed
from robot_agent.learning.value import ValueActor


class GaussianPolicy(GaussianActor):
    """pi(u | s) = N(mu(s), diag(sigma^2)), with gradients by hand."""

    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """Return the gradients, by name, of sum_i w_i log pi(u_i | s_i) + entropy_bonus * H."""
        z, through = self.network.forward(np.asarray(observations, self.dtype))
        u = np.asarray(actions, self.dtype)
        dz, dlog_std = self.by_mu_and_sigma(u, mean_actions(z, self.output), weights, entropy_bonus)
        if self.output == "relu":  # mu = 2 relu(z) - 1
            dz *= 2 * (z > 0)
        parts, _ = self.network.backward(dz, through)
        return prefixed(mean=parts) | {"log_std": dlog_std}


class ValueNetwork(ValueActor):
    """V(s), the expected return from s, with gradients by hand."""

    @cached_property
    def network(self) -> MLP:
        """The network on the parameters of this value network."""
        return MLP(self.views, hidden=self.activation)

    def predict(self, observations: Floats) -> Floats:
        """Return V(s), shape (M,), for observations of shape (M, D)."""
        return self.network.forward(np.asarray(observations, self.dtype))[0][:, 0]

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; return that error."""
        y, through = self.network.forward(np.asarray(observations, self.dtype))
        error, dy = squared_error(y, np.asarray(returns, self.dtype)[:, None])
        gradients, _ = self.network.backward(dy, through)
        self.parameters.descend(prefixed(network=gradients), learning_rate, 1.0)
        return error
