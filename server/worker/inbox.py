"""`Inbox` receives the worker's commands, in a thread; some commands stop the wheels as soon as they come."""

import math
import queue
import signal
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import NamedTuple

from server.codec import Garbage, decode_command
from server.protocol.from_worker import Received
from server.protocol.to_worker import Beat, Close, DropLent, Halt, Pause, Stop, TakeWheels, WorkerCommand
from server.worker.outbox import Outbox
from server.worker.robots import WorkerRobot

URGENT = (Stop, Halt, TakeWheels, DropLent, Close)
"""Commands that stop a pulse at once, when they come."""

PAUSE_SECONDS = 0.7
"""Time that a pulse may still last after a pause: a pulse that ends by itself is a move to learn from."""

SILENT_SECONDS = 0.8
"""Time without a word of the server, which sends a beat four times a second, after which nothing moves: one
that is stopped (Ctrl-Z) or hangs could not pass on a halt."""

END_SECONDS = 8
"""Time in which the worker has to end in good order after the server has gone; else it is killed."""


class Order(NamedTuple):
    """A command, and the id that its answer has to carry; None if no answer is wanted."""

    command: WorkerCommand
    number: int | None = None


class Inbox:
    """The commands that wait to be carried out."""

    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        """Receive commands from `connection`; confirm through `outbox` that they have come."""
        self._connection, self._outbox = connection, outbox
        self._commands: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._urgent_received = self._urgent_taken = 0  # each is counted by one thread alone
        self._pause_received = math.inf
        self._heard = 0.0
        self._spoken = threading.Event()
        self.closed = False
        """Whether the worker has to end."""

    @property
    def urgent(self) -> bool:
        """Whether a command waits that has to stop a pulse now."""
        waited = time.monotonic() - self._pause_received
        return self._urgent_received != self._urgent_taken or waited > PAUSE_SECONDS

    def await_server(self) -> None:
        """Wait while the server is silent; an urgent command ends that, like every other one."""
        while time.monotonic() - self._heard > SILENT_SECONDS and not (self.urgent or self.closed):
            self._spoken.clear()
            self._spoken.wait(SILENT_SECONDS / 4)

    def listen(self, robot: WorkerRobot) -> None:
        """Receive commands until the server ends; an urgent command stops `robot` at once.

        This method runs in a thread of its own.
        """
        try:
            while True:
                command, number = decode_command(self._connection.recv_bytes())
                self._heard = time.monotonic()
                self._spoken.set()
                if command is not None and not isinstance(command, Beat):
                    self._receive(Order(command, number), robot)
        except (EOFError, OSError, Garbage):
            pass
        except Exception:  # whatever it is, the worker ends: if it received nothing, nobody could stop it
            traceback.print_exc()
        self.closed = True
        signal.alarm(END_SECONDS)  # the kernel then ends this process, even if Python hangs
        self._receive(Order(Close()), robot)

    def _receive(self, order: Order, robot: WorkerRobot) -> None:
        urgent = isinstance(order.command, URGENT)
        self._urgent_received += (
            urgent  # first: a pulse that begins now sees it, one that has begun is stopped
        )
        if isinstance(order.command, Pause):
            self._pause_received = min(self._pause_received, time.monotonic())
        self._commands.put(order)
        if urgent:
            robot.stop()
        if isinstance(order.command, TakeWheels):
            robot.let_go()  # in this thread: who drives by hand must not wait for a camera or an update
        if order.number is not None:
            self._outbox.send(Received(order.number))

    def take(self, seconds: float) -> Order | None:
        """Return the next command; None if none comes within `seconds`."""
        try:
            order = self._commands.get(timeout=seconds) if seconds > 0 else self._commands.get_nowait()
        except queue.Empty:
            return None
        self._urgent_taken += isinstance(order.command, URGENT)
        if isinstance(order.command, Pause):
            self._pause_received = math.inf
        return order
