"""Kept episodes into a file or a folder of another format: whole, or not at all."""

import errno
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from robot_agent.build.simulation import make_physics, make_task
from robot_agent.datasets.moves import KeptEpisode, kept_episodes
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.runs.pictures import Pictures
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config, load
from vision.names import unknown

LEAST_FREE = 65_536
"""Bytes; a library that fails on a disk with less room has failed for that."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be written: episodes of some runs."""

    store: Store
    runs: Sequence[int]
    with_pictures: bool
    """Only episodes whose pictures are kept, with them."""

    def episodes(self, report: Callable[[int], object] = lambda moves: None) -> Iterator[KeptEpisode]:
        """Yield the episodes; `report` is given the number of moves after each."""
        pictures = Pictures(self.store.path) if self.with_pictures else None
        for run in self.runs:
            for episode in kept_episodes(self.store, run, pictures=pictures):
                if episode.pictures or not self.with_pictures:
                    yield episode
                    report(len(episode))

    def settings(self) -> Config:
        """Return the settings of the first run."""
        return load(None, self.store.run(self.runs[0]).settings)


@dataclass(frozen=True, slots=True)
class Format:
    """A format of other programs."""

    write: Callable[[Path, Source, Iterator[KeptEpisode]], None]
    ending: str
    """Of the file's name; empty for a folder."""
    packages: tuple[str, ...] = ()
    """What has to be installed for it."""
    with_pictures: bool = False
    """Whether it can hold pictures."""


def _csv(place: Path, source: Source, episodes: Iterator[KeptEpisode]) -> None:
    from robot_agent.datasets.table import write_csv

    write_csv(place, episodes)


def _lerobot(place: Path, source: Source, episodes: Iterator[KeptEpisode]) -> None:
    from robot_agent.datasets.lerobot import write_lerobot

    moves, seconds = 0, 0.0
    for run in source.runs:
        for episode in kept_episodes(source.store, run):
            moves, seconds = moves + len(episode), seconds + float(episode.times[-1])
    settings = source.settings()
    first, last = settings.task.goal
    task = settings.task.factory or f"Drive until the target fills the slices {first} to {last}."
    fps = max(1, round(moves / max(seconds, 1e-6)))
    write_lerobot(place, episodes, fps=fps, robot=settings.robot, task=task)


def _mcap(place: Path, source: Source, episodes: Iterator[KeptEpisode]) -> None:
    from robot_agent.datasets.foxglove import write_mcap

    physics = make_physics(source.settings().simulator)
    write_mcap(place, episodes, physics=physics, begun=source.store.run(source.runs[0]).created)


def _minari(place: Path, source: Source, episodes: Iterator[KeptEpisode]) -> None:
    from robot_agent.datasets.offline import write_minari

    write_minari(place, episodes)


FORMATS = {
    "csv": Format(_csv, ".csv"),
    "lerobot": Format(_lerobot, "", ("pyarrow", "av"), with_pictures=True),
    "mcap": Format(
        _mcap, ".mcap", ("mcap", "mcap_protobuf", "foxglove_schemas_protobuf"), with_pictures=True
    ),
    "minari": Format(_minari, "", ("minari", "h5py")),
}
"""The formats by their names."""


def find_format(name: str) -> Format:
    """Return a format; SettingsError if there is none of that name, or if what it needs is not installed."""
    if name not in FORMATS:
        raise SettingsError(unknown("format", name, FORMATS))
    require(FORMATS[name].packages, f"The format {name}")
    return FORMATS[name]


def require(packages: Sequence[str], what: str) -> None:
    """Raise SettingsError with the cure if a package of the extra `data` is not installed."""
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise SettingsError(
            f"{what} needs {' and '.join(missing)}, which is not installed; install it with: "
            "pip install 'robot-agent[data]'"
        )


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """Write a file or a folder under another name, which becomes `place` once all is written.

    Raises SettingsError: there is something in its place already.
    """
    if place.exists():
        raise SettingsError(f"There is already something at {place}; delete it, or name another --out.")
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.half")
    _remove(half)
    try:
        yield half
        half.replace(place)
    except Exception as error:
        full = _is_full(error, half)
        _remove(half)
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place)) from error
        raise
    except BaseException:
        _remove(half)
        raise


def _is_full(error: Exception, half: Path) -> bool:
    """Say whether the disk is full: the libraries of the formats have errors of their own for it."""
    if isinstance(error, RobotAgentError):
        return False
    words = os.strerror(errno.ENOSPC)
    return (
        words in str(error)
        or words in str(error.__context__)
        or (isinstance(error, OSError | RuntimeError) and shutil.disk_usage(half.parent).free < LEAST_FREE)
    )


def _remove(place: Path) -> None:
    with suppress(OSError):
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def export(
    name: str, place: Path, source: Source, report: Callable[[int], object] = lambda moves: None
) -> None:
    """Write kept episodes in a format.

    Args:
        name: of the format, one of `FORMATS`.
        place: the file or the folder.
        source: what to write.
        report: is given the number of moves after each episode.

    Raises:
        SettingsError: the format is unknown, needs a package or holds no pictures, or something is in that
            place already.
        RobotAgentError: there is nothing to write.
        OSError: it cannot be written; then nothing is in its place.
    """
    chosen = find_format(name)
    if source.with_pictures and not chosen.with_pictures:
        able = " or ".join(kind for kind, one in FORMATS.items() if one.with_pictures)
        raise SettingsError(f"The format {name} holds no pictures; take {able}, or leave out --pictures.")
    episodes = source.episodes(report)
    if (first := next(episodes, None)) is None:
        raise RobotAgentError(
            "No episode of these runs is kept with its pictures; leave out --pictures."
            if source.with_pictures
            else "No episode of these runs is kept yet; train longer, or name another run."
        )
    with whole(place) as half:
        chosen.write(half, source, _again(first, episodes))


def _again(first: KeptEpisode, rest: Iterator[KeptEpisode]) -> Iterator[KeptEpisode]:
    yield first
    yield from rest


def film_episode(store: Store, run: int, episode: int | None, place: Path | None) -> tuple[int, Path]:
    """Film an episode of a run.

    Args:
        store: the store.
        run: number of the run.
        episode: its number; the last one whose pictures are kept if not given.
        place: the file; named after the episode if not given.

    Returns:
        The number of the episode, and the file.

    Raises:
        RobotAgentError: there is no such episode, or its pictures are not kept.
        OSError: the film cannot be written; then nothing is in its place.
    """
    from robot_agent.datasets.film import write_film

    require(("av",), "A film")
    pictures = Pictures(store.path)
    known = pictures.episodes(run)
    if not known:
        raise RobotAgentError(
            f"No pictures of run {run} are kept: a fleet takes none, and of one robot they are kept while "
            "pictures.megabytes is not 0. Train one robot, real or --rendered, or name another run."
        )
    chosen = known[-1] if episode is None else episode
    found = next(kept_episodes(store, run, pictures=pictures, only=chosen), None)
    if found is None or not found.pictures:
        raise RobotAgentError(
            f"The pictures of episode {chosen} of run {run} are not kept; those from {known[0]} to "
            f"{known[-1]} are, {len(known)} in all."
        )
    settings = load(None, store.run(run).settings)
    place = place or Path(f"run-{run}-episode-{chosen}.mp4")
    with whole(place) as half:
        write_film(half, found, make_physics(settings.simulator), make_task(settings).goal)
    return chosen, place
