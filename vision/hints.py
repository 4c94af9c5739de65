"""Hints why a detector sees nothing in a picture, from a few quick checks.

A hint is only a guess for a person; no detector is changed by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.detectors.color import ColorDetector
from vision.detectors.detector import Detector
from vision.detectors.marker import MarkerDetector, dictionaries
from vision.detectors.objects import ObjectDetector
from vision.detectors.slices import SHIPPED, SliceDetector
from vision.sight import Frame

_GREY = 10.0
"""Largest difference from grey, 0 to 255, of nearly all channels in a picture without colours."""

_DARK = 40
"""Brightness, 0 to 255, below which 99 % of the values of a dark picture are."""

_BRIGHT = 225
"""Brightness above which every part of an overexposed picture is."""

_EDGE, _TEXTURE = 6.0, 4.0
"""Largest difference between two neighbouring parts, of 16 x 12, of a picture without an edge, and largest
standard deviation of its detail; a noisy sensor stays below both."""

_EVEN_CURE = "The picture shows no edge of anything: see whether the lens is covered, blurred or too near."

_CONFIDENT = 0.6
"""Least confidence of a sight in a changed picture for it to be mentioned."""

_SMALLEST = 0.04
"""Least width of a marker of another family, as a share of the picture: smaller ones may be chance."""


def hint(frame: Frame, detector: Detector) -> str | None:
    """Return why `detector` probably sees nothing in `frame`, with the cure; None if no reason is found.

    This takes some tenths of a second, so call it once and not for each frame.
    """
    if float(np.percentile(frame, 99)) < _DARK:
        return "The picture is very dark: switch on a light, or let the camera expose longer."
    if float(cv2.resize(frame, (32, 24), interpolation=cv2.INTER_AREA).min()) > _BRIGHT:
        return "The picture is almost white: take the light away, or let the camera expose shorter."
    if not isinstance(detector, ColorDetector) and _is_even(frame):  # which asks for a colour first
        return _EVEN_CURE
    if isinstance(detector, MarkerDetector):
        return _marker(frame, detector)
    if isinstance(detector, ColorDetector | SliceDetector | ObjectDetector):
        if isinstance(detector, ColorDetector) and (covering := detector.hint(frame)):
            return covering
        shipped = isinstance(detector, SliceDetector) and detector.model.path == SHIPPED
        if (isinstance(detector, ColorDetector) or shipped) and _is_grey(frame):
            return (
                "The picture has no colours (a grey or infrared camera, or night mode): use the detector "
                "marker, or slices with a network of your own target."
            )
        if _is_even(frame):
            return _EVEN_CURE
        return None if _sees(detector, frame) else _changed(frame, detector)
    return None


def _is_even(frame: Frame) -> bool:
    """Return whether a picture shows nothing, apart from noise and a slow change from side to side."""
    coarse = cv2.resize(frame, (16, 12), interpolation=cv2.INTER_AREA).astype(np.float32)
    if max(np.abs(np.diff(coarse, axis=axis)).max() for axis in (0, 1)) >= _EDGE:
        return False
    small = cv2.resize(frame, (320, 240), interpolation=cv2.INTER_AREA).astype(np.float32)
    return bool((cv2.blur(small, (3, 3)) - cv2.blur(small, (31, 31))).std() < _TEXTURE)


def _is_grey(frame: Frame) -> bool:
    """Return whether a picture has no colours, apart from a tint of the whole picture (night mode)."""
    pixels = frame[::2, ::2].astype(np.float32)
    means = pixels.mean(axis=(0, 1))
    for alike in (pixels, pixels * (means.mean() / np.maximum(means, means.max() / 8))):
        tint = alike - alike.mean(axis=2, keepdims=True)
        distance = np.abs(tint - np.median(tint, axis=(0, 1))).max(axis=2)
        if np.percentile(distance, 99.5) < _GREY:
            return True
    return False


def _changed(frame: Frame, detector: Detector) -> str | None:
    """Try the picture with red and blue exchanged, and rotated; return a hint if something is seen then."""
    if _sees(detector, frame[..., ::-1]):
        return (
            "The target is seen when red and blue are exchanged: if the colours of the picture are wrong, "
            "its source gives red first, where frames have blue first."
        )
    if isinstance(detector, ColorDetector):  # a colour looks the same from every side
        return None
    for degrees in (180, 90, 270):
        if _sees(detector, np.rot90(frame, -degrees // 90)):
            return (
                f"The target is seen when the picture is turned by {degrees} degrees: if the camera is "
                f"mounted that way, set camera.rotate = {degrees}."
            )
    return None


def _sees(detector: Detector, frame: Frame) -> bool:
    if frame.shape[1] < 42:
        return False
    sight = detector.detect(np.ascontiguousarray(frame))
    return sight is not None and sight.confidence >= _CONFIDENT


def _marker(frame: Frame, detector: MarkerDetector) -> str | None:
    """Return a hint if there is another number, a mirrored or inverted marker, or another dictionary's."""
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
    own = _numbers(grey, detector.dictionary, exact=False)
    if own and detector.id is not None:
        return (
            f"The marker number {own[0]} of {detector.dictionary} is in the picture, and number "
            f"{detector.id} is wanted: set vision.marker.id."
        )
    for changes in _CHANGES:
        if changes and (found := _numbers(_changed_by(grey, changes), detector.dictionary, exact=True)):
            seen, cure = (" and ".join(_WORDS[change][part] for change in changes) for part in (0, 1))
            name = f"The marker number {found[0]} of {detector.dictionary}"
            return f"{name} is in the picture, but {seen}: {cure}."
    others = sorted((name for name in dictionaries() if name != detector.dictionary), key=_rank)
    for changes in _CHANGES:
        names = [name for name in others if _is_usual(name)] if changes else others
        if (other := _of_any(_changed_by(grey, changes), names)) is not None:
            name, number = other
            seen = "".join(f", {_WORDS[change][0]}" for change in changes)
            cure = "".join(f", and {_WORDS[change][1]}" for change in changes)
            return (
                f"A marker of {name}, number {number}, is in the picture{seen}: set "
                f'vision.marker.dictionary = "{name}"{cure}, or print one of {detector.dictionary}.'
            )
    return None


_CHANGES = ((), ("mirrored",), ("inverted",), ("mirrored", "inverted"))
"""What may have been done to a marker, the likelier first."""

_WORDS = {
    "mirrored": ("mirrored", "set camera.mirror = true, or print it again if only the marker is mirrored"),
    "inverted": ("white on black", "print it black on white, with a white rim"),
}
"""How the picture then looks, and the cure."""

_CHANCE, _MANY = 0.005, 600
"""Largest probability that a square by chance is a marker, and number of markers, of a usual dictionary."""


def _changed_by(grey: np.ndarray, changes: Sequence[str]) -> np.ndarray:
    """Return a picture with the changes undone."""
    if "mirrored" in changes:
        grey = np.ascontiguousarray(grey[:, ::-1])
    return 255 - grey if "inverted" in changes else grey


def _is_usual(name: str) -> bool:
    """Return whether a dictionary is searched for changed markers: others give false ones, or take long."""
    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name))
    count = len(book.bytesList)
    return count <= _MANY and 4 * count / 2.0 ** (book.markerSize**2) < _CHANCE


def _searching() -> cv2.aruco.DetectorParameters:
    """Return parameters with which errors are not corrected, and squares that are too small are passed over.

    In a picture with noise or a pattern there are thousands of small squares, which would take seconds.
    """
    parameters = cv2.aruco.DetectorParameters()
    parameters.errorCorrectionRate = 0.0
    parameters.minMarkerPerimeterRate = 3 * _SMALLEST
    return parameters


def _of_any(grey: np.ndarray, names: Sequence[str]) -> tuple[str, int] | None:
    """Return the first dictionary that has a marker in the picture, and the marker's number; or None.

    Candidates for markers are searched once, and then compared with each dictionary.
    """
    if not hasattr(cv2.aruco.ArucoDetector, "detectMarkersMultiDict"):  # OpenCV 4, as 32-bit systems have it
        each = ((name, _numbers(grey, name, exact=True)) for name in names)
        return next(((name, found[0]) for name, found in each if found), None)
    books = [cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, name)) for name in names]
    detector = cv2.aruco.ArucoDetector(books, _searching())
    corners, ids, _, which = detector.detectMarkersMultiDict(grey)
    if ids is None or not len(corners):
        return None
    rows = zip(corners, map(int, ids.ravel()), map(int, np.asarray(which).ravel()), strict=True)
    widths = [(book, -float(np.ptp(quad[..., 0])) / grey.shape[1], number) for quad, number, book in rows]
    wide = [row for row in widths if -row[1] >= _SMALLEST]
    return (names[min(wide)[0]], min(wide)[2]) if wide else None


def _rank(name: str) -> tuple[int, int]:
    """Return a key that sorts dictionaries: more bits first (rarely seen by chance), then smaller ones."""
    parts = [int("".join(c for c in part if c.isdigit()) or 0) for part in name.split("_")]
    bits = {"4X4": 16, "5X5": 25, "6X6": 36, "7X7": 49, "16h5": 16, "25h9": 25}
    return -next((n for word, n in bits.items() if word in name), 36), parts[-1]


def _numbers(grey: np.ndarray, dictionary: str, *, exact: bool) -> list[int]:
    """Return the numbers of the markers of a dictionary, the widest first; `exact`: no error is corrected."""
    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    parameters = _searching() if exact else cv2.aruco.DetectorParameters()
    corners, ids, _ = cv2.aruco.ArucoDetector(book, parameters).detectMarkers(grey)
    if ids is None:
        return []
    widths = [float(np.ptp(quad[..., 0])) / grey.shape[1] for quad in corners]
    wide = [(w, int(n)) for w, n in zip(widths, ids.ravel(), strict=True) if w >= _SMALLEST or not exact]
    return [number for _, number in sorted(wide, reverse=True)]
