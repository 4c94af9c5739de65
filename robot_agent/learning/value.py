"""The value network V(s): its parameters; a backend adds predictions and gradients."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from robot_agent.learning.flat_parameters import FlatParameters
from robot_agent.learning.gaussian import ActivationKind
from robot_agent.learning.mlp import first_parameters
from robot_agent.learning.tensors import Floats, Tensors, below, prefixed


class ValueActor(ABC):
    """V(s), the expected return from s: the baseline that needs the fewest episodes."""

    def __init__(
        self,
        observation_size: int,
        *,
        hidden: Sequence[int] = (32, 32),
        activation: ActivationKind = "tanh",
        seed: int | None = None,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        """Build a perceptron from D numbers to one; the arguments are those of `GaussianActor`."""
        first = prefixed(network=first_parameters([observation_size, *hidden, 1], seed=seed))
        self.parameters = FlatParameters({name: value.astype(dtype) for name, value in first.items()})
        self.activation, self.dtype = activation, dtype

    @property
    def views(self) -> Tensors:
        """The network's parameters in place, named `0.weight` and so on."""
        return below(self.parameters.views, "network.")

    @abstractmethod
    def predict(self, observations: Floats) -> Floats:
        """Return V(s), shape (M,), for observations of shape (M, D)."""

    @abstractmethod
    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; return that error."""

    def tensors(self) -> Tensors:
        """Return all numbers needed to go on exactly, parameters and optimiser, by name."""
        return self.parameters.tensors()

    def load(self, tensors: Tensors) -> None:
        """Load tensors by name; raise ValueError if they belong to another network."""
        self.parameters.load(tensors)
