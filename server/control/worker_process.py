"""The server's end of its worker: starts it, listens to it, starts it again with the reason told."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from server.problems import Problem
from server.protocol import Garbage, Message, decode, encode, is_picture, unpack_picture

WAITS = (0.2, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each start after a failure; the last one again and again."""

STEADY_SECONDS = 30.0
"""Who has worked for so long has not failed in a row."""

ANSWER_SECONDS = 30.0
"""The worker answers within this, or the request fails: it may be starting, or in a long pulse."""

MAX_MESSAGE = 4_000_000
"""Bytes; a worker that sends more at once is not ours."""

MAX_UNSENT = 1_000_000
"""Bytes; a worker that does not read so much hangs, and is killed."""


class Link:
    """One worker at a time."""

    def __init__(
        self,
        *,
        on_message: Callable[[Message], None],
        on_picture: Callable[[Message, bytes, bytes], None],
        on_change: Callable[[], None],
        backend: str = "torch",
    ) -> None:
        """Pass on what the worker says.

        Args:
            on_message: takes each message but answers.
            on_picture: takes a picture: header, JPEG, and both as they came.
            on_change: is called when `ready` or `failure` has changed.
            backend: what is to compute the gradients; the worker imports no torch if it is not that.
        """
        self._on_message, self._on_picture, self._on_change = on_message, on_picture, on_change
        self._backend = backend
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._last = 0
        self._closing = False
        self.ready = asyncio.Event()
        """Whether there is a worker that answers."""
        self.failure = ""
        """Why the last one ended; empty while one works."""
        self.failures = 0
        """How many have failed in a row."""
        self.restarts = 0

    @property
    def process(self) -> int | None:
        """The worker's process."""
        return self._process.pid if self._process is not None else None

    async def run(self) -> None:
        """Keep a worker at work, until cancelled or closed."""
        while not self._closing:
            begun = asyncio.get_running_loop().time()
            why = await self._work()
            if self._closing:
                return
            lasted = asyncio.get_running_loop().time() - begun
            self.failures = 1 if lasted > STEADY_SECONDS else self.failures + 1
            self.failure = f"The trainer {why}; it is started again and goes on from what was kept."
            self.restarts += 1
            self._on_change()
            await asyncio.sleep(WAITS[min(self.failures, len(WAITS)) - 1])

    async def _work(self) -> str:
        """Start a worker and listen to it until its end; returns how that came."""
        ours, theirs = socket.socketpair()
        try:
            path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "server.worker.worker",
                "--fd",
                str(theirs.fileno()),
                "--backend",
                self._backend,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is for the server, which then ends this one
            )
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        try:
            await self._listen(reader)
        finally:
            self._writer.close()
            self._writer = None
            self.ready.clear()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Problem(503, "The trainer has ended; try again in a moment."))
            self._answers.clear()
        return await self._ended()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        # As multiprocessing.connection frames messages: a length of four bytes, big-endian, before each.
        with suppress(asyncio.IncompleteReadError, ConnectionError, Garbage):
            while True:
                length = int.from_bytes(await reader.readexactly(4), "big")
                if length > MAX_MESSAGE:
                    return
                data = await reader.readexactly(length)
                if is_picture(data):
                    self._on_picture(*unpack_picture(data), data)
                else:
                    self._take(decode(data))

    def _take(self, message: Message) -> None:
        if message.get("type") == "answer":
            answer = self._answers.pop(message["id"], None)
            if answer is not None and not answer.done():
                answer.set_result(message)
            return
        if message.get("type") == "ready":
            self.failure = ""
            self.ready.set()
        self._on_message(message)
        if message.get("type") == "ready":
            self._on_change()

    async def _ended(self) -> str:
        process = self._process
        assert process is not None
        try:
            code = await asyncio.wait_for(process.wait(), 10.0)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            code = await process.wait()
        if code >= 0:
            return f"ended with code {code}"
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"

    def say(self, do: str, **values: Any) -> None:
        """Tell the worker what to do; nothing happens while there is none."""
        if self._writer is None or self._writer.is_closing():
            return
        data = encode({"do": do, **values})
        self._writer.write(len(data).to_bytes(4, "big") + data)
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT:
            self.kill()

    async def ask(self, do: str, *, seconds: float = ANSWER_SECONDS, **values: Any) -> Any:
        """Tell the worker what to do and return its answer, which may take so many seconds.

        Raises:
            Problem: it refuses, or does not answer.
        """
        try:
            await asyncio.wait_for(self.ready.wait(), ANSWER_SECONDS)
        except TimeoutError:
            raise Problem(503, "The trainer is not ready; try again in a moment.") from None
        self._last += 1
        number = self._last
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.say(do, id=number, **values)
        try:
            message = await asyncio.wait_for(answer, seconds)
        except TimeoutError:
            raise Problem(503, "The trainer does not answer; halt it, or try again.") from None
        finally:
            self._answers.pop(number, None)
        if "error" in message:
            status = 422 if message.get("kind") in ("ValueError", "CalibrationError") else 409
            raise Problem(404 if "There is no" in message["error"] else status, message["error"])
        return message["value"]

    def kill(self) -> None:
        """End a worker that does not answer, at once; another one is started."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def close(self, seconds: float = 10.0) -> None:
        """End the worker in good order: the wheels stop, what was learned is kept."""
        self._closing = True
        self.say("close")
        if self._process is None or self._process.returncode is not None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
