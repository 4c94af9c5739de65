"""YOLO exports as .tflite files: version 5 to 7, version 8 and later, and those with NMS inside.

Shapes, as Ultralytics documents them (docs.ultralytics.com/modes/export and /guides/end2end-detection),
with N boxes, C classes and possibly 32 mask coefficients:

    v5, v6, v7        (1, N, 5 + C)     middle x, y, width, height, objectness, classes; N = 3 boxes a cell
    v8, 9, 11, 12     (1, 4 + C, N)     middle x, y, width, height, classes; N = 1 box a cell
    v10, 26, nms=True (1, N, 6)         left, top, right, bottom, score, class
    YOLOX             (1, N, 5 + C)     offsets from N cells, logarithms of sizes, objectness, classes
    RT-DETR           (1, 300, 4 + C)   as v8

Models of poses and of turned boxes have more numbers behind these: three a keypoint, or an angle.

The cells are those of the strides 8, 16 and 32, and 64 of large models. Coordinates are shares of the input
or its pixels, whichever the exporter chose; pixels are recognised by their size. Non-maximum suppression
is not needed here: the detector takes the target's most certain box, which no suppression removes.
"""

from __future__ import annotations

import numpy as np

from vision.detectors.formats import Format, Found, corners_of, probabilities, run_with_border
from vision.detectors.labels import packed_labels
from vision.detectors.tflite_model import Model, Values
from vision.sight import Frame

_GREY = 114
"""The border's brightness in Ultralytics' training."""

_PIXELS = 2.0
"""A coordinate above this is in pixels: boxes in shares hardly leave the picture."""

_MASKS = 32
"""Mask coefficients of each box in a segmentation model, which brings its masks as a second output."""

_PERSON = 1 + 17 * 3
"""Numbers of a box of the usual model of poses: one class, and COCO's keypoints as x, y, visibility."""

_QUERIES = 300
"""Number of boxes of every RT-DETR."""


def yolo(model: Model) -> Format | None:
    """Return how to read a YOLO export; None for another model."""
    shapes = [output.shape for output in model.outputs]
    flat = [i for i, shape in enumerate(shapes) if len(shape) == 3 and shape[0] == 1]
    masks = [i for i, shape in enumerate(shapes) if len(shape) == 4 and _MASKS in (shape[1], shape[3])]
    if len(flat) != 1 or len(flat) + len(masks) != len(shapes):
        return None
    which = flat[0]
    extra = _MASKS if masks else 0
    first, second = shapes[which][1:]
    cells = _cells(model)

    def made(name: str, columns: int, reader: type[_Reader], *, turned: bool) -> Format | None:
        columns -= extra + reader.before
        rows = _try(model, which)
        classes = _classes(model, (rows.T if turned else rows)[:, reader.before :], columns)
        if classes < 1:
            return None
        read = reader(model, which, classes, turned=turned)
        words = f"{name} with {classes} class{'es' if classes > 1 else ''}"
        if columns > classes:
            words += f", and {columns - classes} more number{'s' if columns > classes + 1 else ''} a box"
        return Format(words, read, classes, pixel_range=(0.0, 1.0))

    for count, columns, turned in ((second, first, True), (first, second, False)):
        if count in cells:
            rows = _try(model, which)
            rows = rows.T if turned else rows
            if np.any(rows[:, 2:4] < -0.05):  # no width is negative
                chances = rows[:, 4:]
                raw = np.any((chances < -0.01) | (chances > 1.01))  # not even probabilities: an inner layer
                return None if raw else made("YOLOX", columns, _Offsets, turned=turned)
            return made("YOLOv8 or later", columns, _OneAnchor, turned=turned)
    if first in {3 * n for n in cells}:
        return made("YOLOv5, v6 or v7", second, _Objectness, turned=False)
    if second in {3 * n for n in cells}:
        return made("YOLOv5, v6 or v7", first, _Objectness, turned=True)
    if second >= 6 + extra and ((second == 6 + extra and first >= 100) or _counts_classes(model, which)):
        return Format("YOLO with NMS inside", _Ends(model, which), None, pixel_range=(0.0, 1.0))
    if first == _QUERIES:
        return made("RT-DETR", second, _OneAnchor, turned=False)
    # Another number of boxes than the usual strides give: the longer axis counts them.
    if 5 <= first < second:
        return made("YOLOv8 or later", first, _OneAnchor, turned=True)
    return made("YOLOv5, v6 or v7", second, _Objectness, turned=False) if 6 <= second < first else None


def _classes(model: Model, answers: Values, columns: int) -> int:
    """Return how many of a box's numbers (N, columns and masks) are probabilities of classes.

    Those that have names, if the model brings names; otherwise those before the first that is no probability.
    """
    named = len(packed_labels(model.path))
    if 0 < named < columns:
        return named
    if columns == _PERSON:
        return 1
    other = np.any((answers[:, :columns] < -0.01) | (answers[:, :columns] > 1.01), axis=0)
    return int(np.argmax(other)) or columns


def _try(model: Model, which: int) -> Values:
    """Return the rows that the model answers to a grey picture."""
    rows: Values = model.run(np.full((model.rows, model.columns, 3), _GREY, np.uint8))[which][0]
    return rows


def _counts_classes(model: Model, which: int) -> bool:
    """Return whether the sixth number of each row is a whole one, as a class is and a probability is not."""
    return bool(np.all(_try(model, which)[:, 5] % 1 == 0))


def _cells(model: Model) -> set[int]:
    """Return how many cells a picture of the model's size has: three strides, and four."""
    each = [-(-model.rows // stride) * -(-model.columns // stride) for stride in (8, 16, 32, 64)]
    return {sum(each[:3]), sum(each)}


class _Reader:
    """Reads one kind of answer: `before` values of each box stand before its classes."""

    before = 4

    def __init__(self, model: Model, which: int, classes: int, *, turned: bool) -> None:
        self.model, self.which, self.classes, self.turned = model, which, classes, turned

    def __call__(self, frame: Frame) -> Found:
        values, as_shares = run_with_border(self.model, frame, _GREY)
        rows = values[self.which][0]
        rows = rows.T if self.turned else rows
        scores = self.scores(rows)
        boxes = self.boxes(rows[:, :4])
        return as_shares(boxes), scores.argmax(axis=1).astype(np.int64), scores.max(axis=1)

    def boxes(self, raw: Values) -> Values:
        """Return the corners in pixels of the model's input."""
        return _in_pixels(self.model, corners_of(raw), raw)

    def scores(self, rows: Values) -> Values:
        raise NotImplementedError


class _OneAnchor(_Reader):
    """Version 8 and later: classes after the box."""

    def scores(self, rows: Values) -> Values:
        return probabilities(rows[:, 4 : 4 + self.classes])


class _Objectness(_Reader):
    """Versions 5 to 7: the probability that there is a thing at all, then those of its classes."""

    before = 5

    def scores(self, rows: Values) -> Values:
        return probabilities(rows[:, 4:5]) * probabilities(rows[:, 5 : 5 + self.classes])


class _Offsets(_Objectness):
    """YOLOX (Ge et al. 2021) as it is exported: the decoding is left to the reader."""

    def boxes(self, raw: Values) -> Values:
        cells = []
        for stride in (8, 16, 32, 64):
            y, x = np.mgrid[0 : -(-self.model.rows // stride), 0 : -(-self.model.columns // stride)]
            cells.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], axis=1))
        grid = np.concatenate(cells)[: len(raw)]
        sizes = np.exp(np.clip(raw[:, 2:], -10, 10))
        middles = np.concatenate([raw[:, :2] + grid[:, :2], sizes], axis=1) * grid[:, 2:]
        return corners_of(middles.astype(np.float32))


class _Ends:
    """Boxes after non-maximum suppression, unused rows with a score of 0."""

    def __init__(self, model: Model, which: int) -> None:
        self.model, self.which = model, which

    def __call__(self, frame: Frame) -> Found:
        values, as_shares = run_with_border(self.model, frame, _GREY)
        rows = values[self.which][0]
        boxes = _in_pixels(self.model, rows[:, :4], rows[:, :4])
        return as_shares(boxes), rows[:, 5].round().astype(np.int64), rows[:, 4]


def _in_pixels(model: Model, boxes: Values, raw: Values) -> Values:
    """Return boxes in pixels of the model's input, whether they are shares of it or pixels already."""
    if raw.size and np.abs(raw).max() > _PIXELS:
        return boxes
    return boxes * np.array([model.columns, model.rows] * 2, np.float32)
