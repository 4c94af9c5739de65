"""Writes a training into the store while it runs, and resumes a training from the store."""

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, nullcontext
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from robot_agent.envs.rollout import Paused, Resumed, Waiting
from robot_agent.errors import StoreBusy, StoreError
from robot_agent.learning.events import Episode, Evaluated, Event, Finished, Update
from robot_agent.learning.trainer import Trainer
from robot_agent.runs.pictures import PictureKeeper
from robot_agent.runs.store import Store, pack

CHECKPOINT_EVERY = 5
"""Number of updates between two checkpoints of a single robot; after a kill, these updates are repeated."""
KEEP_EVERY = 2 * CHECKPOINT_EVERY
"""Number of updates between two checkpoints that are kept for good, in a run that cannot be evaluated."""


BUSY_SECONDS = 0.3
"""Seconds to wait for another program's lock at once; in between, the training can be stopped."""


def record(
    trainer: Trainer,
    store: Store,
    run: int,
    *,
    checkpoint_seconds: float = 1.0,
    pictures: PictureKeeper | None = None,
) -> Generator[Event, None, None]:
    """Yield the events of a training and write them to the store.

    A fleet's checkpoints are at least `checkpoint_seconds` apart. A fleet that is killed in between resumes
    from the last checkpoint and makes the same moves again. A single robot cannot repeat its moves: so each
    of its episodes is stored at once, and the updates since the last checkpoint are repeated from them.
    When this generator is closed, or the training fails, what was learned is stored first.
    While another program writes to the store, the training pauses between two moves.
    `pictures` are written in the background, and closed together with this generator.

    Raises StoreError: another program works on this run.
    """
    with (
        closing(pictures) if pictures is not None else nullcontext(),
        store.hold(run),
        closing(_record(trainer, store, run, checkpoint_seconds)) as events,
    ):
        for event in events:
            if pictures is not None and isinstance(event, Episode):
                pictures.end(event.number, event.moves)
            yield event


class _Checkpoints:
    """Writes the checkpoints of a training, each with the rows of the events since the one before."""

    def __init__(self, trainer: Trainer, store: Store, run: int, seconds: float) -> None:
        self._trainer, self._store, self._run, self._seconds = trainer, store, run, seconds
        self.rows: list[tuple[str, Mapping[str, Any]]] = []
        """Rows that are not yet stored."""
        self.score: tuple[float | None, float | None] = (None, None)
        """Success rate and mean number of moves of the present policy, if they are known."""
        self._written = time.monotonic()

    def write(self, kept: bool) -> None:
        """Write a checkpoint; with `kept`, for good."""
        state, tensors = self._trainer.get_state()
        success_rate, moves_mean = self.score
        self._store.keep(
            self._run, self.rows, state, tensors, success_rate=success_rate, moves_mean=moves_mean, kept=kept
        )
        self.rows.clear()
        self._written = time.monotonic()

    def write_progress(self) -> None:
        """Write a single robot's episodes since the last checkpoint."""
        self._store.keep_progress(self._run, self.rows, self._trainer.progress())
        self.rows.clear()

    def is_due(self, update: int) -> bool:
        """Return whether the update with this number gets a checkpoint."""
        if self._trainer.evaluation_due:
            # The evaluation's checkpoint will have the same networks. After a kill before it, the update is
            # repeated from the stored episodes.
            return False
        if self._trainer.environment.num_envs == 1:
            return update % CHECKPOINT_EVERY == 0
        return time.monotonic() - self._written >= self._seconds


def _record(
    trainer: Trainer, store: Store, run: int, checkpoint_seconds: float
) -> Generator[Event, None, None]:
    checkpoints = _Checkpoints(trainer, store, run, checkpoint_seconds)
    status = "stopped"
    received = trainer.made
    store.set_status(run, "training")
    if trainer.updates == 0 and trainer.moves == 0:
        checkpoints.write(False)
    events = trainer.run()
    try:
        for event in events:
            if new := event_rows(event):
                checkpoints.rows += new
                received += 1
            match event:
                case Evaluated(_, _, result):
                    checkpoints.score = result.success_rate, result.moves_mean
                    yield from _when_free(store, partial(checkpoints.write, True))
                    checkpoints.score = None, None
                case Update(number):
                    if trainer.evaluator is None:
                        checkpoints.score = event.success_rate, None
                    if checkpoints.is_due(number):
                        for_good = trainer.evaluator is None and number % KEEP_EVERY == 0
                        yield from _when_free(store, partial(checkpoints.write, for_good))
                case Episode() if trainer.environment.num_envs == 1:
                    yield from _when_free(store, checkpoints.write_progress)
                case Finished():
                    status = "halted" if event.halted else "finished"
            yield event
    finally:
        events.close()  # stops the wheels before anything is written
        try:
            if received == trainer.made and checkpoints.rows:
                checkpoints.write(False)
        finally:
            store.set_status(run, status)


def _when_free(store: Store, write: Callable[[], None]) -> Generator[Event, None, None]:
    """Call `write` as soon as no other program writes; yield while waiting, so that the caller can stop."""
    waited = False
    while True:
        try:
            with store.busy_seconds(BUSY_SECONDS):
                write()
        except StoreBusy as busy:
            yield Waiting() if waited else Paused(str(busy))
            waited = True
        else:
            break
    if waited:
        yield Resumed()


def event_rows(event: Event) -> list[tuple[str, Mapping[str, Any]]]:
    """Turn an event into rows of the store; empty for an event that is not stored."""
    match event:
        case Update():
            columns = asdict(event)
            columns |= {name: json.dumps(columns[name]) for name in ("endings", "report")}
            return [("updates", columns)]
        case Evaluated(moves, seconds, result):
            columns = {"moves": moves, "seconds": seconds, **asdict(result)}
            return [("evaluations", columns | {"endings": json.dumps(result.endings)})]
        case Episode():
            steps = {name: np.ascontiguousarray(value) for name, value in event.steps.items()}
            columns = {
                "number": event.number,
                "moves": event.moves,
                "ending": event.ending.name.lower(),
                "total_reward": event.total_reward,
                "steps": pack(steps),
            }
            return [("episodes", columns)]
    return []


def restore(trainer: Trainer, store: Store, run: int) -> None:
    """Resume a training from its last checkpoint, and repeat its updates up to the last stored episode.

    Raises:
        StoreError: there is no checkpoint, or it is of another network.
    """
    state, tensors = store.checkpoint(run, "last")
    try:
        trainer.set_state(state, tensors)
        if (progress := store.progress(run)) is not None:
            trainer.replay(store.episodes(run, state["episodes"] + 1), progress)
    except (ValueError, KeyError) as error:
        raise StoreError(f"The last checkpoint of run {run} cannot be used to go on: {error}") from error
