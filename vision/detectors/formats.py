"""Shared parts of the readers of detection models: found boxes, formats, and pictures with a border."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.tflite_model import Model, Values
from vision.sight import Frame

Found: TypeAlias = tuple[Values, NDArray[np.int64], Values]
"""Boxes (N, 4) as left, top, right, bottom in shares of the frame; classes (N,); scores (N,), 0 to 1."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of a model's outputs, recognised by their shapes and names."""

    name: str
    """Name for people, such as `YOLOv8 with 80 classes`."""
    read: Callable[[Frame], Found]
    """Function that runs the model on a frame and returns the boxes."""
    classes: int | None = None
    """Number of classes, if the shapes show it."""
    pixel_range: tuple[float, float] = (-1.0, 1.0)
    """Usual numbers for black and white in a float model of this format."""


def run_with_border(model: Model, frame: Frame, grey: int) -> tuple[list[Values], Callable[[Values], Values]]:
    """Run a model on a frame that keeps its proportions, with a border up to the model's size.

    Models that were trained with such borders find less in stretched pictures. Returns the model's outputs,
    and a function that turns corners (N, 4) in pixels of its input into shares of the frame.
    """
    height, width = frame.shape[:2]
    scale = min(model.columns / width, model.rows / height)
    wide, tall = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (model.columns - wide) // 2, (model.rows - tall) // 2
    picture = np.full((model.rows, model.columns, 3), grey, np.uint8)
    resized = cv2.resize(frame, (wide, tall), interpolation=cv2.INTER_AREA)
    picture[top : top + tall, left : left + wide] = resized

    def as_shares(corners: Values) -> Values:
        offset = np.array([left, top, left, top], np.float32)
        return np.asarray((corners - offset) / np.array([wide, tall, wide, tall], np.float32), np.float32)

    return model.run(picture), as_shares


def corners_of(middles: Values) -> Values:
    """Return boxes given as middle and size (N, 4), x first, as left, top, right, bottom."""
    half = middles[:, 2:4] / 2
    return np.concatenate([middles[:, :2] - half, middles[:, :2] + half], axis=1)


def probabilities(values: Values) -> Values:
    """Return scores as probabilities: logits, which leave the range 0 to 1, through a sigmoid."""
    if values.size == 0 or (values.min() >= 0.0 and values.max() <= 1.0):
        return values
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -80.0, 80.0))), np.float32)
