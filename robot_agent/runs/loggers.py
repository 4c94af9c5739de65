"""Loggers, which get the events of a training: TensorBoard, or an object of your own.

A logger that fails does not stop the training: it is reported once and gets no further events.
"""

import importlib.util
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from robot_agent.errors import SettingsError
from robot_agent.learning.events import Episode, Evaluated, Event, Update
from vision.factory import FactoryError, FactoryFailedError, describe_failure, is_factory, open_factory

TENSORBOARD = "tensorboard:"


class Logger(Protocol):
    """A callable that gets each event of a training.

    It may also have `begin(run)`, called first with the run's number, and `close()`, called at the end.
    """

    def __call__(self, event: Event) -> object:
        """Log an event."""


@dataclass(frozen=True, slots=True)
class NamedLogger:
    """A logger, and the name that the user gave."""

    name: str
    log: Logger


def open_loggers(names: Sequence[str]) -> list[NamedLogger]:
    """Open loggers.

    Args:
        names: `tensorboard:DIR`, or `MODULE:FACTORY`: a function without arguments that returns an object
            which is called with each event (see `robot_agent.learning.events`).

    Raises:
        SettingsError: one of them cannot be opened.
    """
    return [NamedLogger(name, _open(name)) for name in names]


def _open(name: str) -> Logger:
    if name.startswith(TENSORBOARD):
        return TensorBoard(Path(name.removeprefix(TENSORBOARD) or "runs"))
    if not is_factory(name):
        raise SettingsError(f"The log {name!r} is unknown; give tensorboard:DIR, or your own MODULE:FACTORY.")
    try:
        opened: Logger = open_factory(name, "logger", methods=("__call__",))
    except (FactoryError, FactoryFailedError) as error:
        raise SettingsError(str(error)) from error
    return opened


def logged(
    events: Generator[Event, None, None],
    loggers: Sequence[NamedLogger],
    run: int,
    report: Callable[[str], object],
) -> Generator[Event, None, None]:
    """Yield the events of a training, after giving each to the loggers.

    Args:
        events: events of a training; closed together with this generator.
        loggers: the loggers; closed when the training ends.
        run: number of the run.
        report: is called with a sentence when a logger fails.
    """
    working = list(loggers)

    def each(method: Callable[[Logger], Callable[[Any], object]], value: Any) -> None:
        """Call a method of each logger with `value`; one that fails gets nothing more."""
        for one in tuple(working):
            try:
                method(one.log)(value)
            except Exception as error:
                working.remove(one)
                failure = describe_failure(f"The log {one.name!r}", error)
                report(f"{failure} The training goes on without it.")

    with closing(events):
        try:
            each(lambda log: getattr(log, "begin", lambda run: None), run)
            for event in events:
                each(lambda log: log, event)
                yield event
        finally:
            for one in loggers:
                with suppress(Exception):
                    getattr(one.log, "close", lambda: None)()


class TensorBoard:
    """Writes the figures of updates, evaluations and episodes for TensorBoard, over the moves made."""

    def __init__(self, folder: Path) -> None:
        """Write to `folder`, with a folder of its own for each run.

        Raises SettingsError: tensorboardX is not installed.
        """
        if importlib.util.find_spec("tensorboardX") is None:
            raise SettingsError(
                "The log tensorboard needs tensorboardX, which is not installed; install it with: "
                "pip install 'robot-agent[log]'"
            )
        self._folder = folder
        self._writer: Any = None

    def begin(self, run: int) -> None:
        """Begin the files of a run."""
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(str(self._folder / f"run-{run}"))

    def __call__(self, event: Event) -> None:
        """Log an event."""
        match event:
            case Update():
                report = event.report
                figures = {
                    "training/success_rate": event.success_rate,
                    "training/episode_moves": event.episode_moves,
                    "training/mean_return": report.mean_return,
                    "policy/entropy": report.entropy,
                    "policy/gradient_norm": report.gradient_norm,
                    "policy/explained_variance": report.explained_variance,
                    "policy/learning_rate": report.learning_rate,
                }
                figures |= {f"policy/std_{i}": value for i, value in enumerate(report.std)}
                figures |= {f"learner/{name}": value for name, value in report.figures.items()}
                self._write(figures, event.moves)
            case Evaluated(moves, _, result):
                figures = {"evaluation/success_rate": result.success_rate}
                if result.moves_mean is not None:
                    figures["evaluation/moves_to_goal"] = result.moves_mean
                self._write(figures, moves)
            case Episode():
                self._writer.add_scalar("episode/total_reward", event.total_reward, event.number)
                self._writer.add_scalar("episode/moves", event.moves, event.number)

    def _write(self, figures: dict[str, float], moves: int) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, moves)

    def close(self) -> None:
        """Write the remaining figures."""
        if self._writer is not None:
            self._writer.close()
