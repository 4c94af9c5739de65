"""Findings on trainings: each spoiled thing is reported first, and a training that learns gets none."""

import json
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from robot_agent.build.simulation import make_physics, make_task
from robot_agent.build.training import make_trainer
from robot_agent.envs.task import Approach
from robot_agent.health.finding import Finding
from robot_agent.health.history import History
from robot_agent.health.report import report
from robot_agent.health.training import examine
from robot_agent.learning.events import Update
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load, merge

SHORT = {"seed": 0, "train": {"moves": 80_000, "evaluate_every": 80_000, "evaluation_episodes": 100}}


def train(flags=None, spoil=None) -> tuple[History, list[Finding]]:
    config = load(None, merge(SHORT, flags or {}))
    trainer = make_trainer(config)
    if spoil is not None:
        spoil(trainer)
    history = History.of(trainer.run())
    task, physics = make_task(config), make_physics(config.simulator)
    return history, report(history, task, policy=trainer.learner.policy, physics=physics)


def rewarded(change):
    """A spoiler that replaces the reward by what `change` makes of the progress."""

    def spoil(trainer):
        task, rng = trainer.environment.task, np.random.default_rng(0)
        judge = task.judge

        def spoiled(*arguments):
            terms, ending = judge(*arguments)
            return {"progress": change(terms["progress"], rng).astype(np.float32)}, ending

        task.judge = spoiled

    return spoil


def detached(trainer):
    policy = trainer.learner.policy
    ascend = policy.ascend
    policy.ascend = lambda s, u, w, **rest: ascend(s, u, np.zeros(len(s)), **rest)


def frozen(trainer):
    policy = trainer.learner.policy
    ascend = policy.ascend
    policy.ascend = lambda *given, **rest: ascend(*given, **(rest | {"learning_rate": 0.0}))


@pytest.mark.parametrize(
    ("kind", "flags", "spoil"),
    [
        ("dead-output", {"preset": "original", "seed": 4}, None),
        ("not-scaled", {"task": {"observation": "raw"}}, None),
        ("learning-rate-high", {"learner": {"learning_rate": 0.2}}, None),
        ("learning-rate-low", {"learner": {"learning_rate": 1e-5}}, None),
        ("exploration-wide", {"network": {"log_std_steering": 0, "log_std_duration": 0}}, None),
        (
            "exploration-collapsed",
            {
                "network": {"log_std_steering": -9, "log_std_duration": -9, "log_std_floor": -10},
                "train": {"moves": 120_000},
            },
            None,
        ),
        ("constant-reward", {}, rewarded(lambda progress, rng: np.zeros_like(progress))),
        ("reward-noise", {}, rewarded(lambda progress, rng: rng.standard_normal(progress.shape))),
        ("reward-at-odds", {}, rewarded(lambda progress, rng: -progress)),
        ("not-a-number", {}, rewarded(lambda progress, rng: progress / (rng.uniform() > 0.01))),
        ("no-gradient", {}, detached),
        ("weights-still", {}, frozen),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_spoiled_is_told_first(kind, flags, spoil):
    _, found = train(flags, spoil)
    assert found[0].kind == kind, [finding.kind for finding in found]
    assert found == sorted(found, key=lambda finding: -finding.sure)
    for finding in found:
        assert all(text.endswith(".") for text in (finding.seen, finding.means, finding.cure))


def test_the_original_network_is_told_what_to_change():
    for seed in range(3):
        history, found = train({"preset": "original", "seed": seed})
        assert history.success < 0.05
        assert {found[0].kind, found[1].kind} & {"dead-output", "not-scaled"}
        assert "task.observation=centre" in found[0].cure


@pytest.mark.parametrize(
    "flags",
    [
        {},
        {"task": {"action": "wheels", "reward": "log_width"}},
        {
            "preset": "one",
            "train": {"robots": 1, "moves": 2000, "episodes_per_update": 4, "evaluate_every": 2000},
        },
        pytest.param(
            {
                "preset": "one",
                "seed": 1,
                "learner": {"learning_rate": 0.001},
                "train": {"robots": 1, "moves": 3000, "episodes_per_update": 1, "evaluate_every": 3000},
            },
            marks=pytest.mark.slow,
        ),
    ],
    ids=["as it is", "wheels", "one robot", "R01: the spread of one return is 0"],
)
def test_a_training_that_learns_gets_no_finding(flags):
    train_flags = {"train": {"moves": 120_000, "evaluate_every": 120_000}}
    history, found = train(merge(train_flags, flags))
    assert history.success >= 0.5
    assert found == []


def test_nothing_certain_is_said_before_there_is_something_to_see():
    assert examine(History(), Approach()) == []
    history, _ = train({"train": {"moves": 3000}})
    assert examine(history, Approach()) == []


@pytest.fixture(scope="module")
def sound() -> History:
    return train()[0]


def test_a_baseline_that_explains_nothing_is_found(sound):
    rows = [
        {**row, "success_rate": 0.1, "report": {**row["report"], "explained_variance": 0.0}}
        for row in sound.updates
    ]
    found = examine(History(rows, [], sound.episodes), Approach())
    assert "baseline-useless" in [finding.kind for finding in found]


def test_one_layer_that_does_not_move_is_named(sound):
    rows = [{**row, "report": {**row["report"], "update_ratio": (0.01, 0.0, 0.01)}} for row in sound.updates]
    (found,) = examine(replace(sound, updates=rows), Approach())
    assert (found.kind, "layer 2" in found.seen) == ("weights-still", True)


WEAK = merge(SHORT, {"seed": 2, "simulator": {"left_gain": 0.8}, "train": {"moves": 120_000}})


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    """A run of robots with a weak left motor: its folder, what was printed, and the trainer."""
    folder, config = tmp_path_factory.mktemp("weak"), load(None, WEAK)
    trainer = make_trainer(config)
    with Store(folder / "robot-agent.db") as store:
        run = store.create_run(config.model_dump(mode="json"))
        return folder, History.of(record(trainer, store, run)), trainer


def test_a_lost_target_is_the_policys_fault_or_the_robots(sound, weak):
    """A finding that a bad policy or a faulty robot may cause says which of them is at fault."""

    def losing(history: History) -> list[Finding]:
        rows = [{**row, "endings": {"lost": 60, "reached": 40}} for row in history.updates]
        return report(replace(history, updates=rows), Approach(), physics=make_physics(load().simulator))

    found = {finding.kind: finding for finding in losing(weak[1])}
    assert found.keys() == {"weak-motor", "target-lost"}
    assert "repair that first" in found["target-lost"].means
    (found,) = losing(sound)
    assert "the policy's fault" in found.means


def test_a_run_is_looked_at_from_the_store_as_it_was_live(weak):
    folder, history, trainer = weak
    config = load(None, WEAK)
    task, physics = make_task(config), make_physics(config.simulator)
    live = report(history, task, policy=trainer.learner.policy, physics=physics)
    assert [finding.kind for finding in live] == ["weak-motor"]
    with Store(folder / "robot-agent.db") as store:
        kept = History(store.updates(1), store.evaluations(1), store.episodes(1))
    assert report(kept, task, policy=trainer.learner.policy, physics=physics) == live
    out = subprocess.run(
        [sys.executable, "-m", "robot_agent", "health", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    as_json = json.loads(json.dumps([asdict(finding) for finding in live]))
    assert json.loads(out.stdout)["findings"] == as_json


def test_what_an_update_reports_is_what_it_did():
    trainer = make_trainer(load(None, SHORT))
    before = trainer.learner.policy.tensors()
    update = next(event for event in trainer.run() if isinstance(event, Update))
    after = trainer.learner.policy.tensors()
    ratio = np.linalg.norm(after["mean.2.weight"] - before["mean.2.weight"])
    ratio /= np.linalg.norm(before["mean.2.weight"])
    assert update.report.update_ratio[1] == pytest.approx(ratio)
    assert update.report.return_std > 0
