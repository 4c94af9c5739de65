"""Finds faults in the pictures of a live camera: none come, always the same, or all black."""

from __future__ import annotations

import numpy as np

from vision.cameras.camera import Kind
from vision.sight import Frame

BLACK = 16
"""Brightest value, 0..255, that counts as black: the value of black in a video signal."""

_SPECKS = 1000
"""In a black picture, one in this number of values may be brighter: sensors have hot pixels."""


class Watch:
    """Judges the frames of one opened camera as they come.

    A frame is good if it is not black and differs in at least one bit from the frame before it:
    the noise of a real sensor ensures that, even in front of a white wall. So the first frame is not
    good yet: a frozen camera that was opened again may give its old frame. When no good frame comes
    for a while, that is a fault.
    """

    def __init__(self, *, lost: float, frozen: float | None, black: float | None, now: float) -> None:
        """Start to judge frames.

        Args:
            lost: seconds without any frame after which the fault is `lost`.
            frozen: seconds of the same frame after which the fault is `frozen`; None for never.
            black: seconds of black frames after which the fault is `black`; None for never.
            now: the present time, in seconds of any clock; the other methods use the same clock.
        """
        self._limits: dict[Kind, float | None] = {"lost": lost, "frozen": frozen, "black": black}
        self._state: Kind = "lost"
        self._single = False
        self._last: Frame | None = None
        self._heard = self._good = now

    @property
    def begun(self) -> bool:
        """Whether a frame has come at all."""
        return self._last is not None

    def is_well(self, now: float) -> bool:
        """Return whether the newest frame is good and not too old."""
        return self.begun and self._state == "lost" and not self._single and self.fault(now) is None

    def see(self, frame: Frame, now: float) -> bool:
        """Judge the next frame; return whether it is good."""
        last, self._last = self._last, frame
        self._heard = now
        # Whether a first frame is frozen, only a second one tells, which some cameras send seconds later.
        self._single = last is None and self._limits["frozen"] is not None
        if last is None:
            self._good = now  # until now the camera was opening, without pictures
        # Check black before frozen: the pictures of a covered lens may be all the same.
        if self._limits["black"] is not None and is_black(frame):
            self._state = "black"
        elif self._limits["frozen"] is not None and last is not None and np.array_equal(frame, last):
            self._state = "frozen"
        else:
            self._state, self._good = "lost", now
        return self._state == "lost" and not self._single

    def fault(self, now: float) -> Kind | None:
        """Return the fault at the time `now`; None if there is none, or none that is certain yet."""
        return next((kind for kind, due in self._dues() if now >= due), None)

    def due(self) -> float:
        """Return the time at which there will be a fault if no good frame comes before."""
        return min(due for _, due in self._dues())

    def _dues(self) -> list[tuple[Kind, float]]:
        """Return the possible faults and the times at which they become certain, more specific ones first."""
        lost, of_state = self._limits["lost"], self._limits[self._state]
        assert lost is not None and of_state is not None  # a state has always a limit
        return [(self._state, self._good + of_state), ("lost", self._heard + lost)]


def is_black(frame: Frame) -> bool:
    """Return whether almost nothing in a frame is brighter than black."""
    return int(np.count_nonzero(frame > BLACK)) * _SPECKS <= frame.size
