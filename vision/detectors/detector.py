"""The protocol of a detector."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from vision.sight import Frame, Sight


@runtime_checkable
class Detector(Protocol):
    """An object that finds the target in a frame."""

    def detect(self, frame: Frame) -> Sight | None:
        """Return the target's sight, or None when nothing is seen.

        Raises ValueError when `frame` is not (H, W, 3) uint8.
        """
        ...
