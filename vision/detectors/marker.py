"""Finds a printed marker: ArUco or AprilTag.

A marker is the most reliable target: it is black and white in any light, it carries a number, and its
error-correcting code rejects everything else. `cv2.aruco.generateImageMarker` makes a marker to
print: 15 to 20 cm wide, with a white rim around it.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.names import unknown
from vision.sight import Frame, Sight, check_frame

Gray = NDArray[np.uint8]


def dictionaries() -> list[str]:
    """Return the names of the marker dictionaries that this OpenCV has."""
    names = (name for name in dir(cv2.aruco) if name.startswith("DICT_"))
    # OpenCV has some of them twice, as 36h11 and 36H11.
    return sorted({name.casefold(): name for name in names}.values())


class MarkerDetector:
    """Find one marker of a dictionary: the one with `id`, or else the widest in the picture."""

    def __init__(self, dictionary: str = "DICT_5X5_1000", id: int | None = None) -> None:
        """Open a dictionary by its OpenCV name, in any case, with or without `DICT_`.

        Raises ValueError for an unknown dictionary, naming the nearest, for an `id` that
        the dictionary does not have, and when OpenCV is too old to have the detector.
        """
        if not hasattr(getattr(cv2, "aruco", None), "ArucoDetector"):
            raise ValueError(
                f"Markers need OpenCV 4.7 or newer, and this is {cv2.__version__}: use the colour detector, "
                "or put the 64-bit Raspberry Pi OS on the card."
            )
        name = _dictionary_name(dictionary)
        book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name))
        count = len(book.bytesList)
        if id is not None and not 0 <= id < count:
            raise ValueError(f"{name} has the markers 0 to {count - 1}, so there is no {id}.")
        self.dictionary = name
        self.id = id
        parameters = cv2.aruco.DetectorParameters()
        parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        # Three window sizes as OpenCV has them, but wider ones: 3 to 23 pixels see only noise in
        # a dark picture. Of 182 photographs made dark, small or blurred: 134 read, not 111.
        parameters.adaptiveThreshWinSizeMin = 5
        parameters.adaptiveThreshWinSizeMax = 45
        parameters.adaptiveThreshWinSizeStep = 20
        self._aruco = cv2.aruco.ArucoDetector(book, parameters)

    def detect(self, frame: Frame) -> Sight | None:
        """Return the slices between the marker's outermost corners, or None.

        The confidence is 1 for a marker read in the picture as it is and 0.7 for one that took
        a smoothed and brightened copy. Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        check_frame(frame)
        gray = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        width = gray.shape[1]
        for picture, confidence in _attempts(gray):
            columns = self._columns(picture)
            if columns is not None:
                # A refined corner may lie just outside the picture.
                first, last = (min(max(x, 0.0), width - 1.0) for x in columns)
                return Sight.from_columns(first, last, width, confidence)
        return None

    def _columns(self, gray: Gray) -> tuple[float, float] | None:
        """Return the outermost columns of the wanted marker in a grey picture, or None."""
        corners, ids, _ = self._aruco.detectMarkers(gray)
        if ids is None:
            return None
        spans = [
            (float(quad[..., 0].min()), float(quad[..., 0].max()))
            for quad, number in zip(corners, ids.ravel(), strict=True)
            if self.id is None or int(number) == self.id
        ]
        return max(spans, key=lambda span: span[1] - span[0], default=None)


def _attempts(gray: Gray) -> Iterator[tuple[Gray, float]]:
    """Yield the picture, then a cleaned copy of it, each with its confidence.

    The copy is smoothed, which removes the noise of a dark picture, and then stretched to the whole
    range of grey. With the copy, 174 of the same 182 are read. Smoothing loses small markers, so the
    picture itself comes first; an enlarged copy gave only two more.
    """
    yield gray, 1.0
    smooth = cv2.GaussianBlur(gray, (0, 0), 2.0)
    low, high = int(smooth.min()), int(smooth.max())
    gain = 255.0 / max(1, high - low)
    yield np.asarray(cv2.convertScaleAbs(smooth, alpha=gain, beta=-gain * low), np.uint8), 0.7


def _dictionary_name(name: str) -> str:
    """Return the OpenCV spelling of a dictionary's name; ValueError when there is none."""
    names = dictionaries()
    spelled = {one.casefold(): one for one in names}
    folded = name.strip().casefold()
    for wanted in (folded, f"dict_{folded}"):
        if wanted in spelled:
            return spelled[wanted]
    full = name if folded.startswith("dict_") else f"DICT_{name}"
    raise ValueError(unknown("marker dictionary", full, names))
