"""`Site`: a place in the user's code, with file, line, columns and the text of the line."""

import linecache
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

OWN = str(Path(__file__).resolve().parent)
STDLIB = str(Path(os.__file__).parent)


@dataclass(frozen=True, slots=True)
class Site:
    """One place in a source file."""

    file: str
    line: int
    """Counted from 1."""
    column: int = 0
    """First column of the expression, counted from 0."""
    end: int = 0
    """Column after the end of the expression; 0 if it is not known, or the end is on another line."""

    @property
    def text(self) -> str:
        """The text of the source line, without the line break; empty if the source cannot be read."""
        return linecache.getline(self.file, self.line).rstrip("\n")


_SITES: dict[tuple[int, int], Site] = {}
_CODES: dict[int, CodeType] = {}
"""Code by its id, kept so that no other gets the same one; to hash code itself reads all of it each time."""
_KINDS: dict[str, int] = {}
USER, LIBRARY, INNER = 0, 1, 2


def kind_of(file: str) -> int:
    """Return the kind of a file: USER, LIBRARY (installed package), or INNER (never the place of a fault)."""
    kind = _KINDS.get(file)
    if kind is None:
        parts = file.replace("\\", "/").split("/")
        if file.startswith(OWN) or file.startswith("<frozen") or file == "<string>" or "torch" in parts:
            kind = INNER
        elif "site-packages" in parts or "dist-packages" in parts:
            kind = INNER if parts[-1] == "runpy.py" else LIBRARY
        elif file.startswith(STDLIB):
            kind = INNER
        else:
            kind = USER
        _KINDS[file] = kind
    return kind


def site_of(frame: FrameType, lasti: int | None = None) -> Site:
    """Return the place that a frame is executing."""
    code, at = frame.f_code, frame.f_lasti if lasti is None else lasti
    site = _SITES.get((id(code), at))
    if site is None:
        _CODES[id(code)] = code
        position = None
        for index, each in enumerate(code.co_positions()):
            if index == at // 2:
                position = each
                break
        line, last, column, end = position or (None, None, None, None)
        line = line or frame.f_lineno
        site = Site(code.co_filename, line, column or 0, (end or 0) if last == line else 0)
        _SITES[(id(code), at)] = site
    return site


def frame_of_user(start: FrameType | None = None) -> FrameType | None:
    """Return the innermost frame of the user's own code, or else of an installed package."""
    frame: FrameType | None = start or sys._getframe(1)
    library = None
    while frame is not None:
        kind = _KINDS.get(frame.f_code.co_filename)
        if kind is None:
            kind = kind_of(frame.f_code.co_filename)
        if kind == USER:
            return frame
        if kind == LIBRARY and library is None:
            library = frame
        frame = frame.f_back
    return library


def here() -> Site | None:
    """Return the place in the user's code that is being executed now; None if there is none."""
    frame = frame_of_user(sys._getframe(1))
    return None if frame is None else site_of(frame)


def caller_of(name: str) -> Site | None:
    """Return the place in the user's code that called the function of this name that is running now."""
    frame = frame_of_user(sys._getframe(1))
    while frame is not None and frame.f_code.co_name == name and frame.f_back is not None:
        frame = frame_of_user(frame.f_back)
    return None if frame is None else site_of(frame)


def of_traceback(error: BaseException) -> Site | None:
    """Return the innermost place of an exception in the user's code, else in a package; None if neither."""
    found = library = None
    trace = error.__traceback__
    while trace is not None:
        kind = kind_of(trace.tb_frame.f_code.co_filename)
        if kind == USER:
            found = site_of(trace.tb_frame, trace.tb_lasti)
        elif kind == LIBRARY:
            library = site_of(trace.tb_frame, trace.tb_lasti)
        trace = trace.tb_next
    return found or library
