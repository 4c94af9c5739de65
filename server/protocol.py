"""What goes between the worker, the server and the page: small JSON objects, and pictures.

Over the worker's pipe and over the WebSocket alike, a message that begins with `{` is JSON. A picture is
four bytes, the length of its JSON header, big-endian; the header; the JPEG.
"""

import json
from typing import Any

Message = dict[str, Any]

SUBPROTOCOL = "robot-agent.1"
"""Of the WebSocket."""

MOVING = "The detector is changed only while nothing moves; stop what is under way, then choose it."
"""Why another one is refused meanwhile."""

MAX_HEADER = 4096
"""Bytes of a picture's header, at most."""


class Garbage(ValueError):
    """What came is no message."""


def encode(message: Message) -> bytes:
    """Return a message as bytes; not-a-number, which JSON has not, becomes null."""
    try:
        return json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    except ValueError:
        return json.dumps(_finite(message), separators=(",", ":")).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(below) for name, below in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(below) for below in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value


def decode(data: bytes | str) -> Message:
    """Return a message; raises Garbage."""
    try:
        message = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Garbage("This is no JSON.") from error
    if not isinstance(message, dict):
        raise Garbage("This is no JSON object.")
    return message


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def pack_picture(header: Message, jpeg: bytes) -> bytes:
    """Put a picture and what is known of it into one message."""
    head = encode(header)
    return len(head).to_bytes(4, "big") + head + jpeg


def is_picture(data: bytes) -> bool:
    """Say whether a message is a picture; else it is JSON."""
    return not data.startswith(b"{")


def unpack_picture(data: bytes) -> tuple[Message, bytes]:
    """Return header and JPEG; raises Garbage."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 or length > MAX_HEADER or len(data) < 4 + length:
        raise Garbage("This is no picture.")
    return decode(data[4 : 4 + length]), data[4 + length :]
