"""The choice of the best trial: the best few are compared again, on seeds that the search has not used.

The best of many trials is partly the luckiest one. So the finalists, among them the settings without a sweep,
are trained again with new seeds. The winner of this final is compared once more with the settings without a
sweep, on seeds that were not used for any choice: only this comparison shows what the sweep has gained.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from robot_agent.sweep.figure import FIGURES, Outcome, is_better, value_of
from robot_agent.sweep.job import Job
from robot_agent.sweep.space import FIRST_FINAL, FIRST_HELD_OUT
from robot_agent.sweep.trials import Trials

Row = dict[str, Any]

SURE = 0.8
"""Share of resamplings in which settings must be better than those without a sweep to win the final."""

RESAMPLINGS = 1000


def best_of(rows: Sequence[Row], figure: str) -> Row | None:
    """Return the best complete trial, the earliest of equal ones; None if no trial is complete."""
    best: Row | None = None
    for row in rows:
        if row["value"] is not None and (best is None or is_better(figure, row["value"], best["value"])):
            best = row
    return best


def finalists(trials: Trials, rows: Sequence[Row]) -> list[Row]:
    """Return the best trials, with different settings, and the one with the settings without a sweep."""
    sweep = trials.space.sweep
    complete = [row for row in rows if row["value"] is not None]
    sign = -1 if FIGURES[sweep.figure].more_is_better else 1
    found: dict[str, Row] = {}
    for row in sorted(complete, key=lambda row: (sign * row["value"], row["number"])):
        found.setdefault(json.dumps(row["settings"], sort_keys=True), row)
    usual = trials.space.defaults()
    chosen = list(found.values())[: sweep.finalists]
    return chosen + [row for row in found.values() if row["settings"] == usual and row not in chosen]


def winner(trials: Trials, rows: Sequence[Row]) -> Row | None:
    """Return the best trial; after the final, the winner, whose `final` is its figure on the final's seeds.

    The settings without a sweep win the final unless others are surely better. Returns None while no trial is
    complete.
    """
    sweep, longest = trials.space.sweep, trials.space.longest
    tried = [(row, _outcomes(trials, row["settings"], FIRST_FINAL)) for row in finalists(trials, rows)]
    if not sweep.finalists or not all(outcomes for _, outcomes in tried):
        return best_of(rows, sweep.figure)
    usual = next((outcomes for row, outcomes in tried if row["settings"] == trials.space.defaults()), None)
    best: Row | None = None
    for row, outcomes in tried:
        final = value_of(sweep.figure, outcomes, longest)
        sure = usual is None or outcomes is usual or _sureness(trials, outcomes, usual) >= SURE
        if sure and (best is None or is_better(sweep.figure, final, best["final"])):
            best = row | {"final": final}
    return best


def _sureness(trials: Trials, mine: Sequence[Outcome], usual: Sequence[Outcome]) -> float:
    """Return the share of resamplings of the seeds in which `mine` is better (paired bootstrap)."""
    figure, longest = trials.space.sweep.figure, trials.space.longest
    draws = np.random.default_rng(0).integers(len(mine), size=(RESAMPLINGS, len(mine)))
    return fmean(
        is_better(
            figure,
            value_of(figure, [mine[index] for index in draw], longest),
            value_of(figure, [usual[index] for index in draw], longest),
        )
        for draw in draws.tolist()
    )


def final_jobs(trials: Trials, rows: Sequence[Row]) -> Iterator[Job]:
    """Yield the trainings of the final that are not done yet."""
    if trials.space.sweep.finalists:
        for row in finalists(trials, rows):
            yield from _jobs(trials, row["settings"], FIRST_FINAL)


def held_out_jobs(trials: Trials, rows: Sequence[Row]) -> Iterator[Job]:
    """Yield the trainings of the last comparison that are not done yet."""
    best = winner(trials, rows)
    if best is not None:
        yield from _jobs(trials, best["settings"], FIRST_HELD_OUT)
        yield from _jobs(trials, {}, FIRST_HELD_OUT)


def held_out(trials: Trials, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Return the figures of the best settings and of those without a sweep; None until all is done."""
    best, seeds = winner(trials, rows), trials.space.sweep.held_out_seeds
    if best is None or not seeds:
        return None
    found: dict[str, Any] = {"seeds": seeds}
    for name, values in (("best", best["settings"]), ("without_sweep", {})):
        outcomes = _outcomes(trials, values, FIRST_HELD_OUT)
        if not outcomes:
            return None
        found[name] = value_of(trials.space.sweep.figure, outcomes, trials.space.longest)
    return found


def robots_of(trials: Trials) -> dict[str, Any] | None:
    """Return section [simulator] of the held-out robots if the figure needs them, else None."""
    if trials.space.sweep.figure != "held_out_robots":
        return None
    return trials.space.base.simulator.model_dump(mode="json")


def _seeds(trials: Trials, first: int) -> range:
    sweep = trials.space.sweep
    return range(first, first + (sweep.held_out_seeds if first == FIRST_HELD_OUT else 2 * len(sweep.seeds)))


def _jobs(trials: Trials, values: dict[str, Any], first: int) -> Iterator[Job]:
    settings = trials.space.config_of(values).model_dump(mode="json")
    kept = trials.compared()
    for seed in _seeds(trials, first):
        if (key := _key(settings, seed)) not in kept:
            yield Job(key, settings, seed, robots_of(trials))


def _outcomes(trials: Trials, values: dict[str, Any], first: int) -> list[Outcome]:
    """Return the outcomes of all seeds from `first` on; empty unless all of them are done."""
    settings = trials.space.config_of(values).model_dump(mode="json")
    kept = trials.compared()
    keys = [_key(settings, seed) for seed in _seeds(trials, first)]
    return [kept[key] for key in keys] if all(key in kept for key in keys) else []


def _key(settings: dict[str, Any], seed: int) -> str:
    """Return the name under which the outcome of a training is kept."""
    name = json.dumps({**settings, "store": None}, sort_keys=True)
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]} {seed}"
