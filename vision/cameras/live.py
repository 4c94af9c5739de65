"""Cameras that never end: they give their newest frame and are opened again after a fault.

This module works for all devices: a function that returns a `Source` opens the device. The sources of
USB cameras and streams are in `vision.cameras.opencv`, that of the Raspberry Pi's camera in
`vision.cameras.pi`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from vision.cameras.camera import CameraError, CameraFault, Kind, closed_error
from vision.cameras.watch import Watch
from vision.sight import Frame

_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds to wait before the first, second, ... attempt after a fault; the last value is repeated."""

_LEAST_WAIT = 0.25
"""Least time that `read` waits before it reports that nothing comes, s: perhaps the thread that takes the
frames was only delayed."""

_ADAPT = 2.0
"""Seconds for a camera to adapt to the light before exposure and white balance are held."""

_JOIN_SECONDS = 0.5
"""Seconds to wait for the thread of a source before it is opened again, beyond the limit for `lost`."""


class Shot(NamedTuple):
    """A frame from a source, with its age."""

    frame: Frame
    age: float = 0.0
    """Seconds since the exposure began, below one; 0 if the device does not report it."""


Light = Mapping[str, float | tuple[float, ...]]
"""Exposure and white balance, with the names and units of the driver."""


class Source(Protocol):
    """One opening of a device or stream. A single thread uses it from opening to release."""

    def grab(self) -> Shot | None:
        """Wait for the next frame; return None for an incomplete one.

        Any exception means that no more frames will come. The source should raise one when nothing has
        arrived for the time after which the camera counts as lost; otherwise the waiting thread is stuck.
        """
        ...

    def hold_light(self, light: Light | None) -> Light | None:
        """Hold exposure and white balance at `light`, or at their present values.

        Returns the values that are held; None if the driver cannot hold them.
        """
        ...

    def release(self) -> None:
        """Release the device."""
        ...


class LiveCamera:
    """A camera that gives its newest frame and reports its faults.

    Devices and streams keep frames in queues; a robot that moves for a second and then reads
    would get a picture from before its move. So a thread takes frames as they come and keeps only
    the newest good one, and `read` waits for a frame that was taken after the call. If the device
    does not report when a frame was taken, the time of arrival counts: the picture may have been
    exposed earlier, by the length of a frame and of its transfer.

    A frame that is black, or equal to the one before it in every bit, is not returned; when only
    such frames come for a while, that is a fault.
    """

    def __init__(
        self,
        connect: Callable[[], Source],
        *,
        name: str,
        cure: str,
        restart: str,
        lost: float = 1.5,
        frozen: float | None = 1.5,
        black: float | None = 1.5,
        opening: float = 5.0,
        fixed_light: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Open the source at once and wait for its first frame.

        Args:
            connect: opens the source; raises CameraError with the cure if that fails.
            name: name of the source, to be the subject of a sentence.
            cure: what to do when nothing comes from it, as the end of a sentence after a colon.
            restart: what to do when its picture does not change.
            lost: seconds without a frame after which there is a fault.
            frozen: seconds of the same frame after which there is a fault; None for never.
            black: seconds of black frames after which there is a fault; None for never.
            opening: longest time until the source's first frame, s.
            fixed_light: hold exposure and white balance after the first seconds, see `hold_light`.
            clock: returns the time, in seconds.
            sleep: waits before a source is opened again.

        Raises:
            CameraError: the source cannot be opened.
        """
        self._name, self._cure, self._restart = name, cure, restart
        self._connect, self._opening = connect, opening
        self._lost, self._frozen, self._black = lost, frozen, black
        self._clock, self._sleep = clock, sleep
        self._holding = _Holding(adapt=_ADAPT if fixed_light else None)
        self._closed = False
        self._faults = 0
        self._reader = self._start()
        if not self._reader.wait_for_first(opening):
            error = self._reader.error
            self.close()
            if isinstance(error, CameraError):
                raise error
            raise CameraError(f"{name} cannot be opened: {cure}.") from error

    def read(self) -> Frame:
        """Wait for a good frame that was taken after the call, and return it.

        After a fault, the next call waits a little, longer with every fault in a row (0.2, 0.5,
        1, 2, then 5 s), and opens the source again if it has not come back by itself.

        Raises:
            CameraFault: nothing comes, or only black pictures, or always the same one.
            CameraError: the camera has been closed.
        """
        if self._faults:
            self._sleep(_WAITS[min(self._faults, len(_WAITS)) - 1])
            if not self._closed and not self._reader.is_well():
                self._reopen()
        if self._closed:  # closed before the call, or by another thread during the wait
            self._reader.stop()
            raise closed_error()
        frame = self._reader.next()
        if self._closed:
            raise closed_error()
        if isinstance(frame, str):
            raise self._fault(frame) from self._reader.error
        self._faults = 0
        return frame.copy()  # a caller may draw on it; the next frame is compared with this one

    def hold_light(self) -> None:
        """Hold exposure and white balance at their values at the next frame, also after a fault.

        So a learned colour keeps its look. If the driver cannot hold them, nothing changes.
        """
        self._holding.wanted = True

    @property
    def holds_light(self) -> bool:
        """Whether the driver holds exposure and white balance."""
        return self._holding.light is not None

    def close(self) -> None:
        """Stop reading and release the source; a stuck source is released as soon as possible."""
        self._closed = True
        self._reader.stop()
        self._reader.join(self._lost + _JOIN_SECONDS)

    def _start(self) -> _Reader:
        watch = Watch(lost=self._lost, frozen=self._frozen, black=self._black, now=self._clock())
        return _Reader(self._connect, watch, self._clock, self._holding)

    def _reopen(self) -> None:
        """Replace a reader that has ended or has a fault by a new one."""
        if self._reader.is_opening(self._opening):
            return
        self._reader.stop()
        # Never two at once: the old one still holds the device, and threads would pile up.
        if not self._reader.join(_JOIN_SECONDS):
            raise self._fault("lost", "; if that does not help, start the program again")
        self._reader = self._start()

    def _fault(self, kind: Kind, more: str = "") -> CameraFault:
        self._faults += 1
        words: dict[Kind, str] = {
            "lost": f"gives no more pictures: {self._cure}{more}",
            "frozen": f"gives the same picture over and over: {self._restart}",
            "black": "gives black pictures: take the cap off its lens, or switch on a light",
        }
        return CameraFault(f"{self._name} {words[kind]}.", kind=kind)


@dataclass(slots=True)
class _Holding:
    """The light to hold, kept from one opening of a source to the next."""

    adapt: float | None
    """Seconds to adapt after the opening, before the light is held; None if it is not to be held."""
    wanted: bool = False
    light: Light | None = None


class _Reader:
    """The thread that opens a source and takes its frames; it keeps the newest good one."""

    def __init__(
        self,
        connect: Callable[[], Source],
        watch: Watch,
        clock: Callable[[], float],
        holding: _Holding,
    ) -> None:
        self.error: Exception | None = None
        self._connect, self._watch, self._clock = connect, watch, clock
        self._holding, self._held = holding, False
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._taken = self._began = clock()
        self._opened = self._stopped = False
        self._thread = threading.Thread(target=self._run, name="vision-camera", daemon=True)
        self._thread.start()

    def wait_for_first(self, seconds: float) -> bool:
        """Wait for the first frame; return whether the source is open, even without a frame."""
        with self._news:
            self._news.wait_for(lambda: self._stopped or self._watch.begun, seconds)
            return self._opened

    def next(self) -> Frame | Kind:
        """Return the first good frame taken from now on, or the fault."""
        asked = self._clock()
        with self._news:
            while True:
                if self._frame is not None and self._taken >= asked:
                    return self._frame
                if self._stopped:
                    return "lost"
                now = self._clock()
                kind = self._watch.fault(now)
                if kind is not None and (kind != "lost" or now >= asked + _LEAST_WAIT):
                    return kind
                self._news.wait(max(self._watch.due() - now, _LEAST_WAIT / 5))

    def is_well(self) -> bool:
        """Return whether good frames come."""
        with self._news:
            return not self._stopped and self._watch.is_well(self._clock())

    def is_opening(self, seconds: float) -> bool:
        """Return whether the source is still opening: no frame yet, and less than `seconds` have passed."""
        with self._news:
            waiting = not self._stopped and not self._watch.begun
            return waiting and self._clock() < self._began + seconds

    def stop(self) -> None:
        """Ask the thread to end, which releases the source, and wake those that wait for a frame."""
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait at most `seconds` for the end of the thread; return whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            source = self._connect()
            self._opened = True
            try:
                while not self._stopped:
                    self._take(source.grab())
                    self._hold(source)
            finally:
                source.release()
        except Exception as error:  # any error of a driver ends the reading; `read` reports it
            self.error = error
        finally:
            self.stop()

    def _hold(self, source: Source) -> None:
        """Hold the light after the time to adapt; after a fault at once, at the values held before."""
        holding = self._holding
        adapted = holding.adapt is not None and self._clock() >= self._began + holding.adapt
        if holding.wanted or (not self._held and (adapted or holding.light is not None)):
            held = source.hold_light(None if holding.wanted else holding.light)
            holding.light, holding.wanted, self._held = held, False, True

    def _take(self, shot: Shot | None) -> None:
        if shot is None:
            return
        with self._news:
            now = self._clock()
            if self._watch.see(shot.frame, now):
                self._frame, self._taken = shot.frame, now - shot.age
            self._news.notify_all()
