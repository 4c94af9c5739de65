"""Measure how much the training of one robot writes to the disk in a day, with all its episodes."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

EPISODE_SECONDS = 25.0
"""Of a real robot: some ten moves of a second each with their pictures, and the way to the next start."""

CODE = """
import json, sys
from pathlib import Path
from robot_agent.settings.config import load
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.learning.events import Episode
from robot_agent.build.training import make_trainer

def written():
    return int(Path("/proc/self/io").read_text().split("\\nwrite_bytes: ")[1].split()[0])

settings = {"preset": "one", "seed": 1, "train": {"moves": 200_000}, "learner": {"backend": sys.argv[2]}}
config = load(None, settings)
with Store(sys.argv[1]) as store:
    trainer = make_trainer(config)
    trainer.evaluator = None  # as a real robot, which there is no second one of
    run = store.create_run(config.model_dump(mode="json"))
    episodes, before = 0, written()
    for event in record(trainer, store, run, checkpoint_seconds=config.train.checkpoint_seconds):
        episodes += isinstance(event, Episode)
        if episodes >= int(sys.argv[3]):
            break
    print(json.dumps({"episodes": episodes, "bytes": written() - before}))
"""


def measure(backend="numpy", episodes=3456):
    """Train one robot for so many episodes, and return what was written."""
    # On a real file system: what is written to one in memory is not counted.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        said = subprocess.run(
            [sys.executable, "-c", CODE, str(Path(folder) / "runs.db"), backend, str(episodes)],
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(said.stdout.splitlines()[-1])


def report(quick=False):
    """Return the table: a day, or quickly an hour that stands for it."""
    made = measure(episodes=round((3600 if quick else 86400) / EPISODE_SECONDS))
    an_episode = made["bytes"] / made["episodes"]
    a_day = an_episode * 86400 / EPISODE_SECONDS
    return (
        "| one robot's training writes | |\n|---|--:|\n"
        f"| in {made['episodes']} episodes | {made['bytes'] / 1e6:.1f} MB |\n"
        f"| an episode | {an_episode / 1e3:.1f} kB |\n"
        f"| a day, an episode every {EPISODE_SECONDS:.0f} s | {a_day / 1e6:.0f} MB |"
    )
