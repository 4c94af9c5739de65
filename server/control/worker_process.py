"""The server's end of the worker process: starts it, receives its messages, and restarts it when it ends."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from server.codec import Garbage, build, decode, encode, is_picture, unpack_picture
from server.control.child_process import ChildProcess
from server.problems import Problem
from server.protocol.from_worker import FROM_WORKER, Answer, PictureHeader, Ready, Received, WorkerMessage
from server.protocol.to_worker import AreYouThere, Close, WorkerCommand

RESTART_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)
"""Time before the restart after the 1st, 2nd, ... failure in a row; the last number for all later ones."""

STEADY_SECONDS = 30.0
"""After a worker has lived for this time, the failures in a row are counted from 1 again."""

ANSWER_SECONDS = 30.0
"""Longest time to wait for an answer: the worker may be starting, or in a long update."""

OBEY_SECONDS = 1.0
"""The worker is killed if it does not obey a command that stops something within this time."""

LAST_WORDS_SECONDS = 0.2
"""Time after the worker's end in which its last messages are still read."""

MAX_MESSAGE = 4_000_000
"""Largest message of a worker, bytes."""

MAX_UNSENT = 1_000_000
"""A worker that leaves this many bytes unread hangs, and is killed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the worker has sent."""

    header: PictureHeader
    jpeg: bytes
    data: bytes
    """Header and JPEG together, as the bytes that came."""


@dataclass(frozen=True, slots=True)
class WorkerEnded:
    """The worker has ended by itself; another one is started."""

    why: str


News = WorkerMessage | Picture | WorkerEnded


class WorkerProcess:
    """The worker process: at most one at a time, restarted when it ends."""

    def __init__(self, backend: str = "torch") -> None:
        """Start nothing yet; the worker imports torch at its start only if `backend` is "torch"."""
        self._backend = backend
        self._process: ChildProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._received: dict[int, asyncio.Future[None]] = {}
        self._last_id = 0
        self._closing = False
        self.ready = asyncio.Event()
        """Whether there is a worker that answers."""
        self.failure = ""
        """Why the last worker ended; empty while a worker is ready."""
        self.failures = 0
        """Number of failures in a row."""
        self.restarts = 0

    @property
    def process(self) -> int | None:
        """The process id of the worker; None before the first start."""
        return self._process.pid if self._process is not None else None

    async def news(self) -> AsyncGenerator[News, None]:
        """Start a worker, restart it whenever it ends, and yield its messages, except answers."""
        loop = asyncio.get_running_loop()
        while not self._closing:
            begun = loop.time()
            try:
                reader = await self._start()
            except OSError as error:  # no processes or files are left at this moment
                self.kill()
                why = f"could not be started ({error.strerror or error})"
            else:
                ending = loop.create_task(self._close_at_end())
                try:
                    async for news in self._hear(reader):
                        yield news
                finally:
                    ending.cancel()
                    self._forget()
                why = await self._ended()
            if self._closing:
                return
            self.failures = 1 if loop.time() - begun > STEADY_SECONDS else self.failures + 1
            self.failure = f"The trainer {why}; it is started again and goes on from what was kept."
            self.restarts += 1
            yield WorkerEnded(self.failure)
            await asyncio.sleep(RESTART_SECONDS[min(self.failures, len(RESTART_SECONDS)) - 1])

    async def _start(self) -> asyncio.StreamReader:
        ours, theirs = socket.socketpair()
        try:
            path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
            options = ("--fd", str(theirs.fileno()), "--backend", self._backend)
            self._process = ChildProcess(
                (sys.executable, "-P", "-m", "server.worker", *options),
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": path},
            )
            reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return reader

    async def _close_at_end(self) -> None:
        """Close the connection soon after the worker's end, even if a child of the worker still holds it."""
        process, writer = self._process, self._writer
        assert process is not None and writer is not None
        await process.wait()
        await asyncio.sleep(LAST_WORDS_SECONDS)
        writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader) -> AsyncIterator[News]:
        # As multiprocessing.connection frames messages: a length of four bytes, big-endian, before each.
        with suppress(asyncio.IncompleteReadError, ConnectionError, Garbage):
            while (length := int.from_bytes(await reader.readexactly(4), "big")) <= MAX_MESSAGE:
                data = await reader.readexactly(length)
                if is_picture(data):
                    yield Picture(*unpack_picture(data), data)
                    continue
                message = decode(data, FROM_WORKER)
                if isinstance(message, Answer):
                    answer = self._answers.pop(message.id, None)
                    if answer is not None and not answer.done():
                        answer.set_result(message)
                    continue
                if isinstance(message, Received):
                    received = self._received.pop(message.id, None)
                    if received is not None and not received.done():
                        received.set_result(None)
                    continue
                if isinstance(message, Ready):
                    self.failure = ""
                    self.ready.set()
                if message is not None:
                    yield message

    def _forget(self) -> None:
        """Close the connection; whoever still waits for an answer gets a Problem."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.ready.clear()
        waiting: list[asyncio.Future[Any]] = [*self._answers.values(), *self._received.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(Problem(503, "The trainer has ended; try again in a moment."))
                future.exception()  # marks it as seen: asyncio then logs nothing if nobody waits for it
        self._answers.clear()
        self._received.clear()

    async def _ended(self) -> str:
        """Wait until the worker has ended; return how, as the end of a sentence."""
        process = self._process
        assert process is not None
        try:
            code = await asyncio.wait_for(process.wait(), 10.0)
        except TimeoutError:
            self.kill()
            code = await process.wait()
        if code >= 0:
            return f"ended with code {code}"
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"

    def send(self, command: WorkerCommand, number: int | None = None) -> None:
        """Send a command; `number` is the id that its answer will carry. Without a worker, do nothing."""
        if self._writer is None or self._writer.is_closing():
            return
        data = encode(command, id=number)
        self._writer.write(len(data).to_bytes(4, "big") + data)
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT:
            self.kill()

    async def ask(self, command: WorkerCommand, answer: type[T], *, seconds: float = ANSWER_SECONDS) -> T:
        """Send a command and return its answer, of the type `answer`; wait at most `seconds` for it.

        Raises:
            Problem: the worker refuses, or does not answer.
        """
        return build(answer, await self._answer(command, seconds))

    async def do(self, command: WorkerCommand, *, seconds: float = ANSWER_SECONDS) -> None:
        """Send a command and wait until it is carried out; raises as `ask` does."""
        await self._answer(command, seconds)

    async def order(self, command: WorkerCommand, *, done: bool = True) -> None:
        """Send a command that stops something; the worker is killed if it does not obey within a second.

        Return when the command is carried out. With `done=False` return earlier: as soon as the worker moves
        nothing any more. Raise what `ask` raises.
        """
        if done or self.ready.is_set():  # a worker that is not ready yet moves nothing
            await self._answer(command, ANSWER_SECONDS, order=True, done=done)

    async def _answer(
        self, command: WorkerCommand, seconds: float, *, order: bool = False, done: bool = True
    ) -> Any:
        try:
            await asyncio.wait_for(self.ready.wait(), ANSWER_SECONDS)
        except TimeoutError:
            raise Problem(503, "The trainer is not ready; try again in a moment.") from None
        self._last_id += 1
        number, loop = self._last_id, asyncio.get_running_loop()
        answer = self._answers[number] = loop.create_future()
        try:
            if order:
                received = self._received[number] = loop.create_future()
                self.send(command, number)
                await self._obeyed(received)
            else:
                self.send(command, number)
            if not done:
                return None
            message = await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            raise Problem(503, "The trainer does not answer; halt it, or try again.") from None
        finally:
            self._answers.pop(number, None)
            self._received.pop(number, None)
        if message.error:
            status = 422 if message.kind in ("ValueError", "CalibrationError") else 409
            status = 404 if "There is no" in message.error else status
            raise Problem(status, message.error, kind=message.kind)
        return message.value

    async def _obeyed(self, received: asyncio.Future[None]) -> None:
        try:
            await asyncio.wait_for(received, OBEY_SECONDS)
        except TimeoutError:
            self.kill()
            text = "The trainer did not obey within a second, so it was ended; it is started again."
            raise Problem(503, text) from None

    async def is_alive(self, seconds: float) -> bool:
        """Return whether the worker answers within `seconds`."""
        try:
            await self.do(AreYouThere(), seconds=seconds)
        except Problem:
            return False
        return True

    def kill(self) -> None:
        """Kill the worker process at once; `news` then starts another one."""
        if self._process is not None:
            self._process.kill()

    async def close(self, seconds: float = 10.0) -> None:
        """End the worker in good order: it stops the wheels and keeps what was learned.

        A worker that has not ended after `seconds` is killed.
        """
        self._closing = True
        self.send(Close())
        if self._process is None or self._process.returncode is not None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            self.kill()
