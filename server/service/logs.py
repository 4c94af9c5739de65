"""Sets up logging: text for people, or one JSON object per line for programs."""

import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON: time, level, logger, message, and the error if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


MOST, SECONDS = 5, 60.0
"""A sentence is written at most `MOST` times in `SECONDS`."""


class Repeated(logging.Filter):
    """Filters repeated sentences: each is logged only a few times a minute, then the rest is counted.

    The next line with the sentence says how many were left out. Sentences that differ only in their values
    count as the same one, because strangers can cause any number of them.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure time with `clock`, in seconds."""
        super().__init__()
        self._clock = clock
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is logged."""
        if record.levelno >= logging.CRITICAL:
            return True
        key, now = (record.name, str(record.msg)[:200]), self._clock()
        since, count = self._seen.get(key, (now, 0))
        if now - since >= SECONDS:
            if (left_out := count - MOST) > 0:
                record.msg, record.args = f"{record.getMessage()} (and {left_out} more like this)", ()
            since, count = now, 0
        if len(self._seen) >= 1000 and key not in self._seen:
            self._seen.clear()  # keep the memory small: at most a thousand different sentences are known
        self._seen[key] = since, count + 1
        return count < MOST


def set_up(*, as_json: bool) -> None:
    """Log everything to stderr, as text or with `as_json` as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(Repeated())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").setLevel(logging.INFO if as_json else logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.INFO if as_json else logging.WARNING)
