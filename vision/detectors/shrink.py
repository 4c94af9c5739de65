"""Quickly shrinks a frame to the size of a detector's working picture or a network's input."""

from __future__ import annotations

import cv2
import numpy as np

from vision.sight import Frame


def halve(frame: Frame, columns: int, rows: int = 1) -> Frame:
    """Return a frame (H, W, 3) halved, and halved again, while at least `columns` and `rows` remain.

    Averaging 2 x 2 pixels is the one averaging that OpenCV has vector code for: a single step by a larger
    factor takes twice as long, and one by a broken factor ten times. An odd last row or column is left out.
    """
    height, width = frame.shape[:2]
    while width >= 2 * columns and height >= 2 * rows:
        height, width = height // 2, width // 2
        half = frame[: 2 * height, : 2 * width]
        frame = np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return frame


def shrink(frame: Frame, columns: int, rows: int) -> Frame:
    """Return a frame (H, W, 3) in another size, without keeping its proportions.

    It is halved first, since interpolation alone would skip pixels.
    """
    small = halve(frame, columns, rows)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)
