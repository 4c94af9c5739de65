"""What the worker shows: pictures as JPEG, each with the sight that was found in that very picture."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2

from robot_agent.simulator.world import SimulatedRobot
from server.protocol import Message, pack_picture
from vision.detectors.detector import Detector
from vision.detectors.slices import SliceDetector
from vision.sight import Frame, Sight

FRAMES_A_SECOND = 10.0
"""No more pictures than this are shown."""

QUALITY = 75
"""Of the JPEGs, 0 to 100."""

REMEMBERED = 32
"""So many of the last frames are kept as they were, to learn a colour from."""


class Look(NamedTuple):
    """What a detector made of a frame."""

    sight: Sight | None
    probabilities: list[float] | None = None
    """Of the 42 slices, 0 to 1, where the detector says them."""


def look_at(frame: Frame, detector: Detector) -> Look:
    """Return what a detector makes of a frame, in one pass; see `Detector`."""
    if not isinstance(detector, SliceDetector):
        return Look(detector.detect(frame))
    sight, values = detector.look(frame)
    return Look(sight, [round(min(max(value, 0.0), 1.0), 2) for value in values.tolist()])


class View:
    """Sends pictures to the server, as often as somebody watches and time allows."""

    def __init__(self, send: Callable[[bytes], None], tell: Callable[[Message], None]) -> None:
        """Send pictures with `send` and messages with `tell`."""
        self._send, self._tell = send, tell
        self.watched = False
        """Whether anybody wants pictures."""
        self.frames: OrderedDict[int, Frame] = OrderedDict()
        """The last frames by their sequence numbers."""
        self._sequence = 0
        self._next = 0.0

    def due(self) -> bool:
        """Say whether it is time for another picture, and somebody wants it."""
        return self.watched and time.monotonic() >= self._next

    def wait(self) -> float:
        """Return how many seconds it is until another picture is due."""
        return max(0.0, self._next - time.monotonic())

    def show(
        self,
        frame: Frame,
        found: Look,
        *,
        room: SimulatedRobot | None = None,
        look: tuple[int, int] | None = None,
    ) -> None:
        """Show a frame.

        Args:
            frame: as it was taken.
            found: in it.
            room: of a simulated robot, whose pose is shown too.
            look: episode and number of a picture that decided a move; it is sent even if nobody watches.
        """
        if not (self.watched or look):
            return
        self._next = time.monotonic() + 1 / FRAMES_A_SECOND
        self._sequence += 1
        self.frames[self._sequence] = frame
        while len(self.frames) > REMEMBERED:
            self.frames.popitem(last=False)
        height, width = frame.shape[:2]
        sight = found.sight
        header: Message = {
            "sequence": self._sequence,
            "time": time.time(),
            "width": width,
            "height": height,
            "sight": None
            if sight is None
            else {"x1": sight.x1, "x2": sight.x2, "confidence": round(sight.confidence, 3)},
            "probabilities": found.probabilities,
            "pose": None,
        }
        if look is not None:
            header["look"] = list(look)
        if room is not None:
            header["pose"] = [round(float(value), 4) for value in room.world.poses()[0]]
            self._tell(pose_message(room))
        good, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if good:
            self._send(pack_picture(header, jpeg.tobytes()))


def pose_message(room: SimulatedRobot) -> Message:
    """Return where a simulated robot is, seen from above."""
    x, y, heading = (round(float(value), 4) for value in room.world.poses()[0])
    view = 2 * math.atan(float(room.world.tan_half_view[0]))
    return {
        "type": "pose",
        "x": x,
        "y": y,
        "heading": heading,
        "target": [0, 0],
        "field_of_view": round(view, 4),
    }


class Shown:
    """A detector that shows each frame that it finds something in, or nothing."""

    def __init__(self, detector: Detector, show: Callable[[Frame, Look], None]) -> None:
        """Show what `detector` finds with `show`."""
        self.detector, self._show = detector, show

    def detect(self, frame: Frame) -> Sight | None:
        """Return the target's sight, see `Detector`."""
        found = look_at(frame, self.detector)
        self._show(frame, found)
        return found.sight


def learn_color(frame: Frame, x: float, y: float) -> tuple[dict[str, Any], Sight | None]:
    """Learn the target's colour from the pixel at (x, y); returns the settings and what is now seen."""
    from vision.detectors.color import ColorDetector

    height, width = frame.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise ValueError(f"The place ({x}, {y}) is outside of the picture of {width} x {height} pixels.")
    detector = ColorDetector.learn(frame, at=(x, y))
    known = {name: detector.settings()[name] for name in ("hue_degrees", "saturation", "value")}
    return known, detector.detect(frame)
