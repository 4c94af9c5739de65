"""A contact sheet: many pictures side by side in one, each with a line of text below."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.sight import Frame

_LINE = 18
"""Height of the line of text, pixels."""

_RED = (40, 40, 230)


def tile(picture: Frame, text: str, *, width: int = 320, marked: bool = False) -> Frame:
    """Return a picture on a 4:3 background with text below; `marked` adds a red rim."""
    height = width * 3 // 4
    out = np.full((height + _LINE, width, 3), 24, np.uint8)
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    out[top : top + size[1], left : left + size[0]] = cv2.resize(picture, size, interpolation=way)
    if marked:
        cv2.rectangle(out, (1, 1), (width - 2, height - 2), _RED, 3)
    plain = text.encode("ascii", "replace").decode()  # OpenCV draws only ASCII letters
    while plain and cv2.getTextSize(plain, cv2.FONT_HERSHEY_SIMPLEX, 0.4, 1)[0][0] > width - 8:
        plain = plain[1:]  # shorten at the beginning: the end of a path says more
    place = (4, height + _LINE - 5)
    cv2.putText(out, plain, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (230, 230, 230), 1, cv2.LINE_AA)
    return out


def contact_sheet(tiles: Sequence[Frame], *, across: int = 4) -> Frame:
    """Return tiles of one size side by side, in their order, row by row. Raises ValueError for none."""
    if not tiles:
        raise ValueError("There is no picture to put on a sheet.")
    across = min(across, len(tiles))
    empty = [np.zeros_like(tiles[0])] * (-len(tiles) % across)
    rows = [*tiles, *empty]
    return np.vstack([np.hstack(rows[i : i + across]) for i in range(0, len(rows), across)])
