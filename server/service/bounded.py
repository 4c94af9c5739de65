"""Uvicorn's HTTP and WebSocket within bounds: of connections, of their time, of what is incomplete."""

import asyncio
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from server.service.connections import Connections
from server.service.pace import PIECE, WHOLE, PacedTransport

HEADER_SECONDS = 5.0
"""Longest time from the start of a connection, or of a later request, to the end of the headers."""


MAX_FRAGMENTS = 64
"""Greatest number of pieces of a message, which may be empty; no browser cuts a message of this size."""

_buffer = memoryview(bytearray(WHOLE))
"""What was just read; it is copied before anything else is."""


class _Paced(asyncio.BufferedProtocol):
    """A protocol that gets strangers' bytes in small pieces, at the pace of their address."""

    counted: Connections
    client: tuple[str, int] | None
    transport: asyncio.Transport

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes go."""
        return _buffer[: WHOLE if self.counted.trusts(self.client) else PIECE]

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes that have come; the time this takes is counted."""
        began = time.monotonic()
        self.data_received(bytes(_buffer[:nbytes]))
        wait = self.counted.took(self.client, time.monotonic() - began)
        if wait > 0 and isinstance(self.transport, PacedTransport):
            self.transport.wait(wait)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        raise NotImplementedError


class _HTTP(H11Protocol, _Paced):
    """Uvicorn's HTTP with a deadline for the headers of a request; uvicorn itself has none."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        self.counted.add(transport, get_remote_addr(transport))
        super().connection_made(PacedTransport(transport, self.loop))  # type: ignore[arg-type]
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the deadline for the headers keeps running until they are complete."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self.counted.remove(self.client)
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class _WebSocket(WebSocketsSansIOProtocol, _Paced):
    """Uvicorn's WebSocket, which takes over the connection of a request."""

    def handle_cont(self, event: Frame) -> None:
        """Take a piece of a message; the limit of its size does not count empty ones."""
        if len(self.frames) >= MAX_FRAGMENTS:
            return self.transport.abort()
        super().handle_cont(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection no longer."""
        self.counted.remove(self.client)
        super().connection_lost(exc)


def bounded(connections: Connections) -> dict[str, Any]:
    """Return options of uvicorn: protocols that count their connections in `connections`."""
    counted = {"counted": connections}
    return {"http": type("BoundedHTTP", (_HTTP,), counted), "ws": type("BoundedWS", (_WebSocket,), counted)}
