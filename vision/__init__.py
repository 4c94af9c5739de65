"""Pictures to sights: which of the 42 vertical slices of a frame the target fills.

    from vision import open_camera, open_detector

    camera = open_camera(0)
    detector = open_detector("color", hue_degrees=(345, 15))
    sight = detector.detect(camera.read())      # Sight(x1=10, x2=31, ...) or None

It knows nothing of robots or of learning. A `Detector` turns a frame into a `Sight`; a `Camera`
gives frames; both are protocols, so anything with their methods is one. OpenCV is imported by what
uses it, not by this package.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vision.cameras.camera import (
        Camera,
        CameraError,
        CameraFault,
        EndOfPictures,
        frames,
        heal,
        open_camera,
    )
    from vision.detectors.color import ColorDetector
    from vision.detectors.detector import DETECTORS, Detector, open_detector
    from vision.detectors.marker import MarkerDetector
    from vision.detectors.networks import ObjectDetector, SliceDetector
    from vision.sight import GOAL, SLICES, Frame, Sight, check_frame, draw_sight, slice_of

__all__ = [
    "DETECTORS",
    "GOAL",
    "SLICES",
    "Camera",
    "CameraError",
    "CameraFault",
    "ColorDetector",
    "Detector",
    "EndOfPictures",
    "Frame",
    "MarkerDetector",
    "ObjectDetector",
    "Sight",
    "SliceDetector",
    "check_frame",
    "draw_sight",
    "frames",
    "heal",
    "open_camera",
    "open_detector",
    "slice_of",
]

_HOMES = {
    "vision.cameras.camera": (
        "Camera",
        "CameraError",
        "CameraFault",
        "EndOfPictures",
        "frames",
        "heal",
        "open_camera",
    ),
    "vision.detectors.color": ("ColorDetector",),
    "vision.detectors.detector": ("DETECTORS", "Detector", "open_detector"),
    "vision.detectors.marker": ("MarkerDetector",),
    "vision.sight": ("GOAL", "SLICES", "Frame", "Sight", "check_frame", "draw_sight", "slice_of"),
    "vision.detectors.networks": ("ObjectDetector", "SliceDetector"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for from where it is."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'vision' has no attribute {name!r}")
