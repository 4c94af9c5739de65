"""The Gaussian policy in PyTorch, and the value network that can serve as its baseline.

Both keep their numbers in torch tensors and are trained by autograd. Acting goes through NumPy views
of the same memory: for a network of this size that is five times faster than a torch forward pass.
"""

import math
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from robot_agent.network import forward

Floats = NDArray[np.floating]
Tensors = dict[str, Floats]
Weights = Floats | Callable[[Floats], Floats]
ActivationKind = Literal["tanh", "relu"]
OutputKind = Literal["linear", "relu"]
InitialisationKind = Literal["orthogonal", "default"]

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}


class Policy(Protocol):
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

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""

    def begin_from(self, tensors: Tensors) -> None:
        """Take over only the mean of another policy, to learn on with fresh exploration."""


def initialise(network: nn.Sequential, rng: np.random.Generator, *, output_gain: float) -> None:
    """Give a network orthogonal weights (Saxe et al. 2014) and zero biases, drawn with NumPy.

    Hidden layers get gain sqrt(2), the last layer `output_gain`: a small one makes a policy begin
    with the same action everywhere.
    """
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    for layer in layers:
        gain = output_gain if layer is layers[-1] else math.sqrt(2)
        rows, columns = layer.weight.shape
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))
        weight = q if rows >= columns else q.T
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(gain * weight))
            layer.bias.zero_()


def perceptron(sizes: Sequence[int], activation: ActivationKind) -> nn.Sequential:
    """Build linear layers of the given sizes with an activation between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


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


class _Trained(nn.Module):
    """A module with its Adam, whose numbers can be taken out and put back."""

    optimiser: Adam

    def _make_optimiser(self) -> None:
        """Make all parameters views of one array, so that the optimiser and the norm see only one."""
        self._trained = dict(self.named_parameters())
        self._ends = np.cumsum([parameter.numel() for parameter in self._trained.values()])[:-1]
        self.optimiser = Adam(np.concatenate([p.detach().numpy().ravel() for p in self._trained.values()]))
        for name, place in self._parts(self.optimiser.parameters).items():
            self._trained[name].data = torch.from_numpy(place)

    def _parts(self, flat: Floats) -> Tensors:
        """Views of a flat array in the shapes of the parameters, by name."""
        parts = zip(self._trained.items(), np.split(flat, self._ends), strict=True)
        return {name: part.reshape(tuple(parameter.shape)) for (name, parameter), part in parts}

    def _step(self, loss: torch.Tensor, learning_rate: float, max_gradient_norm: float) -> float:
        gradients = torch.autograd.grad(loss, list(self._trained.values()))
        gradient = np.concatenate([part.numpy().ravel() for part in gradients])
        norm = math.sqrt(float(gradient @ gradient))
        if math.isfinite(norm):  # a step along not-a-number would lose all that was learned
            gradient *= min(1.0, max_gradient_norm / (norm + 1e-6))
            self.optimiser.descend(gradient, learning_rate)
        return norm

    def _places(self) -> Tensors:
        adam = self.optimiser
        places = self._parts(adam.parameters)
        places |= {f"adam.mean.{name}": place for name, place in self._parts(adam.mean).items()}
        places |= {f"adam.square.{name}": place for name, place in self._parts(adam.square).items()}
        return places | {"adam.steps": adam.steps}

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return {name: place.copy() for name, place in self._places().items()}

    def load(self, tensors: Tensors) -> None:
        """Take over what `tensors` gave; the optimiser's part may be missing, it then starts anew."""
        for name, place in self._places().items():
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


class GaussianPolicy(_Trained):
    """pi(u | s) = N(mu(s), diag(sigma^2)): mu a perceptron, sigma learned and the same everywhere.

    The actions u are unbounded; the task clips them (see `Approach`).
    """

    def __init__(
        self,
        observation_size: int,
        log_std: Sequence[float],
        *,
        hidden: Sequence[int] = (32, 32),
        activation: ActivationKind = "tanh",
        output: OutputKind = "linear",
        initialisation: InitialisationKind = "orthogonal",
        log_std_floor: float = -3.0,
        seed: int | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Build a policy.

        Args:
            observation_size: D, numbers in an observation.
            log_std: log sigma at the start, one per action; their count is A.
            hidden: sizes of the hidden layers.
            activation: of the hidden layers.
            output: `linear`; or `relu`: mu = 2 relu(z) - 1, as the original network had it, whose
                ReLU stood on the action itself.
            initialisation: `orthogonal` (0.01 on the last layer, so it starts by driving straight),
                or PyTorch's `default`.
            log_std_floor: log sigma never falls below this.
            seed: of the initial weights.
            dtype: of all tensors.
        """
        super().__init__()
        rng = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**62)))
            self.mean = perceptron([observation_size, *hidden, len(log_std)], activation)
        if initialisation == "orthogonal":
            initialise(self.mean, rng, output_gain=0.01)
        self.log_std = nn.Parameter(torch.tensor(list(log_std), dtype=torch.float64))
        self.to(dtype)
        self.output, self.log_std_floor = output, log_std_floor
        self._tanh = activation == "tanh"
        self._make_optimiser()
        linear = [layer for layer in self.mean if isinstance(layer, nn.Linear)]
        self._views = [(at.weight.detach().numpy().T, at.bias.detach().numpy()) for at in linear]
        self._log_std_view = self.log_std.detach().numpy()

    def greedy(self, observations: Floats) -> Floats:
        """Return the most probable actions mu(s): observations (N, D) to actions (N, A)."""
        x = np.asarray(observations, self._log_std_view.dtype)
        return forward(self._views, x, tanh=self._tanh, relu_output=self.output == "relu")

    def act(self, observations: Floats, rng: np.random.Generator) -> Floats:
        """Draw actions u = mu(s) + sigma eps, eps ~ N(0, 1): observations (N, D) to actions (N, A)."""
        mean = self.greedy(observations)
        noise = rng.standard_normal(mean.shape, mean.dtype.type)
        noise *= np.exp(self._log_std_view)
        noise += mean
        actions: Floats = noise
        return actions

    @torch.no_grad()
    def dead_outputs(self, observations: Floats) -> float:
        """Share of outputs that a ReLU on the output holds at 0, where no gradient flows; 0 without one."""
        if self.output != "relu":
            return 0.0
        z = self.mean(torch.as_tensor(observations, dtype=self.log_std.dtype))
        return float((z <= 0).double().mean())

    def begin_from(self, tensors: Tensors) -> None:
        """Take over the mean of another policy, but keep sigma and begin a new optimiser.

        A policy at the end of a long training hardly explores any more: too little to learn another robot.
        """
        means = {name: value for name, value in tensors.items() if name.startswith("mean.")}
        self.load(means | {"log_std": self.log_std.detach().numpy().copy()})

    def mu(self, observations: torch.Tensor) -> torch.Tensor:
        """mu(s) with gradients, for observations of shape (M, D): shape (M, A)."""
        mean: torch.Tensor = self.mean(observations)
        return 2 * torch.relu(mean) - 1 if self.output == "relu" else mean

    def _log_prob(self, observations: Floats, actions: Floats) -> torch.Tensor:
        """log N(u; mu, sigma^2) = -1/2 ((u - mu) / sigma)^2 - log sigma - 1/2 log(2 pi), summed over u."""
        dtype = self.log_std.dtype
        s, u = (torch.as_tensor(value, dtype=dtype) for value in (observations, actions))
        z = (u - self.mu(s)) / torch.exp(self.log_std)
        log_normaliser = self.log_std.sum() + 0.5 * math.log(2 * math.pi) * u.shape[-1]
        return -0.5 * (z * z).sum(-1) - log_normaliser

    @torch.no_grad()
    def log_prob(self, observations: Floats, actions: Floats) -> Floats:
        """log pi(u | s) for M pairs: (M, D) and (M, A) to (M,)."""
        return self._log_prob(observations, actions).numpy()

    def entropy(self) -> float:
        """Entropy of pi(. | s) in nats: sum_a log sigma_a + 1/2 log(2 pi e)."""
        return float((self._log_std_view + 0.5 * math.log(2 * math.pi * math.e)).sum())

    def surrogate(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> torch.Tensor:
        """sum_i w_i log pi(u_i | s_i) + entropy_bonus * H, whose gradient REINFORCE climbs."""
        log_prob = self._log_prob(observations, actions)
        w = weights(log_prob.detach().numpy()) if callable(weights) else weights
        value = torch.as_tensor(w, dtype=self.log_std.dtype) @ log_prob
        # The rest of H is constant.
        return value + entropy_bonus * self.log_std.sum() if entropy_bonus else value

    @property
    def std(self) -> tuple[float, ...]:
        """sigma of each action."""
        return tuple(np.exp(self._log_std_view).tolist())

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
        """Take one Adam step up the surrogate; return the gradient's norm before clipping.

        A step whose gradient is not finite is not taken.
        """
        loss = -self.surrogate(observations, actions, weights, entropy_bonus)
        norm = self._step(loss, learning_rate, max_gradient_norm)
        np.maximum(self._log_std_view, self.log_std_floor, out=self._log_std_view)
        return norm


class ValueNetwork(_Trained):
    """V(s), the expected return from s: the baseline that needs the fewest episodes."""

    def __init__(
        self,
        observation_size: int,
        *,
        hidden: Sequence[int] = (32, 32),
        activation: ActivationKind = "tanh",
        seed: int | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Build a perceptron from D numbers to one; sizes and seed as for `GaussianPolicy`."""
        super().__init__()
        self.network = perceptron([observation_size, *hidden, 1], activation)
        initialise(self.network, np.random.default_rng(seed), output_gain=1.0)
        self.to(dtype)
        self._make_optimiser()

    def _values(self, observations: Floats) -> torch.Tensor:
        dtype = next(self.parameters()).dtype
        values: torch.Tensor = self.network(torch.as_tensor(observations, dtype=dtype)).squeeze(-1)
        return values

    @torch.no_grad()
    def predict(self, observations: Floats) -> Floats:
        """V(s) for observations of shape (M, D): shape (M,)."""
        return self._values(observations).numpy()

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; answer that error."""
        targets = torch.as_tensor(returns, dtype=next(self.parameters()).dtype)
        loss = nn.functional.mse_loss(self._values(observations), targets)
        self._step(loss, learning_rate, 1.0)
        return float(loss.detach())
