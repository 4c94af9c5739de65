"""What every detector can do, and opening one by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from vision.names import unknown
from vision.sight import Frame, Sight


@runtime_checkable
class Detector(Protocol):
    """Anything that finds the target in a frame."""

    def detect(self, frame: Frame) -> Sight | None:
        """Return the target's sight, or None when nothing is seen.

        Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        ...


def _color() -> Callable[..., Detector]:
    from vision.detectors.color import ColorDetector

    return ColorDetector


def _marker() -> Callable[..., Detector]:
    from vision.detectors.marker import MarkerDetector

    return MarkerDetector


def _slices() -> Callable[..., Detector]:
    from vision.detectors.networks import SliceDetector

    return SliceDetector


def _objects() -> Callable[..., Detector]:
    from vision.detectors.networks import ObjectDetector

    return ObjectDetector


# Each is imported when it is opened, so that what one of them needs is not asked of the others.
_KINDS: dict[str, Callable[[], Callable[..., Detector]]] = {
    "color": _color,
    "marker": _marker,
    "slices": _slices,
    "objects": _objects,
}

DETECTORS: tuple[str, ...] = tuple(_KINDS)
"""The names that `open_detector` knows."""


def open_detector(kind: str, **options: Any) -> Detector:
    """Make the detector called `kind` with its options, as keywords of its class.

    Raises ValueError, naming the nearest right one, for a kind or an option that there is not;
    and whatever the detector itself raises for an option's value.
    """
    if kind not in _KINDS:
        raise ValueError(unknown("detector", kind, DETECTORS))
    make = _KINDS[kind]()
    known = list(inspect.signature(make).parameters)
    for option in options:
        if option not in known:
            raise ValueError(unknown(f"option of the {kind} detector", option, known))
    return make(**options)
