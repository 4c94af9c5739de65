"""What the worker receives: commands, in a thread of its own; some stop the wheels as soon as they come."""

import os
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from server.codec import Garbage, decode
from server.protocol import TO_WORKER, Close, Halt, Stop, TakeWheels, WorkerCommand

URGENT = (Stop, Halt, TakeWheels, Close)
"""Commands that no pulse may outlast."""

END_SECONDS = 8.0
"""Time that the worker has to end in good order after the server has gone."""


class Inbox:
    """The commands that wait to be carried out."""

    def __init__(self, connection: Connection) -> None:
        """Receive from `connection`."""
        self._connection = connection
        self._commands: queue.SimpleQueue[WorkerCommand] = queue.SimpleQueue()
        self._urgent_received = self._urgent_taken = 0  # each is counted by one thread alone
        self.closed = False
        """Whether the worker is to end."""

    @property
    def urgent(self) -> bool:
        """Whether a command waits that no pulse may outlast."""
        return self._urgent_received != self._urgent_taken

    def listen(self, stop: Callable[[], None]) -> None:
        """Receive until the server ends, in a thread of its own; `stop` stops the wheels at once."""
        try:
            while True:
                command = decode(self._connection.recv_bytes(), TO_WORKER)
                if command is not None:
                    self._receive(command, stop)
        except (EOFError, OSError, Garbage):
            self.closed = True
            self._receive(Close(), stop)
            threading.Timer(END_SECONDS, lambda: os._exit(3)).start()

    def _receive(self, command: WorkerCommand, stop: Callable[[], None]) -> None:
        urgent = isinstance(command, URGENT)
        self._urgent_received += (
            urgent  # first: a pulse that begins now sees it, one that has begun is stopped
        )
        self._commands.put(command)
        if urgent:
            stop()

    def take(self, seconds: float) -> WorkerCommand | None:
        """Return the next command; None when none comes within these seconds."""
        try:
            command = self._commands.get(timeout=seconds) if seconds > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None
        self._urgent_taken += isinstance(command, URGENT)
        return command
