"""Compare NumPy and PyTorch as the policy's backend, in alternation: start, memory, acting, learning."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from robot_agent.build.training import make_trainer
from robot_agent.learning import numpy_policy
from robot_agent.learning import torch_policy as policy
from robot_agent.learning.events import Evaluated
from robot_agent.learning.reinforce import Reinforce
from robot_agent.settings.config import load
from tests.benchmarks.speed import LOG_STD, episodes, microseconds, process_cost
from tests.benchmarks.table import table

BACKENDS = ("numpy", "torch")
MODULES = {"numpy": numpy_policy, "torch": policy}
_BEGIN = (
    "from robot_agent.settings.config import load; from robot_agent.build.training import make_trainer; "
    "from robot_agent.learning.events import Update; "
    "run = make_trainer(load(flags={{'seed': 0, 'learner': {{'backend': {!r}}}}})); run.evaluator = None; "
    "next(event for event in run.run() if isinstance(event, Update))"
)


def alternating(work: dict[str, Callable[[], object]], repetitions: int, samples: int) -> dict[str, float]:
    """Return the CPU seconds of one call of each: medians of samples in turn, the first not counted."""
    measured: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(samples + 1):
        for name, call in work.items():
            start = time.process_time()
            for _ in range(repetitions):
                call()
            measured[name].append((time.process_time() - start) / repetitions)
    return {name: statistics.median(values[1:]) for name, values in measured.items()}


def training(backend: str, seed: int) -> tuple[float, float, int]:
    """Train with the defaults until 95 % of 1,000 held-out starts reach the goal: success, CPU s, moves."""
    trainer = make_trainer(load(flags={"seed": seed, "learner": {"backend": backend}}))
    for event in trainer.run():
        if isinstance(event, Evaluated) and event.result.success_rate >= 0.95:
            break
    return event.result.success_rate, trainer.seconds, trainer.moves


def report(*, quick: bool = False) -> str:
    """Measure everything and return it as Markdown."""
    rng, samples = np.random.default_rng(0), 5 if quick else 15
    rows = []

    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in BACKENDS}
    for _ in range(2 if quick else 5):
        for name in BACKENDS:
            costs[name].append(process_cost(_BEGIN.format(name)))
    for index, (what, unit) in enumerate(
        [("start to the end of the first update, CPU", "s"), ("memory at its peak", "MB")]
    ):
        values = {name: statistics.median(cost[index] for cost in costs[name]) for name in BACKENDS}
        rows.append([what, *(f"{values[name]:.{1 - index}f} {unit}" for name in BACKENDS), _ratio(values)])

    policies = {name: MODULES[name].GaussianPolicy(2, LOG_STD, seed=0) for name in BACKENDS}
    for n in (1, 128):
        s = rng.standard_normal((n, 2), np.float32)
        acting = alternating(
            {name: lambda own=own, s=s: own.act(s, rng) for name, own in policies.items()}, 300, samples
        )
        rows.append(
            [
                f"`Policy.act`, {n} observation{'s' * (n > 1)}",
                *(microseconds(acting[name]) for name in BACKENDS),
                _ratio(acting),
            ]
        )
    batch = episodes(128)
    learners = {name: Reinforce(own, learning_rate=1e-6) for name, own in policies.items()}
    updating = alternating(
        {name: lambda own=own: own.update(batch) for name, own in learners.items()}, 10, samples
    )
    moves = int(batch.alive.sum())
    rows.append(
        [
            f"one update, 128 episodes, {moves:,} moves",
            *(microseconds(updating[name]) for name in BACKENDS),
            _ratio(updating),
        ]
    )

    runs: dict[str, list[tuple[float, float, int]]] = {name: [] for name in BACKENDS}
    for seed in range(2 if quick else 5):
        for name in BACKENDS:
            runs[name].append(training(name, seed))
    seconds = {name: statistics.median(run[1] for run in runs[name]) for name in BACKENDS}
    rows.append(
        ["a training to 95 %, CPU (median)", *(f"{seconds[n]:.2f} s" for n in BACKENDS), _ratio(seconds)]
    )
    rows.append(
        [
            "moves made until then (each seed)",
            *(", ".join(f"{run[2] / 1000:.0f}k" for run in runs[name]) for name in BACKENDS),
            "",
        ]
    )
    rows.append(
        [
            "seeds that reach it",
            *(f"{sum(run[0] >= 0.95 for run in runs[name])}/{len(runs[name])}" for name in BACKENDS),
            "",
        ]
    )
    return table(["", "numpy", "torch", "torch over numpy"], rows)


def _ratio(values: dict[str, float]) -> str:
    return f"{values['torch'] / values['numpy']:.1f} x"
