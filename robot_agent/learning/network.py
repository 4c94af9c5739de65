"""The mean network's forward pass in NumPy alone: what acts, and what shows a policy without torch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Layers = Sequence[tuple[Floats, Floats]]
"""Of each linear layer the weight, shape (inputs, outputs), and the bias, shape (outputs,)."""


def forward(layers: Layers, x: Floats, *, tanh: bool = True, relu_output: bool = False) -> Floats:
    """Return mu(s): observations x (N, D) to actions (N, A).

    Args:
        layers: from the first to the last.
        x: in the type of the layers; it is not changed.
        tanh: between the layers; ReLU if not.
        relu_output: mu = 2 relu(z) - 1 instead of z, see `GaussianPolicy`.
    """
    for weight, bias in layers[:-1]:
        x = x @ weight
        x += bias
        x = np.tanh(x, out=x) if tanh else np.maximum(x, 0, out=x)
    weight, bias = layers[-1]
    mean: Floats = x @ weight + bias
    return 2 * np.maximum(mean, 0) - 1 if relu_output else mean


def layers_of(tensors: Mapping[str, NDArray[Any]]) -> list[tuple[Floats, Floats]]:
    """Return the layers of a policy's tensors, named `mean.0.weight`, `mean.0.bias`, `mean.2.weight`, ..."""
    numbers = sorted(
        int(name.split(".")[1]) for name in tensors if name.startswith("mean.") and name.endswith(".weight")
    )
    return [(tensors[f"mean.{i}.weight"].T, tensors[f"mean.{i}.bias"]) for i in numbers]
