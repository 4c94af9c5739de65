"""The pictures of a single robot's episodes, beside the store, in bounded space.

Each episode has one ZIP file of JPEGs, in a folder for each run. The files are written in the background: no
move waits for them. Pictures that cannot be written, as on a full disk, are left out; moves are never lost.
"""

import math
import shutil
import threading
import zipfile
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from vision.sight import Frame

USUAL_MEGABYTES = 500
"""Default space for pictures, MB."""

LONGEST = 256
"""Largest number of latest pictures that are held in memory until their episode ends."""

WAITING = 8
"""Number of pictures that may wait to be compressed; further ones are left out."""


class Pictures:
    """The folder of pictures that belongs to a store."""

    def __init__(self, store: Path) -> None:
        """Use the folder of the store with this path; it is made when the first picture is written."""
        self.folder = store.with_name(store.name + ".pictures")

    def file(self, run: int, episode: int) -> Path:
        """Return the file of an episode's pictures, whether or not it exists."""
        return self.folder / str(run) / f"{episode:08d}.zip"

    def read(self, run: int, episode: int) -> tuple[bytes, ...]:
        """Return the JPEGs of an episode, from the first sight to the last; none if they are not kept."""
        try:
            with zipfile.ZipFile(self.file(run, episode)) as file:
                return tuple(file.read(name) for name in sorted(file.namelist()))
        except (OSError, zipfile.BadZipFile):
            return ()

    def numbers(self, run: int, episode: int) -> range:
        """Return the numbers of the pictures of an episode; empty if they are not kept."""
        try:
            with zipfile.ZipFile(self.file(run, episode)) as file:
                return range(len(file.namelist()))
        except (OSError, zipfile.BadZipFile):
            return range(0)

    def picture(self, run: int, episode: int, number: int) -> bytes | None:
        """Return one of the JPEGs of an episode, by its number; None if it is not kept."""
        try:
            with zipfile.ZipFile(self.file(run, episode)) as file:
                return file.read(_name(number))
        except (OSError, zipfile.BadZipFile, KeyError):
            return None

    def episodes(self, run: int) -> list[int]:
        """Return the numbers of the episodes of a run whose pictures are kept, in ascending order."""
        return sorted(
            int(file.stem) for file in (self.folder / str(run)).glob("*.zip") if file.stem.isdigit()
        )

    def write(self, run: int, episode: int, pictures: list[bytes]) -> int:
        """Write the JPEGs of an episode, whole or not at all; return the size of the file in bytes.

        Raises OSError: the file cannot be written.
        """
        place = self.file(run, episode)
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_suffix(".half")
        try:
            with zipfile.ZipFile(half, "w") as file:  # not compressed: JPEGs are compressed already
                for number, picture in enumerate(pictures):
                    file.writestr(_name(number), picture)
            half.replace(place)
            return place.stat().st_size
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)

    def bound(self, most_bytes: int, spared: Collection[int] = ()) -> int:
        """Delete the oldest pictures until the rest takes at most `most_bytes`; return the size of the rest.

        Args:
            most_bytes: limit for the pictures of all runs together.
            spared: runs whose pictures are deleted last.
        """
        files = []
        for file in self.folder.glob("*/*.zip"):
            with suppress(OSError):
                about = file.stat()
                run = int(file.parent.name) if file.parent.name.isdigit() else 0
                files.append((run in spared, about.st_mtime, file, about.st_size))
        size = sum(each[-1] for each in files)
        for *_, file, bytes_ in sorted(files):
            if size <= most_bytes:
                break
            file.unlink(missing_ok=True)
            size -= bytes_
        return size

    def delete(self, run: int) -> None:
        """Delete the pictures of a run."""
        shutil.rmtree(self.folder / str(run), ignore_errors=True)


def encoded(frame: Frame) -> bytes:
    """Return a frame as a JPEG file."""
    from vision.cameras.decoding import encode_jpeg  # imported here: it loads OpenCV

    return encode_jpeg(frame)


def _name(number: int) -> str:
    return f"{number:04d}.jpg"


class PictureKeeper:
    """Keeps the pictures of one run while it is trained: `add` each look, then `end` the episode."""

    def __init__(
        self,
        pictures: Pictures,
        run: int,
        megabytes: float,
        *,
        spared: Collection[int] = (),
        report: Callable[[str], object] = lambda sentence: None,
        ahead: Callable[[], int] = lambda: 0,
    ) -> None:
        """Keep pictures of a run.

        Args:
            pictures: the folder to write to.
            run: number of the run.
            megabytes: space for the pictures of all runs.
            spared: runs whose pictures are deleted last.
            report: is called once, with a sentence, when pictures cannot be written.
            ahead: returns how many of the latest pictures belong to the next episode.
        """
        self._pictures, self._run, self._bytes = pictures, run, int(1e6 * megabytes)
        self._spared, self._report, self._ahead = spared, report, ahead
        self._writer = ThreadPoolExecutor(1, "pictures")
        self._waiting = threading.Semaphore(WAITING)
        self._looks: list[Future[bytes] | None] = []
        self._size: float = math.inf
        """Estimated bytes of all pictures; counted exactly when there may be too many."""
        self._failed = False

    def add(self, frame: Frame) -> None:
        """Add a picture; the frame is compressed later and must not change until then."""
        future = None
        if self._waiting.acquire(blocking=False):
            future = self._writer.submit(encoded, frame)
            future.add_done_callback(lambda _: self._waiting.release())
        self._looks.append(future)
        del self._looks[:-LONGEST]

    def end(self, episode: int, moves: int) -> None:
        """Keep the pictures of an episode that has ended: those of its start and of each of its moves."""
        ahead = self._ahead()
        last = len(self._looks) - ahead
        looks, self._looks = (
            self._looks[max(last - moves - 1, 0) : last],
            self._looks[last - 1 :] if ahead else [],
        )
        if len(looks) == moves + 1 and None not in looks:
            self._writer.submit(self._write, episode, [look for look in looks if look is not None])

    def _write(self, episode: int, looks: list[Future[bytes]]) -> None:
        try:
            self._size += self._pictures.write(self._run, episode, [look.result() for look in looks])
            if self._size > self._bytes:
                self._size = self._pictures.bound(self._bytes, self._spared)
        except Exception as error:
            if not self._failed:
                self._report(
                    f"Pictures of the episodes are not kept ({error}); the training goes on without them. "
                    "Free some space, or set pictures.megabytes = 0."
                )
            self._failed = True

    def close(self) -> None:
        """Write all pictures that still wait."""
        self._writer.shutdown()
