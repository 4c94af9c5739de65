"""The trials of a sweep, in Optuna's storage: one SQLite file beside the space file.

The numbers of each seed are written as soon as they are known. If the sweep is killed, the next start
continues its unfinished trials, under the same numbers, with the seeds that are missing.
"""

import importlib.util
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from robot_agent.errors import SettingsError, StoreError
from robot_agent.sweep.figure import FIGURES, is_better, value_of
from robot_agent.sweep.files import database_of
from robot_agent.sweep.ranges import Range
from robot_agent.sweep.space import Space

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

STARTUP_TRIALS = 10
"""Number of trials with random values, before the sampler learns from the results."""

PRUNE_AFTER = 5
"""Number of complete trials that are needed before a trial may be pruned."""

_COMPARED = "compared "
"""Beginning of the names of those study attributes that hold outcomes of the final comparisons."""

_STUDY = "sweep"
"""Name of the one study in the storage."""

_SEED = "seed "
"""Beginning of the names of those trial attributes that hold the outcome of a seed."""


@contextmanager
def storage_errors(path: Path, *more: type[Exception]) -> Iterator[None]:
    """Turn errors of the storage, and those in `more`, into StoreError that says what to do."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    kinds: tuple[type[Exception], ...] = (SQLAlchemyError, StorageInternalError, sqlite3.Error, *more)
    try:
        yield
    except kinds as error:
        inner = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
        cause = str(getattr(inner, "orig", None) or inner).split("\n")[0]
        cure = "check it, or move it away to begin anew"
        if "full" in cause:
            cure = "free some space, and begin again: it goes on"
        elif "locked" in cause:
            cure = "end the other program that works with it, and begin again: it goes on"
        raise StoreError(f"{path} cannot be used to keep the sweep ({cause}); {cure}.") from error


@dataclass(slots=True)
class Attempt:
    """A trial that is not finished yet."""

    trial: "optuna.Trial" = field(repr=False)
    number: int
    values: dict[str, Any]
    """The values that are tried, by the names of the settings."""
    outcomes: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    """Outcomes of the seeds that are done, by seed."""
    steps: dict[int, float] = field(default_factory=dict)
    """The trial's figure after each of its seeds, as stored; step 0 is after the first seed."""


class Trials:
    """The trials of one sweep in their storage, and the sampler that chooses the next one."""

    def __init__(self, space: Space) -> None:
        """Open the storage; make a new one if there is none.

        Raises:
            SettingsError: Optuna is not installed, or the space file has changed since the sweep began.
            StoreError: the file is no storage of a sweep, or cannot be written.
        """
        if importlib.util.find_spec("optuna") is None:
            raise SettingsError("A sweep needs Optuna; install it with: pip install 'robot-agent[sweep]'")
        import optuna

        self._optuna: Any = optuna
        self.space = space
        self.path = database_of(space.file)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with storage_errors(self.path, RuntimeError):  # RuntimeError: made by another version of Optuna
            self.study = self._open()
            changed = self._changed()
        if changed:
            raise SettingsError(
                f"{space.file} is not what its sweep began with ({', '.join(changed)} changed); give the "
                f"new one another name, or delete {self.path} to begin anew."
            )
        states = self._optuna.trial.TrialState
        trials = self.study.get_trials(deepcopy=False)
        # Read once and then kept: reading all trials from the storage takes longer the more there are.
        self._begun = sum(one.state != states.WAITING for one in trials)
        self._complete = [dict(one.intermediate_values) for one in trials if one.state == states.COMPLETE]
        self._compared = {
            name.removeprefix(_COMPARED): outcome
            for name, outcome in self.study.user_attrs.items()
            if name.startswith(_COMPARED)
        }

    def _changed(self) -> list[str]:
        """Return what has changed in the space file since the sweep began; store its content if it is new.

        If nothing was trained yet, because the settings were refused, the sweep starts anew.
        """
        mine = json.loads(json.dumps(self.space.fingerprint()))
        before = self.study.user_attrs.get("fingerprint")
        changed = [name for name in mine if before is not None and mine[name] != before.get(name)]
        if changed and not any(row["seeds"] for row in self.rows()):
            self._optuna.delete_study(study_name=_STUDY, storage=self.study._storage)
            self.study, before, changed = self._open(), None, []
        if before is None:
            defaults = {one.name: _stored(one, value) for one, value in self._given(self.space.defaults())}
            self.study.enqueue_trial(defaults, skip_if_exists=True)
            self.study.set_user_attr("fingerprint", mine)
        return changed

    def _open(self) -> "optuna.Study":
        path = str(self.path.resolve())

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(path, timeout=30.0, check_same_thread=False)
            # Commits do not wait for the disk: they are safe even if the program is killed.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            return connection

        more = FIGURES[self.space.sweep.figure].more_is_better
        study: optuna.Study = self._optuna.create_study(
            # The path is not put into a URL, where some characters have another meaning.
            storage=self._optuna.storages.RDBStorage("sqlite://", engine_kwargs={"creator": connect}),
            study_name=_STUDY,
            direction="maximize" if more else "minimize",
            load_if_exists=True,
        )
        return study

    def _given(self, values: Mapping[str, Any]) -> list[tuple[Range, Any]]:
        return [(one, values[one.name]) for one in self.space.ranges if one.name in values]

    # Unfinished trials

    def left(self) -> list[Attempt]:
        """Return the trials that were unfinished when the sweep last ended; call this before `begin`."""
        running = self.study.get_trials(deepcopy=False, states=(self._optuna.trial.TrialState.RUNNING,))
        left = []
        for one in running:
            attempt = self._attempt(self._optuna.Trial(self._with_sampler(one.number), one._trial_id))
            attempt.steps |= one.intermediate_values
            left.append(attempt)
        return left

    def begin(self) -> Attempt | None:
        """Begin the next trial and return it; None if there are enough."""
        if self._begun >= self.space.sweep.trials:
            return None
        self._begun += 1
        return self._attempt(self._with_sampler(self._begun - 1).ask())

    def _with_sampler(self, number: int) -> "optuna.Study":
        """Return the study, its sampler seeded by the trial's number: a resumed sweep draws the same."""
        seed = int(np.random.SeedSequence([self.space.sweep.seed, number]).generate_state(1)[0])
        self.study.sampler = self._optuna.samplers.TPESampler(
            seed=seed, n_startup_trials=STARTUP_TRIALS, constant_liar=True
        )
        return self.study

    def _attempt(self, trial: "optuna.Trial") -> Attempt:
        values = {one.name: _suggest(trial, one) for one in self.space.ranges}
        return Attempt(trial, trial.number, values, _outcomes(trial.user_attrs))

    def keep(self, attempt: Attempt, seed: int, outcome: dict[str, Any]) -> None:
        """Store the outcome of one seed of a trial."""
        attempt.outcomes[seed] = outcome
        attempt.trial.set_user_attr(f"{_SEED}{seed}", outcome)

    def value(self, attempt: Attempt, seeds: int) -> float:
        """Return the figure of a trial after its first `seeds` seeds, all of which must be done."""
        first = [attempt.outcomes[seed] for seed in self.space.sweep.seeds[:seeds]]
        return value_of(self.space.sweep.figure, first, self.space.longest)

    def is_hopeless(self, attempt: Attempt, seeds: int) -> bool:
        """Store a trial's figure after its first `seeds` seeds, and return whether the trial should end now.

        It should if the median of the complete trials after the same seeds is better. (Optuna's own pruners
        compare with the best value that the trial ever had; for a mean over seeds that would be luck.)
        """
        value, step = self.value(attempt, seeds), seeds - 1
        if step not in attempt.steps:
            attempt.steps[step] = value
            attempt.trial.report(value, step)
        others = [steps[step] for steps in self._complete if step in steps]
        if self.space.sweep.pruner == "none" or len(others) < PRUNE_AFTER:
            return False
        return is_better(self.space.sweep.figure, float(np.median(others)), value)

    def complete(self, attempt: Attempt) -> None:
        """End a trial all of whose seeds are done."""
        self.study.tell(attempt.trial, self.value(attempt, len(self.space.sweep.seeds)))
        self._complete.append(attempt.steps)

    def prune(self, attempt: Attempt) -> None:
        """End a trial early."""
        self.study.tell(attempt.trial, state=self._optuna.trial.TrialState.PRUNED)

    def fail(self, attempt: Attempt, why: str) -> None:
        """End a trial that has failed; `why` is the reason."""
        attempt.trial.set_user_attr("why", why)
        self.study.tell(attempt.trial, state=self._optuna.trial.TrialState.FAIL)

    # Results

    def rows(self) -> list[dict[str, Any]]:
        """Return all trials that were begun, in their order, as JSON values."""
        waiting = self._optuna.trial.TrialState.WAITING
        trials = self.study.get_trials(deepcopy=False)
        return [self._row(one) for one in trials if one.state != waiting]

    def _row(self, trial: "FrozenTrial") -> dict[str, Any]:
        stored = [(one, trial.params[one.name]) for one in self.space.ranges if one.name in trial.params]
        return {
            "number": trial.number,
            "state": trial.state.name.lower(),
            "value": trial.value if trial.state.name == "COMPLETE" else None,
            "settings": {one.name: _read(one, value) for one, value in stored},
            "seeds": [outcome for _, outcome in sorted(_outcomes(trial.user_attrs).items())],
            "why": trial.user_attrs.get("why", ""),
        }

    def importance(self) -> dict[str, float]:
        """Return the share of the figure's variance that each setting explains (fANOVA); empty if unknown."""
        try:
            seed = self.space.sweep.seed
            evaluator = self._optuna.importance.FanovaImportanceEvaluator(seed=seed)
            found = self._optuna.importance.get_param_importances(self.study, evaluator=evaluator)
        except (ValueError, RuntimeError, ImportError, ZeroDivisionError):
            return {}
        return {name: float(share) for name, share in found.items() if np.isfinite(share)}

    def compared(self) -> dict[str, dict[str, Any]]:
        """Return the outcomes stored by `keep_compared`, by key."""
        return self._compared

    def keep_compared(self, key: str, outcome: dict[str, Any]) -> None:
        """Store the outcome of a training of the final or the last comparison, see `comparison`."""
        self._compared[key] = outcome
        self.study.set_user_attr(f"{_COMPARED}{key}", outcome)


def _suggest(trial: "optuna.Trial", one: Range) -> Any:
    """Return the trial's value of a setting; draw it now if the trial has none."""
    if one.choices:
        return json.loads(trial.suggest_categorical(one.name, [json.dumps(choice) for choice in one.choices]))
    if one.whole:
        return trial.suggest_int(one.name, int(one.low), int(one.high), log=one.log)
    return trial.suggest_float(one.name, one.low, one.high, log=one.log)


def _stored(one: Range, value: Any) -> Any:
    """Return a value as Optuna stores it: a choice becomes a JSON text, as Optuna takes no lists."""
    return json.dumps(value) if one.choices else value


def _read(one: Range, value: Any) -> Any:
    return json.loads(value) if one.choices else value


def _outcomes(attributes: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    return {
        int(name.removeprefix(_SEED)): outcome
        for name, outcome in attributes.items()
        if name.startswith(_SEED)
    }
