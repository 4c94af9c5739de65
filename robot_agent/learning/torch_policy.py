"""The Gaussian policy and the value network in PyTorch: the gradients by autograd.

The torch tensors share the memory of the NumPy arrays with which the policy acts and Adam steps: for networks
of this size that is five times faster than torch alone.
"""

from functools import cached_property

import numpy as np
import torch
from torch import nn

from robot_agent.learning.gaussian import ActivationKind, GaussianActor
from robot_agent.learning.policy import Weights
from robot_agent.learning.tensors import Floats, Tensors
from robot_agent.learning.value import ValueActor

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}
FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu}


class TorchMLP(nn.Sequential):
    """Linear layers with an activation between each two; the weights share memory with NumPy arrays."""

    def __init__(self, parameters: Tensors, activation: ActivationKind) -> None:
        """Build the layers for arrays called `0.weight`, `0.bias`, `2.weight`, ..."""
        shapes = [value.shape for name, value in parameters.items() if name.endswith("weight")]
        linear = [nn.Linear(inputs, outputs, device="meta") for outputs, inputs in shapes]
        super().__init__(*[part for layer in linear for part in (layer, ACTIVATIONS[activation]())][:-1])
        for number, layer in enumerate(linear):
            layer.weight = nn.Parameter(torch.from_numpy(parameters[f"{2 * number}.weight"]))
            layer.bias = nn.Parameter(torch.from_numpy(parameters[f"{2 * number}.bias"]))
        self._linear, self._activate = linear, FUNCTIONS[activation]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs (M, out) for inputs (M, in)."""
        x = x.t()  # samples as columns: matrices with few long rows are multiplied a quarter faster
        for number, layer in enumerate(self._linear):
            x = torch.addmm(layer.bias[:, None], layer.weight, self._activate(x) if number else x)
        return x.t()


class GaussianPolicy(GaussianActor):
    """pi(u | s) = N(mu(s), diag(sigma^2)), with gradients by autograd."""

    @cached_property
    def mean(self) -> TorchMLP:
        """The network in PyTorch; its parameters are those of `network`."""
        return TorchMLP(self.network.parameters, self.activation)

    @cached_property
    def log_std(self) -> nn.Parameter:
        """log sigma of each action in PyTorch, shape (A,); its numbers are those of `log_sigma`."""
        return nn.Parameter(torch.from_numpy(self.log_sigma))

    def named_parameters(self) -> dict[str, nn.Parameter]:
        """All parameters in PyTorch by name, for an optimiser of your own."""
        return {"log_std": self.log_std} | dict(self.mean.named_parameters(prefix="mean"))

    def mean_actions(self, observations: Floats) -> torch.Tensor:
        """Return mu(s) with gradients, shape (M, A), for observations of shape (M, D)."""
        z: torch.Tensor = self.mean(torch.from_numpy(np.asarray(observations, self.dtype)))
        return 2 * torch.relu(z) - 1 if self.output == "relu" else z

    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """Return the gradients, by name, of sum_i w_i log pi(u_i | s_i) + entropy_bonus * H.

        The derivatives of a Gaussian by mu and log sigma are computed by their formulas. Autograd carries
        only those by mu back through the network, which is faster than autograd through log pi as well.
        """
        mu = self.mean_actions(observations)
        u = np.asarray(actions, self.dtype)
        dmu, dlog_std = self.by_mu_and_sigma(u, mu.detach().numpy(), weights, entropy_bonus)
        # Backpropagate from a number, not from mu: for that PyTorch would first load sympy, 0.4 s and 35 MB.
        along = (mu * torch.from_numpy(dmu)).sum()
        return _gradients(along, self._of_mean) | {"log_std": dlog_std}

    @cached_property
    def _of_mean(self) -> dict[str, nn.Parameter]:
        return dict(self.mean.named_parameters(prefix="mean"))


class ValueNetwork(ValueActor):
    """V(s), the expected return from s, with gradients by autograd."""

    @cached_property
    def network(self) -> TorchMLP:
        """The network in PyTorch, on the parameters of this value network."""
        return TorchMLP(self.views, self.activation)

    @cached_property
    def _trained(self) -> dict[str, nn.Parameter]:
        return dict(self.network.named_parameters(prefix="network"))

    def _values(self, observations: Floats) -> torch.Tensor:
        values: torch.Tensor = self.network(torch.from_numpy(np.asarray(observations, self.dtype)))
        return values.squeeze(-1)

    def predict(self, observations: Floats) -> Floats:
        """Return V(s), shape (M,), for observations of shape (M, D)."""
        with torch.no_grad():
            return self._values(observations).numpy()

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; return that error."""
        targets = torch.from_numpy(np.asarray(returns, self.dtype))
        loss = nn.functional.mse_loss(self._values(observations), targets)
        self.parameters.descend(_gradients(loss, self._trained), learning_rate, 1.0)
        return float(loss.detach())


def _gradients(of: torch.Tensor, parameters: dict[str, nn.Parameter]) -> Tensors:
    """Return the gradients of a number by the parameters, by name."""
    parts = torch.autograd.grad(of, tuple(parameters.values()))
    return {name: part.numpy() for name, part in zip(parameters, parts, strict=True)}
