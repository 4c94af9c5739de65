"""`Outbox` sends the worker's messages, from any thread; of some types only the newest, now and then."""

import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from server.codec import encode
from server.protocol.from_worker import WorkerMessage

NEWEST_SECONDS = 0.1
"""Least time between two messages of one type that are sent with `send_newest`."""


class Outbox:
    """The worker's end of the connection to the server, for sending."""

    def __init__(self, connection: Connection) -> None:
        """Send over `connection`."""
        self._connection = connection
        self._sending = threading.Lock()
        self._waiting: dict[str, WorkerMessage] = {}
        self._sent: dict[str, float] = {}

    def send_bytes(self, data: bytes) -> None:
        """Send bytes; do nothing if the server has gone, as the listening thread notices that."""
        with suppress(OSError), self._sending:
            self._connection.send_bytes(data)

    def send(self, message: WorkerMessage) -> None:
        """Send a message now."""
        self.send_bytes(encode(message))

    def send_newest(self, message: WorkerMessage) -> None:
        """Send a message; let it wait if one of its type was sent less than `NEWEST_SECONDS` ago."""
        if time.monotonic() - self._sent.get(message.type, 0.0) >= NEWEST_SECONDS:
            self._sent[message.type] = time.monotonic()
            self._waiting.pop(message.type, None)
            self.send(message)
        else:
            self._waiting[message.type] = message

    def send_waiting(self) -> None:
        """Send now the messages that `send_newest` let wait."""
        for message in self._waiting.values():
            self.send(message)
        self._waiting.clear()
