"""Compare the health report with the truth: simulated faults, trainings broken on purpose, healthy trainings.

    python -m tests.benchmarks.health [--quick]

Hardware faults are searched for in whole trainings of one robot (3,000 moves, from nothing), each fault at
three strengths. Healthy trainings have settings in a sensible range, in turn for a fleet and for one robot;
every finding in them is a false alarm. Broken trainings are trainings of a fleet with one thing spoiled; only
their first finding counts.
"""

import os

# Two threads are slower than one for networks of this size; this is read when NumPy is imported.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from robot_agent.build.training import make_trainer
from robot_agent.commands.findings import find
from robot_agent.health.finding import Finding
from robot_agent.health.history import History
from robot_agent.learning.trainer import Trainer
from robot_agent.settings.config import load, merge
from tests.benchmarks.table import table

Flags = dict[str, Any]
Spoil = Callable[[Trainer], None]

ALONE: Flags = {
    "preset": "one",
    "train": {
        "robots": 1,
        "episodes_per_update": 4,
        "moves": 3000,
        "evaluate_every": 3000,
        "evaluation_episodes": 200,
    },
}
"""One robot alone; tried seldom, for this measures the report and not the learning."""
FLEET: Flags = {"train": {"moves": 60_000, "evaluate_every": 60_000, "evaluation_episodes": 200}}

FAULTS: tuple[tuple[str, str, tuple[tuple[str, Flags], ...]], ...] = (
    (
        "one motor weak",
        "weak-motor",
        (("10 %", {"left_gain": 0.9}), ("20 %", {"right_gain": 0.8}), ("30 %", {"left_gain": 0.7})),
    ),
    (
        "dead time",
        "dead-time",
        (("0.05 s", {"dead_time": 0.05}), ("0.10 s", {"dead_time": 0.1}), ("0.15 s", {"dead_time": 0.15})),
    ),
    (
        "camera turned",
        "camera-turned",
        (
            ("2 degrees", {"camera_yaw_degrees": 2}),
            ("4 degrees", {"camera_yaw_degrees": -4}),
            ("6 degrees", {"camera_yaw_degrees": 6}),
        ),
    ),
    (
        "battery sagging",
        "battery-sagging",
        tuple((f"{lost:.0%} a run", {"battery_sag": 1 - (1 - lost) ** (1 / 3)}) for lost in (0.1, 0.2, 0.3)),
    ),
)
"""Each fault: what it is, the finding it should get, and its strengths as settings of the simulator."""

HARDWARE = frozenset(kind for _, kind, _ in FAULTS)


def run(flags: Flags, spoil: Spoil | None = None) -> tuple[History, list[Finding]]:
    """Train, and return what was told and found."""
    settings = load(None, flags)
    trainer = make_trainer(settings)
    if spoil is not None:
        spoil(trainer)
    history = History.of(trainer.run())
    return history, find(settings, history, trainer.learner.policy)


def faults(seeds: int) -> str:
    """Return a table of how often each fault is found, and what else is told of the hardware."""
    rows = []
    for name, kind, strengths in FAULTS:
        for strength, simulator in strengths:
            found: Counter[str] = Counter()
            for seed in range(seeds):
                _, findings = run(ALONE | {"seed": seed, "simulator": simulator})
                found.update({finding.kind for finding in findings} & HARDWARE)
                print(f"{name} {strength}, seed {seed}: {[f.seen for f in findings]}", file=sys.stderr)
            others = sum(count for other, count in found.items() if other != kind)
            rows.append([f"{name}, {strength}", f"{found[kind]}/{seeds}", str(others)])
    return table(["fault", "found", "other hardware findings"], rows)


def sensible(seed: int) -> Flags:
    """Settings of a healthy training: what a careful person might choose."""
    rng = np.random.default_rng(seed)
    learner = {
        "learning_rate": float(rng.choice([0.005, 0.01, 0.015])),
        "gamma": float(rng.choice([0.8, 0.9, 0.95])),
    }
    if seed % 2:
        task = {"observation": str(rng.choice(["centre", "centre", "ends"]))}
        return merge(ALONE, {"seed": seed, "learner": learner, "task": task})
    task = {
        "observation": str(rng.choice(["centre", "centre", "ends"])),
        "reward": str(rng.choice(["slices", "log_width"])),
        "action": str(rng.choice(["curvature", "wheels"])),
    }
    learner["baseline"] = str(rng.choice(["time", "time", "value"]))
    network = {"hidden": [(32, 32), (64, 64), (32,)][int(rng.integers(3))]}
    return merge(FLEET, {"seed": seed, "learner": learner, "task": task, "network": network})


def healthy(runs: int) -> str:
    """Return a sentence on the false alarms over healthy trainings."""
    alarms: list[str] = []
    success = []
    for seed in range(runs):
        flags = sensible(seed)
        history, findings = run(flags)
        success.append(history.success)
        alarms += [f"{finding.kind} (seed {seed}: {finding.seen})" for finding in findings]
        print(f"healthy {seed}: {history.success:.0%} {[f.kind for f in findings]} {flags}", file=sys.stderr)
    told = "; ".join(alarms) or "none"
    return (
        f"False alarms over {runs} healthy trainings (success at their end {min(success):.0%} to "
        f"{max(success):.0%}, median {np.median(success):.0%}): {len(alarms)} ({told})."
    )


def rewarded(change: Callable[[Any, np.random.Generator], Any]) -> Spoil:
    """Spoil the reward: `change` gets the progress of all robots and a generator, and answers the new one."""

    def spoil(trainer: Trainer) -> None:
        task = trainer.environment.task  # type: ignore[attr-defined]
        judge, rng = task.judge, np.random.default_rng(0)

        def spoiled(*arguments: Any) -> Any:
            reward, ending = judge(*arguments)
            zero = np.zeros_like(reward.progress)
            return type(reward)(change(reward.progress, rng).astype(np.float32), zero, zero), ending

        task.judge = spoiled

    return spoil


def detached(trainer: Trainer) -> None:
    """Spoil the gradient: what is climbed no longer depends on the weights, as after a detach()."""
    policy = trainer.learner.policy
    ascend = policy.ascend
    policy.ascend = lambda s, u, w, **rest: ascend(s, u, np.zeros(len(s)), **rest)  # type: ignore[method-assign]


def frozen(trainer: Trainer) -> None:
    """Spoil the optimiser: it does not hold the weights."""
    policy = trainer.learner.policy
    ascend = policy.ascend
    policy.ascend = lambda *a, **rest: ascend(*a, **(rest | {"learning_rate": 0.0}))  # type: ignore[method-assign]


def nowhere(progress: Any, rng: np.random.Generator) -> Any:
    """Answer not-a-number now and then, as a division by a width of zero would."""
    return np.where(rng.uniform(size=progress.shape) < 1e-3, np.nan, progress)


WIDE = {"log_std_steering": 0, "log_std_duration": 0}
NARROW = {"log_std_steering": -9, "log_std_duration": -9, "log_std_floor": -10}
BROKEN: tuple[tuple[str, frozenset[str], Flags, Spoil | None], ...] = (
    ("the original network", frozenset({"dead-output", "not-scaled"}), {"preset": "original"}, None),
    ("raw slices alone", frozenset({"not-scaled"}), {"task": {"observation": "raw"}}, None),
    ("learning rate 0.2", frozenset({"learning-rate-high"}), {"learner": {"learning_rate": 0.2}}, None),
    ("learning rate 0.00001", frozenset({"learning-rate-low"}), {"learner": {"learning_rate": 1e-5}}, None),
    ("exploration as wide as the actions", frozenset({"exploration-wide"}), {"network": WIDE}, None),
    ("hardly any exploration", frozenset({"exploration-collapsed"}), {"network": NARROW}, None),
    ("constant reward", frozenset({"constant-reward"}), {}, rewarded(lambda p, rng: np.zeros_like(p))),
    ("random reward", frozenset({"reward-noise"}), {}, rewarded(lambda p, rng: rng.standard_normal(p.shape))),
    ("reward for going away", frozenset({"reward-at-odds"}), {}, rewarded(lambda p, rng: -p)),
    ("not-a-number in the reward", frozenset({"not-a-number"}), {}, rewarded(nowhere)),
    ("detached log-probability", frozenset({"no-gradient"}), {}, detached),
    ("optimiser without the weights", frozenset({"weights-still"}), {}, frozen),
)
"""Each: what is spoiled, the first finding it should get, the settings, and what is done to the trainer."""


def broken(seeds: int) -> str:
    """Return a table of what is found first in trainings that are broken."""
    rows = []
    for name, right, flags, spoil in BROKEN:
        first: Counter[str] = Counter()
        for seed in range(seeds):
            history, findings = run(merge(FLEET, flags | {"seed": seed}), spoil)
            first[findings[0].kind if findings else "no finding"] += 1
            print(f"{name} {seed}: {history.success:.0%} {[f.kind for f in findings]}", file=sys.stderr)
        hits = sum(count for kind, count in first.items() if kind in right)
        found = ", ".join(f"{kind} {count}" for kind, count in first.most_common())
        rows.append([name, f"{hits}/{seeds}", found])
    return table(["broken", "right", "first findings"], rows)


def report(quick: bool = False) -> str:
    """Measure everything and return Markdown."""
    seeds, runs = (2, 10) if quick else (10, 50)
    return "\n\n".join([faults(seeds), healthy(runs), broken(2 if quick else 5)])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.health", description="The health report against the truth."
    )
    parser.add_argument("--quick", action="store_true", help="fewer seeds")
    parser.add_argument("--only", choices=("faults", "healthy", "broken"), help="one part alone")
    options = parser.parse_args(argv)
    parts = {"faults": lambda: faults(2 if options.quick else 10)}
    parts |= {"healthy": lambda: healthy(10 if options.quick else 50)}
    parts |= {"broken": lambda: broken(2 if options.quick else 5)}
    print(parts[options.only]() if options.only else report(options.quick))
    return 0


if __name__ == "__main__":
    sys.exit(main())
