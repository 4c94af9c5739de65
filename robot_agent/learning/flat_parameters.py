"""The parameters of a network in one flat array with one Adam, so that a step is a few sums of arrays."""

import math
from collections.abc import Mapping

import numpy as np

from robot_agent.learning.optimisers import Adam, clip_gradients
from robot_agent.learning.tensors import Floats, Tensors

FLAT = "all"
"""Name of the flat array in the optimiser."""


class FlatParameters:
    """Parameters by name, their optimiser, and both as tensors of a checkpoint."""

    def __init__(self, parameters: Mapping[str, Floats]) -> None:
        """Copy parameters; `views` are where they are from now on, by name."""
        self._shapes = {name: value.shape for name, value in parameters.items()}
        self._ends = np.cumsum([value.size for value in parameters.values()])[:-1]
        flat = np.concatenate([value.ravel() for value in parameters.values()])
        self._flat, self._adam = {FLAT: flat}, Adam()
        self._adam.first[FLAT], self._adam.second[FLAT] = np.zeros_like(flat), np.zeros_like(flat)
        self.views = self._by_name(flat)
        means, squares = self._by_name(self._adam.first[FLAT]), self._by_name(self._adam.second[FLAT])
        self._kept = (
            self.views
            | {f"adam.mean.{name}": view for name, view in means.items()}
            | {f"adam.square.{name}": view for name, view in squares.items()}
        )

    def _by_name(self, flat: Floats) -> Tensors:
        """Views of a flat array in the shapes of the parameters, by name."""
        parts = zip(self._shapes.items(), np.split(flat, self._ends), strict=True)
        return {name: part.reshape(shape) for (name, shape), part in parts}

    def descend(self, gradients: Mapping[str, Floats], learning_rate: float, max_norm: float) -> float:
        """Take a step down gradients by name; return their norm before they are scaled down to `max_norm`.

        A step whose gradient is not finite is not taken: it would lose all that was learned.
        """
        flat = {FLAT: np.concatenate([gradients[name].ravel() for name in self._shapes])}
        norm = clip_gradients(flat, max_norm)
        if math.isfinite(norm):
            self._adam.step(self._flat, flat, learning_rate)
        return norm

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        copies: Tensors = {name: view.copy() for name, view in self._kept.items()}
        return copies | {"adam.steps": np.array(float(self._adam.steps))}

    def load(self, tensors: Tensors) -> None:
        """Take over what `tensors` gave; the optimiser's part may be missing, it then starts anew.

        Raises:
            ValueError: they are of another network, or not finite.
        """
        for name, view in self._kept.items():
            value = tensors.get(name)
            if value is None and name.startswith("adam."):
                view[...] = 0
            elif value is None or value.shape != view.shape:
                found = "is missing" if value is None else f"has the shape {value.shape}"
                raise ValueError(
                    f"This is another network: {name} {found}, {view.shape} is needed; "
                    "use the settings it was trained with."
                )
            elif not np.isfinite(value).all():
                raise ValueError(f"{name} holds numbers that are not finite; use another checkpoint or file.")
            else:
                view[...] = value
        self._adam.steps = int(tensors.get("adam.steps", np.zeros(())))
