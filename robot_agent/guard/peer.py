"""One client, on the guard's side: its connection, its process, its requests."""

import os
import socket
import struct
from contextlib import suppress

from robot_agent.guard.wire import InvalidLine, Lines, Message, encode

READ_BYTES = 1024
"""Most bytes read from a connection in one turn, so that no client makes the others wait."""

MOST_READS = 64
"""Greatest number of reads from a client whose process has ended."""


class Peer:
    """A client's connection; its methods never wait. Once `lost` has a reason, it must be closed."""

    def __init__(self, connection: socket.socket) -> None:
        """Take a connection that was just accepted."""
        connection.setblocking(False)
        self._connection = connection
        self._lines = Lines()
        self._taken: list[Message] = []
        self.lost = ""
        """Why the connection has ended: closed, died, garbage, undelivered; empty while it is open."""
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self.pid: int = struct.unpack("3i", credentials)[0]
        """Id of the process that connected."""
        self._process = self._watch_process()
        self.files = [connection.fileno()] + ([self._process] if self._process is not None else [])
        """File descriptors to watch: the connection, and the process where the system can report its end."""

    def _watch_process(self) -> int | None:
        # A process that is killed may leave its connection open, in a child that has inherited it.
        try:
            return os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.lost = "died"
        except (OSError, AttributeError):
            pass  # Linux before 5.3: only the end of the connection is noticed
        return None

    def on_readable(self, file: int) -> None:
        """Read from `file`, one of `files`, which is readable."""
        if file == self._process:
            self.lost = self.lost or "died"
            self.take_all()
        else:
            self._receive()

    def take_all(self) -> None:
        """Receive everything that an ended process has sent; its last message may be a halt."""
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
            if isinstance(message, InvalidLine):
                self.send({"error": f"{message} The connection is closed.", "kind": "ValueError"})
                self.lost = self.lost or "garbage"
            else:
                self._taken.append(message)
        return bool(data)

    def take(self) -> list[Message]:
        """Return the requests that have arrived since the last call."""
        taken, self._taken = self._taken, []
        return taken

    def send(self, message: Message) -> None:
        """Send a whole message at once, or drop the client: a client that does not read counts as gone."""
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
