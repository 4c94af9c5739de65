"""Finds the target with any TF-Lite detection model, which gives boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from vision.detectors.boxes import recognise
from vision.detectors.label_text import Labels
from vision.detectors.labels import fitted, read_labels
from vision.detectors.tflite_model import Model
from vision.names import unknown
from vision.sight import Frame, Sight, check_frame


class ObjectDetector:
    """Find the target with a TF-Lite detection model; `vision.detectors.boxes` recognises its format."""

    def __init__(
        self,
        model: str | Path = "",
        target: str | int = 0,
        labels: str | Path = "",
        score: float = 0.5,
        input_range: Sequence[float] | None = None,
        channels: Literal["rgb", "bgr"] = "rgb",
        size: int = 0,
    ) -> None:
        """Load the model.

        `model`: a .tflite file. `target`: which class is the target, by number or, with labels, by name.
        `labels`: a file with the names of the classes, see `vision.detectors.labels`; if empty, the names
        packed into the model. `score`: boxes with a lower score are ignored. `input_range`: the numbers for
        black and white; if not given, those of the model's quantisation, or, for a float model, those usual
        for its format. `channels`: the order of colours in the training. `size`: rows and columns of the
        input if the model has no fixed size; 320 if 0.
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
        self.model = Model(model, channels=channels, input_range=wanted, size=size or 320)
        self.format = recognise(self.model)
        """The format of the model's outputs."""
        self.model.set_float_range(self.format.pixel_range)
        self.labels = fitted(read_labels(self.model.path, labels), self.format.classes)
        self.target = _class_number(target, self.labels, self.format.classes)
        self.score = float(score)

    def detect(self, frame: Frame) -> Sight | None:
        """Return the sight of the target's most certain box, or None.

        The confidence is the model's score. Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        check_frame(frame)
        boxes, classes, scores = self.format.read(frame)
        mine = np.flatnonzero((classes == self.target) & (scores >= self.score) & (boxes[:, 2] > boxes[:, 0]))
        mine = mine[(boxes[mine, 0] < 1) & (boxes[mine, 2] > 0)]
        if not len(mine):
            return None
        best = mine[np.argmax(scores[mine])]
        width = frame.shape[1]
        left, right = (float(np.clip(x, 0.0, 1.0)) * width for x in boxes[best, [0, 2]])
        # The right end is exclusive: subtract a little to get into the last column of the box.
        first = min(left, width - 1e-3)
        return Sight.from_columns(first, max(first, right - 1e-3), width, float(np.clip(scores[best], 0, 1)))


def _class_number(target: str | int, labels: Labels, classes: int | None) -> int:
    """Return the number of a class; raise ValueError, with the nearest name, if there is none.

    `classes`: number of classes of the model, if known.
    """
    text = " ".join(str(target).split())
    same = [n for n, name in labels.items() if " ".join(name.split()).casefold() == text.casefold()]
    if len(same) > 1:
        raise ValueError(
            f"The labels name {text!r} {len(same)} times, as the classes {', '.join(map(str, same))}: "
            "give the number in vision.objects.target."
        )
    if same:
        number = same[0]
    elif text.isdecimal():
        number = int(text)
        if labels and number > max(labels):
            raise ValueError(
                f"There is no class {text}: the labels name {len(labels)}, "
                f"from {min(labels)} to {max(labels)}."
            )
    elif not labels:
        raise ValueError(
            f"The class {text!r} cannot be looked up, as the model brings no labels: set "
            "vision.objects.labels to a file with a class a line, or give the class's number."
        )
    else:
        raise ValueError(unknown("class", text, list(labels.values())[:100]))
    if classes is not None and number >= classes:
        raise ValueError(
            f"The model has {classes} class{'es' if classes > 1 else ''}, numbered from 0, and no class "
            f"{number}: set vision.objects.target, or give the labels that belong to this model."
        )
    return number
