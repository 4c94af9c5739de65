"""Every detector by its name: the last module of this folder, which knows all others.

The table is the one home of the detectors' names: settings, server and page take them from here. It
needs no OpenCV, as each detector is imported only when it is opened.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from vision.detectors.detector import Detector
from vision.factory import describe_failure, is_factory, open_factory
from vision.names import unknown
from vision.sight import Frame, Sight


class DetectorKind(NamedTuple):
    """A detector that can be chosen by name."""

    name: str
    sentence: str
    """What the detector finds and needs, for a person who chooses."""
    load: Callable[[], Callable[..., Detector]]
    """Function that imports and returns the detector's class."""


def _color() -> Callable[..., Detector]:
    from vision.detectors.color import ColorDetector

    return ColorDetector


def _marker() -> Callable[..., Detector]:
    from vision.detectors.marker import MarkerDetector

    return MarkerDetector


def _slices() -> Callable[..., Detector]:
    from vision.detectors.slices import SliceDetector

    return SliceDetector


def _objects() -> Callable[..., Detector]:
    from vision.detectors.objects import ObjectDetector

    return ObjectDetector


DETECTORS: dict[str, DetectorKind] = {
    kind.name: kind
    for kind in (
        DetectorKind("color", "A thing of one colour, which a click in the picture teaches.", _color),
        DetectorKind("marker", "A printed ArUco or AprilTag marker.", _marker),
        DetectorKind("slices", "A red target, or your own, with a small network of ours.", _slices),
        DetectorKind("objects", "What a TF-Lite detection model of yours finds.", _objects),
    )
}
"""The detectors that `open_detector` knows, in the order in which they are offered."""


def check_name(name: str) -> str:
    """Return `name` if it is a detector of the table or MODULE:FACTORY; raise ValueError for any other."""
    if name in DETECTORS or is_factory(name):
        return name
    raise ValueError(unknown("detector", name, DETECTORS).rstrip(".") + ", or your own as MODULE:FACTORY.")


def open_detector(kind: str, **options: Any) -> Detector:
    """Make the detector called `kind` with its options, as keywords of its class.

    Args:
        kind: a name of `DETECTORS`, or your own as MODULE:FACTORY: a function without arguments
            that returns an object with `detect(frame)`.
        **options: options of a detector of the table.

    Raises:
        ValueError: there is no such detector or option (the nearest known one is named), an option's value
            is wrong, or the user's own function failed.
        FileNotFoundError, RuntimeError: a model or a library that the detector needs is missing.
    """
    check_name(kind)
    if kind not in DETECTORS:
        return OwnDetector(kind, open_factory(kind, "detector", methods=("detect",)))
    make = DETECTORS[kind].load()
    known = list(inspect.signature(make).parameters)
    for option in options:
        if option not in known:
            raise ValueError(unknown(f"option of the {kind} detector", option, known))
    return make(**options)


class OwnDetector:
    """A user's own detector: its results are checked, and its errors become one sentence."""

    def __init__(self, name: str, detector: Detector) -> None:
        """Wrap a detector that was made by the factory `name`."""
        self.name, self.detector = name, detector

    def detect(self, frame: Frame) -> Sight | None:
        """Return the detector's sight, or None.

        Raises ValueError if the detector fails, with the line of the user's code, or if it returns anything
        but a Sight or None.
        """
        try:
            sight = self.detector.detect(frame)
        except Exception as error:
            raise ValueError(describe_failure(f"The detector {self.name!r}", error)) from error
        if sight is None or isinstance(sight, Sight):
            return sight
        raise ValueError(
            f"The detector {self.name!r} answered with {sight!r}: let detect() return a vision.Sight, "
            "such as Sight(x1, x2), or None when nothing is seen."
        )
