"""The search of a sweep: it chooses which trial and seed is trained next, and judges trials by the results.

The settings of a new trial are drawn in `trials`.

All trials get the same seeds in the same order, one seed after the other, so that a hopeless trial ends after
a few of them. Several seeds of one trial are trained at once only if there are more places than trials.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from robot_agent.errors import SettingsError
from robot_agent.sweep.comparison import final_jobs, held_out_jobs, robots_of
from robot_agent.sweep.job import Job
from robot_agent.sweep.trials import Attempt, Trials
from robot_agent.sweep.workers import REFUSED_AT_FIRST, Ended, Workers, work_off


@dataclass(slots=True)
class _UnderWay:
    """A trial that is not finished: its settings, and the seeds that are being trained."""

    attempt: Attempt
    settings: dict[str, Any]
    done: int = 0
    """Number of the trial's first seeds for which the figure is known."""
    training: set[int] = field(default_factory=set)


class Search:
    """The search of one sweep, which continues from the results in its storage."""

    def __init__(self, trials: Trials) -> None:
        """Continue from the results in the storage.

        Args:
            trials: the storage; nothing else may use it at the same time.
        """
        self.trials, self.space = trials, trials.space
        self._under_way: dict[int, _UnderWay] = {}
        self._known: dict[tuple[str, int], dict[str, Any]] = {}
        self._stages = [final_jobs, held_out_jobs]
        self._queue: list[Job] = []
        self._comparing: set[str] = set()
        self._robots = robots_of(trials)
        self._refused: list[str] = []
        for row in trials.rows():
            if row["state"] != "fail":
                for outcome in row["seeds"]:
                    self._known[self._name(self._settings(row["settings"])), outcome["seed"]] = outcome
        self._left = trials.left()

    def run(self, workers: Workers) -> Iterator[bool]:
        """Work until all trials are done and the best ones are compared.

        Yields, at short intervals, whether a training has ended since the last time.

        Raises:
            SettingsError: the first trials are all refused for the same reason, which is the text.
        """
        for ended in work_off(workers, self._next_job):
            for one in ended:
                self._take(one)
            yield bool(ended)

    # Choosing the next job

    def _next_job(self) -> Job | None:
        while True:
            for trial in self._under_way.values():
                if not trial.training:
                    return self._job(trial)
            attempt = self._left.pop(0) if self._left else self.trials.begin()
            if attempt is None:
                break
            self._begin(attempt)
        for trial in self._under_way.values():
            if any(self._untrained(trial)):
                return self._job(trial)
        if self._under_way:
            return None
        return self._next_comparison()

    def _begin(self, attempt: Attempt) -> None:
        try:
            settings = self._settings(attempt.values)
        except SettingsError as error:
            self._fail(attempt, str(error))
            return
        trial = self._under_way[attempt.number] = _UnderWay(attempt, settings)
        name = self._name(settings)
        for seed in self.space.sweep.seeds:  # the same settings and seed give the same numbers
            if seed not in attempt.outcomes and (name, seed) in self._known:
                self.trials.keep(attempt, seed, self._known[name, seed])
        self._advance(trial)

    def _settings(self, values: dict[str, Any]) -> dict[str, Any]:
        return self.space.config_of(values).model_dump(mode="json")

    def _name(self, settings: dict[str, Any]) -> str:
        return json.dumps(settings, sort_keys=True)

    def _untrained(self, trial: _UnderWay) -> Iterator[int]:
        for seed in self.space.sweep.seeds:
            if seed not in trial.attempt.outcomes and seed not in trial.training:
                yield seed

    def _job(self, trial: _UnderWay) -> Job:
        seed = next(self._untrained(trial))
        trial.training.add(seed)
        return Job(f"{trial.attempt.number} {seed}", trial.settings, seed, self._robots)

    # Taking a result

    def _take(self, ended: Ended) -> None:
        if ended.job.key in self._comparing:
            self._comparing.discard(ended.job.key)
            if ended.result is not None and "outcome" in ended.result:
                self.trials.keep_compared(ended.job.key, without_curve(ended.result["outcome"]))
            return
        number, seed = map(int, ended.job.key.split())
        trial = self._under_way.get(number)
        if trial is None:
            return  # the trial has ended in the meantime, by another of its seeds
        trial.training.discard(seed)
        if ended.result is None:
            self._drop(trial)
            self.trials.fail(trial.attempt, f"The process died twice with seed {seed}: {ended.why}.")
        elif "refused" in ended.result:
            self._drop(trial)
            self._fail(trial.attempt, ended.result["refused"])
        else:
            outcome = without_curve(ended.result["outcome"])
            self._known[self._name(trial.settings), seed] = outcome
            self.trials.keep(trial.attempt, seed, outcome)
            self._advance(trial)

    def _advance(self, trial: _UnderWay) -> None:
        """Judge a trial by its first seeds that are done, and end the trial if it is complete or hopeless."""
        seeds = self.space.sweep.seeds
        while trial.done < len(seeds) and seeds[trial.done] in trial.attempt.outcomes:
            trial.done += 1
            hopeless = self.trials.is_hopeless(trial.attempt, trial.done)
            if trial.done == len(seeds):
                self._drop(trial)
                self.trials.complete(trial.attempt)
            elif hopeless:
                self._drop(trial)
                self.trials.prune(trial.attempt)
                return

    def _drop(self, trial: _UnderWay) -> None:
        del self._under_way[trial.attempt.number]

    def _fail(self, attempt: Attempt, why: str) -> None:
        self.trials.fail(attempt, why)
        self._refused.append(why)
        if len(self._refused) >= REFUSED_AT_FIRST and not self._known and len(set(self._refused)) == 1:
            raise SettingsError(why)

    # After the trials

    def _next_comparison(self) -> Job | None:
        """Return the next training of the final, then of the last comparison; None if none is left."""
        while not self._comparing and not self._queue and self._stages:
            jobs = self._stages.pop(0)(self.trials, self.trials.rows())
            self._queue = list({job.key: job for job in jobs}.values())
        if not self._queue:
            return None
        job = self._queue.pop(0)
        self._comparing.add(job.key)
        return job


def without_curve(outcome: dict[str, Any]) -> dict[str, Any]:
    """Return an outcome without its `curve`, which a sweep does not need."""
    return {name: value for name, value in outcome.items() if name != "curve"}
