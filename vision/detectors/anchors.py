"""Raw boxes beside anchors: BlazeFace, SSD and EfficientDet models without their post-processing.

Each anchor is a box of known place and size; the model says how the thing's box differs from it, and how
probable each class is. Which anchors a model has follows from its size and is recognised by their number.
The target's most certain box is taken, which non-maximum suppression would keep as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vision.detectors.formats import Format, Found, corners_of, probabilities, run_with_border
from vision.detectors.tflite_model import Model, Values
from vision.sight import Frame


def anchored(model: Model) -> Format | None:
    """Return how to read a model that answers with one row of numbers for each anchor; None for another."""
    shapes = [output.shape for output in model.outputs]
    if len(shapes) != 2 or any(len(shape) not in (3, 4) or shape[0] != 1 for shape in shapes):
        return None
    sizes = [(math.prod(shape[1:-1]), shape[-1]) for shape in shapes]
    for boxes, scores in ((0, 1), (1, 0)):
        (count, wide), (rows, classes) = sizes[boxes], sizes[scores]
        if count != rows or wide < 4:
            continue
        if classes == 1 and (face := _blazeface(model, boxes, scores, count)) is not None:
            return face
        if wide == 4:
            found = _detection(model, boxes, scores, count, classes)
            if found is not None and not (classes == 4 and "box" in model.outputs[scores].names[-1].lower()):
                return found
    return None


def _blazeface(model: Model, boxes: int, scores: int, count: int) -> Format | None:
    """BlazeFace (Bazarevsky et al. 2019): anchors without a size, offsets in pixels, one class."""
    for layout in (((8, 2), (16, 6)), ((16, 2), (32, 6)), ((4, 1),)):
        anchors = _middles(model, layout)
        if len(anchors) == count:
            return Format("BlazeFace", _Faces(model, boxes, scores, anchors), 1)
    return None


class _Faces:
    """Boxes as offsets in pixels from the anchors' middles, beside a logit each."""

    def __init__(self, model: Model, boxes: int, scores: int, anchors: Values) -> None:
        self.model, self.boxes, self.scores = model, boxes, scores
        self.middles = anchors * np.array([model.columns, model.rows], np.float32)

    def __call__(self, frame: Frame) -> Found:
        values, as_shares = run_with_border(self.model, frame, 0)
        count = len(self.middles)
        raw = values[self.boxes].reshape(count, -1)
        corners = corners_of(np.concatenate([raw[:, :2] + self.middles, raw[:, 2:4]], axis=1))
        certain = 1 / (1 + np.exp(-np.clip(values[self.scores].reshape(-1), -80, 80)))
        return as_shares(corners), np.zeros(count, np.int64), certain.astype(np.float32)


def _middles(model: Model, layout: Sequence[tuple[int, int]]) -> Values:
    """Return the anchors' middles in shares of the picture, (N, 2); layout: (stride, anchors in a cell)."""
    middles = []
    for stride, each in layout:
        down, across = -(-model.rows // stride), -(-model.columns // stride)
        y, x = np.mgrid[0:down, 0:across]
        grid = np.stack([(x + 0.5) / across, (y + 0.5) / down], axis=-1).reshape(-1, 2)
        middles.append(np.repeat(grid, each, axis=0))
    return np.concatenate(middles).astype(np.float32)


def _detection(model: Model, boxes: int, scores: int, count: int, classes: int) -> Format | None:
    """SSD or EfficientDet by the number of anchors; else boxes that are finished but for the suppression."""
    ssd, efficient = _ssd_anchors(model), _efficientdet_anchors(model)
    if count == len(ssd) and classes > 1:
        # The first class of an SSD is the background, and its offsets are enlarged.
        reader = _Offsets(model, boxes, scores, ssd, (10.0, 10.0, 5.0, 5.0), background=1)
        return Format(f"raw SSD with {classes - 1} classes", reader, classes - 1)
    if count == len(efficient):
        reader = _Offsets(model, boxes, scores, efficient, (1.0, 1.0, 1.0, 1.0), background=0)
        return Format(f"raw EfficientDet with {classes} classes", reader, classes)
    if len(model.outputs[boxes].shape) != 3:
        return None
    raw = model.run(np.full((model.rows, model.columns, 3), 128, np.uint8))[boxes].reshape(count, 4)
    as_middles = bool(np.any(raw[:, :2] > raw[:, 2:] + 0.01 * np.abs(raw).max()))
    if as_middles and np.any(raw[:, 2:] < 0):
        return None  # offsets from anchors that are not known

    def read(frame: Frame) -> Found:
        values = model.run(frame)
        corners = values[boxes].reshape(count, 4)
        corners = corners_of(corners) if as_middles else corners
        if np.abs(corners).max() > 2.0:  # pixels of the input
            corners = np.asarray(corners / np.array([model.columns, model.rows] * 2, np.float32), np.float32)
        certain = probabilities(values[scores].reshape(count, classes))
        return corners, certain.argmax(axis=1).astype(np.int64), certain.max(axis=1)

    name = f"boxes and the scores of {classes} class{'es' if classes > 1 else ''}"
    return Format(name, read, classes, pixel_range=(0.0, 1.0))


class _Offsets:
    """Boxes as offsets from anchors: y, x in sizes of the anchor, logarithms of height and width.

    The box coder of Faster R-CNN (Ren et al. 2015), with the scales that the TensorFlow Object Detection
    API divides by.
    """

    def __init__(
        self,
        model: Model,
        boxes: int,
        scores: int,
        anchors: Values,
        scales: tuple[float, float, float, float],
        *,
        background: int,
    ) -> None:
        self.model, self.boxes, self.scores, self.anchors = model, boxes, scores, anchors
        self.scales, self.background = np.array(scales, np.float32), background

    def __call__(self, frame: Frame) -> Found:
        values = self.model.run(frame)
        raw = values[self.boxes].reshape(-1, 4) / self.scales
        certain = probabilities(values[self.scores].reshape(len(raw), -1))[:, self.background :]
        y, x, tall, wide = self.anchors.T
        sizes = np.exp(np.clip(raw[:, 2:], -10, 10))
        middles = [raw[:, 1] * wide + x, raw[:, 0] * tall + y, sizes[:, 1] * wide, sizes[:, 0] * tall]
        corners = corners_of(np.stack(middles, axis=1).astype(np.float32))
        return corners, certain.argmax(axis=1).astype(np.int64), certain.max(axis=1)


def _tiled(model: Model, down: int, across: int, sizes: Sequence[tuple[float, float]]) -> Values:
    """Return anchors (y, x, height, width), shares of the picture: these sizes in each cell of a grid."""
    y, x = np.mgrid[0:down, 0:across]
    middles = np.stack([(y + 0.5) / down, (x + 0.5) / across], axis=-1).reshape(-1, 1, 2)
    each = np.broadcast_to(np.array(sizes, np.float32), (len(middles), len(sizes), 2))
    tiled = np.concatenate([np.broadcast_to(middles, each.shape), each], axis=2)
    return tiled.reshape(-1, 4).astype(np.float32)


def _ssd_anchors(model: Model) -> Values:
    """Return the default boxes of an SSD with six layers from stride 16 on (Liu et al. 2016, section 2.2).

    As `create_ssd_anchors` of the TensorFlow Object Detection API makes them: scales from 0.2 to 0.95,
    three boxes in a cell of the lowest layer, six in the others.
    """
    scales = [0.2 + 0.75 * i / 5 for i in range(6)] + [1.0]
    short = min(model.rows, model.columns)
    down, across = -(-model.rows // 16), -(-model.columns // 16)
    layers = []
    for layer in range(6):
        scale, after = scales[layer], scales[layer + 1]
        ratios = [(scale, ratio) for ratio in (1.0, 2.0, 1 / 2, 3.0, 1 / 3)]
        shapes = [(0.1, 1.0), (scale, 2.0), (scale, 0.5)]
        if layer:
            shapes = [*ratios, (math.sqrt(scale * after), 1.0)]
        sizes = [
            (one / math.sqrt(ratio) * short / model.rows, one * math.sqrt(ratio) * short / model.columns)
            for one, ratio in shapes
        ]
        layers.append(_tiled(model, down, across, sizes))
        down, across = -(-down // 2), -(-across // 2)
    return np.concatenate(layers)


def _efficientdet_anchors(model: Model) -> Values:
    """Return the anchors of EfficientDet (Tan et al. 2020): strides 8 to 128, nine in a cell.

    Sizes as in its public code: three octaves of the scale times three aspects. The scale is 3 for the Lite
    models up to 448 pixels and 4 for larger ones.
    """
    scale = 3.0 if max(model.rows, model.columns) < 512 else 4.0
    layers = []
    for stride in (8, 16, 32, 64, 128):
        sizes = []
        for octave in range(3):
            side = scale * stride * 2 ** (octave / 3)
            for wide, tall in ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4)):
                sizes.append((side * tall / model.rows, side * wide / model.columns))
        layers.append(_tiled(model, -(-model.rows // stride), -(-model.columns // stride), sizes))
    return np.concatenate(layers)
