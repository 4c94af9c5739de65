"""Stores and policies of version 33a0270: they open, drive, and go on bit for bit.

`tests/data/version_1` holds, for each of five trainings, its store when it was interrupted, the policy and
all tensors at the end of the same training in that version, and what that version's evaluation said.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from robot_agent.build.simulation import make_fleet
from robot_agent.build.training import make_trainer
from robot_agent.learning.evaluation import evaluate
from robot_agent.pilot import Pilot, build_policy
from robot_agent.runs.policy_file import read_policy
from robot_agent.runs.recorder import record, restore
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

DATA = Path(__file__).parents[2] / "data" / "version_1"
EXPECTED = json.loads((DATA / "expected.json").read_text())
RUNS = [name for name in EXPECTED if name != "arithmetic"]


def arithmetic():
    """Return a digest of this machine's rounding: another processor's matrix products differ in last bits."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((64, 32)), rng.standard_normal((32, 16))
    exact = (x @ w, np.tanh(x), np.exp(x), (torch.from_numpy(x) @ torch.from_numpy(w)).tanh().numpy())
    return hashlib.sha256(b"".join(values.tobytes() for values in exact)).hexdigest()


@pytest.fixture(params=RUNS)
def run(request, tmp_path):
    store = tmp_path / "runs.db"
    shutil.copy(DATA / f"{request.param}.db", store)
    return request.param, store


def test_a_training_goes_on_bit_for_bit(run):
    name, path = run
    with Store(path) as store:
        trainer = make_trainer(load(None, store.run(1).settings))
        try:
            restore(trainer, store, 1)
            assert trainer.moves == EXPECTED[name]["interrupted_at"]
            for _ in record(trainer, store, 1, checkpoint_seconds=0.0):
                pass
        finally:
            trainer.environment.close()
        _, tensors = store.checkpoint(1, "last")
        counts = {key: getattr(trainer, key) for key in ("moves", "updates", "episodes")}
        assert store.run(1).status == "finished" and list(store.episodes(1, 1))
    want = load_file(DATA / f"{name}.end.safetensors")
    for term in ("progress", "reached", "lost"):  # which the reward's terms are called since
        if (values := want.pop(f"standing.told.0.{term}", None)) is not None:
            want[f"standing.told.0.reward.{term}"] = values
    assert want.keys() <= tensors.keys()
    if arithmetic() == EXPECTED["arithmetic"]:
        assert counts == {key: EXPECTED[name][key] for key in counts}
        for key, value in want.items():
            np.testing.assert_array_equal(np.ravel(tensors[key]), np.ravel(value), err_msg=key)


@pytest.mark.parametrize("name", RUNS)
def test_a_policy_drives_as_it_did(name):
    tensors, settings = read_policy(DATA / f"{name}.policy.safetensors")
    config = load(None, settings)
    policy = build_policy(tensors, config, name)
    result = evaluate(make_fleet(config, 200), policy.greedy, episodes=200)
    assert result.success_rate == pytest.approx(EXPECTED[name]["success_rate"], abs=0.02)
    assert result.moves_mean == pytest.approx(EXPECTED[name]["moves_mean"], abs=0.3)
    assert Pilot.load(DATA / f"{name}.policy.safetensors") is not None


def test_settings_that_were_renamed_are_read_under_their_new_names(run):
    name, path = run
    with Store(path) as store:
        settings = store.run(1).settings
    assert settings["learner"].keys() >= {"gae_lambda", "epochs", "replay_batches", "clip_range"}
    assert settings["train"]["rollout_moves"] == (5 if name == "fleet-numpy" else 0)
    assert not {"trace", "passes", "window", "clip"} & settings["learner"].keys()
