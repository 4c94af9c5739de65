"""The pictures that the worker sends: JPEGs, each with the sight that was found in the same picture."""

import math
import time
from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from robot_agent.errors import SettingsError
from robot_agent.simulator import SimulatedRobot
from server.codec import pack_picture
from server.protocol.from_worker import PictureHeader, Pose, SeenSight
from server.protocol.to_worker import LearnColor, LearnedColor
from server.worker.outbox import Outbox
from vision.cameras.decoding import encode_jpeg
from vision.detectors.color import ColorDetector
from vision.detectors.detector import Detector
from vision.detectors.slices import SliceDetector
from vision.sight import Frame, Sight

FRAMES_PER_SECOND = 10.0
"""Maximum number of pictures that are sent per second."""

QUALITY = 75
"""Quality of the JPEGs, 0 to 100."""

KEPT = 32
"""Number of frames that are kept, the newest ones, so that a colour can be learned from them."""


class Look(NamedTuple):
    """What a detector found in a frame."""

    sight: Sight | None
    probabilities: list[float] | None = None
    """Probability that the slice shows the target, for each slice; None if the detector gives none."""


def look_at(frame: Frame, detector: Detector) -> Look:
    """Return what a detector finds in a frame; the detector runs only once."""
    if not isinstance(detector, SliceDetector):
        return Look(detector.detect(frame))
    sight, values = detector.look(frame)
    return Look(sight, [round(min(max(value, 0.0), 1.0), 2) for value in values.tolist()])


def seen_sight(sight: Sight | None) -> SeenSight | None:
    """Return a sight in the form that messages use."""
    return None if sight is None else SeenSight(sight.x1, sight.x2, round(sight.confidence, 3))


def rounded_pose(simulated: SimulatedRobot, digits: int = 4) -> tuple[float, float, float]:
    """Return x and y in metres and the heading in radians of a simulated robot, rounded to `digits`."""
    x, y, heading = (round(float(value), digits) for value in simulated.world.poses()[0])
    return x, y, heading


def pose_message(simulated: SimulatedRobot) -> Pose:
    """Return where a simulated robot is, seen from above, and what it sees."""
    x, y, heading = rounded_pose(simulated)
    world = simulated.world
    return Pose(
        x=x,
        y=y,
        heading=heading,
        field_of_view=round(2 * math.atan(float(world.tan_half_view[0])), 4),
        target_width=round(2 * float(world.radius[0]), 4),
    )


class Frames:
    """Sends pictures to the server while somebody watches, and keeps the last frames."""

    def __init__(self, outbox: Outbox) -> None:
        """Send the pictures through `outbox`."""
        self._outbox = outbox
        self.watched = False
        """Whether anybody wants pictures."""
        self.kept: OrderedDict[int, Frame] = OrderedDict()
        """The last frames by their sequence numbers."""
        self._sequence = 0
        self._next = 0.0

    def newest(self) -> Frame:
        """Return the last frame that was shown; a black frame if none was shown yet."""
        return next(reversed(self.kept.values()), np.zeros((240, 320, 3), np.uint8))

    def due(self) -> bool:
        """Return whether somebody watches, and enough time has passed since the last picture."""
        return self.watched and time.monotonic() >= self._next

    def show(
        self,
        frame: Frame,
        found: Look,
        *,
        simulated: SimulatedRobot | None = None,
        look: tuple[int, int] | None = None,
    ) -> None:
        """Send a frame to the server, if somebody watches or it decided a move.

        Args:
            frame: the frame as it was taken.
            found: what the detector found in the frame.
            simulated: the simulated robot that took the frame; its pose is sent too.
            look: episode and number of a picture that decided a move; such a picture is always sent.
        """
        if not (self.watched or look):
            return
        self._next = time.monotonic() + 1 / FRAMES_PER_SECOND
        self._sequence += 1
        self.kept[self._sequence] = frame
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        height, width = frame.shape[:2]
        header = PictureHeader(
            sequence=self._sequence,
            time=time.time(),
            width=width,
            height=height,
            sight=seen_sight(found.sight),
            probabilities=found.probabilities,
            look=look,
        )
        if simulated is not None:
            self._outbox.send(pose_message(simulated))
        self._outbox.send_bytes(pack_picture(header, encode_jpeg(frame, QUALITY)))


def learn_color(frames: Frames, command: LearnColor) -> LearnedColor:
    """Learn the target's colour from a pixel of a frame that was shown.

    Raises:
        SettingsError: the frame is too old.
        ValueError: the pixel is outside of the frame, or has no colour.
    """
    if (frame := frames.kept.get(command.sequence)) is None:
        raise SettingsError("That picture is too old; click on a newer one.")
    x, y, (height, width) = command.x, command.y, frame.shape[:2]
    if not (0 <= x < width and 0 <= y < height):
        raise ValueError(f"The place ({x}, {y}) is outside of the picture of {width} x {height} pixels.")
    detector = ColorDetector.learn(frame, at=(x, y))
    learned = {name: detector.settings()[name] for name in ("hue_degrees", "saturation", "value", "learned")}
    return LearnedColor(learned, seen_sight(detector.detect(frame)), detector.doubt)
