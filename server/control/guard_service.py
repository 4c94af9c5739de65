"""The guard, from the server: halt and reset as its supervisor, and driving by hand under its lease.

A halt goes from here straight to the process that owns the pins; the worker is not asked.
"""

import asyncio
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot_agent.errors import GuardError, RobotAgentError
from robot_agent.guard.client import Event, GuardMotors, OwnGuard, Supervisor
from robot_agent.guard.connection import NoAnswer
from robot_agent.runtime_directory import runtime_directory

log = logging.getLogger("robot-server")

RESTART_SECONDS = 0.5
"""Time between two guards."""

ASK_SECONDS = 0.5
"""Time without an event after which the guard is asked whether it lives."""

ANSWER_SECONDS = 1.5
"""A guard that hangs is killed by its watchdog after half a second; if both hang it is killed after this."""

END_SECONDS = 0.5
"""A watchdog makes the pins low within twice this time, or hangs."""


@dataclass(frozen=True, slots=True)
class GuardReady:
    """There is a guard."""


@dataclass(frozen=True, slots=True)
class GuardLost:
    """The guard has ended; another one is started."""

    why: str


News = Event | GuardReady | GuardLost


class GuardService:
    """The guard of this server: its own, or one that stands already."""

    def __init__(self, wheels: Mapping[str, Any], *, ramp_seconds: float, socket: str | None = None) -> None:
        """Describe the guard.

        Args:
            wheels: keywords of the motor board.
            ramp_seconds: time from nothing to full power.
            socket: of a guard that stands already; one is started, and ends with this, if not given.
        """
        self._wheels, self._ramp, self._standing = dict(wheels), ramp_seconds, socket
        self._folder: Path | None = None
        self._folder_stays = False
        self._halted = False
        """Whether a guard that is started now has to be halted from its first moment on."""
        self._own: OwnGuard | None = None
        self._supervisor: Supervisor | None = None
        self._manual: GuardMotors | None = None
        # Threads of their own: a halt waits for nothing, and driving by hand for no store.
        self._halting = ThreadPoolExecutor(2, "halt")
        self._driving = ThreadPoolExecutor(1, "manual")
        self._asking = ThreadPoolExecutor(1, "alive")
        self._begin_threads()
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop
        self._closing = False
        self._reopening: asyncio.Task[None] | None = None

    def _begin_threads(self) -> None:
        """Begin the threads now: at the moment of a halt there may be none left to begin."""
        for pool, number in ((self._halting, 2), (self._driving, 1), (self._asking, 1)):
            met = threading.Barrier(number)
            for _ in range(number):
                pool.submit(met.wait)

    @property
    def socket(self) -> str:
        """Where the guard listens."""
        return self._standing or str(self._guard_folder / "guard.sock")

    @property
    def _guard_folder(self) -> Path:
        assert self._folder is not None
        return self._folder

    @property
    def ready(self) -> bool:
        """Whether there is a guard."""
        return self._supervisor is not None

    async def open(self) -> None:
        """Start the guard, or find it, and watch it; raises what it cannot be had for."""
        self._loop = asyncio.get_running_loop()
        if self._folder is None and self._standing is None:
            self._folder = self._make_folder()
        await asyncio.to_thread(self._open)
        self._watch()

    def _make_folder(self) -> Path:
        if not os.environ.get("RUNTIME_DIRECTORY"):
            return Path(tempfile.mkdtemp(prefix="server-", dir=runtime_directory()))
        # A service has its folder to itself, and systemd keeps it over a restart: a halt stays a halt there,
        # also when the disk is full and the server's own file could not be written.
        self._folder_stays = True
        return runtime_directory() / "server"

    def _open(self) -> None:
        if self._folder is not None:
            try:
                self._folder.mkdir(mode=0o700, exist_ok=True)  # the last guard may have taken it away
            except FileNotFoundError:  # the system takes away all that is above when its user logs out
                self._folder = self._make_folder()
            if self._halted:
                with suppress(OSError):  # on a full disk it is halted as soon as it is ready
                    (self._folder / "guard.halted").write_bytes(b"1")
            self._own = OwnGuard(self._folder, self._wheels, self._ramp, False)  # type: ignore[arg-type]
        self._supervisor = Supervisor(self.socket, timeout=ANSWER_SECONDS)

    def _watch(self) -> None:
        """Pass on the guard's events, from a thread, until its end."""
        supervisor, own = self._supervisor, self._own
        assert supervisor is not None

        def watch() -> None:
            try:
                while True:
                    for event in supervisor.events(ASK_SECONDS):
                        self._loop.call_soon_threadsafe(self._news.put_nowait, event)
                    supervisor.status()
            except Exception as error:  # whatever ends this thread, the guard is as good as gone
                if not isinstance(error, GuardError | RuntimeError):
                    log.exception("the guard could not be heard")
                if isinstance(error, NoAnswer) and own is not None:
                    own.kill()
                if not self._closing:
                    with suppress(RuntimeError):  # the loop has ended meanwhile
                        self._loop.call_soon_threadsafe(self._lost, str(error))

        threading.Thread(target=watch, name="guard events", daemon=True).start()
        self._news.put_nowait(GuardReady())

    def _lost(self, why: str) -> None:
        (supervisor, manual), (self._supervisor, self._manual) = (
            (self._supervisor, self._manual),
            (None, None),
        )
        if supervisor is not None:
            supervisor.close()
        if manual is not None:
            self._driving.submit(manual.close)  # there, as it may wait for what is being asked
        self._news.put_nowait(GuardLost(why))
        self._reopening = self._loop.create_task(self._reopen())

    async def news(self) -> AsyncIterator[News]:
        """Yield what the guard does, and whether there is one."""
        while True:
            yield await self._news.get()

    async def _reopen(self) -> None:
        while not self._closing:
            try:
                own, self._own = self._own, None
                if own is not None:
                    await asyncio.to_thread(own.end, END_SECONDS)
                if not self._closing:
                    await self.open()
            except Exception as error:  # also where no thread can be started at this moment
                if not isinstance(error, RobotAgentError | OSError):
                    log.exception("no guard could be started")
                self._news.put_nowait(GuardLost(str(error)))
                await asyncio.sleep(RESTART_SECONDS)
            else:
                return

    async def status(self) -> dict[str, Any]:
        """Return the guard's state, see `Supervisor.status`; raises GuardError without a guard."""
        if (supervisor := self._supervisor) is None:
            raise GuardError("There is no guard at the moment; try again.")
        return await self._loop.run_in_executor(self._asking, supervisor.status)

    async def halt(self) -> tuple[bool, float]:
        """Stop the wheels and latch the halt; returns whether the pins are surely low, and milliseconds."""
        begun = time.perf_counter()
        self._halted = True
        stopped = await self._loop.run_in_executor(self._halting, self._halt)
        return stopped, 1000 * (time.perf_counter() - begun)

    def _halt(self) -> bool:
        supervisor, own = self._supervisor, self._own
        try:
            if supervisor is not None:
                supervisor.halt()
                return True
        except (GuardError, OSError):
            pass
        # Without an answer only the guard's end shows that the pins are low: its watchdog sees to that.
        return own.end(END_SECONDS) if own is not None else False

    async def reset(self) -> None:
        """Let the wheels move again."""
        if (supervisor := self._supervisor) is None:
            raise GuardError("There is no guard at the moment; try again.")
        self._halted = False  # before: a halt that comes meanwhile sets it again
        try:
            await self._loop.run_in_executor(self._halting, supervisor.reset)
        except BaseException:
            self._halted = True
            raise

    async def stop(self) -> None:
        """Stop the wheels, whoever turns them; who has them may turn them again."""
        if (supervisor := self._supervisor) is not None:
            with suppress(GuardError):
                await self._loop.run_in_executor(self._driving, supervisor.stop)

    async def drive(self, left: float, right: float, came: float) -> None:
        """Drive by hand for one lease, by a command that `came` at this moment of `time.monotonic`.

        Raises:
            ValueError, Halted, GuardError: see `GuardMotors.drive`.
        """
        await self._loop.run_in_executor(self._driving, self._drive, left, right, came)

    def _drive(self, left: float, right: float, came: float) -> None:
        if self._supervisor is None:
            raise GuardError("There is no guard at the moment; try again.")
        if self._manual is None:
            self._manual = GuardMotors(self.socket)
        self._manual.drive(left, right, at=came)

    async def release(self, *, let_go: bool) -> None:
        """Stop what is driven by hand, and leave the wheels to others if `let_go`."""
        await self._loop.run_in_executor(self._driving, self._release, let_go)

    def _release(self, let_go: bool) -> None:
        manual = self._manual
        if manual is None:
            return
        with suppress(GuardError):
            manual.stop()
        if let_go:
            self._manual = None
            manual.close()

    def ending(self) -> None:
        """Start no other guard from now on."""
        self._closing = True

    async def close(self) -> None:
        """Stop the wheels; an own guard ends."""
        self._closing = True
        if self._reopening is not None:  # a guard that is being started is one that has to end
            await self._reopening
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._manual is not None:
            self._manual.close()
        if self._supervisor is not None:
            self._supervisor.close()
        if self._own is not None:
            self._own.end(3.0)
        if self._folder is not None and not self._folder_stays:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._halting.shutdown(wait=False)
        self._driving.shutdown(wait=False)
        self._asking.shutdown(wait=False)
