"""Finding the target with anybody's TF-Lite detection model, which draws boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from vision.detectors.boxes import Boxes, box_reader, read_labels
from vision.detectors.tflite_model import Model
from vision.names import unknown
from vision.sight import Frame, Sight, check_frame


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
        # The right end is exclusive; slightly less is in the last column that it covers.
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
