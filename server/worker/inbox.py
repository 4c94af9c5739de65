"""What the worker receives: commands, in a thread of its own; some stop the wheels as soon as they come."""

import os
import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple

from server.codec import Garbage, decode_command
from server.protocol import Close, Halt, Stop, TakeWheels, WorkerCommand

URGENT = (Stop, Halt, TakeWheels, Close)
"""Commands that no pulse may outlast."""

END_SECONDS = 8.0
"""Time that the worker has to end in good order after the server has gone."""


class Order(NamedTuple):
    """A command, and the number of its answer if one is waited for."""

    command: WorkerCommand
    number: int | None = None


class Inbox:
    """The commands that wait to be carried out."""

    def __init__(self, connection: Connection) -> None:
        """Receive from `connection`."""
        self._connection = connection
        self._commands: queue.SimpleQueue[Order] = queue.SimpleQueue()
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
                command, number = decode_command(self._connection.recv_bytes())
                if command is not None:
                    self._receive(Order(command, number), stop)
        except (EOFError, OSError, Garbage):
            self.closed = True
            self._receive(Order(Close()), stop)
            threading.Timer(END_SECONDS, lambda: os._exit(3)).start()

    def _receive(self, order: Order, stop: Callable[[], None]) -> None:
        urgent = isinstance(order.command, URGENT)
        self._urgent_received += (
            urgent  # first: a pulse that begins now sees it, one that has begun is stopped
        )
        self._commands.put(order)
        if urgent:
            stop()

    def take(self, seconds: float) -> Order | None:
        """Return the next command; None when none comes within these seconds."""
        try:
            order = self._commands.get(timeout=seconds) if seconds > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None
        self._urgent_taken += isinstance(order.command, URGENT)
        return order
