"""The files of a sweep, which stand beside its space file, and reading reports of running sweeps."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from robot_agent.runs.hold import holder

SUFFIX = ".sweep.json"
"""End of a report's file name, which begins with the name of the space file."""

LARGEST = 64_000_000
"""Largest report that is read, bytes: enough for about ten thousand trials."""

HELD = 1
"""The number under which a sweep locks its storage, see `robot_agent.runs.hold`."""


def database_of(space_file: Path) -> Path:
    """Return the file of a sweep's storage."""
    return space_file.with_suffix(".sweep.db")


def report_file(space_file: Path) -> Path:
    """Return the file of a sweep's report."""
    return space_file.with_suffix(SUFFIX)


def best_file(space_file: Path) -> Path:
    """Return the file of the best settings."""
    return space_file.with_suffix(".best.toml")


def read_reports(folders: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the reports of the sweeps in some folders, the newest first.

    A sweep whose report says that it is running, but whose storage no process holds, was killed: its state is
    given as `stopped`. Files that are no reports are left out.
    """
    files = {file.resolve() for folder in folders for file in folder.glob(f"*{SUFFIX}")}
    found = [(file, report) for file in files if (report := _read(file)) is not None]
    for file, report in sorted(found, key=lambda one: -one[1]["changed"]):
        database = file.with_name(f"{file.name.removesuffix(SUFFIX)}.sweep.db")
        if report["state"] == "running" and holder(database, HELD) is None:
            report["state"] = "stopped"
        yield report


def _read(file: Path) -> dict[str, Any] | None:
    try:
        if file.stat().st_size > LARGEST:
            return None
        report = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    expected = {"sweep": str, "state": str, "changed": int | float, "curve": list, "trials": list}
    if isinstance(report, dict) and all(isinstance(report.get(k), kind) for k, kind in expected.items()):
        return report
    return None
