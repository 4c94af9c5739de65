"""The sections of the camera, and of the detectors that find the target in its pictures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import AfterValidator, BeforeValidator, model_validator

from robot_agent.settings.values import (
    Count,
    NotNegative,
    Pair,
    Positive,
    Section,
    ShareRange,
    whole,
)
from vision.cameras.turned import Rotation
from vision.detectors.registry import DETECTORS, check_name


def _learned(value: Any) -> Any:
    if value is not None and not isinstance(value, Mapping | str | Path):
        raise ValueError("give the table that a click has taught, or the file that holds it")
    return None if value == "" else value


class ColorSettings(Section):
    """The colour detector."""

    hue_degrees: Pair = (345.0, 15.0)
    """First and last hue of the target, degrees; through red when the first is the larger."""
    saturation: ShareRange = (0.55, 1.0)
    """Least and greatest saturation."""
    value: ShareRange = (0.1, 1.0)
    """Least and greatest brightness."""
    learned: Annotated[dict[str, Any] | Path | None, BeforeValidator(_learned)] = None
    """The colour as learned from a click, or its file; the three ranges above, set by hand, replace it."""

    @model_validator(mode="after")
    def _by_hand(self) -> "ColorSettings":
        """Take the ranges from the learned colour; a given range that differs counts as set by hand."""
        ranges = _ranges_of(self.learned)
        given = self.model_fields_set & ranges.keys()
        if any(tuple(getattr(self, name)) != ranges[name] for name in given):
            object.__setattr__(self, "learned", None)
        elif ranges:
            for name in ranges.keys() - given:
                object.__setattr__(self, name, ranges[name])
        return self


def _ranges_of(learned: dict[str, Any] | Path | None) -> dict[str, tuple[float, float]]:
    """Return the ranges stored with a learned colour; none if it is damaged."""
    try:
        found = json.loads(learned.read_text("utf-8-sig")) if isinstance(learned, Path) else learned or {}
        names = ("hue_degrees", "saturation", "value")
        ends = {name: tuple(float(end) for end in found[name]) for name in names if name in found}
    except (OSError, ValueError, TypeError):
        return {}
    return {name: (pair[0], pair[1]) for name, pair in ends.items() if len(pair) == 2}


class MarkerSettings(Section):
    """The marker detector."""

    dictionary: str = "DICT_5X5_1000"
    """Family of the marker: an ArUco or AprilTag dictionary of OpenCV."""
    id: int | None = None
    """Number of the marker; the nearest one if not set."""


class SlicesSettings(Section):
    """The detector `slices`: a small network that this project trains."""

    model: str = ""
    """A .tflite file that robot-agent target train made; the shipped one, for a red target, if empty."""
    sure: Annotated[float, Gt(0), Lt(1)] = 0.6
    """Probability that at least one slice must have; below it nothing is seen."""
    edge: Annotated[float, Gt(0), Lt(1)] = 0.5
    """Least probability with which a slice belongs to the target."""
    gap: Annotated[int, Ge(0), Le(41)] = 2
    """Number of less probable slices within the target that do not cut it in two."""
    color: str = ""
    """A learned colour that is also looked for, as robot-agent target train writes it; none if empty."""


class ObjectsSettings(Section):
    """The detector `objects`: any TF-Lite detection model."""

    model: str = ""
    """The .tflite file of a detection model: YOLO, SSD, EfficientDet, FOMO, BlazeFace and the like."""
    target: str | int = 0
    """Which class is the target, by number or by the name in the labels."""
    labels: str = ""
    """A file with the names of the classes: text, YAML, JSON or pbtxt; the model's own if empty."""
    score: Annotated[float, Gt(0), Lt(1)] = 0.5
    """Boxes that are less certain than this are ignored."""
    input_range: Pair | None = None
    """The numbers that stand for black and white in the model's input; read from the model if not set."""
    channels: Literal["rgb", "bgr"] = "rgb"
    """Order of the colours that the model was trained with: rgb or bgr."""
    size: Annotated[int, Ge(0), Le(2048)] = 0
    """Side of the square picture, in pixels, for a model that takes any size; 0 means 320."""


class VisionSettings(Section):
    """The choice of the detector, which turns pictures into sights."""

    detector: Annotated[str, AfterValidator(check_name)] = "color"
    """What finds the target in a picture: color, marker, slices, objects, or your own as MODULE:FACTORY."""
    color: ColorSettings = ColorSettings()
    marker: MarkerSettings = MarkerSettings()
    slices: SlicesSettings = SlicesSettings()
    objects: ObjectsSettings = ObjectsSettings()

    def options(self) -> dict[str, Any]:
        """Return the options of the detector; none for your own, which is made without arguments."""
        section: Section | None = getattr(self, self.detector, None) if self.detector in DETECTORS else None
        return section.model_dump() if section is not None else {}


class CameraSettings(Section):
    """The camera of a real robot; a simulated robot has its own camera."""

    source: str | int = "pi"
    """pi for the Raspberry Pi camera; for a USB camera a number or its device, as /dev/v4l/by-id/...; an
    address of a stream or of a picture; or your own camera as MODULE:FACTORY."""
    width: Count = 320
    """Width of the pictures that the camera is asked for, pixels."""
    height: Count = 240
    """Height of the pictures that the camera is asked for, pixels."""
    rotate: Annotated[Rotation, BeforeValidator(whole)] = 0
    """Degrees by which each picture is turned clockwise, for a camera that is not mounted upright."""
    mirror: bool = False
    """Exchange left and right in each picture, after the rotation."""
    fixed_light: bool = False
    """Hold exposure and white balance two seconds after the start, so that a colour stays the same; for USB
    and Raspberry Pi cameras whose driver can."""
    settle_seconds: NotNegative = 0.2
    """Seconds that the robot stands still before a picture is taken."""
    lost_seconds: Positive = 1.5
    """Seconds without a picture after which the camera is reported as lost."""
    frozen_seconds: NotNegative = 1.5
    """Seconds without any change after which the camera is reported as frozen; 0 turns this off."""
    black_seconds: NotNegative = 1.5
    """Seconds of black pictures after which the camera is reported as dark; 0 turns this off."""
