"""The messages on the guard's socket, one JSON object per line, and the type of its events."""

import json
from dataclasses import dataclass
from typing import Any

MAX_LINE = 4096
"""Greatest length of a request in bytes."""

Message = dict[str, Any]


class InvalidLine(ValueError):
    """A line that is not a message."""


class Lines:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int | None = MAX_LINE) -> None:
        """Refuse lines of more than `limit` bytes; None for no limit."""
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> list[Message | InvalidLine]:
        """Return the messages that `data` completes; an `InvalidLine` is the last one."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages: list[Message | InvalidLine] = []
        for line in [*lines, self._rest]:
            if self._limit is not None and len(line) > self._limit:
                return [*messages, InvalidLine(f"A line of more than {self._limit} bytes came.")]
        for line in lines:
            try:
                messages.append(_message(line))
            except InvalidLine as invalid:
                return [*messages, invalid]
        return messages


def _message(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidLine(f"A line that is no JSON came: {line[:40]!r}.") from error
    if not isinstance(message, dict):
        raise InvalidLine(f"A line that is no JSON object came: {line[:40]!r}.")
    return message


def encode(message: Message) -> bytes:
    """Return a message as a line of bytes."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the guard did or refused, and why."""

    what: str
    """started, stopped, halted, reset, refused, connected, disconnected, opened or ended."""
    why: str
    """The cause: pulse, lease, deadline, stop, halt, closed, died, garbage, undelivered, signal, watchdog,
    exception; for a refused request, the kind of the error."""
    wall: float
    """Time of the event, seconds since 1970."""
    monotonic: float
    """Time of the event, seconds of `time.monotonic`, to compare two events."""
    left: float = 0.0
    """Requested power of the left wheel."""
    right: float = 0.0
    """Requested power of the right wheel."""
    asked: float = 0.0
    """Requested duration, seconds."""
    seconds: float = 0.0
    """True duration, seconds."""
    who: int = 0
    """Process id of the client that caused the event; 0 for none."""
    detail: str = ""
    """Details, in words."""

    def to_message(self) -> Message:
        """Return the event as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        """Return the event as one short line."""
        parts = [self.what, f"({self.why})"]
        if self.asked:
            parts.append(f"{self.left:+.2f} {self.right:+.2f} for {self.asked:.3f} s")
        if self.seconds:
            parts.append(f"after {self.seconds:.3f} s")
        if self.who:
            parts.append(f"process {self.who}")
        return " ".join([*parts, self.detail]).rstrip()
