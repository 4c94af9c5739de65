"""Two backends, one algorithm: the same weights, updates and success, and a machine without torch."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robot_agent import build as wiring
from robot_agent.build import make_trainer
from robot_agent.envs.task import Approach
from robot_agent.errors import SettingsError
from robot_agent.learning import numpy_policy
from robot_agent.learning import torch_policy as policy
from robot_agent.learning.backprop import numerical_gradient
from robot_agent.learning.events import Evaluated
from robot_agent.learning.learner import Rollout
from robot_agent.learning.reinforce import Reinforce
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

HERE = Path(__file__).parent
NETWORKS = [
    {},
    {"initialisation": "default", "hidden": (5,)},
    {"initialisation": "default", "activation": "relu", "output": "relu"},
]


def pair(seed: int = 3, **options):
    """The same policy in both backends, float64."""
    return (
        policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=torch.float64, **options),
        numpy_policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=np.float64, **options),
    )


def farthest(one, other) -> float:
    """The largest difference between the numbers of two learners; their names have to be the same."""
    mine, yours = (
        part.get_state() if isinstance(part, Reinforce) else part.tensors() for part in (one, other)
    )
    assert list(mine) == list(yours)
    return max(float(np.abs(mine[name] - yours[name].astype(float)).max()) for name in mine)


@pytest.mark.parametrize("options", NETWORKS)
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_the_same_seed_begins_with_the_same_weights(options, seed):
    assert farthest(*pair(seed, **options)) < 1e-7
    values = policy.ValueNetwork(2, seed=seed), numpy_policy.ValueNetwork(2, seed=seed)
    assert farthest(*values) == 0


@settings(max_examples=15)
@given(st.sampled_from(NETWORKS), st.integers(1, 30), st.integers(0, 9))
def test_the_policys_gradient_against_finite_differences(options, moves, seed):
    own = numpy_policy.GaussianPolicy(2, (-0.7, -0.3), seed=seed, dtype=np.float64, **options)
    rng = np.random.default_rng(seed)
    s, u, w = rng.standard_normal((moves, 2)), rng.standard_normal((moves, 2)), rng.standard_normal(moves)
    mine = own.gradients(s, u, w, 0.03)
    judge = numerical_gradient(
        lambda: float(w @ own.log_prob(s, u)) + 0.03 * own.entropy(), own.numbers.places, step=3e-6
    )
    difference = np.concatenate([(mine[name] - judge[name]).ravel() for name in judge])
    assert np.linalg.norm(difference) < 1e-6 * np.linalg.norm(
        np.concatenate([*map(np.ravel, judge.values())])
    )


def episodes(own, *, T: int = 6, N: int = 40, seed: int = 0) -> Rollout:
    rng = np.random.default_rng(seed)
    s = rng.standard_normal((T, N, 2))
    u = own.act(s.reshape(-1, 2), rng).reshape(T, N, 2)
    rewards = np.sin(s[..., 0]) * u[..., 0] - u[..., 1] ** 2
    alive = np.arange(T)[:, None] < rng.integers(1, T + 1, N)
    return Rollout(s, u, rewards, alive, s[-1], np.zeros(N, bool))


@pytest.mark.parametrize("options", NETWORKS)
@pytest.mark.parametrize(
    "learning",
    [
        {},
        {"entropy_bonus": 0.02},
        {"baseline": "value", "gae_lambda": 0.9, "epochs": 4, "replay_batches": 2, "mirror": True},
    ],
    ids=["plain", "entropy", "one-robot"],
)
def test_reinforce_makes_the_same_updates(options, learning):
    """Updates one after the other: policy, value network and both their Adams the same to 1e-9."""
    policies = pair(**options)
    values = (
        policy.ValueNetwork(2, seed=1, dtype=torch.float64),
        numpy_policy.ValueNetwork(2, seed=1, dtype=np.float64),
    )
    task, learning = Approach(), dict(learning)
    if learning.get("mirror"):
        learning["mirror"] = (task.mirror_observations, task.mirror_actions)
    with_value = learning.get("baseline") == "value"
    learners = [
        Reinforce(own, value=value if with_value else None, **learning)
        for own, value in zip(policies, values, strict=True)
    ]
    for seed in range(5):
        batch = episodes(policies[0], seed=seed)
        reports = [learner.update(batch, seed / 5) for learner in learners]
        assert reports[0].gradient_norm == pytest.approx(reports[1].gradient_norm, rel=1e-6)
    assert farthest(*learners) < 1e-9


def test_what_one_backend_learned_the_other_goes_on_with():
    first, other = pair()
    batches = [episodes(first, seed=seed) for seed in range(4)]
    learners = [Reinforce(first), Reinforce(other)]
    for batch in batches[:2]:
        learners[0].update(batch)
    learners[1].set_state(learners[0].get_state())
    for batch in batches[2:]:
        for learner in learners:
            learner.update(batch)
    assert farthest(*learners) < 1e-9


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
        run = _run(settings, store)["run"]
        other = _resumed(store, run, {"learner": {"backend": "torch"}, "train": {"moves": 16_000}})
        assert _run(other, store, resume=run)["moves"] >= 16_000
        assert store.run(run).settings["learner"]["backend"] == "torch"


def test_on_a_32_bit_system_torch_is_not_proposed(monkeypatch):
    monkeypatch.setattr(wiring, "has_torch", lambda: False)
    monkeypatch.setattr(wiring, "sys", SimpleNamespace(maxsize=2**31 - 1))
    with pytest.raises(SettingsError, match="no 32-bit packages"):
        wiring.open_backend("torch")
