"""The limit of how many messages per second a client may send over its WebSocket."""

import time


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
