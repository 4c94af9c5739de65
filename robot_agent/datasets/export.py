"""Export of kept episodes to a file or a folder of another format, complete or not at all."""

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
"""Free bytes below which a library's failure is reported as a full disk."""


@dataclass(frozen=True, slots=True)
class Source:
    """The episodes to write: those of some runs."""

    store: Store
    runs: Sequence[int]
    with_pictures: bool
    """Whether to take only episodes whose pictures are kept, together with these pictures."""

    def episodes(self, report: Callable[[int], object] = lambda moves: None) -> Iterator[KeptEpisode]:
        """Yield the episodes; after each, `report` is called with the number of moves."""
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
    """A format of another program."""

    write: Callable[[Path, Source, Iterator[KeptEpisode]], None]
    ending: str
    """Ending of the file's name; empty if the format is a folder."""
    packages: tuple[str, ...] = ()
    """Packages that must be installed for this format."""
    with_pictures: bool = False
    """Whether the format can hold pictures."""


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
"""All formats by name."""


def find_format(name: str) -> Format:
    """Return a format; raise SettingsError if the name is unknown or a package is not installed."""
    if name not in FORMATS:
        raise SettingsError(unknown("format", name, FORMATS))
    require(FORMATS[name].packages, f"The format {name}")
    return FORMATS[name]


def require(packages: Sequence[str], what: str) -> None:
    """Raise SettingsError that says what to install if a package of the extra `data` is missing."""
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        raise SettingsError(
            f"{what} needs {' and '.join(missing)}, which is not installed; install it with: "
            "pip install 'robot-agent[data]'"
        )


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, which is renamed to `place` when all is written.

    Raises SettingsError: `place` exists already.
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
    """Return whether the disk is full: each library has its own error for that."""
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
        name: name of the format, one of `FORMATS`.
        place: the file or the folder.
        source: the episodes to write.
        report: is called with the number of moves after each episode.

    Raises:
        SettingsError: the format is unknown, needs a package or holds no pictures, or `place` exists
            already.
        RobotAgentError: there is nothing to write.
        OSError: the data cannot be written; then there is nothing at `place`.
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
        episode: number of the episode; if not given, the last one whose pictures are kept.
        place: the file; if not given, it is named after the episode.

    Returns:
        The number of the episode, and the file.

    Raises:
        RobotAgentError: there is no such episode, or its pictures are not kept.
        OSError: the film cannot be written; then there is no file.
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
