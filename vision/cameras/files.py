"""Cameras that read files: pictures, a folder of pictures, or a video."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import cv2

from vision.cameras.camera import CameraError, EndOfPictures, closed_error
from vision.cameras.decoding import PICTURES, as_frame, looks_like_picture, quiet, read_picture
from vision.sight import Frame


class PictureCamera:
    """Picture files, one after another."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Read the files in this order; each is opened only when it is read."""
        self.paths = tuple(paths)
        self._next = 0
        self._closed = False

    def read(self) -> Frame:
        """Return the next picture; raise EndOfPictures after the last.

        Raises CameraError for a picture that cannot be read; the next call reads the one after it.
        """
        if self._closed:
            raise closed_error()
        if self._next >= len(self.paths):
            raise EndOfPictures(f"All {len(self.paths)} pictures have been read.")
        path = self.paths[self._next]
        self._next += 1
        return read_picture(path)

    def close(self) -> None:
        """End the reading."""
        self._closed = True


class VideoCamera:
    """A video file, frame by frame, without skipping any."""

    def __init__(self, path: Path) -> None:
        """Open the file; raise CameraError if OpenCV cannot decode it as a video."""
        self.path = path
        self._read = 0
        # With the whole path, a colon in the name is not taken for an address.
        whole = str(path.absolute())
        if whole.encode(errors="replace") != os.fsencode(whole):  # OpenCV would end the whole program
            raise CameraError(f"The name of the video {path.name!r} is in an old encoding: rename it.")
        with quiet():
            self._capture: cv2.VideoCapture | None = cv2.VideoCapture(whole)
        if not self._capture.isOpened():
            raise CameraError(
                f"{path.name} is neither a picture nor a video that can be read: check that the "
                "file is whole, or turn it into an MP4 (H.264) or AVI (MJPEG)."
            )

    def read(self) -> Frame:
        """Return the next frame; raise EndOfPictures after the last."""
        if self._capture is None:
            raise closed_error()
        with quiet():
            more, frame = self._capture.read()
        if more:
            self._read += 1
            return as_frame(frame)
        if not self._read:
            raise CameraError(
                f"{self.path.name} has no frame that can be read: copy it again, or "
                "turn it into an MP4 (H.264) or AVI (MJPEG)."
            )
        raise EndOfPictures(f"{self.path.name} has ended after {self._read} frames.")

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def pictures(folder: Path) -> list[Path]:
    """Return the pictures in a folder, frame_2 before frame_10; raise CameraError if there are none."""
    found = [
        path
        for path in folder.iterdir()
        if not path.name.startswith(".") and path.is_file() and (looks_like_picture(path) or _is_gif(path))
    ]
    if not found:
        raise CameraError(
            f"There is no picture in {folder.name!r}: put files there that end in {', '.join(PICTURES)}."
        )
    return sorted(found, key=_natural)


def _is_gif(path: Path) -> bool:
    return path.suffix.lower() == ".gif"


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Return a key that sorts the numbers in a name by their value."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return [(0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts]
