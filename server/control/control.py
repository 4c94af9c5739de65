"""`Control` puts the parts of the control server together; its constructor shows which part needs which.

settings <- state <- guard, worker <- manual <- job <- halt, lending
"""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from robot_agent.build.robot import wheel_settings
from robot_agent.errors import RobotAgentError
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config
from server.codec import encode
from server.control.adapting import Adapting
from server.control.clients import Client, Clients
from server.control.guard_service import GuardLost, GuardReady, GuardService
from server.control.halt_latch import HaltLatch
from server.control.heartbeat import Heartbeat
from server.control.job import Job
from server.control.lending import Lending
from server.control.manual import ManualDriving
from server.control.relay import Relay
from server.control.server_settings import ServerSettings
from server.control.state import ServerState
from server.control.teaching import Teaching
from server.control.worker_process import News as WorkerNews
from server.control.worker_process import Picture, WorkerEnded, WorkerProcess
from server.protocol.from_worker import Ended, Notice, Ready
from server.protocol.page import State
from server.protocol.to_worker import Beat, Watch
from server.service.persisted import Persisted
from server.service.watched import Watched

log = logging.getLogger("robot-server")

STATE_SECONDS = 0.1
"""Least time between two messages that send the state."""

TICK_SECONDS = 0.25
"""Time between two checks for things whose time is over, see `Control._tick`."""

MAX_FAILURES = 5
"""After this number of worker failures in a row, the server does not restart the job by itself."""

UNDO_SECONDS = 600.0
"""Time in which a run that was deleted can be brought back."""

GUARD_ENDED = "The guard of the wheels has ended"

PURGE_SECONDS = 60.0
"""Time between two removals of deleted runs whose time to be brought back is over."""


def make_guard(config: Config) -> GuardService:
    """Return the guard that the settings name; it is not started yet.

    Only the robot "pi", which has a motor board, uses real pins. The simulated robot always gets a guard of
    its own with mock pins, whatever the settings say, so it can never move anything real.
    """
    wheels = wheel_settings(config) | ({} if config.robot == "pi" else {"pin_factory": "mock"})
    socket = None if config.robot == "sim" else config.motors.guard
    return GuardService(wheels, ramp_seconds=config.motors.ramp_seconds, socket=socket)


class Control:
    """The control server: one robot, one worker, one guard, and all that belongs to them."""

    def __init__(
        self, settings: ServerSettings, persisted: Persisted, *, settings_file: Path, train: bool = False
    ) -> None:
        """Put the parts together.

        Args:
            settings: of this server.
            persisted: what is kept between two starts of the server.
            settings_file: the file into which the learned settings of a real robot are written.
            train: begin a training as soon as the worker is ready; afterwards, drive the learned policy.
        """
        config = settings.config
        self.settings, self._persisted = settings, persisted
        self.state = ServerState(settings, persisted.get("checkpoint"))
        self.clients = Clients()
        self.relay = Relay(self.state, self.clients, persisted)
        self.worker = WorkerProcess(config.learner.backend)
        self.guard = make_guard(config)
        self.manual = ManualDriving(self.state, self.worker, self.guard)
        self.job = Job(settings, self.state, persisted, self.worker, self.manual)
        self.job.train_first = train
        self._guard_socket = ""
        """Where the last guard listened."""
        self.halt = HaltLatch(
            self.state, persisted, self.clients, self.worker, self.guard, self.manual, self.job
        )
        self.lending = Lending(self.state, self.worker, self.guard, self.manual, self.job)
        self.adapting = Adapting(self.state)
        self.teaching = Teaching(
            settings, settings_file, self.state, self.clients, self.worker, self.guard, self.manual
        )
        self._tasks = Watched(lambda words: self.clients.send(Notice("error", words)))

    # Life

    async def open(self) -> None:
        """Start the guard and the worker."""
        await asyncio.to_thread(self._purge, time.time() - UNDO_SECONDS)
        await self.guard.open()
        if self.state.latched:
            await self.guard.halt()
        elif (status := await self.guard.status())["halted"]:
            self.halt.found_halted(status["why"])
        if self.job.remember():
            self.job.train_first = False
        beats = Heartbeat(self.guard, self.worker)
        for name, work in (
            ("keeping a trainer", self._hear_worker),
            ("hearing the guard", self._hear_guard),
            ("showing the state", self._send_states),
            ("looking at what has timed out", self._tick),
            ("the service's signs of life", beats.run),
        ):
            self._tasks.forever(name, work)

    def ending(self) -> None:
        """Start no new guard when this one ends: systemd stops all processes of the service at once."""
        self.guard.ending()
        self.clients.end_streams()

    async def close(self) -> None:
        """Stop the wheels, keep what was learned, and end the worker and the guard."""
        with suppress(RobotAgentError):
            await self.guard.release(let_go=True)
        await self.adapting.close()
        await self.worker.close()
        self._tasks.cancel()
        await self.guard.close()
        self._purge(time.time() + 1)

    def _purge(self, before: float) -> None:
        with suppress(RobotAgentError), Store(self.state.config.store) as store:
            store.purge(before)

    # Clients

    async def _send_states(self) -> None:
        while True:
            await self.state.changed.wait()
            self.state.changed.clear()
            message = self.state.message()
            for client in self.clients.all:
                self.greet(client, message)
            await asyncio.sleep(STATE_SECONDS)

    def greet(self, client: Client, message: State | None = None) -> None:
        """Send the state to a client, with what this client may do."""
        state = self.state_for(client, message)
        client.put(state.type, encode(state).decode())

    def state_for(self, client: Client, message: State | None = None) -> State:
        """Return the state, with what `client` may do."""
        return replace(message or self.state.message(), can=client.can)

    async def _tick(self) -> None:
        """Give the wheels back when nobody drives by hand; remove deleted runs; refresh the state."""
        purged = time.monotonic()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.worker.send(Beat())
            await self.manual.return_when_silent()
            await self.lending.forget_silent()
            if time.monotonic() - purged > PURGE_SECONDS:
                purged = time.monotonic()
                await asyncio.to_thread(self._purge, time.time() - UNDO_SECONDS)
            if self.clients.all:
                self.state.touch()

    def watch(self) -> None:
        """Tell the worker whether any client wants pictures."""
        self.worker.send(Watch(frames=self.clients.watching))

    # News of the worker

    async def _hear_worker(self) -> None:
        async with aclosing(self.worker.news()) as heard:
            async for news in heard:
                with self._surviving("what the trainer says"):
                    self._take_worker(news)

    def _take_worker(self, news: WorkerNews) -> None:
        match news:
            case Picture():
                self.relay.take_picture(news.header, news.jpeg, news.data)
            case WorkerEnded():
                self._worker_ended(news.why)
            case Ready():
                self._worker_ready()
            case Ended():
                self._job_ended(news)
            case _:
                self.relay.take(news)

    def _worker_ready(self) -> None:
        self.state.starting, self.state.failure = False, ""
        self.teaching.configure()
        self.watch()
        paused, self.state.paused = self.state.paused, False
        self._tasks.once("beginning again", lambda: self._go_on(paused=paused))
        self.state.touch()

    def _worker_ended(self, why: str) -> None:
        log.warning(why)
        self.lending.ended(Ended("lent", "failed", None))
        self.state.starting, self.state.failure, self.state.activity = False, why, "idle"
        self.state.touch()

    async def _go_on(self, *, paused: bool) -> None:
        """Begin again what was under way when the worker or the server ended."""
        if self.state.latched or self.worker.failures >= MAX_FAILURES:
            return
        with self._reporting():
            await self.job.begin_again(paused=paused)

    def _job_ended(self, ended: Ended) -> None:
        if ended.activity == "lent":
            self.lending.ended(ended)
        drive_now = self.job.ended(ended)
        if ended.activity == "training" and ended.how == "finished":
            self.clients.send(Notice("info", f"Run {ended.run} is finished."))
        if drive_now:
            self._tasks.once("driving what was learned", lambda: self._drive_when_done(ended.run))

    async def _drive_when_done(self, run: int | None) -> None:
        with self._reporting():
            await self.job.drive(None, run=run)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Send an error as a notice to all clients, because nobody waits for an answer here."""
        try:
            yield
        except RobotAgentError as error:
            self.clients.send(Notice("error", str(error)))

    @contextmanager
    def _surviving(self, what: str) -> Iterator[None]:
        """Log an exception that one message causes, so that the next message is still received."""
        try:
            yield
        except Exception:
            log.exception("%s could not be used", what)

    # News of the guard

    async def _hear_guard(self) -> None:
        async for news in self.guard.news():
            with self._surviving("what the guard says"):
                match news:
                    case GuardReady():
                        self._guard_ready()
                    case GuardLost():
                        self._guard_lost(news.why)
                    case _:
                        self.halt.take_event(news)

    def _guard_ready(self) -> None:
        if self.state.failure.startswith(GUARD_ENDED):
            self.state.failure = self.worker.failure
        if self.state.latched:
            self._tasks.once("halting the new guard", self.guard.halt)
        if self._guard_socket not in ("", self.guard.socket):
            self.worker.kill()  # it looks for the guard where the last one was; another one begins anew
        self._guard_socket = self.guard.socket
        self.state.touch()

    def _guard_lost(self, why: str) -> None:
        log.error("the guard of the wheels is gone: %s", why)
        self.state.by_hand = False
        self.state.failure = f"{GUARD_ENDED}; another one is started. {why}"
        self.state.touch()
