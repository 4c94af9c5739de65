"""A race to 95 %: this project's Reinforce against other libraries, in one environment.

Every learner gets the same fleet, observations, starts and noise, and is evaluated on the same 1,000
held-out starts, after equal numbers of moves. Its time is the CPU seconds of the training, without imports,
construction and evaluation. All run in one process, in alternation over the seeds, each after a short
training that does not count.
"""

import importlib
import importlib.util
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from tests.benchmarks.race import EVALUATE_EVERY, GOAL, Learner, Race, Result, held_out
from tests.benchmarks.table import table

INSTALL = "pip install -r tests/benchmarks/requirements.txt"


@dataclass(frozen=True, slots=True)
class Entry:
    """A learner that may take part."""

    name: str
    package: str
    """Package that it needs."""
    module: str
    """Module here that holds it."""
    function: str
    """Name of the learner in that module."""


ENTRIES = (
    Entry("robot-agent, quick, NumPy", "numpy", "ours", "quick_numpy"),
    Entry("robot-agent, quick, PyTorch", "torch", "ours", "quick_torch"),
    Entry("robot-agent, defaults, PyTorch", "torch", "ours", "defaults"),
    Entry("Stable-Baselines3 PPO", "stable_baselines3", "sb3", "ppo_as_built"),
    Entry("Stable-Baselines3 A2C", "stable_baselines3", "sb3", "a2c_as_built"),
    Entry("the same PPO, with a deviation for each action", "stable_baselines3", "sb3", "ppo"),
    Entry("the same A2C, with a deviation for each action", "stable_baselines3", "sb3", "a2c"),
    Entry("Tianshou Reinforce", "tianshou", "tianshou_reinforce", "reinforce"),
)


def load(entry: Entry) -> Learner | None:
    """Return the learner, or None and a word on how to get it when its package is absent."""
    if importlib.util.find_spec(entry.package) is None:
        print(f"{entry.name} does not take part; {INSTALL}", file=sys.stderr)
        return None
    learner: Learner = getattr(importlib.import_module(f"tests.benchmarks.{entry.module}"), entry.function)
    return learner


def measure(seeds: int) -> dict[str, list[Result]]:
    """Run all learners with the seeds 0, 1, ..., one after the other with each seed."""
    learners = {entry.name: learner for entry in ENTRIES if (learner := load(entry))}
    judge = held_out()
    for learner in learners.values():
        learner(seeds, Race(judge, limit=5_000))
    results: dict[str, list[Result]] = {name: [] for name in learners}
    for seed in range(seeds):
        for name, learner in learners.items():
            race = Race(judge)
            learner(seed, race)
            results[name].append(race.result)
            print(f"seed {seed}: {name}: {race.result}", file=sys.stderr)
    return results


def ratios(ours: Sequence[Result], others: Sequence[Result]) -> list[float]:
    """How many times longer the others took, seed by seed.

    Infinite where only ours arrived, 0 where only the other did; left out where none did.
    """
    return [
        other.time / own.time for own, other in zip(ours, others, strict=True) if own.reached or other.reached
    ]


def _median(values: Sequence[float], form: str) -> str:
    return format(statistics.median(values), form) if values else "-"


def report(seeds: int) -> str:
    """Run the race and return it as Markdown."""
    results = measure(seeds)
    first, second = (results[entry.name] for entry in ENTRIES[:2])
    rows: list[list[Any]] = []
    for name, runs in results.items():
        arrived = sum(run.reached for run in runs)
        seconds = [run.time for run in runs]
        rows.append(
            [
                name,
                f"{arrived}/{len(runs)}",
                _median(seconds, ".3f"),
                f"{min(seconds):.2f} to {max(seconds):.2f}",
                _median([run.moves if run.reached else inf for run in runs], ",.0f"),
                f"{1e6 * sum(r.seconds for r in runs) / sum(r.moves for r in runs):.1f}",
                _median(ratios(first, runs), ".1f") + " x",
                _median(ratios(second, runs), ".1f") + " x",
            ]
        )
    header = [
        f"to {GOAL:.0%} success",
        "seeds that arrive",
        "CPU s (median)",
        "CPU s (range)",
        "moves (median)",
        "CPU µs a move",
        "time over NumPy's",
        "over PyTorch's",
    ]
    return (
        table(header, rows)
        + f"\n\nGreedy success on 1,000 held-out starts, looked at every {EVALUATE_EVERY:,} moves, "
        "or after each update where that is longer; imports, construction and the looking are not "
        "timed. A seed that does not arrive counts as infinite. Last two columns: medians of the ratios "
        "to the first two rows, seed by seed. The settings of all but our defaults were tuned for this "
        "race, with other seeds than these; how, is told in the modules in tests/benchmarks."
    )
