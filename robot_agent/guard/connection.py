"""A client's connection to a guard: requests, answers and events; every wait has a limit."""

import socket
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from robot_agent.errors import CommandTooOld, GuardBusy, GuardError, Halted
from robot_agent.guard.wire import Event, InvalidLine, Lines, Message, encode

_KINDS: dict[str, type[Exception]] = {
    "CommandTooOld": CommandTooOld,
    "GuardBusy": GuardBusy,
    "Halted": Halted,
    "ValueError": ValueError,
}


class ConnectionLost(GuardError):
    """The guard has gone or does not answer; this connection cannot be used any more."""


class NoAnswer(ConnectionLost):
    """The guard is silent for longer than its watchdog allows: guard and watchdog both hang."""


class Connection:
    """One connection; its methods may be called from several threads and from signal handlers.

    There is no extra thread for reading: a thread that waits for an answer reads for all others as well.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        """Connect to the guard at `path`, and wait `timeout` seconds for an answer; raises ConnectionLost."""
        self._timeout = timeout
        self._lines = Lines(limit=None)
        self._changed = threading.Condition()  # re-entrant: an interrupted thread may take its lock twice
        self._reader: int | None = None
        self._answers: dict[int, Message] = {}
        self._awaited: set[int] = set()
        self._last = 0
        self.events: deque[Event] = deque(maxlen=1000)
        """Events that have not been taken yet."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise ConnectionLost(
                f"There is no guard at {path} ({error}); start one, or look at its service."
            ) from error

    def send(self, do: str, **values: Any) -> int:
        """Send a request and return its number; raises ConnectionLost."""
        with self._changed:
            self._last += 1
            number = self._last
            self._awaited.add(number)
        try:
            # One call, so that no other thread or signal handler can send in between.
            self._socket.send(encode({"do": do, "id": number, **values}))
        except OSError as error:
            raise ConnectionLost(f"The guard cannot be reached ({error}).") from error
        return number

    def call(self, do: str, *, lasts: float = 0.0, **values: Any) -> Message:
        """Send a request and return its answer, which may take `lasts` seconds longer than the timeout.

        Raises the guard's refusal (ValueError, Halted, GuardError), or ConnectionLost, NoAnswer.
        """
        number = self.send(do, **values)
        try:
            answer = self._wait(number, lasts + self._timeout)
        finally:
            self._awaited.discard(number)
        if "error" in answer:
            raise _KINDS.get(answer.get("kind", ""), GuardError)(answer["error"])
        return answer

    def call_now(self, do: str) -> None:
        """Send a request that must not wait; wait for its answer too, unless this thread is already reading.

        A thread is already reading when a signal handler or an interrupted call asks to stop.
        """
        number = self.send(do)
        if self._reader == threading.get_ident():
            self._awaited.discard(number)
            return
        try:
            self._wait(number, self._timeout)
        finally:
            self._awaited.discard(number)

    def wait_for_event(self, seconds: float | None) -> Event | None:
        """Return the next event, or None after `seconds` without one; raises ConnectionLost."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self.events:
            left = 3600.0 if until is None else until - time.monotonic()
            if left <= 0.0:
                return None
            self._read_or_wait(left)
        return self.events.popleft()

    def _wait(self, number: int, seconds: float) -> Message:
        until = time.monotonic() + seconds
        while True:
            with self._changed:
                if number in self._answers:
                    return self._answers.pop(number)
            left = until - time.monotonic()
            if left <= 0.0:
                raise NoAnswer(f"The guard has not answered for {seconds:.1f} s.")
            self._read_or_wait(left, number)

    def _read_or_wait(self, seconds: float, number: int | None = None) -> None:
        """Read once, or wait for the thread that reads; return at once if the answer `number` is there."""
        with self._changed:
            if number in self._answers or (number is None and self.events):
                return
            if self._reader is not None:
                self._changed.wait(seconds)
                return
            self._reader = threading.get_ident()
        try:
            self._read(seconds)
        finally:
            with self._changed:
                self._reader = None
                self._changed.notify_all()

    def _read(self, seconds: float) -> None:
        try:
            self._socket.settimeout(seconds)
            data = self._socket.recv(65536)
        except TimeoutError:
            return
        except OSError as error:
            raise ConnectionLost(f"The connection to the guard broke ({error}).") from error
        if not data:
            raise ConnectionLost("The guard has ended.")
        for message in self._lines.feed(data):
            if isinstance(message, InvalidLine):
                raise ConnectionLost(f"This is not the answer of a guard: {message}")
            if "event" in message:
                self.events.append(Event(**message["event"]))
            elif message.get("id") in self._awaited:
                self._answers[message["id"]] = message
            elif message.get("id") is None and "error" in message:
                raise ConnectionLost(message["error"])

    def close(self) -> None:
        """Disconnect at once; a thread that waits for an answer gets ConnectionLost."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
