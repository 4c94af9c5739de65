"""`Connections` limits the server's connections, in all and for each address, and keeps a reserve for halts.

A connection beyond the limit still gets a place in the reserve. There it may press HALT. If a paired client
has sent the request, a stranger's connection is closed, and the client gets its place. All other requests
in the reserve are refused: try again later.
"""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from server.service.pace import REQUEST_SECONDS, Pace

MAX_CONNECTIONS, MAX_OF_ADDRESS, RESERVE = 256, 48, 32
"""Maximum number of connections: in all; from one other machine; in the reserve, which comes on top."""

MAX_RESERVE_OF_ADDRESS = 4
"""Maximum number of connections in the reserve from one other machine; a new one closes the oldest one."""

MAX_NEW_PER_SECOND = 60
"""Maximum number of new connections per second from one other machine; more are closed at once."""

WRITE_SECONDS, WRITE_BYTES = 10.0, 4096
"""A client for which data waits is disconnected if it takes less than `WRITE_BYTES` in `WRITE_SECONDS`."""

SILENT_SECONDS = 1.0
"""A connection that has sent no request for this time counts as a stranger's; before, it may bring a halt."""

SWEEP_SECONDS = 1.0
"""Time between two checks of the data that waits to be written."""

OWN_FILES = 160
"""File descriptors that the server needs for other things than connections."""

WANTED_FILES = 4096

LOCAL = ("127.0.0.1", "::1")
"""Addresses of this machine, and of all clients that come through a proxy on it."""

Address = tuple[str, int]


def raise_file_limit() -> int:
    """Raise the soft limit of open files to `WANTED_FILES`, if it is lower; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return WANTED_FILES if soft == resource.RLIM_INFINITY else soft


class _Connection:
    """One connection."""

    def __init__(self, transport: asyncio.Transport, client: Address, *, reserve: bool) -> None:
        self.transport, self.client, self.reserve = transport, client, reserve
        self.trusted = self.asked = False
        self.halts = 0
        self._began = time.monotonic()
        self._waiting, self._since = 0, 0.0

    def may_go(self) -> bool:
        """Return whether it is a stranger's, who is not pressing HALT and will not do so at once."""
        strange = not (self.reserve or self.trusted or self.halts)
        return strange and (self.asked or time.monotonic() - self._began > SILENT_SECONDS)

    def stalls(self, now: float) -> bool:
        """Return whether the client has taken too little of the data that waits for it, for too long."""
        size = self.transport.get_write_buffer_size()
        if not size or not self._waiting or size <= self._waiting - WRITE_BYTES:
            self._waiting, self._since = size, now
        return bool(size) and now - self._since > WRITE_SECONDS


class Connections:
    """All connections of the server, counted and limited."""

    def __init__(self, files: int = WANTED_FILES, most: int = MAX_CONNECTIONS) -> None:
        """Allow `most` connections; fewer if the process may open too few `files` for that."""
        self._most = max(8, min(most, files - OWN_FILES - RESERVE))
        self._all: dict[Address, _Connection] = {}  # the oldest first
        self._reserve: dict[Address, _Connection] = {}
        self._of_address: Counter[str] = Counter()
        self._new: Counter[str] = Counter()
        self._pace = Pace()
        self._second = 0
        self._sweeping: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return the number of open connections."""
        return len(self._all)

    def expects(self, host: str) -> bool:
        """Return whether another new connection of an address is looked at."""
        if int(now := time.monotonic()) != self._second:
            self._second = int(now)
            self._new.clear()
        self._new[host] += 1
        return host in LOCAL or self._new[host] <= MAX_NEW_PER_SECOND

    def add(self, transport: asyncio.Transport, client: Address | None) -> None:
        """Take a new connection of `client`."""
        if client is None:
            return
        host = client[0]
        local = host in LOCAL
        full = len(self._all) - len(self._reserve) >= self._most
        full = full or (not local and self._of_address[host] >= MAX_OF_ADDRESS)
        one = self._all[client] = _Connection(transport, client, reserve=full)
        self._of_address[host] += 1
        if full:
            self._make_reserve(host)
            self._reserve[client] = one
        if self._sweeping is None:
            self._sweep()

    def remove(self, client: Address | None) -> None:
        """Forget a connection that is closed."""
        if client is not None and self._all.pop(client, None) is not None:
            self._reserve.pop(client, None)
            self._of_address[client[0]] -= 1
            if not self._of_address[client[0]]:
                del self._of_address[client[0]]

    def make_room(self) -> bool:
        """Close the oldest connection of a stranger who does not halt; return whether there was one."""
        oldest = next((one for one in self._all.values() if not (one.trusted or one.halts)), None)
        if oldest is None:
            return False
        oldest.transport.abort()
        self.remove(oldest.client)  # now, as the next one is looked for before it is closed
        return True

    def admits(self, client: Address | None, *, trusted: bool, halts: bool) -> bool:
        """Return whether a client's request is answered.

        Args:
            client: address and port of the client.
            trusted: whether the client may control everything; then a stranger's connection is closed for it.
            halts: whether the request is a halt, which is always answered.
        """
        one = self._all.get(client) if client is not None else None
        if one is None:
            return True
        one.trusted = one.trusted or trusted
        one.asked = one.asked or not halts
        if not one.trusted and not halts:
            self._pace.wait(one.client[0], REQUEST_SECONDS)
        if one.reserve and trusted:
            stranger = next((other for other in self._all.values() if other.may_go()), None)
            if stranger is not None:  # the oldest
                stranger.transport.abort()
                one.reserve = False
                del self._reserve[one.client]
        return halts or not one.reserve

    @contextmanager
    def halting(self, client: Address | None) -> Iterator[None]:
        """Keep a client's connection open while its halt is carried out and answered."""
        one = self._all.get(client) if client is not None else None
        if one is None:
            yield
            return
        one.halts += 1
        try:
            yield
        finally:
            one.halts -= 1

    def trusts(self, client: Address | None) -> bool:
        """Return whether a client has shown that it may control everything."""
        one = self._all.get(client) if client is not None else None
        return one is not None and one.trusted

    def took(self, client: Address | None, seconds: float) -> float:
        """Count the time that a client's bytes took; returns the time for which no more are read from it."""
        if client is None or self.trusts(client):
            return 0.0
        return self._pace.wait(client[0], seconds)

    def _make_reserve(self, host: str) -> None:
        """Close the oldest connection in the reserve, if there are too many, in all or from this host."""
        waiting = list(self._reserve.values())
        of_host = [one for one in waiting if one.client[0] == host]
        if host not in LOCAL and len(of_host) >= MAX_RESERVE_OF_ADDRESS:
            waiting = of_host
        elif len(waiting) < RESERVE:
            return
        first = next((one for one in waiting if not one.halts), waiting[0])
        first.transport.abort()
        self._reserve.pop(first.client)  # now, as another connection may come before this one is closed

    def _sweep(self) -> None:
        """Disconnect all clients that do not read, again and again while there are connections."""
        now = time.monotonic()
        for one in list(self._all.values()):
            if one.stalls(now):
                one.transport.abort()
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep) if self._all else None
