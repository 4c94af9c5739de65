"""Recognises the formats of detection models by the names and shapes of their outputs.

Outputs are matched by name and shape, never by their order, which differs from converter to converter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from vision.detectors.anchors import anchored
from vision.detectors.fomo import fomo
from vision.detectors.formats import Format, Found
from vision.detectors.tflite_model import SIZE_CURE, Model, Output, Values
from vision.detectors.yolo import yolo
from vision.sight import SLICES, Frame

_WORDS = {
    "boxes": ("box", "location"),
    "classes": ("class", "categor", "label"),
    "scores": ("score", "confidence"),
    "count": ("count", "num"),
}
# The post-processing operator's own names: its outputs are numbered in this order.
_NUMBERED = {"": "boxes", ":1": "classes", ":2": "scores", ":3": "count"}


def recognise(model: Model) -> Format:
    """Return the format of a model's outputs; raise ValueError if it is unknown."""
    for known in (anchored, usual, yolo, fomo):
        found = known(model)
        if found is not None:
            return found
    shapes = ", ".join(f"{output.names[-1]} {output.shape}" for output in model.outputs)
    raise ValueError(f"{model.path.name} answers with {shapes}, which is no detection: {_what_else(model)}")


def _what_else(model: Model) -> str:
    """Return what a model probably is, and what to do."""
    sizes = [int(np.prod(output.shape)) for output in model.outputs]
    known = "YOLO, SSD, EfficientDet, FOMO, BlazeFace, or any with boxes, classes, scores and count"
    if sizes == [SLICES]:
        return "it looks like a network of `robot-agent target train`, so use the detector `slices`."
    if len(sizes) == 1 and sizes[0] == max(model.outputs[0].shape):
        return (
            "it is a classifier, which says what is in a picture and not where: "
            f"give a detection model ({known})."
        )
    if any(len(o.shape) == 4 and o.shape[1:3] == (model.rows, model.columns) for o in model.outputs):
        return f"it is a segmentation model, which paints areas: give a detection model ({known})."
    if model.any_size:
        return f"{SIZE_CURE}, or give a detection model ({known})."
    return (
        f"give a detection model ({known}), exported with its last steps, which turn anchors into boxes "
        "(Ultralytics: format=tflite; TensorFlow: with TFLite_Detection_PostProcess)."
    )


def usual(model: Model) -> Format | None:
    """Return how to read boxes, classes, scores and count, as post-processing answers; None for others."""
    named = _usual(model.outputs)
    return None if named is None else Format("boxes, classes and scores", _Usual(model, named))


class _Usual:
    """Boxes, classes, scores, count: what TFLite_Detection_PostProcess answers."""

    def __init__(self, model: Model, named: dict[str, int]) -> None:
        self.model, self.named = model, dict(named)

    def __call__(self, frame: Frame) -> Found:
        values = self.model.run(frame)
        boxes = values[self.named["boxes"]].reshape(-1, 4)
        count = len(boxes)
        if "count" in self.named:  # rows after the count are left over from other pictures
            count = max(0, min(count, round(float(values[self.named["count"]].reshape(-1)[0]))))
        if "scores" not in self.named:
            self._tell_apart(values, count)
        if "scores" not in self.named:  # only whole numbers: nothing was found
            return boxes[:0], np.zeros(0, np.int64), np.zeros(0, np.float32)
        classes = values[self.named["classes"]].reshape(-1)[:count].round().astype(np.int64)
        scores = values[self.named["scores"]].reshape(-1)[:count]
        boxes = boxes[:count]
        if boxes.size and np.abs(boxes).max() > 2.0:
            # In pixels, x first, as PyTorch's exporters have it; TensorFlow's are shares, y first.
            size = np.array([self.model.columns, self.model.rows] * 2, np.float32)
            return np.asarray(boxes / size, np.float32), classes, scores
        return boxes[:, [1, 0, 3, 2]], classes, scores

    def _tell_apart(self, values: Sequence[Values], count: int) -> None:
        """Decide which of two rows without clear names holds the scores: the one with fractions."""
        pair = [self.named["row1"], self.named["row2"]]
        broken = [bool(np.any(values[i].reshape(-1)[:count] % 1 != 0)) for i in pair]
        if broken[0] != broken[1]:
            self.named["scores"] = pair[broken.index(True)]
            self.named["classes"] = pair[broken.index(False)]


def _usual(outputs: Sequence[Output]) -> dict[str, int] | None:
    """Return which output is which; `row1` and `row2` where names do not distinguish classes and scores."""
    boxes = [i for i, output in enumerate(outputs) if len(output.shape) >= 2 and output.shape[-1] == 4]
    sizes = [int(np.prod(output.shape)) for output in outputs]
    boxes = [i for i in boxes if len(outputs[i].shape) == 3] or boxes
    if len(boxes) != 1:
        return None
    named = {"boxes": boxes[0]}
    many = sizes[boxes[0]] // 4
    rest = [i for i in range(len(outputs)) if i != boxes[0]]
    counts = [i for i in rest if sizes[i] == 1 and (many != 1 or _meaning(outputs[i]) == "count")]
    if len(counts) == 1:
        named["count"] = counts[0]
    rows = [i for i in rest if sizes[i] == many and i not in counts]
    if len(rows) != 2:
        return None
    meanings = [_meaning(outputs[i]) for i in rows]
    for i, meaning, other in zip(rows, meanings, reversed(rows), strict=True):
        if meaning == "scores":
            named["scores"], named["classes"] = i, other
        elif meaning == "classes":
            named["classes"], named["scores"] = i, other
    if "scores" not in named:
        named["row1"], named["row2"] = rows
    return named


def _meaning(output: Output) -> str | None:
    """Return the meaning of an output by its names; None if unclear."""
    for name in output.names:
        numbered = re.fullmatch(r"TFLite_Detection_PostProcess(:\d)?", name)
        if numbered:
            return _NUMBERED.get(numbered[1] or "")
        meant = [kind for kind, words in _WORDS.items() if any(word in name.casefold() for word in words)]
        if len(meant) == 1:
            return meant[0]
    return None
