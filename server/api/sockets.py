"""What the server's WebSockets share: sending what waits, and the limit of messages per second."""

import time
from contextlib import suppress

from fastapi import WebSocket, WebSocketDisconnect

from server.control.clients import Client


class MessageRate:
    """Counts the messages of one client in each second of the clock."""

    def __init__(self, most: int) -> None:
        """Accept `most` messages per second."""
        self._most = most
        self._second, self._count = 0, 0

    def exceeded(self) -> bool:
        """Count a message; return whether the client has sent too many in this second."""
        second = int(time.monotonic())
        self._second, self._count = second, self._count + 1 if second == self._second else 1
        return self._count > self._most


async def send_waiting(socket: WebSocket, client: Client) -> None:
    """Send a client its messages as they come, until it is turned out or its connection ends."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while waiting := await client.next():
            for data in waiting:
                if isinstance(data, str):
                    await socket.send_text(data)
                else:
                    await socket.send_bytes(data)
