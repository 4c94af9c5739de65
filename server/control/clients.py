"""Those who watch: each gets the newest state and picture, and never a queue that grows."""

import asyncio
import math
import time
from collections import deque

from server.codec import encode
from server.problems import Problem
from server.protocol.page import Can, Halted, ServerMessage

MAX_CLIENTS, MAX_OF_A_KEY, MAX_OF_STRANGERS = 64, 12, 16
"""Maximum number of clients; of one browser or token; of all together that may not control."""

REPEATED_SECONDS = 0.25
"""Time between two of those messages that a stranger can cause, which all are of the same thing."""

MAX_EVENTS = 100
"""Maximum number of events that wait for a slow client; then the oldest are dropped."""


class Client:
    """A page or a script that watches."""

    def __init__(self, *, control: bool, read: bool = True, key: str = "", stream: bool = False) -> None:
        """Describe a client.

        Args:
            control: it may do everything; else it may only halt.
            read: it gets everything; else it gets the state alone.
            key: of its browser or token, see `auth.Who`.
            stream: it is a script's stream, which only listens.
        """
        self.control, self.read, self.key, self.stream = control, read, key, stream
        self.turned_out = False
        """Its key was revoked, or the server ends."""
        self.frames = True
        """Whether it wants pictures."""
        self._newest: dict[str, str | bytes] = {}
        self._events: deque[str] = deque(maxlen=MAX_EVENTS)
        self._something = asyncio.Event()

    @property
    def can(self) -> Can:
        """What it may do."""
        return Can(control=self.control)

    def put(self, kind: str, data: str | bytes) -> None:
        """Send the newest of a kind; an older one that was not sent yet is dropped."""
        self._newest[kind] = data
        self._something.set()

    def send(self, data: str) -> None:
        """Send an event."""
        self._events.append(data)
        self._something.set()

    def turn_out(self) -> None:
        """Let the client go: it gets nothing more, and may do nothing more."""
        self.control = self.read = False
        self.turned_out = True
        self._something.set()

    async def next(self) -> list[str | bytes]:
        """Wait until there is something to send, and return it; nothing once the client is turned out."""
        await self._something.wait()
        if self.turned_out:
            return []
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
        self._sent: dict[str, float] = {}
        self._waiting: dict[str, Halted] = {}

    def send(self, message: ServerMessage) -> None:
        """Send an event to everyone; of many confirmed halts, which anybody may press, only the newest."""
        if isinstance(message, Halted) and not self._is_due(message):
            return
        self._send(message)

    def _is_due(self, message: Halted) -> bool:
        now = time.monotonic()
        wait = self._sent.get(message.type, -math.inf) + REPEATED_SECONDS - now
        if wait > 0.0:
            if message.type not in self._waiting:
                asyncio.get_running_loop().call_later(wait, self._send_waiting, message.type)
            self._waiting[message.type] = message
            return False
        self._sent[message.type] = now
        return True

    def _send_waiting(self, kind: str) -> None:
        self._sent[kind] = time.monotonic()
        self._send(self._waiting.pop(kind))

    def _send(self, message: ServerMessage) -> None:
        data = encode(message).decode()
        for client in self.all:
            if client.read:
                client.send(data)

    def send_newest(self, message: ServerMessage) -> None:
        """Give everyone the newest message of its type."""
        data = encode(message).decode()
        for client in self.all:
            if client.read:
                client.put(message.type, data)

    def send_picture(self, data: bytes) -> None:
        """Give the newest picture to everyone who wants it."""
        for client in self.all:
            if client.frames and client.read:
                client.put("picture", data)

    def must_admit(self, client: Client) -> None:
        """Raise Problem when there are too many already, in all or of its kind: none keeps others out."""
        if not client.control:
            most, like = MAX_OF_STRANGERS, [one for one in self.all if not one.control]
        elif client.key:
            most, like = MAX_OF_A_KEY, [one for one in self.all if one.key == client.key]
        else:
            most, like = MAX_CLIENTS, list(self.all)
        if len(like) >= most or len(self.all) >= MAX_CLIENTS:
            raise Problem(503, "Too many dashboards are open; close some.")

    def end_streams(self) -> None:
        """End the streams of scripts, before the server ends."""
        for client in self.all:
            if client.stream:
                client.turn_out()

    def turn_out(self, key: str) -> None:
        """Turn out all who came in with a key that was revoked."""
        for client in self.all:
            if client.key == key:
                client.turn_out()

    @property
    def watching(self) -> bool:
        """Whether anyone wants pictures."""
        return any(client.frames and client.read for client in self.all)
