"""Both backends learn alike, a run changes its backend, and a machine without PyTorch does all there is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from robot_agent.build import training as wiring
from robot_agent.build.training import make_trainer
from robot_agent.errors import SettingsError
from robot_agent.learning.events import Evaluated
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

HERE = Path(__file__).parents[1]


def success(backend: str, seed: int) -> float:
    """Train until 95 % of 300 held-out starts reach the goal, or 80,000 moves are made."""
    train = {"moves": 80_000, "evaluation_episodes": 300, "evaluate_every": 5000}
    trainer = make_trainer(load(flags={"seed": seed, "learner": {"backend": backend}, "train": train}))
    for event in trainer.run():
        if isinstance(event, Evaluated) and event.result.success_rate >= 0.95:
            break
    return event.result.success_rate if isinstance(event, Evaluated) else 0.0


def test_both_reach_the_same_success_over_five_seeds():
    reached = {name: [success(name, seed) for seed in range(5)] for name in ("torch", "numpy")}
    assert min(*reached["torch"], *reached["numpy"]) >= 0.95, reached


def without_torch(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(HERE / "without_torch"), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "-m", "robot_agent", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "200", "PYTHONPATH": path},
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    return result


def test_a_machine_without_torch_trains_resumes_evaluates_and_drives(tmp_path):
    here = {"cwd": tmp_path}
    few = ("--set", "train.evaluation_episodes=200")
    refused = without_torch("train", "--moves", "1000", code=2, **here)
    assert "--backend numpy" in refused.stderr
    without_torch("train", "--moves", "20000", "--seed", "1", "--backend", "numpy", *few, **here)
    told = without_torch("train", "--resume", "1", "--moves", "60000", "--json", *few, **here)
    assert json.loads(told.stdout)["success_rate"] >= 0.9
    result = json.loads(without_torch("evaluate", "--no-oracle", "--json", **here).stdout)
    assert result["success_rate"] >= 0.9
    without_torch("export", "1", **here)
    drive = ("drive", "--policy", "policy.safetensors", "--seed", "2", "--backend", "numpy", "--json")
    moves = [json.loads(line) for line in without_torch(*drive, **here).stdout.splitlines()]
    assert moves[-1]["ending"] == "reached"


def test_a_run_changes_its_backend(tmp_path):
    """Begun with NumPy, gone on with in torch; then the store says so."""
    settings = load(
        flags={
            "seed": 1,
            "store": tmp_path / "a.db",
            "learner": {"backend": "numpy"},
            "train": {"moves": 8000, "evaluation_episodes": 50},
        }
    )
    from robot_agent.commands.train import _resumed, _run

    with Store(settings.store) as store:
        run = _run(settings, store, None, None)["run"]
        flags = {"learner": {"backend": "torch"}, "train": {"moves": 16_000}}
        other = _resumed(store, run, flags, None, None)
        assert _run(other, store, None, run)["moves"] >= 16_000
        assert store.run(run).settings["learner"]["backend"] == "torch"


def test_on_a_32_bit_system_torch_is_not_proposed(monkeypatch):
    monkeypatch.setattr(wiring, "has_torch", lambda: False)
    monkeypatch.setattr(wiring, "sys", SimpleNamespace(maxsize=2**31 - 1))
    with pytest.raises(SettingsError, match="no 32-bit packages"):
        wiring.open_backend("torch")
