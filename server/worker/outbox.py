"""What the worker sends: whole messages, from any thread; of some types only the newest, when it is time."""

import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from server.codec import encode
from server.protocol.news import WorkerMessage

NEWEST_SECONDS = 0.1
"""Time between two messages of a type of which only the newest matters."""


class Outbox:
    """Sends to the server."""

    def __init__(self, connection: Connection) -> None:
        """Send over `connection`."""
        self._connection = connection
        self._sending = threading.Lock()
        self._waiting: dict[str, WorkerMessage] = {}
        self._sent: dict[str, float] = {}

    def send_bytes(self, data: bytes) -> None:
        """Send bytes; nothing happens when the server has gone, which the listening thread notices."""
        with suppress(OSError), self._sending:
            self._connection.send_bytes(data)

    def send(self, message: WorkerMessage) -> None:
        """Send a message."""
        self.send_bytes(encode(message))

    def send_newest(self, message: WorkerMessage) -> None:
        """Send the newest message of its type, at most ten times per second."""
        if time.monotonic() - self._sent.get(message.type, 0.0) >= NEWEST_SECONDS:
            self._sent[message.type] = time.monotonic()
            self._waiting.pop(message.type, None)
            self.send(message)
        else:
            self._waiting[message.type] = message

    def send_waiting(self) -> None:
        """Send the messages that have been waiting for their time."""
        for message in self._waiting.values():
            self.send(message)
        self._waiting.clear()
