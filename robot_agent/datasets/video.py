"""MP4 files (H.264), through PyAV."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from vision.sight import Frame

CRF = 20
"""Constant rate factor of H.264: 18 looks almost like the original, 23 is the usual value."""

PRESET = "veryfast"
"""Preset of H.264. With so many keyframes, a slower search for motion gains nothing: this one takes 4.2 ms a
frame instead of 7.0, 5.6 kB instead of 5.9, with errors of 2.5 of 255 instead of 2.4."""


class Video:
    """An MP4 file that is being written; frames are resized to the size of the first, made even."""

    def __init__(self, place: Path, fps: Fraction | int, *, keyframes: int = 2) -> None:
        """Open the file for writing.

        Args:
            place: the file.
            fps: frames per second.
            keyframes: a keyframe, which can be decoded alone, comes every `keyframes` frames; 2 gives quick
                random access.
        """
        import av

        self._file = av.open(str(place), "w", format="mp4", options={"movflags": "+faststart"})
        self._fps, self._keyframes = Fraction(fps), keyframes
        self._stream: Any = None
        self.frames = 0
        """Number of frames written so far."""
        self.size = (0, 0)
        """Width and height, pixels; known after the first frame."""

    def add(self, frame: Frame) -> None:
        """Append a frame, (H, W, 3) uint8 BGR."""
        import av

        if self._stream is None:
            height, width = frame.shape[:2]
            self.size = max(2, width - width % 2), max(2, height - height % 2)  # H.264 needs even sizes
            options = {"crf": str(CRF), "g": str(self._keyframes), "preset": PRESET}
            self._stream = self._file.add_stream("libx264", rate=self._fps, options=options)
            self._stream.width, self._stream.height = self.size
            self._stream.pix_fmt = "yuv420p"
            self._stream.thread_count = 1
        if frame.shape[1::-1] != self.size:
            frame = np.asarray(cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA), np.uint8)
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
        picture.pts, picture.time_base = self.frames, 1 / self._fps
        self._file.mux(self._stream.encode(picture))
        self.frames += 1

    def close(self) -> None:
        """Write the remaining frames, and close the file."""
        if self._stream is not None:
            self._file.mux(self._stream.encode(None))
        self._file.close()

    def __enter__(self) -> Self:
        """Return the video itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if error is None:
            self.close()
        else:
            self._file.close()


def decode(pictures: Iterable[bytes]) -> Iterable[Frame]:
    """Yield JPEG files as frames."""
    for picture in pictures:
        yield np.asarray(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR), np.uint8)
