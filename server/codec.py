"""Turns messages into bytes and back, for the pipe and the WebSocket.

A message is one JSON object whose `type` names its class. A picture is the length of its header as four
bytes, big-endian; then the header as JSON; then the JPEG.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from server.protocol.from_worker import PictureHeader
from server.protocol.to_worker import TO_WORKER, WorkerCommand

MAX_HEADER = 4096
"""Largest header of a picture, bytes."""


class Garbage(ValueError):
    """Raised when received bytes are not a message."""


class Invalid(Garbage):
    """Raised when a received message has values that cannot be used."""

    def __init__(self, kind: str, detail: str) -> None:
        """Make the error of an invalid message of type `kind`."""
        super().__init__(f"The message {kind!r} cannot be used: {detail}.")
        self.kind = kind


def encode(message: Any, **more: Any) -> bytes:
    """Return a message or a header as JSON bytes, with the values `more`; NaN and infinity become null."""
    values = _values(message) | more
    try:
        return json.dumps(values, separators=(",", ":"), allow_nan=False, default=_values).encode()
    except ValueError:
        return json.dumps(_finite(values), separators=(",", ":"), default=_values).encode()


def _values(message: Any) -> dict[str, Any]:
    values = {name: getattr(message, name) for name in _names(message.__class__)}
    return {"type": message.type, **values} if hasattr(message, "type") else values


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _finite(value: Any) -> Any:
    if is_dataclass(value):
        value = _values(value)
    if isinstance(value, dict):
        return {name: _finite(below) for name, below in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(below) for below in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value


def decode(data: bytes | str, known: Mapping[str, type[Any]]) -> Any:
    """Return the message in `data` as an object of one of the `known` types; None for an unknown type.

    Raises:
        Garbage: `data` is not a JSON object.
        Invalid: a value is missing or cannot be used.
    """
    return _message(_parse(data), known)


def decode_command(data: bytes) -> tuple[WorkerCommand | None, int | None]:
    """Return a command as `decode` does, and the id that its answer has to carry; None if none is wanted."""
    values = _parse(data)
    return _message(values, TO_WORKER), values.get("id")


def _message(values: dict[str, Any], known: Mapping[str, type[Any]]) -> Any:
    kind = known.get(str(values.get("type")))
    return None if kind is None else build(kind, values)


def _parse(data: bytes | str) -> dict[str, Any]:
    try:
        values = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Garbage("This is no JSON.") from error
    if not isinstance(values, dict):
        raise Garbage("This is no JSON object.")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(constant)


T = TypeVar("T")


def build(kind: type[T], values: Any) -> T:
    """Convert JSON values to `kind`, a dataclass or the type of one of its fields; raise Invalid."""
    try:
        built: T = _build(kind, values)
    except ValueError as error:
        raise Invalid(getattr(kind, "type", getattr(kind, "__name__", "answer")), str(error)) from None
    return built


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind):
        return _build_dataclass(kind, value)
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or (origin is Literal and value in inner):
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _build(next(one for one in inner if one is not type(None)), value)
    if origin is list and isinstance(value, list):
        return [_build(inner[0], one) for one in value]
    if origin is tuple and isinstance(value, list) and len(value) == len(inner):
        return tuple(_build(one, below) for one, below in zip(inner, value, strict=True))
    if origin is dict and isinstance(value, dict):
        return {name: _build(inner[1], below) for name, below in value.items()}
    if kind is float and type(value) in (int, float):
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"{str(value)[:40]!r} is not of the right kind")


def _build_dataclass(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{str(value)[:40]!r} is no object")
    hints, known = _hints(kind), {}
    for name in _names(kind):
        if name in value:
            try:
                known[name] = _build(hints[name], value[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    try:
        return kind(**known)
    except TypeError:
        raise ValueError("a value is missing") from None


# Pictures


def pack_picture(header: PictureHeader, jpeg: bytes) -> bytes:
    """Put a picture and its header into one message."""
    head = encode(header)
    return len(head).to_bytes(4, "big") + head + jpeg


def is_picture(data: bytes) -> bool:
    """Return whether a message is a picture; all others are JSON."""
    return not data.startswith(b"{")


def unpack_picture(data: bytes) -> tuple[PictureHeader, bytes]:
    """Return the header and the JPEG of a picture; raise Garbage if `data` is not a picture."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 or length > MAX_HEADER or len(data) < 4 + length:
        raise Garbage("This is no picture.")
    return build(PictureHeader, _parse(data[4 : 4 + length])), data[4 + length :]
