"""One client of the guard, from the guard's side: its connection, its process, what it sent."""

import os
import socket
import struct
from contextlib import suppress

from robot_agent.guard.wire import Garbage, Lines, Message, encode

READ_BYTES = 1024
"""So much is taken from a connection in one turn, that none keeps the others waiting."""

MOST_READS = 64
"""So often at most from one whose process has ended."""


class Peer:
    """A connection; never waits. Once `lost` has a reason it is to be closed."""

    def __init__(self, connection: socket.socket) -> None:
        """Take a connection that was just accepted."""
        connection.setblocking(False)
        self._connection = connection
        self._lines = Lines()
        self._taken: list[Message] = []
        self.lost = ""
        """Why the connection is at its end: closed, died, garbage, undelivered; empty while it is not."""
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.pid: int = struct.unpack("3i", credentials)[0]
        """The process that connected."""
        self._process = self._watch_process()
        self.files = [connection.fileno()] + ([self._process] if self._process is not None else [])
        """What to wait for: the connection, and the process if the system can tell its end."""

    def _watch_process(self) -> int | None:
        # A process that is killed may leave its connection open, in a child that has inherited it.
        try:
            return os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.lost = "died"
        except (OSError, AttributeError):
            pass  # a system before Linux 5.3; the connection must do
        return None

    def on_readable(self, file: int) -> None:
        """Take what `file`, one of `files`, has for us."""
        if file == self._process:
            self.lost = self.lost or "died"
            self.take_all()
        else:
            self._receive()

    def take_all(self) -> None:
        """Receive what a process has sent before it ended; its last word may have been a halt."""
        for _ in range(MOST_READS):
            if not self._receive():
                return

    def _receive(self) -> bool:
        """Receive some bytes; return whether there were any."""
        try:
            data = self._connection.recv(READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.lost = self.lost or "closed"
        for message in self._lines.feed(data):
            if isinstance(message, Garbage):
                self.send({"error": f"{message} The connection is closed.", "kind": "ValueError"})
                self.lost = self.lost or "garbage"
            else:
                self._taken.append(message)
        return bool(data)

    def take(self) -> list[Message]:
        """Return the requests that have come since the last time."""
        taken, self._taken = self._taken, []
        return taken

    def send(self, message: Message) -> None:
        """Send all of a message at once, or lose the client: one who does not read is not there."""
        if self.lost:
            return
        line = encode(message)
        try:
            sent = self._connection.send(line)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.lost = "closed"
            return
        if sent < len(line):
            self.lost = "undelivered"

    def close(self) -> None:
        """Close the connection and stop watching the process."""
        with suppress(OSError):
            self._connection.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None
