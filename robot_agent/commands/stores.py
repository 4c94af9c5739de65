"""Finds the store and the run that a command names."""

from pathlib import Path

from robot_agent.errors import SettingsError
from robot_agent.runs.store import RunInfo, Store


def open_store(path: Path) -> Store:
    """Open a store for reading, even if nothing can be written; raise SettingsError if there is none."""
    if not path.exists():
        raise SettingsError(
            f"There is no store {str(path)!r} yet; train first, or name another one with --store."
        )
    return Store(path, reading=True)


def find_run(store: Store, run: int | None) -> RunInfo:
    """Return a run of the store, the newest if no number is given; raise SettingsError if there is none."""
    if run is not None:
        return store.run(run)
    if not (runs := store.runs()):
        raise SettingsError(f"There is no run in {store.path} yet; train first.")
    return runs[0]
