"""Turns files and bytes into frames, with OpenCV, which is kept from writing to the terminal."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vision.cameras.camera import CameraError
from vision.cameras.heic import CURE, read_heic
from vision.cameras.orientation import avif_upright, upright
from vision.sight import Frame

PICTURES = (".avif", ".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""Endings of file names that count as pictures, whatever is in the file."""

_VIDEOS = (".mjpeg", ".mjpg")
"""Endings of videos that begin as a picture does."""

FOREIGN = {
    ".heic": "HEIC", ".heif": "HEIC", ".jxl": "JPEG XL", ".dng": "raw", ".cr2": "raw", ".cr3": "raw",
    ".nef": "raw", ".arw": "raw", ".raf": "raw", ".rw2": "raw", ".orf": "raw", ".psd": "Photoshop",
    ".svg": "SVG", ".pdf": "PDF",
}  # fmt: skip
"""Endings of pictures that OpenCV cannot read, and the names of these formats."""

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""A JPEG marker: 0xFF and another byte, except pairs that may occur within compressed data."""


def read_picture(path: Path) -> Frame:
    """Return a picture file as a frame, in its own size, turned as its EXIF says, on white.

    Raises CameraError if the file cannot be read, is not whole, or is of a kind that is not supported.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CameraError(
            f"{path.name} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error
    start = data[:64].tobytes()
    # Decide by the first bytes, not by the name: a HEIC may be called .jpg, and a JPEG .heic.
    foreign = _foreign(start) or FOREIGN.get(path.suffix.lower())
    if foreign == "HEIC":
        frame = _decode_heic(path.name, data) if _foreign(start) else decode_picture(data)
    elif foreign:
        raise CameraError(_convert(path.name, foreign))
    else:
        frame = decode_picture(data)
    if frame is not None:
        return frame
    if _is_avif(start) and not cv2.haveImageWriter("x.avif"):
        raise CameraError(_convert(path.name, "AVIF"))
    raise CameraError(f"{path.name} is not a whole picture: copy it again or leave it out.")


def looks_like_picture(path: Path) -> bool:
    """Return whether a file is a picture, by its first bytes or by its name."""
    ending = path.suffix.lower()
    if ending in (*PICTURES, *FOREIGN) or ending in _VIDEOS:
        return ending not in _VIDEOS
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError:
        return False
    return starts_picture(start)


def starts_picture(start: bytes) -> bool:
    """Return whether these first bytes of a file are those of a picture, readable here or not.

    A GIF does not count, as it may be a video.
    """
    return _START.match(start) is not None or _is_avif(start) or _foreign(start) is not None


_START = re.compile(
    rb"\xff\xd8\xff|\x89PNG|BM.{4}\0\0\0\0|II\*\0|MM\0\*|P[1-6][\s#]|RIFF.{4}WEBP"
    rb"|\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    re.DOTALL,
)
"""First bytes of pictures: JPEG, PNG, BMP, TIFF, PPM, WebP and JPEG 2000."""


def _is_avif(start: bytes) -> bool:
    return start[4:8] == b"ftyp" and b"avif" in start[8:64]


def _foreign(start: bytes) -> str | None:
    """Return the name of an unsupported format, by the picture's first bytes; None if it is none of these.

    OpenCV would open a HEIC as a video and give one tile of it, a part of the picture in full size.
    """
    if start[4:8] == b"ftyp" and not _is_avif(start):
        brands = {start[8:12], *(start[i : i + 4] for i in range(16, len(start) - 3, 4))}
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            return "HEIC"
    if start.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        return "JPEG XL"
    if start.startswith(b"%PDF-"):
        return "PDF"
    return "Photoshop" if start.startswith(b"8BPS") else None


def _decode_heic(name: str, data: npt.NDArray[np.uint8]) -> Frame | None:
    """Return a HEIC as a frame, None if it is broken; raise CameraError if pi-heif is missing."""
    try:
        picture = read_heic(data.tobytes())
    except ImportError as error:
        raise CameraError(_convert(name, "HEIC")) from error
    if picture is None:
        return None
    return _before_white(picture) if picture.shape[2] == 4 else as_frame(picture)


def _convert(name: str, kind: str) -> str:
    """Return the error sentence for an unsupported format, which says how to convert the picture."""
    how = {
        "HEIC": f"{CURE}, or save it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)",
        "raw": "export it as JPEG from the program that develops it",
    }.get(kind, "save it as JPEG or PNG")
    return f"{name} is a picture of the kind {kind}, which is not read here: {how}."


def decode_picture(data: npt.NDArray[np.uint8]) -> Frame | None:
    """Return the bytes of a picture file, (N,), as a frame; None unless it is a whole picture.

    Transparent parts become white: the colours stored there were never visible.
    """
    if data[:2].tobytes() == b"\xff\xd8":
        return decode(data)
    try:
        with quiet():
            picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
            avif = _is_avif(data[:64].tobytes())
            if picture is not None and picture.ndim == 3 and picture.shape[2] == 4:
                clear = _before_white(picture)
                turned = avif_upright(clear, data.tobytes()) if avif else upright(clear, data.tobytes())
                return np.ascontiguousarray(turned)
            if picture is not None and picture.dtype.kind == "f":
                return as_frame(_from_fractions(np.nan_to_num(picture)))
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if picture is not None else None
    except cv2.error:
        return None
    if picture is None:
        return None
    return as_frame(avif_upright(picture, data.tobytes()) if avif else picture)


def _from_fractions(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a picture of fractions as 0 to 255: its white is 1, unless it has larger numbers."""
    largest = float(picture.max())
    white = 1.0 if largest <= 2 else 255.0 if largest <= 256 else max(largest, 65535.0)
    return np.rint(255 * np.clip(picture / white, 0, 1))


def writable(name: str) -> str:
    """Return a picture's name, with .png behind it unless pictures of its ending can be written."""
    ending = Path(name).suffix.lower()
    return name if ending in PICTURES and cv2.haveImageWriter(f"x{ending}") else f"{name}.png"


def write_picture(path: Path, frame: Frame) -> None:
    """Write a frame to a file, in the format that the ending names; raise OSError, with the cure.

    OpenCV gets no names of files: those in an old encoding end the whole program.
    """
    try:
        with quiet():
            good, data = cv2.imencode(path.suffix or ".none", frame)
        if not good:
            raise OSError("no writer")
        path.write_bytes(data.tobytes())
    except (cv2.error, OSError) as error:
        raise OSError(
            f"{path} cannot be written; let it end in .png or .jpg, in a folder that is there."
        ) from error


def _before_white(picture: npt.NDArray[Any]) -> Frame:
    """Return a picture with transparency, (H, W, 4), drawn on white."""
    full = {1: 255.0, 2: 65535.0}.get(picture.dtype.itemsize, 1.0)
    values = np.clip(picture.astype(np.float32) / full, 0.0, 1.0)
    opaque = values[..., 3:]
    return np.ascontiguousarray(np.rint(255 * (values[..., :3] * opaque + (1 - opaque)))).astype(np.uint8)


def as_frame(picture: object) -> Frame:
    """Return a picture that OpenCV has read as a contiguous (H, W, 3) uint8 frame."""
    frame = np.asarray(picture, dtype=np.uint8)
    if frame.ndim == 2:
        frame = np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(frame)


def decode(data: npt.NDArray[np.uint8]) -> Frame | None:
    """Return a JPEG, (N,) bytes, as a frame; None unless it is whole."""
    if not is_whole(data.tobytes()):
        return None
    try:
        with quiet():
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if picture is None else as_frame(picture)


def is_whole(data: bytes) -> bool:
    """Return whether a JPEG is complete from start to end, without the start of another one in between.

    This follows the segments as in ISO/IEC 10918-1, annex B; the first marker in the compressed data
    after a scan's header is that of the next segment.
    """
    place = 2 if data.startswith(b"\xff\xd8") else len(data)
    while marker := _MARKER.search(data, place):
        kind, after = data[marker.end() - 1], marker.end()
        if kind in (0xD8, 0xD9):
            return kind == 0xD9
        place = after + int.from_bytes(data[after : after + 2])
    return False


def encode_jpeg(frame: Frame, quality: int = 75) -> bytes:
    """Return a frame as a JPEG file.

    Args:
        frame: (H, W, 3) uint8 BGR.
        quality: from 0 to 100.
    """
    good, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert good
    return jpeg.tobytes()


_logging: Any = getattr(cv2.utils, "logging", cv2)
"""The module with OpenCV's logging functions: `cv2.utils.logging`, or `cv2` itself in older versions."""

_SILENT = 0

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # OpenCV reads this once, at its first video


class _Quiet:
    """The number of present users of `quiet`, and OpenCV's logging level before the first of them."""

    lock = threading.Lock()
    inside = 0
    level = 0


@contextmanager
def quiet() -> Iterator[None]:
    """Keep OpenCV from writing to the terminal: our own errors say what matters.

    All threads share one logging level, so the first user sets it and the last one restores it.
    """
    with _Quiet.lock:
        if not _Quiet.inside:
            _Quiet.level = _logging.getLogLevel()
            _logging.setLogLevel(_SILENT)
        _Quiet.inside += 1
    try:
        yield
    finally:
        with _Quiet.lock:
            _Quiet.inside -= 1
            if not _Quiet.inside:
                _logging.setLogLevel(_Quiet.level)
