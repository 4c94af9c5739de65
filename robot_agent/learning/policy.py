"""The protocols of a policy and a value network, as a learner needs them, for any library."""

import math
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np

from robot_agent.learning.tensors import Floats, Tensors

Weights = Floats | Callable[[Floats], Floats]
BackendKind = Literal["torch", "numpy"]


class Trained(Protocol):
    """A network with its optimiser."""

    def tensors(self) -> Tensors:
        """Return all numbers needed to go on exactly, parameters and optimiser, by name."""

    def load(self, tensors: Tensors) -> None:
        """Load tensors by name; raise ValueError if they belong to another network."""


class Policy(Trained, Protocol):
    """The policy pi(u | s), which acts and which a learner improves."""

    @property
    def std(self) -> tuple[float, ...]:
        """sigma of each action."""

    def act(self, observations: Floats, rng: np.random.Generator) -> Floats:
        """Draw actions u ~ pi(. | s): observations (N, D) to actions (N, A)."""

    def greedy(self, observations: Floats) -> Floats:
        """Return the most probable actions: observations (N, D) to actions (N, A)."""

    def log_prob(self, observations: Floats, actions: Floats) -> Floats:
        """Return log pi(u | s) of M pairs, shape (M,), from observations (M, D) and actions (M, A)."""

    def entropy(self) -> float:
        """Entropy of pi(. | s) in nats; the same for every s, since sigma does not depend on it."""

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
        """Take one step up sum_i w_i log pi(u_i | s_i) + entropy_bonus * H; return the gradient's norm.

        If the weights depend on the present probability of the moves, give them as a function from
        log pi(u | s), shape (M,), to w; then log pi is computed only once.
        """

    def dead_outputs(self, observations: Floats) -> float:
        """Return the share of outputs held at 0 by a ReLU, where no gradient flows; 0 without a ReLU."""

    def begin_from(self, tensors: Tensors) -> None:
        """Copy only the mean of another policy, to continue its learning with new exploration."""


class Value(Trained, Protocol):
    """V(s), the expected return from s."""

    def predict(self, observations: Floats) -> Floats:
        """Return V(s), shape (M,), for observations of shape (M, D)."""

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one step down the mean squared error to the returns; return that error."""
