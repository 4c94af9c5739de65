"""Examples as arrays, to train the network and to measure it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detectors.shrink import shrink
from vision.sight import SLICES, Sight
from vision.training.layers import COLUMNS, ROWS
from vision.training.synthesis import Example


@dataclass(frozen=True, slots=True)
class Data:
    """N pictures in the network's size, with their true sights.

    `pictures`: (N, 64, 84, 3) uint8, blue first. `ends`: (N, 2) first and last slice, -1 where
    there is no target. `kinds`: (N,) words.
    """

    pictures: NDArray[np.uint8]
    ends: NDArray[np.int64]
    kinds: NDArray[np.str_]

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.pictures)

    @property
    def filled(self) -> NDArray[np.float32]:
        """Which slices the target fills, (N, 42): 1 or 0."""
        slices = np.arange(SLICES)
        first, last = self.ends[:, :1], self.ends[:, 1:]
        return ((slices >= first) & (slices <= last)).astype(np.float32)


def as_arrays(examples: Iterable[Example]) -> Data:
    """Shrink examples to the network's size; raise ValueError if there are none."""
    pictures, ends, kinds = [], [], []
    for one in examples:
        pictures.append(shrink(one.frame, COLUMNS, ROWS))
        ends.append(ends_of(one.sight))
        kinds.append(one.kind)
    if not pictures:
        raise ValueError("There is no picture to learn from; record some first.")
    return Data(np.stack(pictures), np.array(ends, np.int64), np.array(kinds))


def ends_of(sight: Sight | None) -> tuple[int, int]:
    """Return first and last slice of a sight; -1 and -1 for None."""
    return (sight.x1, sight.x2) if sight is not None else (-1, -1)
