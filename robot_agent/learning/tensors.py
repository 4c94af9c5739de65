"""Arrays by name, as checkpoints keep them, and arrays of several rollouts side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Mask = NDArray[np.bool_]
Authors = NDArray[np.int8]
"""Who made each move, values as `robot_agent.envs.task.POLICY`."""
Tensors = dict[str, Floats]


def prefixed(**parts: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Put arrays of several parts into one dictionary: `policy={"a": x}` becomes `{"policy.a": x}`."""
    return {f"{part}.{name}": value for part, arrays in parts.items() for name, value in arrays.items()}


def below(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Return the arrays whose names begin with `prefix.`, with the prefix removed from the names."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def side_by_side(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Join arrays of shape (T_i, N_i, ...) to one of shape (max T_i, sum N_i, ...); zeros fill the gaps."""
    longest = max(len(part) for part in parts)
    padded = [np.pad(part, [(0, longest - len(part))] + [(0, 0)] * (part.ndim - 1)) for part in parts]
    return np.concatenate(padded, axis=1)
