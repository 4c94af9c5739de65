"""Small trainings, and commands in a folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SETTINGS = {
    "preset": "quick",
    "train": {
        "moves": 4000,
        "robots": 32,
        "episodes_per_update": 32,
        "evaluate_every": 1000,
        "evaluation_episodes": 60,
    },
}
FLAGS = ["--preset", "quick"]
for _name, _value in SETTINGS["train"].items():
    FLAGS += ["--set", f"train.{_name}={_value}"]

SPACE = """
preset = "quick"

[train]
moves = 4000
robots = 32
episodes_per_update = 32
evaluate_every = 1000
evaluation_episodes = 60

[sweep]
trials = 8
seeds = 2
finalists = 2
held_out_seeds = 2
processes = {processes}

[space]
"learner.learning_rate" = {{low = 0.003, high = 0.3, log = true}}
"learner.epochs" = {{low = 1, high = 4}}
"network.hidden" = {{choices = [[8], [16], [8, 8]]}}
"""


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "robot_agent", *words]


def run(folder: Path, *words: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200"} | variables
    done = subprocess.run(command(*words), cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def without_seconds(value: Any) -> Any:
    """Leave out of JSON values what a clock has measured."""
    if isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict):
        return {
            name: without_seconds(one) if isinstance(one, dict | list) else one
            for name, one in value.items()
            if not name.startswith("seconds") and name != "changed"
        }
    return [without_seconds(one) if isinstance(one, dict | list) else one for one in value]
