"""`GuardService`: the server starts the guard, halts and resets it, and drives by hand through it.

A halt goes from here straight to the process that owns the pins, without the worker.
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
"""Time to wait before the next try to start a guard."""

ASK_SECONDS = 0.5
"""Time without an event after which the guard is asked whether it lives."""

ANSWER_SECONDS = 1.5
"""A guard that does not answer within this time is killed. Usually its watchdog has killed it after 0.5 s."""

END_SECONDS = 0.5
"""When a guard is to end, its watchdog makes the pins low within twice this time, unless it hangs."""


@dataclass(frozen=True, slots=True)
class GuardReady:
    """News: a guard is ready."""


@dataclass(frozen=True, slots=True)
class GuardLost:
    """News: the guard has ended, and the server starts another one."""

    why: str


News = Event | GuardReady | GuardLost


class GuardService:
    """The guard of this server: one that the server starts itself, or one that runs already."""

    def __init__(self, wheels: Mapping[str, Any], *, ramp_seconds: float, socket: str | None = None) -> None:
        """Start nothing yet, see `open`.

        Args:
            wheels: keyword arguments that make the motor board.
            ramp_seconds: time from zero to full power.
            socket: path of the socket of a guard that runs already; without it, the server starts a guard of
                its own, which ends with the server.
        """
        self._wheels, self._ramp, self._standing = dict(wheels), ramp_seconds, socket
        self._folder: Path | None = None
        self._folder_stays = False
        self._halted = False
        """Whether a guard that is started now has to be halted from its start on."""
        self._own: OwnGuard | None = None
        self._supervisor: Supervisor | None = None
        self._manual: GuardMotors | None = None
        # Each has threads of its own: a halt never waits for anything else, and driving not for the store.
        self._halting = ThreadPoolExecutor(2, "halt")
        self._driving = ThreadPoolExecutor(1, "manual")
        self._asking = ThreadPoolExecutor(1, "alive")
        self._begin_threads()
        self._news: asyncio.Queue[News] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop
        self._closing = False
        self._reopening: asyncio.Task[None] | None = None

    def _begin_threads(self) -> None:
        """Start all threads now: at the moment of a halt, the system may refuse to start a thread."""
        for pool, number in ((self._halting, 2), (self._driving, 1), (self._asking, 1)):
            met = threading.Barrier(number)
            for _ in range(number):
                pool.submit(met.wait)

    @property
    def socket(self) -> str:
        """Path of the socket at which the guard listens."""
        return self._standing or str(self._guard_folder / "guard.sock")

    @property
    def _guard_folder(self) -> Path:
        assert self._folder is not None
        return self._folder

    @property
    def ready(self) -> bool:
        """Whether a guard is connected."""
        return self._supervisor is not None

    async def open(self) -> None:
        """Start a guard, or connect to the one that runs, and watch it.

        Raises:
            RobotAgentError, OSError: the guard cannot be started or reached.
        """
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
            self._folder.mkdir(mode=0o700, exist_ok=True)  # the last guard may have taken it away
            if self._halted:
                with suppress(OSError):  # on a full disk it is halted as soon as it is ready
                    (self._folder / "guard.halted").write_bytes(b"1")
            self._own = OwnGuard(self._folder, self._wheels, self._ramp, False)  # type: ignore[arg-type]
        self._supervisor = Supervisor(self.socket, timeout=ANSWER_SECONDS)

    def _watch(self) -> None:
        """Start a thread that passes the guard's events on until the guard ends."""
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
        """Yield the guard's events, and GuardReady or GuardLost when a guard is there or gone."""
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
        """Stop the wheels and latch the halt.

        Returns:
            Whether the pins are certainly low, and the milliseconds that the halt took.
        """
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
        # Without an answer, only the guard's end proves that the pins are low: its watchdog makes them low.
        return own.end(END_SECONDS) if own is not None else False

    async def reset(self) -> None:
        """Reset the halt, so that the wheels may move again; raise GuardError if that fails."""
        if (supervisor := self._supervisor) is None:
            raise GuardError("There is no guard at the moment; try again.")
        self._halted = False  # before: a halt that comes meanwhile sets it again
        try:
            await self._loop.run_in_executor(self._halting, supervisor.reset)
        except BaseException:
            self._halted = True
            raise

    async def stop(self) -> None:
        """Stop the wheels, whoever turns them; the same driver may turn them again at once."""
        if (supervisor := self._supervisor) is not None:
            with suppress(GuardError):
                await self._loop.run_in_executor(self._driving, supervisor.stop)

    async def drive(self, left: float, right: float, came: float) -> None:
        """Drive by hand for one lease; `came` is when the command came, as `time.monotonic`.

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
        """Stop driving by hand; with `let_go`, others may take the wheels then."""
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
        """Start no new guard from now on, even if this one ends."""
        self._closing = True

    async def close(self) -> None:
        """Stop the wheels, and end the guard if the server has started it."""
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
