"""Who watches: each gets the newest state and picture, and never a queue that grows."""

import asyncio
from collections import deque

from server.problems import Problem
from server.protocol import Message, encode

MOST, MOST_OF_A_KEY, MOST_OF_STRANGERS = 64, 12, 16
"""So many watch at once; of one browser or token; of those together who may not steer."""

EVENTS = 100
"""So many events wait for one who is slow; then the oldest are lost to it, and it asks the store."""


class Client:
    """One who watches."""

    def __init__(self, *, control: bool, read: bool = True, key: str = "") -> None:
        """Welcome one who may `control`, or only halt; who may not even `read` gets the state alone.

        `key`: of its browser or token, see `auth.Who`.
        """
        self.control, self.read, self.key = control, read, key
        self.turned_out = asyncio.Event()
        """Its key was revoked, or there is no more for it."""
        self.stream = False
        """Whether it is a script's stream, which only listens."""
        self.frames = True
        """Whether it wants pictures."""
        self._newest: dict[str, str | bytes] = {}
        self._events: deque[str] = deque(maxlen=EVENTS)
        self._something = asyncio.Event()

    def put(self, kind: str, data: str | bytes) -> None:
        """Send the newest of a kind; what was there of it and was not sent yet is not sent any more."""
        self._newest[kind] = data
        self._something.set()

    def tell(self, data: str) -> None:
        """Send an event."""
        self._events.append(data)
        self._something.set()

    async def next(self) -> list[str | bytes]:
        """Wait for what is to be sent now, and return it."""
        await self._something.wait()
        self._something.clear()
        waiting: list[str | bytes] = [*self._events, *self._newest.values()]
        self._events.clear()
        self._newest.clear()
        return waiting


class Clients:
    """All who watch."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.all: set[Client] = set()

    def tell(self, message: Message) -> None:
        """Tell everyone an event."""
        data = encode(message).decode()
        for client in self.all:
            if client.read:
                client.tell(data)

    def newest(self, message: Message) -> None:
        """Give everyone the newest of its type."""
        data = encode(message).decode()
        for client in self.all:
            if client.read:
                client.put(message["type"], data)

    def picture(self, data: bytes) -> None:
        """Give everyone the newest picture who wants it."""
        for client in self.all:
            if client.frames and client.read:
                client.put("picture", data)

    def must_admit(self, client: Client) -> None:
        """Raise Problem when there are too many already, all in all or of its kind: none keeps others out."""
        if not client.control:
            most, like = MOST_OF_STRANGERS, [one for one in self.all if not one.control]
        elif client.key:
            most, like = MOST_OF_A_KEY, [one for one in self.all if one.key == client.key]
        else:
            most, like = MOST, list(self.all)
        if len(like) >= most or len(self.all) >= MOST:
            raise Problem(503, "Too many watch; close some dashboards.")

    def end_streams(self) -> None:
        """Let go of who only listens, before the server ends."""
        for client in self.all:
            if client.stream:
                client.turned_out.set()

    def turn_out(self, key: str) -> None:
        """Let nobody stay who came in with a key that was revoked."""
        for client in self.all:
            if client.key == key:
                client.control = client.read = False
                client.turned_out.set()

    @property
    def watching(self) -> bool:
        """Whether anyone wants pictures."""
        return any(client.frames and client.read for client in self.all)
