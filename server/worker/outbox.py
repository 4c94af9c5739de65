"""The worker's voice: whole messages, from any thread, and of some kinds only the newest, when it is time."""

import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from server.protocol import Message, encode

TOLD_SECONDS = 0.1
"""Seconds between two messages of a kind of which only the newest matters."""


class Speaker:
    """Speaks to the server."""

    def __init__(self, connection: Connection) -> None:
        """Speak over `connection`."""
        self._connection = connection
        self._sending = threading.Lock()
        self._waiting: dict[str, Message] = {}
        self._told: dict[str, float] = {}

    def send(self, data: bytes) -> None:
        """Send bytes; who listens for the server notices when it is gone."""
        with suppress(OSError), self._sending:
            self._connection.send_bytes(data)

    def tell(self, message: Message) -> None:
        """Tell the server."""
        self.send(encode(message))

    def newest(self, message: Message) -> None:
        """Tell the newest of its type, at most ten times a second."""
        kind = message["type"]
        if time.monotonic() - self._told.get(kind, 0.0) >= TOLD_SECONDS:
            self._told[kind] = time.monotonic()
            self._waiting.pop(kind, None)
            self.tell(message)
        else:
            self._waiting[kind] = message

    def tell_rest(self) -> None:
        """Tell what has been waiting for its time."""
        for message in self._waiting.values():
            self.tell(message)
        self._waiting.clear()
