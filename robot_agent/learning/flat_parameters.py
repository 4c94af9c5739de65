"""The parameters of a network in one flat array, so that a step of Adam needs few array operations."""

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
        """Copy the parameters into the flat array; `views` are the parameters in it, by name."""
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
        """Return views of a flat array in the shapes of the parameters, by name."""
        parts = zip(self._shapes.items(), np.split(flat, self._ends), strict=True)
        return {name: part.reshape(shape) for (name, shape), part in parts}

    def descend(self, gradients: Mapping[str, Floats], learning_rate: float, max_norm: float) -> float:
        """Take one step of descent; return the norm of the gradients before scaling to at most `max_norm`.

        If a gradient is not finite, no step is taken: it would destroy all that was learned.
        """
        flat = {FLAT: np.concatenate([gradients[name].ravel() for name in self._shapes])}
        norm = clip_gradients(flat, max_norm)
        if math.isfinite(norm):
            self._adam.step(self._flat, flat, learning_rate)
        return norm

    def tensors(self) -> Tensors:
        """Return all numbers needed to go on exactly, parameters and optimiser, by name."""
        copies: Tensors = {name: view.copy() for name, view in self._kept.items()}
        return copies | {"adam.steps": np.array(float(self._adam.steps))}

    def load(self, tensors: Tensors) -> None:
        """Load tensors from `tensors`; if those of the optimiser are missing, it starts anew.

        Raises:
            ValueError: the tensors are of another network, or not finite.
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
