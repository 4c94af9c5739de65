"""Measure the cost of keeping pictures, what is left of them after a kill, and how long exports take.

    python -m tests.benchmarks.keeping period [--moves N]
    python -m tests.benchmarks.keeping killed
    python -m tests.benchmarks.keeping export [--moves N]

`period` trains one rendered robot with and without pictures, in alternation, and gives the seconds per move
and their ratio. `killed` ends such a training ten times with SIGKILL, at random moments; all stored moves
must be whole, and no file of pictures may be cut off. `export` writes a run in each format.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

from robot_agent.build.driving import keep_pictures
from robot_agent.build.training import make_trainer
from robot_agent.datasets.export import Source, export
from robot_agent.datasets.moves import kept_episodes
from robot_agent.envs.rollout import Move
from robot_agent.runs.pictures import Pictures
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load, merge
from tests.benchmarks.table import table

RENDERED = {
    "robot": "sim",
    "seed": 1,
    "preset": "one",
    "simulator": {"rendered": True},
    "learner": {"backend": "numpy"},
}
BLOCK, PAIRS, KILLS = 200, 10, 10


def train(store: Store, moves: int, megabytes: float) -> list[float]:
    """Train one rendered robot; returns the seconds between its moves."""
    config = load(None, merge(RENDERED, {"pictures": {"megabytes": megabytes}, "train": {"moves": moves}}))
    trainer = make_trainer(config)
    trainer.evaluator = None
    run = store.create_run(config.model_dump(mode="json"))
    kept = keep_pictures(config, trainer.environment, store, run, print)
    ends = []
    with closing(record(trainer, store, run, pictures=kept)) as events:
        for event in events:
            if isinstance(event, Move):
                ends.append(time.perf_counter())
    trainer.environment.close()
    return [after - before for before, after in zip(ends, ends[1:], strict=False)]


def period(moves: int) -> None:
    """Print the loop's period with pictures and without."""
    rows, ratios = [], []
    for pair in range(PAIRS):
        medians = {}
        for megabytes in (0, 100) if pair % 2 else (100, 0):
            with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.db") as store:
                seconds = train(store, moves, megabytes)
            medians[megabytes] = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
        ratios.append(medians[100][0] / medians[0][0])
        rows.append(
            [str(pair), *(f"{1e3 * s:.2f}" for m in (0, 100) for s in medians[m]), f"{ratios[-1]:.2f}"]
        )
    heads = ["pair", "without, ms", "p99", "with, ms", "p99", "ratio"]
    print(table(heads, rows), f"\nmedian ratio {statistics.median(ratios):.3f}")


def killed() -> None:
    """Kill a training at random moments, and look at what is left."""
    moments, rows = random.Random(3), []
    for kill in range(KILLS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "runs.db"
            program = f"""
import sys
from pathlib import Path
from robot_agent.runs.store import Store
from tests.benchmarks.keeping import train
with Store(Path({str(path)!r})) as store:
    print("going", flush=True)
    train(store, 100_000, 100)
"""
            process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None and process.stdout.readline()
            time.sleep(moments.uniform(2, 8))
            process.send_signal(signal.SIGKILL)
            process.wait()
            with Store(path) as store:
                sound = store.db.execute("PRAGMA integrity_check").fetchone()[0]
                (run,) = store.runs()
                lengths = {one.number: len(one) for one in kept_episodes(store, run.id)}
                pictures = Pictures(path)
                kept = {number: len(pictures.read(run.id, number)) for number in pictures.episodes(run.id)}
                broken = sum(_is_cut_off(file) for file in pictures.folder.rglob("*.zip"))
                lost = [number for number in lengths if number not in kept]
                wrong = sum(number in lengths and n != lengths[number] + 1 for number, n in kept.items())
            newest = max(lengths, default=0)
            rows.append([str(kill), sound, str(len(lengths)), str(len(kept)), str(broken), str(wrong)])
            rows[-1] += [", ".join(str(number - newest) for number in lost) or "none"]
    heads = [
        "kill",
        "store",
        "episodes",
        "with pictures",
        "cut off",
        "wrong number",
        "without, from the last",
    ]
    print(table(heads, rows))


def _is_cut_off(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as opened:
            return opened.testzip() is not None
    except zipfile.BadZipFile:
        return True


def exports(moves: int) -> None:
    """Print seconds and size of each format."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "runs.db") as store:
        begun = time.perf_counter()
        train(store, moves, 10_000)
        pictures = Pictures(store.path)
        size = sum(file.stat().st_size for file in pictures.folder.rglob("*.zip"))
        print(f"trained in {time.perf_counter() - begun:.0f} s, pictures {size / 1e6:.1f} MB")
        rows = []
        for kind, wanted in (
            ("csv", False),
            ("minari", False),
            ("mcap", True),
            ("lerobot", True),
        ):
            place, counts = Path(folder) / f"{kind}{wanted}", []
            begun = time.perf_counter()
            export(kind, place, Source(store, [1], wanted), counts.append)
            seconds = time.perf_counter() - begun
            files = [place] if place.is_file() else place.rglob("*")
            size = sum(file.stat().st_size for file in files if file.is_file())
            rows.append(
                [kind, "yes" if wanted else "no", str(sum(counts)), f"{seconds:.1f}", f"{size / 1e6:.1f}"]
            )
        print(table(["format", "pictures", "moves", "seconds", "MB"], rows))


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("period", "killed", "export"))
    parser.add_argument("--moves", type=int, default=None)
    asked = parser.parse_args()
    if asked.what == "period":
        period(asked.moves or BLOCK)
    elif asked.what == "killed":
        killed()
    else:
        exports(asked.moves or 10_000)


if __name__ == "__main__":
    main()
