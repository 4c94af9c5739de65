"""Which input a network answers most to, where the answer is known; and what changed between two policies."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from robot_agent.build.training import make_trainer
from robot_agent.envs.task import Approach
from robot_agent.learning.insight import changes, extremes, maximise, slope_of
from robot_agent.learning.mlp import MLP
from robot_agent.learning.torch_policy import GaussianPolicy
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load
from vision.sight import SLICES


class Hill(torch.nn.Module):
    """Two hills: one of height 1 at (0.2, 0.7), one of height 2 at (0.8, 0.3)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low = torch.exp(-20 * ((x - torch.tensor([0.2, 0.7], dtype=x.dtype)) ** 2).sum(-1))
        high = 2 * torch.exp(-20 * ((x - torch.tensor([0.8, 0.3], dtype=x.dtype)) ** 2).sum(-1))
        return low + high


def test_the_higher_of_two_hills_is_found():
    top = maximise(slope_of(Hill()), [0, 0], [1, 1])
    assert top.x == pytest.approx([0.8, 0.3], abs=2e-3)
    assert top.value == pytest.approx(2.0, abs=1e-3)
    assert 0.2 < top.agreement < 1.0, "some starts climbed the other one"


@pytest.mark.parametrize("minimise", [False, True])
def test_bounds_hold_an_ascent_that_would_run_away(minimise):
    """A linear network has its largest output in a corner, whichever scale its inputs have."""
    network = MLP.create([3, 1], seed=0)
    network.parameters["0.weight"][:] = [[2.0, -0.01, 1.0]]
    low, high = np.array([-1.0, 0.0, 5.0]), np.array([1.0, 100.0, 6.0])
    top = maximise(slope_of(network), low, high, minimise=minimise)
    assert top.x == pytest.approx([-1, 100, 5] if minimise else [1, 0, 6])
    assert top.agreement == 1.0


def test_both_backends_find_the_same():
    by_hand = MLP.create([2, 16, 2], seed=3)
    module = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2)).double()
    module.load_state_dict({name: torch.tensor(value) for name, value in by_hand.parameters.items()})
    for output in (0, 1, [0.5, -1.0]):
        tops = [maximise(slope_of(net, output), [-2, -2], [2, 2]) for net in (by_hand, module)]
        assert tops[0].x == pytest.approx(tops[1].x, abs=1e-6)
        grid = np.stack(np.meshgrid(*[np.linspace(-2, 2, 201)] * 2), axis=-1).reshape(-1, 2)
        y = by_hand(grid)
        best = (y[:, output] if isinstance(output, int) else y @ np.array(output)).max()
        assert tops[0].value >= best - 1e-9


def lively(seed: int, **settings) -> GaussianPolicy:
    return GaussianPolicy(2, (-2.5, -1.5), initialisation="default", seed=seed, **settings)


@pytest.mark.parametrize("observation", ["centre", "ends"])
@pytest.mark.parametrize("seed", range(3))
def test_the_extremes_of_a_policy_are_those_of_all_sights(observation, seed):
    policy, task = lively(seed), Approach(observation=observation)
    found = {one.name: one for one in extremes(policy, task)}
    sights = np.array(np.triu_indices(SLICES))
    u = policy.greedy(task.observe(sights))
    assert found["sharpest left"].value == pytest.approx(u[:, 0].min(), abs=0.01)
    assert found["sharpest right"].value == pytest.approx(u[:, 0].max(), abs=0.01)
    assert found["longest"].value == pytest.approx(u[:, 1].max(), abs=0.01)
    assert found["shortest"].value == pytest.approx(u[:, 1].min(), abs=0.01)
    for one in found.values():
        assert 0 <= one.x1 <= one.x2 < SLICES
    longest = found["longest"]
    pulse = task.pulses(policy.greedy(task.observe(np.array([[longest.x1], [longest.x2]]))))
    assert longest.seconds == pytest.approx(float(pulse.seconds[0]))


def test_the_least_sure_move_is_where_a_slice_changes_most():
    policy, task = lively(1), Approach(observation="ends")
    least = {one.name: one for one in extremes(policy, task)}["least sure"]
    here = np.array([[least.x1], [least.x2]])
    near = [
        np.clip(here + step, 0, SLICES - 1) for step in ([[1], [0]], [[0], [1]], [[-1], [0]], [[0], [-1]])
    ]
    u = policy.greedy(task.observe(here))
    moved = [np.linalg.norm((policy.greedy(task.observe(there)) - u) / policy.std) for there in near]
    assert max(moved) == pytest.approx(least.value, rel=0.2)


def test_what_changed_is_told_where_it_did():
    task, policy = Approach(), lively(2)
    tensors = policy.tensors()
    other = lively(5)
    other.load(tensors | {"mean.4.bias": tensors["mean.4.bias"] + np.array([0.2, 0.0], np.float32)})
    same, more = changes((policy, task), (policy, task)), changes((policy, task), (other, task))
    assert same.size == (0.0, 0.0)
    assert more.size[0] == pytest.approx(0.2 * 0.99, rel=0.02), "left minus right grows by 0.99 x 0.2"
    assert more.size[1] == 0.0
    assert more.turn[more.most_turned] == pytest.approx(0.198, abs=1e-3)


def test_the_picture_that_a_detector_network_likes_most_is_found():
    from vision.training.network import SliceNetwork
    from vision.training.own import SHIPPED_WEIGHTS, read_weights

    shape = (3, 64, 84)
    network = SliceNetwork()
    network.load(read_weights(SHIPPED_WEIGHTS))
    network.eval()
    flat = torch.nn.Sequential(torch.nn.Unflatten(1, shape), network)
    wish = np.full(42, -1 / 36)
    wish[18:24] = 1 / 6
    top = maximise(slope_of(flat, wish), [0.0] * 16128, [1.0] * 16128, starts=2, steps=60)
    assert top.x.min() >= 0 and top.x.max() <= 1
    noise = np.random.default_rng(1).uniform(size=(1, 16128))
    seen, before = (
        torch.sigmoid(flat(torch.tensor(x, dtype=torch.float32).reshape(1, -1)))[0] for x in (top.x, noise)
    )
    assert before.max() < 0.5, "it sees nothing in noise"
    assert seen[18:24].min() > 0.9 and max(seen[:14].max(), seen[28:].max()) < 0.1


def test_the_command_tells_extremes_and_draws_what_changed(tmp_path):
    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "robot_agent", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"COLUMNS": "200"},
        ).stdout

    config = load(None, {"seed": 1, "train": {"moves": 12_000, "evaluation_episodes": 50}})
    with Store(tmp_path / "robot-agent.db") as store:
        run_number = store.create_run(config.model_dump(mode="json"))
        for _ in record(make_trainer(config), store, run_number):
            pass
        first = store.checkpoints(run_number)[0].id
    names = [one["name"] for one in json.loads(run("insight", "1", "--json"))]
    assert names == ["sharpest left", "sharpest right", "longest", "shortest", "least sure"]
    told = json.loads(run("insight", f"1:{first}", "1:last", "--out", "change.png", "--json"))
    assert told["turn"]["rms"] > 0
    assert (tmp_path / "change.png").stat().st_size > 10_000
