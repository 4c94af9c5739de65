"""Handwritten digits: scikit-learn's 1,797 of 8 x 8 pixels, or MNIST if the user has the file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robot_agent.errors import SettingsError
from robot_agent.learning.mlp import Array


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures, shape (M, pixels), in [0, 1], and one-hot digits, shape (M, 10)."""

    x: Array
    t: Array
    held_out_x: Array
    held_out_t: Array


def load(mnist: Path = Path("mnist.npz")) -> Digits:
    """Read MNIST from a file in the format of Keras if it exists, else scikit-learn's digits.

    Raises:
        SettingsError: there is no such file, and scikit-learn is not installed.
    """
    if mnist.is_file():
        with np.load(mnist) as arrays:
            parts = [arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")]
        x, y, held_x, held_y = parts
        return Digits(_pixels(x, 255), _one_hot(y), _pixels(held_x, 255), _one_hot(held_y))
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The digits come with scikit-learn; install it with: pip install 'robot-agent[experiments]'"
        ) from error
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, t, first = _pixels(x[order], 16), _one_hot(y[order]), len(x) * 4 // 5
    return Digits(x[:first], t[:first], x[first:], t[first:])


def accuracy(y: Array, t: Array) -> float:
    """Return the share of the rows whose largest output is that of the right digit."""
    return float((y.argmax(axis=1) == t.argmax(axis=1)).mean())


def _pixels(x: Array, highest: int) -> Array:
    return x.reshape(len(x), -1) / float(highest)


def _one_hot(y: Array) -> Array:
    rows: Array = np.eye(10)[y.astype(int)]
    return rows
