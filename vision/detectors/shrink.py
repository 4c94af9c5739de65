"""Quickly shrinks a frame to the size of a network's input."""

from __future__ import annotations

import cv2
import numpy as np

from vision.sight import Frame


def shrink(frame: Frame, columns: int, rows: int) -> Frame:
    """Return a frame (H, W, 3) in another size, without keeping its proportions.

    First blocks of whole pixels are averaged, then the result is interpolated: averaging over parts of
    pixels takes seven times as long, and interpolation alone would skip pixels.
    """
    height, width = frame.shape[:2]
    most = min(width // columns, height // rows)
    # The largest factor that divides both sides; else OpenCV uses its slow method.
    factor = next((n for n in range(most, 1, -1) if width % n == 0 and height % n == 0), 1)
    if factor > 1:
        size = (width // factor, height // factor)
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
