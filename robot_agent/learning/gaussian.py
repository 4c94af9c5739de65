"""The Gaussian policy pi(u | s) = N(mu(s), diag(sigma^2)): everything without gradients, in NumPy.

A backend adds the gradients: `torch_policy` by autograd, `numpy_policy` by hand. So with both backends
the same weights give exactly the same actions, the same seed gives the same first weights, and each backend
can continue a training of the other.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import numpy as np

from robot_agent.learning.flat_parameters import FlatParameters
from robot_agent.learning.losses import gaussian_log_prob
from robot_agent.learning.mlp import MLP, first_parameters
from robot_agent.learning.policy import Weights
from robot_agent.learning.tensors import Floats, Tensors, below, prefixed

ActivationKind = Literal["tanh", "relu"]
OutputKind = Literal["linear", "relu"]
InitialisationKind = Literal["orthogonal", "default"]


def mean_actions(z: Floats, output: OutputKind) -> Floats:
    """Return mu, shape (M, A), from the network's outputs z: z itself, or 2 relu(z) - 1."""
    return 2 * np.maximum(z, 0) - 1 if output == "relu" else z


class GaussianActor(ABC):
    """pi(u | s) = N(mu(s), diag(sigma^2)): mu a perceptron, sigma learned and the same everywhere.

    The actions u are unbounded; the task clips them (see `Approach`).
    """

    def __init__(
        self,
        observation_size: int,
        log_std: Sequence[float],
        *,
        hidden: Sequence[int] = (16, 16),
        activation: ActivationKind = "tanh",
        output: OutputKind = "linear",
        initialisation: InitialisationKind = "orthogonal",
        log_std_floor: float = -3.0,
        seed: int | None = None,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        """Build a policy.

        Args:
            observation_size: D, the number of values in an observation.
            log_std: log sigma of each action at the start; there are A of them.
            hidden: sizes of the hidden layers.
            activation: activation of the hidden layers.
            output: `linear`; or `relu`: mu = 2 relu(z) - 1, like the original network, which had a ReLU on
                the action itself.
            initialisation: `orthogonal` (0.01 on the last layer, so it starts by driving straight),
                or PyTorch's `default`.
            log_std_floor: log sigma never falls below this.
            seed: seed of the first weights.
            dtype: type of all numbers.
        """
        rng = np.random.default_rng(seed)
        rng.integers(2**62)  # kept from the first version, so that a seed still gives the same weights
        orthogonal = initialisation == "orthogonal"
        mean = first_parameters(
            [observation_size, *hidden, len(log_std)],
            initialisation,
            hidden_gain=math.sqrt(2) if orthogonal else 1.0,
            output_gain=0.01 if orthogonal else 1.0,
            seed=rng,
        )
        parameters = {"log_std": np.array(log_std)} | prefixed(mean=mean)
        self.parameters = FlatParameters({name: value.astype(dtype) for name, value in parameters.items()})
        self.activation, self.output, self.log_std_floor, self.dtype = (
            activation,
            output,
            log_std_floor,
            dtype,
        )
        self.log_sigma = self.parameters.views["log_std"]
        """log sigma of each action, shape (A,)."""
        self.network = MLP(below(self.parameters.views, "mean."), hidden=activation)
        """The network from observations to z: mu itself, or the input of the ReLU on the output."""

    def greedy(self, observations: Floats) -> Floats:
        """Return the most probable actions mu(s): observations (N, D) to actions (N, A)."""
        return mean_actions(self.network(np.asarray(observations, self.dtype)), self.output)

    def act(self, observations: Floats, rng: np.random.Generator) -> Floats:
        """Draw actions u = mu(s) + sigma eps, eps ~ N(0, 1): observations (N, D) to actions (N, A)."""
        mean = self.greedy(observations)
        noise = rng.standard_normal(mean.shape, mean.dtype.type)
        noise *= np.exp(self.log_sigma)
        noise += mean
        actions: Floats = noise
        return actions

    def log_prob(self, observations: Floats, actions: Floats) -> Floats:
        """Return log pi(u | s) of M pairs, shape (M,), from observations (M, D) and actions (M, A)."""
        return gaussian_log_prob(np.asarray(actions, self.dtype), self.greedy(observations), self.log_sigma)[
            0
        ]

    def by_mu_and_sigma(
        self, u: Floats, mu: Floats, weights: Weights, entropy_bonus: float
    ) -> tuple[Floats, Floats]:
        """Return the derivatives of sum_i w_i log N(u_i; mu_i, sigma^2) + entropy_bonus * H.

        They are by mu, shape (M, A), and by log sigma, shape (A,); dH / dlog sigma = 1.
        """
        log_prob, dmu, dlog_std = gaussian_log_prob(u, mu, self.log_sigma)
        w = np.asarray(weights(log_prob) if callable(weights) else weights, dmu.dtype)
        dmu *= w[:, None]
        return dmu, w @ dlog_std + dmu.dtype.type(entropy_bonus)

    @abstractmethod
    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """Return the gradients, by name, of sum_i w_i log pi(u_i | s_i) + entropy_bonus * H."""

    def ascend(
        self,
        observations: Floats,
        actions: Floats,
        weights: Weights,
        *,
        learning_rate: float,
        entropy_bonus: float = 0.0,
        max_gradient_norm: float = math.inf,
    ) -> float:
        """Take one Adam step up the gradients; return their norm before clipping.

        If a gradient is not finite, no step is taken.
        """
        gradients = self.gradients(observations, actions, weights, entropy_bonus)
        down = {name: -part for name, part in gradients.items()}
        norm = self.parameters.descend(down, learning_rate, max_gradient_norm)
        np.maximum(self.log_sigma, self.log_std_floor, out=self.log_sigma)
        return norm

    def dead_outputs(self, observations: Floats) -> float:
        """Return the share of outputs held at 0 by a ReLU, where no gradient flows; 0 without a ReLU."""
        if self.output == "linear":
            return 0.0
        return float((self.network(np.asarray(observations, self.dtype)) <= 0).mean())

    def entropy(self) -> float:
        """Entropy of pi(. | s) in nats: sum_a log sigma_a + 1/2 log(2 pi e)."""
        return float((self.log_sigma + 0.5 * math.log(2 * math.pi * math.e)).sum())

    @property
    def std(self) -> tuple[float, ...]:
        """sigma of each action."""
        return tuple(np.exp(self.log_sigma).tolist())

    def tensors(self) -> Tensors:
        """Return all numbers needed to go on exactly, parameters and optimiser, by name."""
        return self.parameters.tensors()

    def load(self, tensors: Tensors) -> None:
        """Load tensors by name; raise ValueError if they belong to another network."""
        self.parameters.load(tensors)

    def begin_from(self, tensors: Tensors) -> None:
        """Copy the mean network of another policy, but keep sigma and start a new optimiser.

        At the end of a long training a policy explores too little to adapt to another robot, so its sigma is
        not copied.
        """
        self.load(prefixed(mean=below(tensors, "mean.")) | {"log_std": self.log_sigma.copy()})
