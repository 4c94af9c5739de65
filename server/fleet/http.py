"""`ask` sends one request to a robot, with limits on time and size, whatever is at the other end."""

import asyncio
import json
import os
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import h11

from robot_agent.network.address import API, Address

SECONDS = 5.0
"""Longest time that a request may take by default."""

LARGEST = 2_000_000
"""Largest answer that is read, bytes."""


class NoAnswer(Exception):
    """Raised when nobody answers, or not with HTTP; the text says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an HTTP request."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON values; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def detail(self) -> str:
        """The sentence with which the robot refuses the request."""
        value = self.json()
        detail = value.get("detail") if isinstance(value, dict) else None
        return str(detail)[:300] if detail else f"It answered {self.status}."


async def ask(
    address: Address,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> Answer:
    """Send a request to a robot's API and return its answer.

    Args:
        address: address of the robot.
        method: GET, POST, PUT or DELETE.
        path: path below the API, such as `/status`.
        body: bytes that are sent: JSON, unless `headers` names another content type.
        headers: further headers, such as those of `bearer`.
        seconds: longest time for the request and its answer.
        largest: largest answer that is read, bytes.

    Raises:
        NoAnswer: nobody answers, or not in time, or not with HTTP.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _ask(address, method, path, body, headers or {}, largest)
    except TimeoutError:
        raise NoAnswer(f"no answer within {seconds:.0f} s") from None
    except ssl.SSLError as error:
        raise NoAnswer(f"no secure connection can be made ({error.reason})") from None
    except OSError as error:
        known = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise NoAnswer((known or "no connection").rstrip(".").lower()) from None
    except (h11.RemoteProtocolError, UnicodeError):
        raise NoAnswer("what answers there is no web server") from None


def bearer(token: str) -> dict[str, str]:
    """Return the header that sends a token; no header if the token is empty."""
    return {"authorization": f"Bearer {token}"} if token else {}


async def _ask(
    address: Address, method: str, path: str, body: bytes | None, headers: dict[str, str], largest: int
) -> Answer:
    # Head and body are sent at once, without waiting in between, so that a halt takes no extra time.
    context = ssl.create_default_context() if address.secure else None
    reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
    try:
        named = {"host": address.authority, "connection": "close", **headers}
        if body is not None:
            named = {"content-type": "application/json"} | named | {"content-length": str(len(body))}
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(
            method=method, target=f"{address.path}{API}{path}", headers=[(k, v) for k, v in named.items()]
        )
        sent = connection.send(request) or b""
        if body is not None:
            sent += connection.send(h11.Data(data=body)) or b""
        writer.write(sent + (connection.send(h11.EndOfMessage()) or b""))
        await writer.drain()
        return await _receive(connection, reader, largest)
    except BaseException:
        writer.transport.abort()  # else this would wait for ever for a robot that does not read
        raise
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError, asyncio.TimeoutError):
            if not address.secure:  # with TLS, do not wait: the other end may not close it in good order
                await writer.wait_closed()


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader, largest: int) -> Answer:
    status, headers, parts, size = 0, {}, [], 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            size += len(event.data)
            if size > largest:
                raise NoAnswer(f"the answer is larger than {largest:,} bytes")
            parts.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            if not status:
                raise NoAnswer("the connection was closed without an answer")
            return Answer(status, headers, b"".join(parts))
