"""Pictures to sights: which of the 42 vertical slices of a frame the target fills.

    from vision import open_camera, open_detector

    camera = open_camera(0)
    detector = open_detector("color", hue_degrees=(345, 15))
    sight = detector.detect(camera.read())      # Sight(x1=10, x2=31, ...) or None

This package knows nothing of robots or learning. A `Detector` turns a frame into a `Sight`; a `Camera`
gives frames; both are protocols, so any object with their methods is one. OpenCV is imported only when
a camera or a detector is opened.
"""

from vision.cameras.camera import Camera, CameraError, CameraFault, EndOfPictures, frames, heal
from vision.cameras.open import open_camera
from vision.detectors.detector import Detector
from vision.detectors.registry import DETECTORS, open_detector
from vision.sight import GOAL, SLICES, Frame, Sight, check_frame, draw_sight, slice_of

__all__ = [
    "DETECTORS",
    "GOAL",
    "SLICES",
    "Camera",
    "CameraError",
    "CameraFault",
    "Detector",
    "EndOfPictures",
    "Frame",
    "Sight",
    "check_frame",
    "draw_sight",
    "frames",
    "heal",
    "open_camera",
    "open_detector",
    "slice_of",
]
