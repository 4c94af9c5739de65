"""What is wrong with the pictures of a live camera: none come, always the same, or all black."""

from __future__ import annotations

import numpy as np

from vision.cameras.camera import Kind
from vision.sight import Frame

BLACK = 16
"""The brightest value, 0..255, that is still black: that of black in a video signal."""

_SPECKS = 1000
"""One value in this many may be brighter in a black picture: sensors have hot pixels."""


class Watch:
    """Judges the frames of one opened camera as they come.

    A frame is good when it is not black and differs in at least one bit from the frame before it:
    the noise of a real sensor sees to that, even before a white wall. So the very first one is not
    good yet; it may be the one on which a camera was frozen that has just been opened again. When
    nothing good comes for a while, it is a fault.
    """

    def __init__(self, *, lost: float, frozen: float | None, black: float | None, now: float) -> None:
        """Begin to watch.

        Args:
            lost: seconds without any frame after which the camera is lost.
            frozen: seconds of the very same frame after which it is frozen; None allows that.
            black: seconds of black frames after which it is black; None allows that.
            now: the time, in seconds of any clock, as for the other methods.
        """
        self._limits: dict[Kind, float | None] = {"lost": lost, "frozen": frozen, "black": black}
        self._state: Kind = "lost"
        self._last: Frame | None = None
        self._heard = self._good = now

    @property
    def begun(self) -> bool:
        """Whether a frame has come at all."""
        return self._last is not None

    def is_well(self, now: float) -> bool:
        """Say whether the newest frame is good, and not too old."""
        return self.begun and self._state == "lost" and self.fault(now) is None

    def see(self, frame: Frame, now: float) -> bool:
        """Look at the next frame and say whether it is good."""
        last, self._last = self._last, frame
        self._heard = now
        if last is None:
            self._good = now  # before it was the opening, which gave no pictures
        # Black before frozen: the pictures of a covered lens may well be all the same.
        if self._limits["black"] is not None and is_black(frame):
            self._state = "black"
        elif self._limits["frozen"] is not None and (last is None or np.array_equal(frame, last)):
            self._state = "frozen"
        else:
            self._state, self._good = "lost", now
        return self._state == "lost"

    def fault(self, now: float) -> Kind | None:
        """Return the fault at the time `now`; None if there is none, or none that is certain yet."""
        return next((kind for kind, due in self._dues() if now >= due), None)

    def due(self) -> float:
        """Return when there is a fault, if nothing good comes before."""
        return min(due for _, due in self._dues())

    def _dues(self) -> list[tuple[Kind, float]]:
        """Return what is going to be wrong and when, the more specific fault first."""
        lost, of_state = self._limits["lost"], self._limits[self._state]
        assert lost is not None and of_state is not None  # a state is only entered with a limit
        return [(self._state, self._good + of_state), ("lost", self._heard + lost)]


def is_black(frame: Frame) -> bool:
    """Say whether next to nothing in a frame is brighter than black."""
    return int(np.count_nonzero(frame > BLACK)) * _SPECKS <= frame.size
