"""What goes over the guard's socket: JSON objects, one a line, and the events among them."""

import json
from dataclasses import dataclass
from typing import Any

MAX_LINE = 4096
"""Bytes of the longest request; what is longer is no request."""

Message = dict[str, Any]


class Garbage(ValueError):
    """What came is no message."""


class Lines:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int | None = MAX_LINE) -> None:
        """Refuse lines of more than `limit` bytes, if one is given."""
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[Message | Garbage]:
        """Return the messages that `data` completes; the last may be what is none, and ends the stream."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages: list[Message | Garbage] = []
        for line in [*lines, self._rest]:
            if self._limit is not None and len(line) > self._limit:
                return [*messages, Garbage(f"A line of more than {self._limit} bytes came.")]
        for line in lines:
            try:
                messages.append(_message(line))
            except Garbage as garbage:
                return [*messages, garbage]
        return messages


def _message(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbage(f"A line that is no JSON came: {line[:40]!r}.") from error
    if not isinstance(message, dict):
        raise Garbage(f"A line that is no JSON object came: {line[:40]!r}.")
    return message


def encode(message: Message) -> bytes:
    """Return the line of a message."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the guard did or refused, and why."""

    what: str
    """started, stopped, halted, reset, refused, connected, disconnected, opened or ended."""
    why: str
    """What started or ended it: pulse, lease, deadline, stop, halt, closed, died, garbage, undelivered,
    signal, keeper, exception; of what was refused, the kind of the error."""
    wall: float
    """When: seconds since 1970."""
    monotonic: float
    """When: seconds of `time.monotonic`, by which two events are compared."""
    left: float = 0.0
    """Power of the left wheel that was asked for."""
    right: float = 0.0
    """Power of the right wheel that was asked for."""
    asked: float = 0.0
    """Seconds that were asked for."""
    seconds: float = 0.0
    """Seconds that it really lasted."""
    who: int = 0
    """Process of the client that it was about; 0 for none."""
    detail: str = ""
    """More, in words."""

    def to_message(self) -> Message:
        """Return the event as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        """One short line."""
        parts = [self.what, f"({self.why})"]
        if self.asked:
            parts.append(f"{self.left:+.2f} {self.right:+.2f} for {self.asked:.3f} s")
        if self.seconds:
            parts.append(f"after {self.seconds:.3f} s")
        if self.who:
            parts.append(f"process {self.who}")
        return " ".join([*parts, self.detail]).rstrip()
