"""A neural network by hand, in NumPy: the forward pass, and every derivative with its formula and shapes.

Every policy acts with this network, the NumPy backend also learns with it, and it is written to be read. M is
the number of samples in a batch, the first axis of every array; dX means the derivative of the loss by X, and
has the shape of X.

Only the chain rule is needed. The backward pass of a layer y = f(x) takes dy and returns dx = dy * f'(x);
that of a layer with parameters also returns their derivatives, summed over the batch. So the *one* division
by M belongs in the loss (see `losses`) and nowhere else: then every layer's gradient contains it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Parameters = dict[str, Array]

# Activations. Each is a pair: the function f, and the one that returns dx from dy, x and y = f(x). If f'
# follows from y alone, f need not be computed again.


def relu(x: Array) -> Array:
    """y = max(x, 0); shape (M, N) to (M, N)."""
    return np.maximum(x, 0)


def relu_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy where x > 0, else 0. A unit with x < 0 for every sample is dead: it learns nothing."""
    return dy * (x > 0)


def tanh_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy (1 - y^2): nearly 0 where y is near -1 or 1; such a unit is saturated."""
    return dy * (1 - y * y)


def sigmoid(x: Array) -> Array:
    """y = 1 / (1 + e^-x); shape (M, N) to (M, N). Written with tanh, which does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def sigmoid_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy y (1 - y), with y the *output*: at most a quarter, and nearly 0 where saturated."""
    return dy * y * (1 - y)


def linear(x: Array) -> Array:
    """y = x."""
    return x


def linear_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy."""
    return dy


def softmax(x: Array) -> Array:
    """y_i = e^x_i / sum_j e^x_j in each row; the largest x is subtracted first, so that nothing overflows."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def softmax_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx_i = y_i (dy_i - sum_j dy_j y_j).

    Every output depends on every input: dy_i/dx_j = y_i ([i = j] - y_j) is a matrix for each sample, and
    y (1 - y), which is right for the sigmoid, is only its diagonal.
    """
    return np.asarray(y * (dy - (dy * y).sum(axis=-1, keepdims=True)))


Activation = Literal["relu", "tanh", "sigmoid", "softmax", "linear"]
Forward = Callable[[Array], Array]
Backward = Callable[[Array, Array, Array], Array]

ACTIVATIONS: Mapping[str, tuple[Forward, Backward]] = {
    "relu": (relu, relu_backward),
    "tanh": (np.tanh, tanh_backward),
    "sigmoid": (sigmoid, sigmoid_backward),
    "softmax": (softmax, softmax_backward),
    "linear": (linear, linear_backward),
}

# First weights, shape (outputs, inputs). If too small, no signal passes; if too large, units saturate.

Initialisation = Literal["orthogonal", "glorot", "he", "default"]


def initial_weights(
    kind: Initialisation, outputs: int, inputs: int, rng: np.random.Generator, *, gain: float = 1.0
) -> Array:
    """Draw the first weights of a layer.

    Args:
        kind: `orthogonal` (Saxe et al. 2014); `glorot`, U(+-sqrt(6 / (in + out))), for tanh and sigmoid
            (Glorot & Bengio 2010); `he`, N(0, 2 / in), for ReLU (He et al. 2015); or `default`,
            U(+-1 / sqrt(in)), which is PyTorch's.
        outputs: number of outputs, the rows.
        inputs: number of inputs, the columns.
        rng: the random generator.
        gain: factor of all weights.
    """
    if kind == "orthogonal":
        q, r = np.linalg.qr(rng.standard_normal((max(outputs, inputs), min(outputs, inputs))))
        q = q * np.sign(np.diag(r))
        return np.asarray(gain * (q if outputs >= inputs else q.T))
    if kind == "glorot":
        limit = math.sqrt(6 / (inputs + outputs))
        return np.asarray(gain * rng.uniform(-limit, limit, (outputs, inputs)))
    if kind == "he":
        return np.asarray(gain * math.sqrt(2 / inputs) * rng.standard_normal((outputs, inputs)))
    limit = 1 / math.sqrt(inputs)
    return np.asarray(gain * rng.uniform(-limit, limit, (outputs, inputs)))


def first_parameters(
    sizes: Sequence[int],
    initialisation: Initialisation = "orthogonal",
    *,
    hidden_gain: float = math.sqrt(2),
    output_gain: float = 1.0,
    bias: bool = True,
    seed: int | np.random.Generator | None = None,
) -> Parameters:
    """Draw the first parameters of a network; float64.

    Args:
        sizes: sizes of the input, the hidden layers and the output.
        initialisation: how the weights are drawn. Biases begin at 0; with `default` they are drawn too.
        hidden_gain: factor of the hidden layers' weights.
        output_gain: factor of the last layer's weights; a small one makes all outputs similar at first.
        bias: whether the layers have biases.
        seed: a seed, or the random generator.
    """
    rng = np.random.default_rng(seed)
    parameters: Parameters = {}
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        gain = output_gain if layer == len(sizes) - 2 else hidden_gain
        weight = initial_weights(initialisation, outputs, inputs, rng, gain=gain)
        parameters[f"{2 * layer}.weight"] = weight
        if bias:
            drawn = initialisation == "default"
            limit = 1 / math.sqrt(inputs)
            parameters[f"{2 * layer}.bias"] = (
                rng.uniform(-limit, limit, outputs) if drawn else np.zeros(outputs)
            )
    return parameters


@dataclass(slots=True)
class Pass:
    """The intermediate values of a forward pass, which the backward pass needs."""

    inputs: list[Array] = field(default_factory=list)
    """x of each layer, shape (M, in)."""
    sums: list[Array] = field(default_factory=list)
    """z = x W^T + b of each layer, shape (M, out)."""
    outputs: list[Array] = field(default_factory=list)
    """f(z) of each layer, shape (M, out)."""


class MLP:
    """A multilayer perceptron: layers z = x W^T + b, y = f(z).

    Parameters have the names that PyTorch gives them in a `Sequential` of linear layers and activations:
    `0.weight`, `0.bias`, `2.weight`, ...; weights have the shape (out, in), biases (out,).
    """

    def __init__(
        self, parameters: Parameters, *, hidden: Activation = "tanh", output: Activation = "linear"
    ) -> None:
        """Build a network on given parameters.

        Args:
            parameters: see `first_parameters`; a training changes these arrays in place.
            hidden: activation between the layers.
            output: activation after the last one.
        """
        self.parameters = parameters
        numbers = sorted(int(name.split(".")[0]) for name in parameters if name.endswith(".weight"))
        self.activations: list[Activation] = [hidden] * (len(numbers) - 1) + [output]
        self._layers = [
            (parameters[f"{i}.weight"], parameters.get(f"{i}.bias"), ACTIVATIONS[activation][0])
            for i, activation in zip(numbers, self.activations, strict=True)
        ]

    @staticmethod
    def create(
        sizes: Sequence[int], *, hidden: Activation = "tanh", output: Activation = "linear", **first: Any
    ) -> "MLP":
        """Build a network with the first parameters that `first_parameters(sizes, **first)` draws."""
        return MLP(first_parameters(sizes, **first), hidden=hidden, output=output)

    def __call__(self, x: Array) -> Array:
        """Return the outputs (M, out) for inputs (M, in)."""
        for weight, bias, activate in self._layers:
            x = x @ weight.T
            if bias is not None:
                x += bias
            x = activate(x)
        return x

    def forward(self, x: Array) -> tuple[Array, Pass]:
        """Return the outputs (M, out) for inputs (M, in), and the values that `backward` needs.

        The products use samples as columns, z^T = W x^T: the same numbers up to rounding, but matrices with
        few long rows are multiplied and added nearly three times as fast.
        """
        through = Pass()
        for weight, bias, activate in self._layers:
            through.inputs.append(x)
            z = (weight @ x.T).T
            if bias is not None:
                z += bias
            x = activate(z)
            through.sums.append(z)
            through.outputs.append(x)
        return x, through

    def backward(self, dy: Array, through: Pass, *, of_sums: bool = False) -> tuple[Parameters, Array]:
        """Return the derivatives by all parameters and by the inputs, from the derivative by the outputs.

        In each layer, from the last to the first:
        dz = dy f'(z),  dW = dz^T x,  db = sum over the batch of dz,  dx = dz W, the dy of the layer before.

        Args:
            dy: shape (M, out).
            through: what `forward` returned.
            of_sums: whether dy is the derivative by the last layer's sums z, as `cross_entropy` returns it.

        Returns:
            The gradients by name, and dx, shape (M, in).
        """
        gradients: Parameters = {}
        for layer in reversed(range(len(self.activations))):
            if of_sums and layer == len(self.activations) - 1:
                dz = dy
            else:
                backward = ACTIVATIONS[self.activations[layer]][1]
                dz = backward(dy, through.sums[layer], through.outputs[layer])
            gradients[f"{2 * layer}.weight"] = dz.T @ through.inputs[layer]
            if f"{2 * layer}.bias" in self.parameters:
                gradients[f"{2 * layer}.bias"] = dz.sum(axis=0)
            dy = (self.parameters[f"{2 * layer}.weight"].T @ dz.T).T
        return gradients, dy
