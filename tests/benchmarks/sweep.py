"""Measure sweeps and many seeds: what a sweep finds, the cost of a kill and of Ray, the gain of a cluster.

Run `python -m tests.benchmarks.sweep`, for all parts, or name some of: found killed ray rate.
"""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from robot_agent.sweep.job import Job, perform
from robot_agent.sweep.workers import Ended
from tests.benchmarks.machine import describe
from tests.benchmarks.table import table

PROGRAM = [sys.executable, "-m", "robot_agent"]

SPACE = """
preset = "quick"

[train]
evaluate_every = 1000

[sweep]
figure = "{figure}"
trials = {trials}
seeds = {seeds}
held_out_seeds = {held_out}
processes = {processes}

[space]
"learner.learning_rate" = {{low = 0.003, high = 0.3, log = true}}
"learner.epochs" = {{low = 1, high = 5}}
"learner.gamma" = {{low = 0.5, high = 0.95}}
"network.hidden" = {{choices = [[8], [16], [16, 16]]}}
"network.log_std_steering" = {{low = -3.5, high = -1.5}}
"""

SMALL = """
preset = "quick"

[train]
moves = 20000
evaluation_episodes = 200

[sweep]
trials = {trials}
seeds = 3
finalists = 2
held_out_seeds = 2
processes = {processes}

[space]
"learner.learning_rate" = {{low = 0.003, high = 0.3, log = true}}
"learner.epochs" = {{low = 1, high = 5}}
"""


def run(folder: Path, *words: str) -> dict[str, Any]:
    """Run a command with `--json` and return what it prints."""
    done = subprocess.run([*PROGRAM, *words, "--json"], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def found(folder: Path, *, quick: bool = False) -> str:
    """Return what a sweep of 64 trials finds from the settings of the preset quick, for each figure."""
    rows = []
    for figure in ("moves_to_95", "worst_seed", "held_out_robots"):
        (folder / f"{figure}.toml").write_text(
            SPACE.format(
                figure=figure,
                trials=8 if quick else 64,
                seeds=2 if quick else 8,
                held_out=4 if quick else 40,
                processes=2,
            )
        )
        began = time.monotonic()
        report = run(folder, "sweep", f"{figure}.toml")
        seconds = time.monotonic() - began
        held_out, form = report["held_out"], ",.0f" if figure == "moves_to_95" else ".1%"
        best = ", ".join(f"{name.split('.')[1]} {_word(v)}" for name, v in report["best"]["settings"].items())
        rows.append(
            [
                figure,
                format(held_out["without_sweep"], form),
                format(held_out["best"], form),
                f"{report['complete']} / {report['pruned']}",
                f"{seconds:.0f}",
                f"trial {report['best']['number']}: {best}",
            ]
        )
        print(rows[-1], file=sys.stderr, flush=True)
    header = ["figure", "quick as it is", "best of the sweep", "complete / pruned", "seconds", "settings"]
    return table(header, rows)


def _word(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def killed(folder: Path, *, quick: bool = False, kills: int = 8) -> str:
    """Kill a sweep at random moments, with everything it has started left to itself, and go on each time."""
    trials, rng = 8 if quick else 40, random.Random(1)
    texts = []
    for processes in (1, 2):
        whole, torn = folder / f"whole{processes}.toml", folder / f"torn{processes}.toml"
        for file in (whole, torn):
            file.write_text(SMALL.format(trials=trials, processes=processes))
        undisturbed = run(folder, "sweep", whole.name)
        died = 0
        for _ in range(2 if quick else kills):
            process = subprocess.Popen(
                [*PROGRAM, "sweep", torn.name],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(rng.uniform(1.5, 5.0))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                died += 1
            process.wait()
        report = run(folder, "sweep", torn.name)
        numbers = [row["number"] for row in report["trials"]]
        assert numbers == list(range(trials)), numbers
        for row in report["trials"]:
            seeds = [one["seed"] for one in row["seeds"]]
            assert row["state"] in ("complete", "pruned"), row
            assert seeds == list(range(3)) or (row["state"] == "pruned" and len(set(seeds)) == len(seeds)), (
                row
            )
        same = _without_seconds(report["trials"]) == _without_seconds(undisturbed["trials"])
        assert same or processes > 1
        texts.append(
            f"{processes} at once: killed {died} times, {trials} of {trials} trials, each once; the same "
            f"trials and numbers as without kills: "
            f"{'yes' if same else 'no, the results came in another order'}."
        )
    return "\n".join(texts)


def _without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_seconds(one) for name, one in value.items() if not name.startswith("seconds")}
    return [_without_seconds(one) for one in value] if isinstance(value, list) else value


def ray(folder: Path, *, quick: bool = False) -> str:
    """Run seeds and a sweep on a cluster of two nodes, one of which is killed in the middle."""
    from ray.cluster_utils import Cluster

    seeds, trials = 12 if quick else 100, 8 if quick else 64
    train = ["train", "--preset", "quick", "--seeds", f"0..{seeds - 1}", "--set", "train.moves=50000"]
    train += ["--set", "train.evaluation_episodes=200"]
    local = run(folder, *train)
    alone = run(folder, *train, "--on", "ray")
    same = _without_seconds(local) == _without_seconds(alone)
    texts = [f"train --seeds 0..{seeds - 1} with Ray on this machine is the same as without: {same}."]
    os.environ |= {"PYTHONPATH": str(Path.cwd()), "RAY_worker_niceness": "0"}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        for what in ("seeds", "sweep"):
            node = cluster.add_node(num_cpus=1)
            where = ("--on", f"ray:{cluster.address}", "--json")
            if what == "seeds":
                words = [*train, *where]
            else:
                (folder / "ray.toml").write_text(SMALL.format(trials=trials, processes=2))
                words = ["sweep", "ray.toml", *where]
            process = subprocess.Popen(
                [*PROGRAM, *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            try:
                process.wait(10.0 if quick else 20.0)
                raise RuntimeError("It was over before a node could be killed.")
            except subprocess.TimeoutExpired:
                cluster.remove_node(node, allow_graceful=False)
            out, err = process.communicate()
            if process.returncode:
                raise RuntimeError(err)
            result = json.loads(out)
            if what == "seeds":
                same = _without_seconds(result) == _without_seconds(local)
                texts.append(f"The same on two nodes, one killed in the middle: {same}.")
            else:
                states = [row["state"] for row in result["trials"]]
                texts.append(
                    f"A sweep on two nodes, one killed in the middle: {len(states)} of {trials} trials, "
                    f"{states.count('complete')} complete, {states.count('pruned')} pruned, "
                    f"{states.count('fail')} failed."
                )
    finally:
        cluster.shutdown()
    return "\n".join(texts)


class Instant:
    """Workers that have the result at once: what is left is the time of the sweep itself."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.result, self.jobs = result, list[Job]()
        self.done = 0

    def places(self) -> int:
        return 8

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def wait(self) -> list[Ended]:
        ended = []
        for job in self.jobs:
            outcome = self.result["outcome"] | {"seed": job.seed, "moves_to_95": 5000 + hash(job.key) % 1000}
            ended.append(Ended(job, {"outcome": outcome}))
        self.jobs.clear()
        self.done += len(ended)
        return ended

    def close(self) -> None:
        pass


def rate(folder: Path, *, quick: bool = False) -> str:
    """Return trials a second with 1 and 2 workers, the overhead, and what more machines would give."""
    trials = 8 if quick else 32
    rows, trainings = [], 0.0
    for name, words in (("processes", ()), ("Ray", ("--on", "ray"))):
        for number in (1, 2):
            file = folder / f"rate-{name}-{number}.toml"
            text = SMALL.format(trials=trials, processes=number).replace("20000", "100000")
            text = text.replace("[space]", 'pruner = "none"\n\n[space]').replace(
                "finalists = 2", "finalists = 0"
            )
            file.write_text(text.replace("held_out_seeds = 2", "held_out_seeds = 0"))
            began = time.monotonic()
            report = run(folder, "sweep", file.name, *words)
            seconds = time.monotonic() - began
            trainings = 3.0 * len(report["trials"])
            rows.append(
                [name, str(number), f"{trials / seconds:.2f}", f"{seconds:.1f}", f"{trainings / seconds:.2f}"]
            )
            print(rows[-1], file=sys.stderr, flush=True)
    text = table(["", "at once", "trials a second", "seconds", "trainings a second"], rows)
    return f"{text}\n\n{_machines(folder, quick=quick)}"


def _machines(folder: Path, *, quick: bool) -> str:
    """Return what more machines would give, from what one training takes and what a trial costs the sweep.

    All in CPU seconds, so that it does not matter what else the machine does.
    """
    from robot_agent.settings.config import load
    from robot_agent.sweep.search import Search
    from robot_agent.sweep.space import read_space
    from robot_agent.sweep.trials import Trials

    seeds, trials = 5, 20 if quick else 100
    takes, results = {}, {}
    for preset in ("quick", "fleet"):
        values = load(None, {"preset": preset}).model_dump(mode="json")
        perform(Job("", values, 0))
        times = []
        for seed in range(1, 4):
            began = time.process_time()
            results[preset] = perform(Job("", values, seed))
            times.append(time.process_time() - began)
        takes[preset] = statistics.median(times)
    file = folder / "instant.toml"
    text = SPACE.format(figure="moves_to_95", trials=trials, seeds=seeds, held_out=0, processes=1)
    file.write_text(text.replace("[space]", 'pruner = "none"\nfinalists = 0\n\n[space]'))
    workers = Instant(results["quick"])
    search = Search(Trials(read_space(file)))
    began = time.process_time()
    for _ in search.run(workers):
        pass
    each = (time.process_time() - began) / trials
    ray_task = _ray_task(20 if quick else 200)
    head = (
        f"In CPU seconds, a training takes {takes['quick']:.2f} (quick) or {takes['fleet']:.2f} (default). "
        f"A trial of {seeds} seeds costs the sweep itself {1000 * each:.0f} ms (mean of {trials}), and Ray "
        f"{1000 * ray_task:.1f} ms a training. Trials a second of {seeds} seeds, by these figures:"
    )
    rows = []
    for machines in (1, 2, 10, 30, 100):
        row = [str(machines), str(4 * machines)]
        for preset in ("quick", "fleet"):
            free = 4 * machines / (seeds * (takes[preset] + ray_task))
            most = 1.0 / (each + seeds * ray_task)
            row.append(f"{min(free, most):.1f}" + (" (the sweep's own limit)" if most < free else ""))
        rows.append(row)
    return f"{head}\n\n" + table(["machines", "cores", "preset quick", "the default"], rows)


def _ray_task(tasks: int) -> float:
    """Return the CPU seconds that Ray needs here for a training in which nothing is to be done."""
    from robot_agent.sweep.on_ray import RayWorkers
    from robot_agent.sweep.workers import work_off

    refused = {"robot": "nobody", "task": {"max_moves": 0}}  # refused at once
    jobs = iter([Job(str(number), refused, number) for number in range(tasks)])
    workers = RayWorkers("", 2)
    try:
        for _ in work_off(workers, _once(refused)):
            pass
        began = time.process_time()
        for _ in work_off(workers, lambda: next(jobs, None)):
            pass
        return (time.process_time() - began) / tasks
    finally:
        workers.close()


def _once(settings: dict[str, Any]) -> Any:
    first = iter([Job("first", settings, 0)])
    return lambda: next(first, None)


PARTS = {"found": found, "killed": killed, "ray": ray, "rate": rate}


def main(words: Sequence[str]) -> int:
    """Measure the parts that are named, or all."""
    quick = "--quick" in words
    print(f"Measured on {describe()}.", flush=True)
    for name in [word for word in words if word in PARTS] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            print(f"\n### {name}\n\n{PARTS[name](Path(folder), quick=quick)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
