"""Finds the target with this project's own network, which gives a probability for each slice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vision.detectors.color import ColorDetector
from vision.detectors.fusion import fuse
from vision.detectors.tflite_model import Model
from vision.sight import SLICES, Frame, Sight, check_frame

SHIPPED = Path(__file__).parents[1] / "models" / "slices.tflite"
"""The network that comes with the package; `models/README.md` says what it finds and where it fails."""


class SliceDetector:
    """Find the target with a network that gives the probability that the target fills each slice."""

    def __init__(
        self,
        model: str | Path = "",
        sure: float = 0.6,
        edge: float = 0.5,
        gap: int = 2,
        color: str | Path = "",
    ) -> None:
        """Load the network.

        `model`: a .tflite file that `robot-agent target train` made, the shipped one if empty; its input is a
        picture, blue first, 0 to 1, its output 42 probabilities. `sure`: least probability of the most
        probable slice; below it nothing is seen. `edge`: least probability of a slice of the target. `gap`:
        number of less probable slices within the target that do not divide it. `color`: a file of a learned
        colour that is also looked for, see `vision.detectors.fusion`.
        Raises FileNotFoundError, RuntimeError (LiteRT is not installed) or ValueError (no such model, or a
        wrong threshold), each with the cure.
        """
        for name, share in (("sure", sure), ("edge", edge)):
            if not 0.0 < share < 1.0:
                raise ValueError(f"{name} is a probability between 0 and 1, not {share}.")
        if not 0 <= gap < SLICES:
            raise ValueError(f"gap is a number of slices from 0 to {SLICES - 1}, not {gap}.")
        self.sure, self.edge, self.gap = float(sure), float(edge), int(gap)
        self.model = Model(model or SHIPPED, channels="bgr", input_range=None)
        sizes = [int(np.prod(output.shape)) for output in self.model.outputs]
        if sizes != [SLICES]:
            raise ValueError(
                f"{self.model.path.name} answers with {_shapes(self.model)}, not with {SLICES} "
                "numbers, one a slice: give a file that `robot-agent target train` made, or use the "
                "detector `objects`."
            )
        self.color = ColorDetector(learned=color) if color else None
        self.probabilities(np.zeros((self.model.rows, self.model.columns, 3), np.uint8))

    def probabilities(self, frame: Frame) -> NDArray[np.float32]:
        """Return the probability that the target fills each slice, (42,), 0 to 1."""
        (values,) = self.model.run(frame)
        values = values.reshape(SLICES)
        if not (values.min() >= -0.01 and values.max() <= 1.01):
            raise ValueError(
                f"{self.model.path.name} answers with {values.min():.2f} to {values.max():.2f}, which are no "
                "probabilities: let the network end with a sigmoid."
            )
        return values

    def detect(self, frame: Frame) -> Sight | None:
        """Return the most plausible run of slices, or None.

        The confidence is the mean probability of its slices, less when another run is as large.
        Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        return self.look(frame)[0]

    def look(self, frame: Frame) -> tuple[Sight | None, NDArray[np.float32]]:
        """Return the result of `detect` and the probabilities, (42,), from one run of the network."""
        check_frame(frame)
        values = self.probabilities(frame)
        sight = sight_of(values, sure=self.sure, edge=self.edge, gap=self.gap)
        if self.color is not None:
            sight = fuse(sight, values, self.color.detect(frame))
        return sight, values


def sight_of(
    probabilities: NDArray[np.float32], *, sure: float = 0.6, edge: float = 0.5, gap: int = 2
) -> Sight | None:
    """Return the most plausible run of filled slices, or None when none is sure enough.

    In a run the probability is at least `edge`, except in gaps of up to `gap` slices (a thin thing in front).
    A run counts only if its largest probability is at least `sure`. With two thresholds, noise neither
    creates a target nor shortens its ends. The run with
    the greatest sum is the sight; its confidence is the mean of its probabilities, times its share of
    all runs' sum. `probabilities`: shape (42,), 0 to 1.
    """
    # Plain floats: for 42 numbers a loop is as fast as arrays.
    values = probabilities.tolist()
    runs: list[tuple[float, int, int]] = []
    first, last, total, best = -1, -1, 0.0, 0.0
    for i in range(SLICES + gap + 1):
        value = values[i] if i < SLICES else 0.0
        if value >= edge:
            if first < 0:
                first, total, best = i, 0.0, 0.0
            last, total, best = i, total + value, max(best, value)
        elif first >= 0 and i - last > gap:
            if best >= sure:
                runs.append((total, first, last))
            first = -1
    if not runs:
        return None
    total, first, last = max(runs)
    mean = total / (last - first + 1)
    confidence = mean * total / sum(run[0] for run in runs)
    return Sight(first, last, min(1.0, max(0.0, confidence)))


def _shapes(model: Model) -> str:
    return ", ".join(str(output.shape) for output in model.outputs)
