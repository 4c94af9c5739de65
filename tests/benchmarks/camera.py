"""Measure how soon a fault of a live camera is reported, and how soon good pictures come after its end.

A real MJPEG server on the loopback plays every fault, with the default limits. The fault ends some seconds
after it was reported; from then on, the time until the next good frame is measured.
"""

import statistics
import threading
import time

import numpy as np

from tests.benchmarks.table import table
from tests.vision.mjpeg_server import Server, is_bad
from vision import CameraFault, heal, open_camera
from vision.sight import Frame

FAULTS = {
    "the sender dies, and starts again": "dies",
    "it hangs up, and refuses for a while": "end",
    "silence": "stall",
    "half a picture, then silence": "half",
    "half pictures on and on": "halves",
    "no answer to a new connection": "hang",
    "a black picture": "black",
    "a frozen picture": "frozen",
}
AFTER = (0.5, 2.0, 5.0)
"""Seconds after a fault was told when it is mended."""


class Sender:
    """A server, or none, always at the same address."""

    def __init__(self) -> None:
        """Start it."""
        self.server = Server(interval=1 / 30)
        self.url, self.port = self.server.url, self.server.server_port

    def ail(self, mode: str) -> None:
        """Begin to misbehave; `dies` ends the server."""
        if mode == "dies":
            self.server.die()
        self.server.mode = mode

    def mend(self) -> None:
        """Behave again."""
        if self.server.mode == "dies":
            self.server = Server(self.port, interval=1 / 30)
        self.server.mode = "well"


def play(mode: str, after: float) -> tuple[str, float, float, list[Frame]]:
    """Play one fault; return what was told, the seconds until then, those until it went on, all frames."""
    sender = Sender()
    camera = open_camera(sender.url)
    frames = [camera.read() for _ in range(10)]
    sender.ail(mode)
    began = time.monotonic()
    try:
        while True:
            frames.append(camera.read())
    except CameraFault as fault:
        told, seconds = str(fault), time.monotonic() - began
    mended = []

    def mend() -> None:
        sender.mend()
        mended.append(time.monotonic())

    mending = threading.Timer(after, mend)
    mending.start()
    frames.append(heal(camera, report=lambda _: None))
    again = time.monotonic() - mended[0]
    frames += [camera.read() for _ in range(10)]
    camera.close()
    mending.join()
    sender.server.die()
    return told.removeprefix(f"The stream {sender.url} "), seconds, again, frames


def count_bad(frames: list[Frame]) -> int:
    """Count the frames that are black, torn, or the same as the one before."""
    same = (np.array_equal(a, b) for a, b in zip(frames, frames[1:], strict=False))
    return sum(map(is_bad, frames)) + sum(same)


def report(quick: bool) -> str:
    """Play every fault and return a Markdown table: the worst of the times, and the median."""
    rows = []
    for name, mode in FAULTS.items():
        tried = [play(mode, after) for after in (AFTER[:1] if quick else AFTER)]
        told = [seconds for _, seconds, _, _ in tried]
        again = [seconds for _, _, seconds, _ in tried]
        frames = sum(len(frames) for *_, frames in tried)
        bad = sum(count_bad(frames) for *_, frames in tried)
        rows.append(
            [
                name,
                tried[0][0],
                *(f"{statistics.median(times):.2f} (worst {max(times):.2f})" for times in (told, again)),
                f"{bad} of {frames}",
            ]
        )
    return table(
        ["fault", "what was told", "s until told", "s until it went on", "bad frames handed out"], rows
    )
