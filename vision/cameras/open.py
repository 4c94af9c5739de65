"""Opening any source of frames by its name: the last module of this folder, which knows all others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Unpack

from vision.cameras.camera import Camera, CameraError, EndOfPictures, Live
from vision.factory import FactoryError, describe_failure, is_factory, open_factory
from vision.sight import Frame, check_frame


def open_camera(
    source: str | int | Path, *, width: int = 320, height: int = 240, **live: Unpack[Live]
) -> Camera:
    """Open the camera that `source` names.

    Args:
        source: `pi` or `pi:1`, a camera of the Raspberry Pi; a number or `usb:0`; an address with `://`;
            a picture, a video, or a folder of pictures; or somebody's own as MODULE:FACTORY, a function
            without arguments that returns an object with `read()`.
        width: pixels that a Pi or USB camera is asked for; files and streams keep their own size.
        height: the same.
        **live: limits and clock of a live camera, see `vision.cameras.live.LiveCamera`; `frozen=None`
            for a stream whose pictures are meant to stand still.

    Raises:
        CameraError: there is no such thing or it cannot be read.
    """
    name = str(source).strip()
    if pi := re.fullmatch(r"pi(?::(\d+))?", name, flags=re.IGNORECASE):
        from vision.cameras.pi import open_pi

        return open_pi(int(pi[1] or 0), width=width, height=height, **live)
    if usb := re.fullmatch(r"(?:usb:)?(\d+)", name, flags=re.IGNORECASE):
        from vision.cameras.opencv import open_usb

        return open_usb(int(usb[1]), width=width, height=height, **live)
    if "://" in name:
        from vision.cameras.opencv import open_stream

        return open_stream(name, **live)
    from vision.cameras.decoding import PICTURES
    from vision.cameras.files import PictureCamera, VideoCamera, pictures

    path = Path(name).expanduser()
    if is_factory(name) and not path.exists():
        try:
            return OwnCamera(name, open_factory(name, "camera", methods=("read",)))
        except FactoryError as error:
            raise CameraError(str(error)) from error
    if path.is_dir():
        return PictureCamera(pictures(path))
    if not path.is_file():  # a pipe or a device would be waited for without end
        raise CameraError(
            f"There is no camera, picture, folder or video {name!r}: check the path, or give a "
            "number for a USB camera (0) or an address (http://...)."
        )
    if path.suffix.lower() in PICTURES:
        return PictureCamera([path])
    return VideoCamera(path)


class OwnCamera:
    """Somebody's own camera: what it gives is checked, what it raises is put into a sentence."""

    def __init__(self, name: str, camera: Camera) -> None:
        """Wrap a camera that was made by the factory `name`."""
        self.name, self.camera = name, camera

    def read(self) -> Frame:
        """Return its next frame.

        Raises CameraError when it fails, with the line of its code, or gives anything but a frame;
        EndOfPictures when it raises that or StopIteration.
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
        """Close it, if it can be closed."""
        close = getattr(self.camera, "close", None)
        if close is not None:
            close()
