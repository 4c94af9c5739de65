"""Writing measured settings into robot.toml: everything else in it, comments too, stays as it is."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from robot_agent.errors import SettingsError

_LONGEST = 200
"""Characters of a value that a change is told with."""


def write_settings(path: Path, settings: Mapping[str, Any]) -> list[str]:
    """Put settings, nested as the sections are, into a file, which is made if there is none.

    The file is replaced in one step, so it is whole whatever happens. Returns a line for each setting
    that was changed.

    Raises:
        SettingsError: the file is not TOML, or has something else where a section should be.
        OSError: it cannot be written.
    """
    try:
        document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend that line.") from None
    changes: list[str] = []
    _put(document, settings, changes, path, "")
    if changes:
        new = path.with_name(f".{path.name}.new")
        try:
            with new.open("w") as file:
                if path.exists():
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                file.write(tomlkit.dumps(document))
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
    return changes


def _put(
    place: tomlkit.TOMLDocument | Table,
    settings: Mapping[str, Any],
    changes: list[str],
    path: Path,
    prefix: str,
) -> None:
    for name, value in settings.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if name not in place or isinstance(place[name], str):  # a table instead of the name of its file
                place[name] = tomlkit.table()
            section = place[name]
            if not isinstance(section, Table):
                raise SettingsError(f"{path} has {full} where the table [{full}] should be; mend that line.")
            _put(section, value, changes, path, f"{full}.")
            continue
        value = list(value) if isinstance(value, tuple) else value
        before = place.unwrap()[name] if name in place else None
        if before != value:
            was = "" if before is None else f" (was {_shown(before)})"
            place[name] = value
            changes.append(f"{full} = {_shown(value)}{was}")


def _shown(value: Any) -> str:
    """Return a value as in the file; of a long one, a learned table, the beginning."""
    text = tomlkit.item(value).as_string()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}..."
