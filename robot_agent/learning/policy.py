"""What every backend offers a learner, and what they share, in NumPy: acting, Adam, numbers by name.

A backend computes gradients: `policy` with PyTorch, `numpy_policy` by hand. All else is done once, here;
so the same weights act alike to the bit, and what one backend has learned the other goes on with.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from robot_agent.learning.backprop import gaussian_log_prob, initial_weights
from robot_agent.learning.network import forward, layers_of

Floats = NDArray[np.floating]
Tensors = dict[str, Floats]
Weights = Floats | Callable[[Floats], Floats]
ActivationKind = Literal["tanh", "relu"]
BackendKind = Literal["torch", "numpy"]
OutputKind = Literal["linear", "relu"]
InitialisationKind = Literal["orthogonal", "default"]


class Trained(Protocol):
    """A network with its optimiser."""

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""


class Policy(Trained, Protocol):
    """What a learner needs of a policy, whatever library computes it."""

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
        log pi(u | s), shape (M,), which spares working that out twice.
        """

    def dead_outputs(self, observations: Floats) -> float:
        """Share of outputs that a ReLU on the output holds at 0, where no gradient flows; 0 without one."""

    def begin_from(self, tensors: Tensors) -> None:
        """Take over only the mean of another policy, to learn on with fresh exploration."""


class Value(Trained, Protocol):
    """What a learner needs of a value network: V(s), the expected return from s."""

    def predict(self, observations: Floats) -> Floats:
        """V(s) for observations of shape (M, D): shape (M,)."""

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one step down the mean squared error to the returns; answer that error."""


class Adam:
    """Adam (Kingma & Ba 2015) on one flat array of parameters."""

    def __init__(self, parameters: Floats, *, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        """Train `parameters`, shape (P,), in place; `betas` say how slowly the two means forget."""
        self.parameters, self.betas = parameters, betas
        self.mean, self.square = np.zeros_like(parameters), np.zeros_like(parameters)
        self.steps: Floats = np.zeros(())

    def descend(self, gradient: Floats, learning_rate: float) -> None:
        """Take one step down a gradient of shape (P,)."""
        first, second = self.betas
        self.steps += 1
        self.mean += (1 - first) * (gradient - self.mean)
        self.square += (1 - second) * (gradient * gradient - self.square)
        rate = learning_rate / (1 - first ** int(self.steps))
        size = np.sqrt(self.square / (1 - second ** int(self.steps)))
        self.parameters -= rate * self.mean / (size + 1e-8)


class Numbers:
    """The parameters of a network, all in one array with one Adam, so that a step is a few sums of arrays."""

    def __init__(self, parameters: Mapping[str, Floats]) -> None:
        """Copy parameters; `places` are views of where they are from now on, by name."""
        self._shapes = {name: value.shape for name, value in parameters.items()}
        self._ends = np.cumsum([value.size for value in parameters.values()])[:-1]
        self.optimiser = Adam(np.concatenate([value.ravel() for value in parameters.values()]))
        adam = self.optimiser
        self.places = self._parts(adam.parameters)
        means = {f"adam.mean.{name}": place for name, place in self._parts(adam.mean).items()}
        squares = {f"adam.square.{name}": place for name, place in self._parts(adam.square).items()}
        self._all = self.places | means | squares | {"adam.steps": adam.steps}

    def _parts(self, flat: Floats) -> Tensors:
        """Views of a flat array in the shapes of the parameters, by name."""
        parts = zip(self._shapes.items(), np.split(flat, self._ends), strict=True)
        return {name: part.reshape(shape) for (name, shape), part in parts}

    def descend(self, gradients: Mapping[str, Floats], learning_rate: float, max_norm: float) -> float:
        """Take a step down gradients by name; return their norm before they are scaled down to `max_norm`.

        A step whose gradient is not finite is not taken.
        """
        gradient = np.concatenate([gradients[name].ravel() for name in self._shapes])
        norm = math.sqrt(float(gradient @ gradient))
        if math.isfinite(norm):  # a step along not-a-number would lose all that was learned
            gradient *= min(1.0, max_norm / (norm + 1e-6))
            self.optimiser.descend(gradient, learning_rate)
        return norm

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return {name: place.copy() for name, place in self._all.items()}

    def load(self, tensors: Tensors) -> None:
        """Take over what `tensors` gave; the optimiser's part may be missing, it then starts anew.

        Raises:
            ValueError: they are of another network, or not finite.
        """
        for name, place in self._all.items():
            value = tensors.get(name)
            if value is None and name.startswith("adam."):
                place[...] = 0
            elif value is None or value.shape != place.shape:
                found = "is missing" if value is None else f"has the shape {value.shape}"
                raise ValueError(
                    f"This is another network: {name} {found}, {place.shape} is needed; "
                    "use the settings it was trained with."
                )
            elif not np.isfinite(value).all():
                raise ValueError(f"{name} holds numbers that are not finite; use another checkpoint or file.")
            else:
                place[...] = value


class GaussianActor(ABC):
    """Acting by pi(u | s) = N(mu(s), diag(sigma^2)): mu a perceptron, sigma the same everywhere.

    The actions u are unbounded; the task clips them (see `Approach`).
    """

    def __init__(
        self, numbers: Numbers, *, activation: ActivationKind, output: OutputKind, log_std_floor: float
    ) -> None:
        """Act by the numbers `mean.0.weight`, `mean.0.bias`, `mean.2.weight`, ... and `log_std`."""
        self.numbers, self.output, self.log_std_floor = numbers, output, log_std_floor
        self.log_sigma = numbers.places["log_std"]
        """log sigma of each action, shape (A,)."""
        self._tanh = activation == "tanh"
        self._layers = layers_of(numbers.places)

    def _mean(self, observations: Floats, *, relu_output: bool) -> Floats:
        x = np.asarray(observations, self.log_sigma.dtype)
        return forward(self._layers, x, tanh=self._tanh, relu_output=relu_output)

    def greedy(self, observations: Floats) -> Floats:
        """Return the most probable actions mu(s): observations (N, D) to actions (N, A)."""
        return self._mean(observations, relu_output=self.output == "relu")

    def act(self, observations: Floats, rng: np.random.Generator) -> Floats:
        """Draw actions u = mu(s) + sigma eps, eps ~ N(0, 1): observations (N, D) to actions (N, A)."""
        mean = self.greedy(observations)
        noise = rng.standard_normal(mean.shape, mean.dtype.type)
        noise *= np.exp(self.log_sigma)
        noise += mean
        actions: Floats = noise
        return actions

    def log_prob(self, observations: Floats, actions: Floats) -> Floats:
        """log pi(u | s) for M pairs: (M, D) and (M, A) to (M,)."""
        u = np.asarray(actions, self.log_sigma.dtype)
        return gaussian_log_prob(u, self.greedy(observations), self.log_sigma)[0]

    def by_mean_and_std(
        self, u: Floats, mu: Floats, weights: Weights, entropy_bonus: float
    ) -> tuple[Floats, Floats]:
        """Derivatives of sum_i w_i log N(u_i; mu_i, sigma^2) + entropy_bonus * H, of which dH/dlog sigma = 1.

        Returns those by mu, shape (M, A), and by log sigma, shape (A,).
        """
        log_prob, dmu, dlog_std = gaussian_log_prob(u, mu, self.log_sigma)
        w = np.asarray(weights(log_prob) if callable(weights) else weights, dmu.dtype)
        dmu *= w[:, None]
        return dmu, w @ dlog_std + dmu.dtype.type(entropy_bonus)

    @abstractmethod
    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """The gradients, by name, of sum_i w_i log pi(u_i | s_i) + entropy_bonus * H."""

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

        A step whose gradient is not finite is not taken.
        """
        gradients = self.gradients(observations, actions, weights, entropy_bonus)
        down = {name: -part for name, part in gradients.items()}
        norm = self.numbers.descend(down, learning_rate, max_gradient_norm)
        self.hold_floor()
        return norm

    def dead_outputs(self, observations: Floats) -> float:
        """Share of outputs that a ReLU on the output holds at 0, where no gradient flows; 0 without one."""
        return (
            float((self._mean(observations, relu_output=False) <= 0).mean()) if self.output == "relu" else 0.0
        )

    def entropy(self) -> float:
        """Entropy of pi(. | s) in nats: sum_a log sigma_a + 1/2 log(2 pi e)."""
        return float((self.log_sigma + 0.5 * math.log(2 * math.pi * math.e)).sum())

    @property
    def std(self) -> tuple[float, ...]:
        """sigma of each action."""
        return tuple(np.exp(self.log_sigma).tolist())

    def hold_floor(self) -> None:
        """Lift log sigma to its floor where it has fallen below."""
        np.maximum(self.log_sigma, self.log_std_floor, out=self.log_sigma)

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return self.numbers.tensors()

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""
        self.numbers.load(tensors)

    def begin_from(self, tensors: Tensors) -> None:
        """Take over the mean of another policy, but keep sigma and begin a new optimiser.

        A policy at the end of a long training hardly explores any more: too little to learn another robot.
        """
        means = {name: value for name, value in tensors.items() if name.startswith("mean.")}
        self.load(means | {"log_std": self.log_sigma.copy()})


def orthogonal(
    shapes: Sequence[tuple[int, int]], rng: np.random.Generator, *, output_gain: float
) -> list[Floats]:
    """Draw orthogonal weights (Saxe et al. 2014) for layers of these shapes, (outputs, inputs).

    Hidden layers get gain sqrt(2), the last one `output_gain`: a small one makes a policy begin with
    the same action everywhere. They are of single precision, in which PyTorch makes its layers.
    """
    gains = [math.sqrt(2)] * (len(shapes) - 1) + [output_gain]
    return [
        initial_weights("orthogonal", *shape, rng, gain=gain).astype(np.float32)
        for shape, gain in zip(shapes, gains, strict=True)
    ]
