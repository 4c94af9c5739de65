"""Photographs for backgrounds, from installed packages; training and test use different photographs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np

from vision.cameras.decoding import read_picture
from vision.sight import Frame

# Read as files from the packages' folders: their loaders would need more packages.
_FILES = {
    "skimage/data": (
        "astronaut.png", "brick.png", "camera.png", "chelsea.png", "clock_motion.png", "coffee.png",
        "coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png",
        "motorcycle_left.png", "retina.jpg", "rocket.jpg",
    ),
    "sklearn/datasets/images": ("china.jpg", "flower.jpg"),
    "matplotlib/mpl-data/sample_data": ("grace_hopper.jpg",),
}  # fmt: skip

HELD_OUT = ("china.jpg", "clock_motion.png", "coffee.png", "grace_hopper.jpg", "gravel.png")
"""Photographs not used for training: a street, grey clockwork, a warm table, a person, gravel."""

_CURE = "pip install scikit-image scikit-learn matplotlib"


def photographs(*, held_out: bool) -> dict[str, Frame]:
    """Return the photographs of one side of the split, at most 640 pixels wide, by file name.

    Raises FileNotFoundError, with the cure, if the packages that contain them are not installed.
    """
    found: dict[str, Frame] = {}
    for place, names in _FILES.items():
        package, _, inside = place.partition("/")
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise FileNotFoundError(f"The photographs of {package} are missing: {_CURE}.")
        folder = Path(spec.origin).parent / inside
        for name in names:
            if (name in HELD_OUT) != held_out:
                continue
            if not (folder / name).is_file():
                raise FileNotFoundError(
                    f"{package} ships no {name} any more: {_CURE}, in the pinned versions."
                )
            found[name] = _at_most(read_picture(folder / name), 640)
    return found


def _at_most(frame: Frame, columns: int) -> Frame:
    height, width = frame.shape[:2]
    if width <= columns:
        return frame
    size = (columns, round(height * columns / width))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
