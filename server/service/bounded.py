"""Uvicorn's HTTP and WebSocket with limits on the number of connections, and on the time for headers."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import get_remote_addr
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.service.connections import Connections

HEADER_SECONDS = 5.0
"""Longest time from the start of a connection, or of a later request, to the end of the headers."""


class _HTTP(H11Protocol):
    """Uvicorn's HTTP with a deadline for the headers; uvicorn itself waits for them for ever."""

    counted: Connections
    _admitted = False
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection and wait for its first request; close it if there are too many."""
        if not self.counted.add(transport, get_remote_addr(transport)):
            return transport.abort()
        self._admitted = True
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Receive bytes; the deadline ends when the headers are complete."""
        if not self._admitted:
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection no longer, and end the deadline."""
        if self._admitted:
            self.counted.remove(self.client)
            self._wait_no_more()
            super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class _WebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket with counted connections; it takes over the connection of a request."""

    counted: Connections

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection no longer."""
        self.counted.remove(self.client)
        super().connection_lost(exc)


def bounded(connections: Connections) -> dict[str, Any]:
    """Return options of uvicorn: protocols that count their connections in `connections`."""
    counted = {"counted": connections}
    return {"http": type("BoundedHTTP", (_HTTP,), counted), "ws": type("BoundedWS", (_WebSocket,), counted)}
