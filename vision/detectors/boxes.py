"""What detection models answer, read as boxes, classes and scores: the usual four outputs, or anchors.

Outputs are matched by name and shape, never by their order, which differs from converter to converter.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.tflite_model import Model, Output, Values
from vision.sight import Frame

Found: TypeAlias = tuple[Values, NDArray[np.int64], Values]
"""Boxes (N, 4) as left, top, right, bottom in shares of the frame; classes (N,); scores (N,)."""

Boxes: TypeAlias = Callable[[Frame], Found]

_WORDS = {
    "boxes": ("box", "location"),
    "classes": ("class", "categor", "label"),
    "scores": ("score", "confidence"),
    "count": ("count", "num"),
}
# The post-processing operator's own names: its outputs are numbered in this order.
_NUMBERED = {"": "boxes", ":1": "classes", ":2": "scores", ":3": "count"}


def box_reader(model: Model) -> Boxes:
    """Return what reads a model's answers. Raises ValueError when they are none that we know."""
    anchors = _anchored(model)
    if anchors is not None:
        return anchors
    named = _usual(model.outputs)
    if named is None:
        shapes = ", ".join(f"{output.names[-1]} {output.shape}" for output in model.outputs)
        raise ValueError(
            f"{model.path.name} answers with {shapes}, which is no detection: give a model with boxes, "
            "classes, scores and count (with TF-Lite's detection post-processing), or a BlazeFace."
        )
    return _Usual(model, named)


class _Usual:
    """Boxes, classes, scores, count: what TFLite_Detection_PostProcess answers."""

    def __init__(self, model: Model, named: dict[str, int]) -> None:
        self.model, self.named = model, dict(named)

    def __call__(self, frame: Frame) -> Found:
        values = self.model.run(frame)
        boxes = values[self.named["boxes"]].reshape(-1, 4)
        count = len(boxes)
        if "count" in self.named:  # what stands after it is left over from other pictures
            count = max(0, min(count, round(float(values[self.named["count"]].reshape(-1)[0]))))
        if "scores" not in self.named:
            self._tell_apart(values, count)
        if "scores" not in self.named:  # all whole numbers, so nothing is certain at all
            return boxes[:0], np.zeros(0, np.int64), np.zeros(0, np.float32)
        classes = values[self.named["classes"]].reshape(-1)[:count].round().astype(np.int64)
        scores = values[self.named["scores"]].reshape(-1)[:count]
        return boxes[:count, [1, 0, 3, 2]], classes, scores

    def _tell_apart(self, values: Sequence[Values], count: int) -> None:
        """Where names do not distinguish two rows, the one with fractions holds the scores."""
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
    """Return what an output's names say that it is."""
    for name in output.names:
        numbered = re.fullmatch(r"TFLite_Detection_PostProcess(:\d)?", name)
        if numbered:
            return _NUMBERED.get(numbered[1] or "")
        meant = [kind for kind, words in _WORDS.items() if any(word in name.casefold() for word in words)]
        if len(meant) == 1:
            return meant[0]
    return None


class _Anchored:
    """BlazeFace and its like: each anchor has a box beside it, and a logit (Bazarevsky et al. 2019)."""

    def __init__(self, model: Model, boxes: int, logits: int, anchors: Values) -> None:
        self.model, self.boxes, self.logits, self.anchors = model, boxes, logits, anchors

    def __call__(self, frame: Frame) -> Found:
        # The frame is filled up to the model's proportions, as these models have seen no stretched faces.
        height, width = frame.shape[:2]
        scale = min(self.model.columns / width, self.model.rows / height)
        wide, tall = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (self.model.columns - wide) // 2, (self.model.rows - tall) // 2
        padded = np.zeros((self.model.rows, self.model.columns, 3), np.uint8)
        padded[top : top + tall, left : left + wide] = cv2.resize(
            frame, (wide, tall), interpolation=cv2.INTER_AREA
        )
        values = self.model.run(padded)
        raw = values[self.boxes].reshape(len(self.anchors), -1)
        scores = 1 / (1 + np.exp(-np.clip(values[self.logits].reshape(-1), -80, 80)))
        size = np.array([self.model.columns, self.model.rows], np.float32)
        middle = raw[:, :2] + self.anchors * size
        half = raw[:, 2:4] / 2
        corners = np.concatenate([middle - half, middle + half], axis=1) - (left, top, left, top)
        shares = (corners / (wide, tall, wide, tall)).astype(np.float32)
        return shares, np.zeros(len(shares), np.int64), scores.astype(np.float32)


def _anchored(model: Model) -> Boxes | None:
    """Return the reader of a model with anchors; None when its outputs are not such."""
    if len(model.outputs) != 2:
        return None
    shapes = [output.shape for output in model.outputs]
    for boxes, logits in ((0, 1), (1, 0)):
        if len(shapes[boxes]) != 3 or shapes[boxes][2] < 4 or shapes[logits] != (1, shapes[boxes][1], 1):
            continue
        for layout in (((8, 2), (16, 6)), ((16, 2), (32, 6)), ((4, 1),)):
            anchors = _anchors(model.rows, model.columns, layout)
            if len(anchors) == shapes[boxes][1]:
                return _Anchored(model, boxes, logits, anchors)
    return None


def _anchors(rows: int, columns: int, layout: Sequence[tuple[int, int]]) -> Values:
    """Return the anchors' middles in shares of the picture, (N, 2); layout: (stride, anchors in a cell)."""
    middles = []
    for stride, each in layout:
        down, across = -(-rows // stride), -(-columns // stride)
        y, x = np.mgrid[0:down, 0:across]
        grid = np.stack([(x + 0.5) / across, (y + 0.5) / down], axis=-1).reshape(-1, 2)
        middles.append(np.repeat(grid, each, axis=0))
    return np.concatenate(middles).astype(np.float32)


def read_labels(model: Path, labels: str | Path) -> list[str]:
    """Return the names of a model's classes: from a file, or from what is packed into the model, or none.

    Raises FileNotFoundError or ValueError, with the cure, for a file that is not there or no text.
    """
    if str(labels):
        path = Path(labels).expanduser()
        if not path.is_file():
            raise FileNotFoundError(
                f"There is no file of labels {str(labels)!r}: check vision.objects.labels."
            )
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise ValueError(f"{path.name} is no text: give a file with a class a line.") from None
    else:
        text = _packed(model)
    names = [re.sub(r"^\d+[\s:,]+", "", line.strip()) for line in text.splitlines() if line.strip()]
    # Some lists begin with the background, which post-processing does not count as a class.
    return names[1:] if names and names[0].casefold() in ("???", "background") else names


def _packed(model: Path) -> str:
    """Return the first text file in a model: TF-Lite's metadata is a zip archive at the file's end."""
    if not zipfile.is_zipfile(model):
        return ""
    with zipfile.ZipFile(model) as archive:
        for name in archive.namelist():
            if name.endswith(".txt"):
                return archive.read(name).decode("utf-8", "replace")
    return ""
