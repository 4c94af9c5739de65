"""Opening any source of frames by its name: the last module of this folder, which knows all others."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Unpack
from urllib.parse import unquote

from vision.cameras.address import public
from vision.cameras.camera import Camera, CameraError, EndOfPictures, Live
from vision.cameras.turned import turned
from vision.factory import FactoryError, describe_failure, is_factory, open_factory
from vision.sight import Frame, check_frame

_VIDEO_MAJOR = 81
"""Major number of video devices in Linux (admin-guide/devices.txt)."""


_FILE = re.compile(r"file:(//(localhost)?(?=/)|//(?!/))?", re.IGNORECASE)
"""The beginning of a file's address (RFC 8089); what follows is its path, perhaps with %20 for a space."""


def open_camera(
    source: str | int | Path,
    *,
    width: int = 320,
    height: int = 240,
    rotate: int = 0,
    mirror: bool = False,
    **live: Unpack[Live],
) -> Camera:
    """Open the camera that `source` names.

    Args:
        source: `pi` or `pi:1`, a camera of the Raspberry Pi; a number, `usb:0` or a device such as
            /dev/video0; an address with `://`; a picture, a video, or a folder of pictures; or your
            own camera as MODULE:FACTORY, a function without arguments that returns an object with `read()`.
        width: requested width of a Pi or USB camera, pixels; files and streams keep their own size.
        height: requested height, likewise.
        rotate: degrees by which frames are turned clockwise: 0, 90, 180 or 270.
        mirror: exchange left and right, after the rotation.
        **live: limits and clock of a live camera, see `vision.cameras.live.LiveCamera`; `frozen=None`
            for a stream whose pictures are meant to stand still.

    Raises:
        CameraError: the source does not exist or cannot be read.
    """
    name = str(source).strip()
    if not name:
        raise CameraError(
            "The camera has no name: give a number for a USB camera (0), pi, a file or an address."
        )
    camera = _open(name, width, height, live)
    try:
        return turned(camera, rotate, mirror)
    except ValueError:
        camera.close()
        raise


def _open(name: str, width: int, height: int, live: Live) -> Camera:
    if pi := re.fullmatch(r"pi(?::(\d+))?", name, flags=re.IGNORECASE):
        from vision.cameras.pi import open_pi

        return open_pi(int(pi[1] or 0), width=width, height=height, **live)
    if usb := re.fullmatch(r"(?:usb:)?(\d+)", name, flags=re.IGNORECASE):
        from vision.cameras.opencv import open_usb

        return open_usb(int(usb[1]), width=width, height=height, **live)
    if "://" in name and not _FILE.match(name):
        from vision.cameras.opencv import open_stream

        return open_stream(name, **live)
    path = local_path(name)
    if is_factory(name) and not path.exists():
        try:
            return OwnCamera(name, open_factory(name, "camera", methods=("read",)))
        except FactoryError as error:
            raise CameraError(str(error)) from error
    if path.is_char_device():
        from vision.cameras.opencv import open_usb

        _check_device(path)
        return open_usb(str(path), width=width, height=height, **live)
    return _open_file(path, name)


def local_path(name: str) -> Path:
    """Return the path that a name or a `file://` address means; `~` is the user's folder."""
    if _FILE.match(name):
        plain = Path(_FILE.sub("", name))
        return plain if plain.exists() else Path(unquote(str(plain)))
    try:
        return Path(name).expanduser()
    except RuntimeError:  # a user that is not known
        return Path(name)


def _check_device(path: Path) -> None:
    """Raise CameraError for a device that is no camera, whose pictures would never come."""
    if os.major(path.stat().st_rdev) != _VIDEO_MAJOR:
        raise CameraError(f"{path} is a device, but no camera: `ls /dev/v4l/by-id` names the cameras.")


def _open_file(path: Path, name: str) -> Camera:
    from vision.cameras.decoding import looks_like_picture
    from vision.cameras.files import PictureCamera, VideoCamera, pictures

    if path.is_dir():
        return PictureCamera(pictures(path))
    if path.is_file():
        return PictureCamera([path]) if looks_like_picture(path) else VideoCamera(path)
    if path.is_relative_to("/dev"):
        raise CameraError(
            f"There is no device {name!r}: plug the camera in, and look at `ls /dev/v4l/by-id /dev/video*`."
        )
    raise CameraError(  # also for a pipe, on which reading would wait forever
        f"There is no camera, picture, folder or video {public(name)!r}: check the path, or give a "
        "number for a USB camera (0), or an address that begins with http:// or rtsp://."
    )


class OwnCamera:
    """A user's own camera: its frames are checked, and its errors become one sentence."""

    def __init__(self, name: str, camera: Camera) -> None:
        """Wrap a camera that was made by the factory `name`."""
        self.name, self.camera = name, camera

    def read(self) -> Frame:
        """Return the camera's next frame.

        Raises CameraError, with the line of the user's code, if the camera fails or gives something else;
        EndOfPictures if the camera raises that or StopIteration.
        """
        try:
            frame = self.camera.read()
        except CameraError:
            raise
        except StopIteration as end:
            raise EndOfPictures(f"The camera {self.name!r} has no more pictures.") from end
        except Exception as error:
            raise CameraError(describe_failure(f"The camera {self.name!r}", error)) from error
        try:
            check_frame(frame)
        except ValueError as error:
            raise CameraError(f"The camera {self.name!r} gives no frames. {error}") from error
        return frame

    def close(self) -> None:
        """Close the camera, if it has a `close`."""
        close = getattr(self.camera, "close", None)
        if close is not None:
            close()
