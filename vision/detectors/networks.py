"""Detectors that are networks, run by LiteRT: our own that fills slices, anybody's that draws boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vision.detectors.boxes import Boxes, box_reader, read_labels
from vision.detectors.slice_probabilities import sight_of
from vision.detectors.tflite_model import Model
from vision.names import unknown
from vision.sight import SLICES, Frame, Sight, check_frame

SHIPPED = Path(__file__).parents[1] / "models" / "slices.tflite"
"""The network that comes with the package; `models/README.md` says what it finds and where it fails."""


class SliceDetector:
    """Find the target with a network that says of each slice how likely the target fills it."""

    def __init__(
        self,
        model: str | Path = "",
        sure: float = 0.6,
        edge: float = 0.5,
        gap: int = 2,
    ) -> None:
        """Load the network.

        `model`: a .tflite file that `robot-agent target train` made, the shipped one if empty; it takes a
        picture, blue first, 0 to 1, and gives 42 probabilities. `sure`: at least one slice is as probable
        as that, or nothing is seen. `edge`: a slice as probable as that belongs to the target. `gap`: so
        many slices less probable do not cut it in two.
        Raises FileNotFoundError, RuntimeError (LiteRT is not installed) or ValueError (no such model, or a
        threshold amiss), each with the cure.
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
        self.probabilities(np.zeros((self.model.rows, self.model.columns, 3), np.uint8))

    def probabilities(self, frame: Frame) -> NDArray[np.float32]:
        """Return how likely the target fills each slice, (42,), 0 to 1."""
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
        """Return what `detect` does, and the probabilities that it was made of, (42,), in one pass."""
        check_frame(frame)
        values = self.probabilities(frame)
        return sight_of(values, sure=self.sure, edge=self.edge, gap=self.gap), values


class ObjectDetector:
    """Find the target with any TF-Lite detection model: boxes, classes and scores, or a BlazeFace."""

    def __init__(
        self,
        model: str | Path = "",
        target: str | int = 0,
        labels: str | Path = "",
        score: float = 0.5,
        input_range: Sequence[float] | None = None,
        channels: Literal["rgb", "bgr"] = "rgb",
    ) -> None:
        """Load the model.

        `model`: a .tflite file. `target`: which class is the target, by number or, with labels, by name.
        `labels`: a text file with a class a line; those packed into the model if empty. `score`: what is
        less certain than that is nothing. `input_range`: what black and white are to the model; if not given,
        what its quantisation says, and -1 to 1 for a float one. `channels`: the order it was trained with.
        Raises FileNotFoundError, RuntimeError (LiteRT is not installed) or ValueError (no known outputs, an
        unknown class, and so on), each with the cure.
        """
        if not str(model):
            raise ValueError(
                "The detector `objects` has no model of its own: set vision.objects.model to the .tflite "
                "file of a detection model."
            )
        if not 0.0 < score < 1.0:
            raise ValueError(f"score is between 0 and 1, not {score}.")
        if input_range is not None and (len(input_range) != 2 or input_range[0] == input_range[1]):
            raise ValueError(
                f"input_range is two numbers, what black is and what white is, not {list(input_range)}."
            )
        if channels not in ("rgb", "bgr"):
            raise ValueError(unknown("order of channels", channels, ("rgb", "bgr")))
        wanted = None if input_range is None else (float(input_range[0]), float(input_range[1]))
        self.model = Model(model, channels=channels, input_range=wanted, float_range=(-1.0, 1.0))
        self.labels = read_labels(self.model.path, labels)
        self.target = _class_number(target, self.labels)
        self.score = float(score)
        self._read: Boxes = box_reader(self.model)

    def detect(self, frame: Frame) -> Sight | None:
        """Return the sight of the target's most certain box, or None.

        The confidence is the model's score. Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        check_frame(frame)
        boxes, classes, scores = self._read(frame)
        mine = np.flatnonzero((classes == self.target) & (scores >= self.score) & (boxes[:, 2] > boxes[:, 0]))
        mine = mine[(boxes[mine, 0] < 1) & (boxes[mine, 2] > 0)]
        if not len(mine):
            return None
        best = mine[np.argmax(scores[mine])]
        width = frame.shape[1]
        left, right = (float(np.clip(x, 0.0, 1.0)) * width for x in boxes[best, [0, 2]])
        # The right end is exclusive; a hair less is in the last column that it covers.
        first = min(left, width - 1e-3)
        return Sight.from_columns(first, max(first, right - 1e-3), width, float(np.clip(scores[best], 0, 1)))


def _class_number(target: str | int, labels: Sequence[str]) -> int:
    """Return the number of a class. Raises ValueError, with the nearest name, when there is none."""
    text = str(target).strip()
    if text.isdecimal():
        if labels and int(text) >= len(labels):
            raise ValueError(
                f"There is no class {text}: the labels name {len(labels)}, from 0 to {len(labels) - 1}."
            )
        return int(text)
    if not labels:
        raise ValueError(
            f"The class {text!r} cannot be looked up, as the model brings no labels: set "
            "vision.objects.labels to a file with a class a line, or give the class's number."
        )
    folded = [label.casefold() for label in labels]
    if text.casefold() not in folded:
        raise ValueError(unknown("class", text, labels if len(labels) <= 100 else labels[:100]))
    return folded.index(text.casefold())


def _shapes(model: Model) -> str:
    return ", ".join(str(output.shape) for output in model.outputs)
