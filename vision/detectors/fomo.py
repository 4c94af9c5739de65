"""FOMO models of Edge Impulse: a coarse picture of which cell holds the middle of which thing.

(1, rows / 8, columns / 8, 1 + classes), probabilities whose first channel is the background; see
docs.edgeimpulse.com, "Object detection: FOMO". The model gives middles, not sizes: neighbouring cells of a
class are joined, and their width counts as the width of the thing.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision.detectors.formats import Format, Found
from vision.detectors.tflite_model import Model
from vision.sight import Frame

_LEAST = 0.1
"""Probability below which a cell is always background; the detector's own threshold comes later."""


def fomo(model: Model) -> Format | None:
    """Return the format of a FOMO model; None for another model."""
    if len(model.outputs) != 1:
        return None
    shape = model.outputs[0].shape
    if len(shape) != 4 or shape[0] != 1 or min(shape[1:]) < 2 or shape[3] > 256:
        return None
    strides = {(model.rows // shape[1], model.columns // shape[2])}
    exact = model.rows % shape[1] == 0 and model.columns % shape[2] == 0
    if not exact or not strides & {(4, 4), (8, 8), (16, 16), (32, 32)}:
        return None
    classes = shape[3] - 1
    grey = np.full((model.rows, model.columns, 3), 128, np.uint8)
    if np.abs(model.run(grey)[0].sum(axis=3) - 1).max() > 0.2:
        return None  # no probabilities of background and classes, but heat maps or the head of another model

    def read(frame: Frame) -> Found:
        grid = model.run(frame)[0][0]
        down, across = grid.shape[:2]
        boxes, numbers, scores = [], [], []
        kinds = grid.argmax(axis=2)
        for number in range(1, classes + 1):
            here = ((kinds == number) & (grid[..., number] >= _LEAST)).astype(np.uint8)
            count, marks, stats, _ = cv2.connectedComponentsWithStats(here, connectivity=8)
            for piece in range(1, count):
                x, y, wide, tall = stats[piece, :4].tolist()
                boxes.append((x / across, y / down, (x + wide) / across, (y + tall) / down))
                numbers.append(number - 1)
                scores.append(float(grid[..., number][marks == piece].max()))
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        return corners, np.array(numbers, np.int64), np.array(scores, np.float32)

    words = f"FOMO with {classes} class{'es' if classes > 1 else ''}"
    return Format(words, read, classes, pixel_range=(0.0, 1.0))
