"""The clients that watch the server: pages and scripts.

Each client gets the newest state and picture; what waits for a slow client is bounded.
"""

import asyncio
import math
import time
from collections import deque

from server.codec import encode
from server.problems import Problem
from server.protocol.page import Can, Halted, ServerMessage

MAX_CLIENTS, MAX_OF_A_KEY, MAX_OF_STRANGERS = 64, 12, 16
"""Maximum number of clients; of clients with the same browser or token; of clients that may not control."""

REPEATED_SECONDS = 0.25
"""Least time between two messages that report a halt; anybody can press halt, and so cause many of them."""

MAX_EVENTS = 100
"""Maximum number of events that wait for a slow client; then the oldest are dropped."""


class Client:
    """A page or a script that watches."""

    def __init__(self, *, control: bool, read: bool = True, key: str = "", stream: bool = False) -> None:
        """Describe a client.

        Args:
            control: whether the client may do everything; otherwise it may only halt.
            read: whether the client gets everything; otherwise it gets only the state.
            key: the key of the client's browser or token, see `auth.Who`.
            stream: whether the client is a script's stream, which only listens.
        """
        self.control, self.read, self.key, self.stream = control, read, key, stream
        self.turned_out = False
        """Whether the client's key was revoked, or the server ends."""
        self.frames = True
        """Whether the client wants pictures."""
        self._newest: dict[str, str | bytes] = {}
        self._events: deque[str] = deque(maxlen=MAX_EVENTS)
        self._something = asyncio.Event()

    @property
    def can(self) -> Can:
        """What the client may do."""
        return Can(control=self.control)

    def put(self, kind: str, data: str | bytes) -> None:
        """Send `data` as the newest of its kind; older data of this kind that still waits is dropped."""
        self._newest[kind] = data
        self._something.set()

    def send(self, data: str) -> None:
        """Send an event; of more than `MAX_EVENTS` that wait, the oldest are dropped."""
        self._events.append(data)
        self._something.set()

    def turn_out(self) -> None:
        """End the client's rights: it gets nothing more, and may do nothing more."""
        self.control = self.read = False
        self.turned_out = True
        self._something.set()

    async def next(self) -> list[str | bytes]:
        """Wait until there is something to send, and return it; return [] once the client is turned out."""
        await self._something.wait()
        if self.turned_out:
            return []
        self._something.clear()
        waiting: list[str | bytes] = [*self._events, *self._newest.values()]
        self._events.clear()
        self._newest.clear()
        return waiting


class Clients:
    """All connected clients."""

    def __init__(self) -> None:
        """Begin with no client."""
        self.all: set[Client] = set()
        self._sent: dict[str, float] = {}
        self._waiting: dict[str, Halted] = {}

    def send(self, message: ServerMessage) -> None:
        """Send an event to all clients that may read; of many halts within a short time, only the newest."""
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
        """Send a message to all clients; an older one of its type that still waits is dropped."""
        data = encode(message).decode()
        for client in self.all:
            if client.read:
                client.put(message.type, data)

    def send_picture(self, data: bytes) -> None:
        """Send a picture to all clients that want pictures; an older one that still waits is dropped."""
        for client in self.all:
            if client.frames and client.read:
                client.put("picture", data)

    def must_admit(self, client: Client) -> None:
        """Raise Problem if there are too many clients, in all or of the same kind as `client`."""
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
        """Turn out all clients with this key, which was revoked."""
        for client in self.all:
            if client.key == key:
                client.turn_out()

    @property
    def watching(self) -> bool:
        """Whether anyone wants pictures."""
        return any(client.frames and client.read for client in self.all)
