"""Writing measured settings into robot.toml: everything else in it, comments too, stays as it is."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from robot_agent.errors import SettingsError
from robot_agent.files import read_small_file

_LONGEST = 200
"""Largest number of characters of a value that are printed."""


def write_settings(path: Path, settings: Mapping[str, Any]) -> list[str]:
    """Write settings, nested as the sections are, into a file, which is made if there is none.

    The file is replaced in one step, so it is never half written. Returns a line for each changed setting.

    Raises:
        SettingsError: the file is not TOML, or has something else where a section should be.
        OSError: the file cannot be written.
    """
    text = _read(path)
    try:
        document, before = tomlkit.parse(text), tomllib.loads(text)
    except (TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend that line.") from None
    changes: list[str] = []
    _put(document, settings, changes, path, "")
    if changes:
        written = tomlkit.dumps(document)
        _check(written, before, settings, path)
        new = path.with_name(f".{path.name}.new")
        try:
            with new.open("w", encoding="utf-8", newline="") as file:
                if path.exists():
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                file.write(written)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except PermissionError as error:  # names the file that is meant, not the one beside it
            raise PermissionError(error.errno, error.strerror, str(path)) from None
        finally:
            new.unlink(missing_ok=True)
    return changes


def _read(path: Path) -> str:
    """Return the text with its line ends, but without the byte order mark of Windows editors."""
    try:
        text = read_small_file(path).decode("utf-8-sig")
        return re.sub("\r(?!\n)", "\n", text)  # the line end of old Mac programs
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not a text file; write it as UTF-8 TOML.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}); check what it is.") from None


def _check(written: str, before: Mapping[str, Any], settings: Mapping[str, Any], path: Path) -> None:
    """Raise SettingsError if the text to write would not be read back as these settings."""
    try:
        if tomllib.loads(written) == _laid_over(before, settings):
            return
    except tomllib.TOMLDecodeError:
        pass
    names = ", ".join(settings)
    raise SettingsError(
        f"{path} is written in a way in which {names} cannot be changed by a program; give each section one "
        f"table, as [{next(iter(settings))}], or write there: {_shown(settings)}."
    )


def _laid_over(before: Any, settings: Any) -> Any:
    """Return `settings` put over `before`, as TOML values."""
    if not isinstance(settings, Mapping):
        return list(settings) if isinstance(settings, tuple) else settings
    below = before if isinstance(before, Mapping) else {}
    return {**below, **{name: _laid_over(below.get(name), value) for name, value in settings.items()}}


def _put(
    place: MutableMapping[str, Any],
    settings: Mapping[str, Any],
    changes: list[str],
    path: Path,
    prefix: str,
) -> None:
    for name, value in settings.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if name not in place or isinstance(place[name], str):  # a table replaces the name of its file
                place[name] = tomlkit.table()
            section = place[name]
            if not isinstance(section, MutableMapping):  # a table of any of TOML's five ways to write one
                raise SettingsError(f"{path} has {full} where the table [{full}] should be; mend that line.")
            _put(section, value, changes, path, f"{full}.")
            continue
        value = list(value) if isinstance(value, tuple) else value
        before = _plain(place[name]) if name in place else None
        if before != value:
            was = "" if before is None else f" (was {_shown(before)})"
            place[name] = value
            changes.append(f"{full} = {_shown(value)}{was}")


def _plain(value: Any) -> Any:
    """Return a TOML value as plain Python, without its place in the file."""
    return value.unwrap() if isinstance(value, Item) else value


def _shown(value: Any) -> str:
    """Return a value as text; of a long one (a learned table), only the beginning."""
    text = tomlkit.item(value).as_string()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}..."
