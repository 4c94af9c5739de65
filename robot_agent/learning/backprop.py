"""Neural networks by hand, in NumPy: every forward pass, every derivative, every step written out.

For reading, and for where PyTorch cannot be installed. M is the number of samples in a batch, the first
axis of every array; dX stands for the derivative of the loss by X, and has the shape of X.

The chain rule is all there is. A layer y = f(x) that is given dy answers dx = dy * f'(x); a layer with
parameters answers their derivatives as well, summed over the batch. So the *one* division by M belongs
in the loss, and nowhere else: then every layer's gradient has it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Parameters = dict[str, Array]

# Activations. Each is a pair: the function, and dx from dy, x and y = f(x). Where f' can be told from
# y alone, that saves computing f again.


def relu(x: Array) -> Array:
    """y = max(x, 0); shape (M, N) to (M, N)."""
    return np.maximum(x, 0)


def relu_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy where x > 0, else 0: a unit below 0 for every sample learns nothing, it is dead."""
    return dy * (x > 0)


def tanh(x: Array) -> Array:
    """y = tanh(x); shape (M, N) to (M, N)."""
    return np.asarray(np.tanh(x))


def tanh_backward(dy: Array, x: Array, y: Array) -> Array:
    """dx = dy (1 - y^2): nearly 0 where y is near -1 or 1, the unit is saturated."""
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
    """y_i = e^x_i / sum_j e^x_j in each row; the largest x is taken off first, so nothing overflows."""
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
    "tanh": (tanh, tanh_backward),
    "sigmoid": (sigmoid, sigmoid_backward),
    "softmax": (softmax, softmax_backward),
    "linear": (linear, linear_backward),
}

# Losses. Each answers its value, a number, and the derivative by its first argument; means over the batch.


def squared_error(y: Array, target: Array) -> tuple[float, Array]:
    """L = 1/M sum (y - t)^2 over all samples and outputs; dy = 2 (y - t) / M."""
    error = y - target
    return float((error * error).sum()) / len(y), 2 * error / len(y)


def binary_cross_entropy(x: Array, target: Array) -> tuple[float, Array]:
    """Cross-entropy of y = sigmoid(x) with targets in [0, 1], by x: the logits, not the outputs.

    L = -1/M sum [t log y + (1 - t) log(1 - y)] = 1/M sum [max(x, 0) - t x + log(1 + e^-|x|)];
    dx = (y - t) / M. Going through y would divide by y (1 - y), which is 0 for a network that is sure.
    """
    value = np.maximum(x, 0) - target * x + np.log1p(np.exp(-np.abs(x)))
    return float(value.sum()) / len(x), (sigmoid(x) - target) / len(x)


def cross_entropy(x: Array, target: Array) -> tuple[float, Array]:
    """Cross-entropy of y = softmax(x) with targets that are probabilities (one-hot, for one), by the logits.

    L = -1/M sum t log y, log y = x - max x - log sum e^(x - max x); dx = (y - t) / M, where each row
    of t sums up to 1.
    """
    shifted = x - x.max(axis=-1, keepdims=True)
    log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-(target * log_y).sum()) / len(x), (np.exp(log_y) - target) / len(x)


def gaussian_log_prob(u: Array, mu: Array, log_std: Array) -> tuple[Array, Array, Array]:
    """log N(u; mu, sigma^2) summed over the actions, and its derivatives.

    With z = (u - mu) / sigma: log p = sum_a [-z^2 / 2 - log sigma - log(2 pi) / 2],
    d/dmu = z / sigma, d/dlog_sigma = z^2 - 1.

    Args:
        u: actions, shape (M, A).
        mu: their means, shape (M, A).
        log_std: log sigma, shape (A,).

    Returns:
        log p, shape (M,); the derivatives by mu and by log sigma of each, both of shape (M, A).
    """
    sigma = np.exp(log_std)
    z = (u - mu) / sigma
    squares = z * z
    log_p = squares @ np.full(u.shape[-1], -0.5, z.dtype)
    log_p -= float(log_std.sum()) + 0.5 * u.shape[-1] * math.log(2 * math.pi)
    return log_p, z / sigma, squares - 1


# First weights, shape (outputs, inputs). Too small, and nothing comes through; too large, and it saturates.

Initialisation = Literal["orthogonal", "glorot", "he", "default"]


def initial_weights(
    kind: Initialisation, outputs: int, inputs: int, rng: np.random.Generator, *, gain: float = 1.0
) -> Array:
    """Draw the first weights of a layer.

    Args:
        kind: `orthogonal` (Saxe et al. 2014); `glorot`, U(+-sqrt(6 / (in + out))), for tanh and sigmoid
            (Glorot & Bengio 2010); `he`, N(0, 2 / in), for ReLU (He et al. 2015); or `default`,
            U(+-1 / sqrt(in)), which is PyTorch's.
        outputs: rows.
        inputs: columns.
        rng: what draws.
        gain: multiplies them all.
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


@dataclass(slots=True)
class Pass:
    """What a forward pass went through: all that the backward pass needs."""

    inputs: list[Array] = field(default_factory=list)
    """x of each layer, shape (M, in)."""
    sums: list[Array] = field(default_factory=list)
    """z = x W^T + b of each layer, shape (M, out)."""
    outputs: list[Array] = field(default_factory=list)
    """f(z) of each layer, shape (M, out)."""


class Perceptron:
    """A multilayer perceptron: layers z = x W^T + b, y = f(z).

    The products are written for samples as columns, z^T = W x^T: the same numbers, in matrices of a few
    long rows, which are multiplied and added up nearly three times as fast as many short ones.

    Parameters are called as PyTorch calls those of a `Sequential` of linear layers and activations:
    `0.weight`, `0.bias`, `2.weight`, ...; weights have the shape (out, in), biases (out,).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        hidden: Activation = "tanh",
        output: Activation = "linear",
        initialisation: Initialisation = "orthogonal",
        hidden_gain: float = math.sqrt(2),
        output_gain: float = 1.0,
        bias: bool = True,
        seed: int | None = None,
        dtype: type[np.floating] = np.float64,
    ) -> None:
        """Build a network.

        Args:
            sizes: of input, hidden layers and output.
            hidden: activation between the layers.
            output: activation after the last.
            initialisation: of the weights; biases begin at 0, as PyTorch's do not.
            hidden_gain: multiplies the first weights of the hidden layers.
            output_gain: multiplies those of the last.
            bias: whether the layers have biases.
            seed: of the weights.
            dtype: of all parameters.
        """
        rng = np.random.default_rng(seed)
        self.activations: list[Activation] = [hidden] * (len(sizes) - 2) + [output]
        self.parameters: Parameters = {}
        for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
            gain = output_gain if layer == len(sizes) - 2 else hidden_gain
            weight = initial_weights(initialisation, outputs, inputs, rng, gain=gain)
            self.parameters[f"{2 * layer}.weight"] = weight.astype(dtype)
            if bias:
                self.parameters[f"{2 * layer}.bias"] = np.zeros(outputs, dtype)

    def forward(self, x: Array) -> tuple[Array, Pass]:
        """Inputs (M, in) to outputs (M, out), and what was gone through."""
        through = Pass()
        for layer, activation in enumerate(self.activations):
            through.inputs.append(x)
            z = (self.parameters[f"{2 * layer}.weight"] @ x.T).T
            if (b := self.parameters.get(f"{2 * layer}.bias")) is not None:
                z += b
            x = ACTIVATIONS[activation][0](z)
            through.sums.append(z)
            through.outputs.append(x)
        return x, through

    def __call__(self, x: Array) -> Array:
        """Inputs (M, in) to outputs (M, out)."""
        return self.forward(x)[0]

    def backward(self, dy: Array, through: Pass, *, of_sums: bool = False) -> tuple[Parameters, Array]:
        """From the derivative by the outputs to those by all parameters, and by the inputs.

        In each layer, from the last to the first:
        dz = dy f'(z),  dW = dz^T x,  db = sum over the batch of dz,  dx = dz W, the dy of the layer before.

        Args:
            dy: shape (M, out).
            through: what `forward` went through.
            of_sums: dy is already by the last layer's sums z, as `cross_entropy` answers it.

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


class Optimiser(Protocol):
    """Changes parameters, in place, by their gradients."""

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step downhill."""


class SGD:
    """v = m v + g;  p -= lr v, with momentum m (Polyak 1964)."""

    def __init__(self, momentum: float = 0.0) -> None:
        """Set the momentum, in [0, 1)."""
        self.momentum = momentum
        self.velocity: Parameters = {}

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step downhill."""
        for name, g in gradients.items():
            v = self.velocity[name] = self.momentum * self.velocity.get(name, np.zeros_like(g)) + g
            parameters[name] -= learning_rate * v


class Adam:
    """Adam (Kingma & Ba 2015); with a weight decay, AdamW (Loshchilov & Hutter 2019).

    m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  both begin at 0 and are therefore divided by
    1 - b1^t and 1 - b2^t;  p -= lr m / (sqrt(v) + eps). The decay goes by p itself: p -= lr decay p.
    """

    def __init__(
        self, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        """Set the two memories in [0, 1), what keeps the division sane, and the decay."""
        self.beta1, self.beta2, self.epsilon, self.weight_decay = beta1, beta2, epsilon, weight_decay
        self.steps = 0
        self.first: Parameters = {}
        """m of each parameter."""
        self.second: Parameters = {}
        """v of each parameter."""

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Take one step downhill."""
        self.steps += 1
        correction1 = 1 - self.beta1**self.steps
        correction2 = math.sqrt(1 - self.beta2**self.steps)
        for name, g in gradients.items():
            p = parameters[name]
            m = self.first.setdefault(name, np.zeros_like(p))
            v = self.second.setdefault(name, np.zeros_like(p))
            if self.weight_decay:
                p *= 1 - learning_rate * self.weight_decay
            m += (1 - self.beta1) * (g - m)
            v *= self.beta2
            v += (1 - self.beta2) * g * g
            p -= learning_rate / correction1 * m / (np.sqrt(v) / correction2 + self.epsilon)


def clip_gradients(gradients: Parameters, longest: float) -> float:
    """Scale all gradients, in place, to at most `longest` together; return their length before."""
    norm = math.sqrt(sum(float((g * g).sum()) for g in gradients.values()))
    if norm > longest:
        for g in gradients.values():
            g *= longest / (norm + 1e-6)  # as PyTorch does
    return norm


def numerical_gradient(
    loss: Callable[[], float], parameters: Mapping[str, NDArray[Any]], step: float = 1e-5
) -> Parameters:
    """dL/dp = (L(p + h) - L(p - h)) / 2h for every single number: slow, simple, and the judge of the rest.

    Args:
        loss: computes L from the parameters as they are now; float64, or the differences drown.
        parameters: changed while this runs, and put back.
        step: h.
    """
    gradients: Parameters = {}
    for name, p in parameters.items():
        gradient = np.zeros_like(p)
        for at in np.ndindex(p.shape):
            kept = p[at]
            p[at] = kept + step
            above = loss()
            p[at] = kept - step
            below = loss()
            p[at] = kept
            gradient[at] = (above - below) / (2 * step)
        gradients[name] = gradient
    return gradients
