"""How a picture file says that it is to be turned, where OpenCV does not obey it.

OpenCV turns pictures as their EXIF says, but not those with transparency, and it passes over what an AVIF
says in its own boxes.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]

_EXIF = re.compile(rb"(?:eXIf|EXIF.{4}(?:Exif\0\0)?)(?=II\*\0|MM\0\*)", re.DOTALL)
"""The chunk of a PNG or WebP in which a TIFF header follows (PNG specification 11.3.4.6, WebP container)."""

_ORIENTATION = 0x112
"""The tag of the orientation (EXIF 2.32, 4.6.4)."""


def upright(picture: Pixels, data: bytes) -> Pixels:
    """Return a picture with transparency, (H, W, 4), turned as the EXIF of its file says."""
    found = _EXIF.search(data)
    number = _orientation(data[found.end() :]) if found else 1
    if number in (5, 6, 7, 8):
        picture = picture.swapaxes(0, 1)
    down, across = -1 if number in (3, 4, 7, 8) else 1, -1 if number in (2, 3, 6, 7) else 1
    return picture[::down, ::across]


def _orientation(tiff: bytes) -> int:
    """Return the number 1 to 8 from the first directory of a TIFF; 1 if it has none."""
    order: Any = "little" if tiff.startswith(b"II") else "big"

    def number(place: int, size: int) -> int:
        return int.from_bytes(tiff[place : place + size], order)

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if number(entry, 2) == _ORIENTATION:
            return number(entry + 8, 2)
    return 1


def avif_upright(picture: Pixels, data: bytes) -> Pixels:
    """Return the picture of an AVIF file, turned as its properties say.

    ISO/IEC 23008-12, 6.5.10 and 6.5.12: `irot` turns anticlockwise by so many quarters, then `imir` mirrors:
    0 exchanges top and bottom, 1 left and right. OpenCV obeys neither.
    """
    head = data.partition(b"mdat")[0]
    properties = head.partition(b"ipco")[2]
    if turn := re.search(rb"\0\0\0\x09irot(.)", properties, re.DOTALL):
        picture = np.rot90(picture, turn[1][0] & 3)
    if mirror := re.search(rb"\0\0\0\x09imir(.)", properties, re.DOTALL):
        picture = picture[:, ::-1] if mirror[1][0] & 1 else picture[::-1]
    return picture
