"""What a policy and a value network offer a learner, whatever library computes them."""

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
        """All numbers needed to go on exactly: parameters and optimiser, by name."""

    def load(self, tensors: Tensors) -> None:
        """Load tensors by name; raises ValueError when they are of another network."""


class Policy(Trained, Protocol):
    """pi(u | s): what acts, and what a learner improves."""

    @property
    def std(self) -> tuple[float, ...]:
        """sigma of each action."""

    def act(self, observations: Floats, rng: np.random.Generator) -> Floats:
        """Draw actions u ~ pi(. | s): observations (N, D) to actions (N, A)."""

    def greedy(self, observations: Floats) -> Floats:
        """Return the most probable actions: observations (N, D) to actions (N, A)."""

    def log_prob(self, observations: Floats, actions: Floats) -> Floats:
        """log pi(u | s) for M pairs: (M, D) and (M, A) to (M,)."""

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

        Weights that depend on how probable the moves are now are given as a function from
        log pi(u | s), shape (M,), to w, which saves computing it twice.
        """

    def dead_outputs(self, observations: Floats) -> float:
        """Share of outputs that a ReLU on the output holds at 0, where no gradient flows; 0 without one."""

    def begin_from(self, tensors: Tensors) -> None:
        """Take over only the mean of another policy, to learn on with fresh exploration."""


class Value(Trained, Protocol):
    """V(s), the expected return from s."""

    def predict(self, observations: Floats) -> Floats:
        """V(s) for observations of shape (M, D): shape (M,)."""

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one step down the mean squared error to the returns; return that error."""
