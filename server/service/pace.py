"""Limits how much of the server's time the bytes of strangers take: they are read in small pieces.

Thousands of WebSocket pings, or chunks of one byte, fit into one read, and each takes as long as a message.
Without this limit a halt would wait for seconds behind them.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

PIECE, WHOLE = 4096, 65_536
"""Bytes that are read at once: from a stranger; from somebody who may control everything."""

SHARE = 0.2
"""Share of the server's time that all strangers of one address may take together."""

BURST_SECONDS = 0.5
"""Time that they may take at once after a pause: a page asks for all its files together."""

REQUEST_SECONDS = 0.002
"""Seconds that are counted for the answer to a request."""

MAX_ADDRESSES = 1000
"""Greatest number of addresses that are remembered."""


class Pace:
    """The account of each address: how long its strangers wait until more is read from them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without any address; `clock` returns seconds."""
        self._clock = clock
        self._paid: dict[str, float] = {}
        """By address: the time at which its share will have paid for the time it has taken."""

    def wait(self, address: str, took: float) -> float:
        """Count the seconds that an address took; return the seconds that it has to wait now."""
        now = self._clock()
        earliest = now - BURST_SECONDS / SHARE
        if len(self._paid) >= MAX_ADDRESSES and address not in self._paid:
            self._paid = {known: paid for known, paid in self._paid.items() if paid > earliest}
        paid = max(self._paid.get(address, earliest), earliest) + took / SHARE
        self._paid[address] = paid
        return max(0.0, paid - now)


class PacedTransport:
    """A transport that is read only while both allow it: uvicorn, and the pace of its address."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Pass everything else on to `transport`."""
        self._transport, self._loop = transport, loop
        self._paused = False
        self._waiting: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        """Return any other part of the transport: which are used depends on versions of libraries."""
        return getattr(self._transport, name)

    def pause_reading(self) -> None:
        """Stop reading until `resume_reading`."""
        self._paused = True
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on, as soon as the wait of the address is over."""
        self._paused = False
        if self._waiting is None:
            self._transport.resume_reading()

    def wait(self, seconds: float) -> None:
        """Stop reading for some seconds."""
        self._transport.pause_reading()
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._waiting = None
        if not self._paused:
            self._transport.resume_reading()
