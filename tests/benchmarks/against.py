"""Compare this version with an older one: ratios of the time and memory of what people wait for.

    git worktree add --detach ../older 33a0270
    python -m tests.benchmarks.against ../older [--pairs 5] [--only quick]

Each line is a program that runs with the older version and with this one, in alternation. Measured are the
CPU seconds of the program and its children, because a busy machine changes them little, and the largest
memory of one of these processes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.table import table

HERE = Path(__file__).resolve().parents[2]
IMPORTS = """
import numpy as np
try:
    from robot_agent.build.simulation import make_fleet
    from robot_agent.build.training import make_policy
    from robot_agent.settings.config import load
except ImportError:  # until 33a0270
    from robot_agent.wiring import make_fleet, make_policy
    from robot_agent.config import load
"""
ACT = """
policy = make_policy(load(None, {"seed": 0, "learner": {"backend": %r}}), 0)
see = np.zeros((1, 2), np.float32)
rng = np.random.default_rng(0)
for _ in range(20_000):
    policy.act(see, rng)
"""
MOVES = """
fleet = make_fleet(load(None, {"seed": 0}), 256, 0)
fleet.reset(seed=0)
actions = np.zeros((256, 2), np.float32)
for _ in range(4000):
    _, _, _, _, info = fleet.step(actions)
    over = info["ending"] != 0
    if over.all():
        fleet.reset()
"""
SERVER = """
try:
    import server.command_line
except ImportError:  # until 33a0270
    import server.__main__
"""
COMMAND = """
import sys
from robot_agent.__main__ import main
sys.argv = ["robot-agent", *{}]
main()
"""
PROGRAMS = {
    "train, PyTorch": COMMAND.format(["train", "--seed", "0", "--backend", "torch"]),
    "train, NumPy": COMMAND.format(["train", "--seed", "0", "--backend", "numpy"]),
    "train --preset quick": COMMAND.format(["train", "--seed", "0", "--preset", "quick"]),
    "Policy.act, PyTorch": IMPORTS + ACT % "torch",
    "Policy.act, NumPy": IMPORTS + ACT % "numpy",
    "simulator, 1,024,000 moves": IMPORTS + MOVES,
    "robot-agent --help": COMMAND.format(["--help"]),
    "importing robot-server": SERVER,
    "importing the guard": "import robot_agent.guard.__main__",
}
MEASURE = """
import resource, subprocess, sys
command = [sys.executable, "-c", sys.stdin.read()]
done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, done.returncode)
print(done.stderr[-500:], file=sys.stderr)
"""


def measure(checkout: Path, program: str) -> tuple[float, float] | str:
    """Return CPU seconds and megabytes of a program under a checkout; in words why it did not run."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE],
            input=program,
            capture_output=True,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"},
        )
    seconds, megabytes, code = done.stdout.split()
    return done.stderr if code != "0" else (float(seconds), float(megabytes))


def weight(checkout: Path) -> float:
    """Return kilobytes of the page's files."""
    return sum(file.stat().st_size for file in (checkout / "server" / "static").rglob("*")) / 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("older", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="", help="Only programs with this in their name.")
    asked = parser.parse_args()
    rows = []
    for name, program in PROGRAMS.items():
        if asked.only not in name:
            continue
        pairs = []
        for number in range(asked.pairs):
            order = [asked.older.resolve(), HERE][:: -1 if number % 2 else 1]
            found = {checkout: measure(checkout, program) for checkout in order}
            if wrong := [why for why in found.values() if isinstance(why, str)]:
                print(f"{name} did not run: {wrong[0].strip().splitlines()[-1]}")
                break
            pairs.append((found[asked.older.resolve()], found[HERE]))
        else:
            seconds = [statistics.median(pair[which][0] for pair in pairs) for which in (0, 1)]
            ratios = sorted(pair[1][0] / pair[0][0] for pair in pairs)
            memory = [statistics.median(pair[which][1] for pair in pairs) for which in (0, 1)]
            rows.append([name, *(f"{s:.2f}" for s in seconds), f"{statistics.median(ratios):.2f}"])
            rows[-1] += [f"{ratios[0]:.2f} to {ratios[-1]:.2f}", *(f"{m:.0f}" for m in memory)]
    heads = ["", "before, CPU s", "now", "ratio", "of the pairs", "before, MB", "now"]
    print(table(heads, rows))
    print(f"page: {weight(asked.older):.0f} kB before, {weight(HERE):.0f} kB now")


if __name__ == "__main__":
    main()
