"""A task of somebody's own: taken by name, checked, and seen in the store as it names its reward's terms."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import robot_agent.commands
from robot_agent.build.simulation import make_fleet, make_task
from robot_agent.build.training import make_trainer
from robot_agent.envs.own_task import check_task
from robot_agent.envs.task import Approach
from robot_agent.errors import SettingsError
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.events import Evaluated
from robot_agent.runs.policy_file import load_for_policy, save_policy
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load


def run(*words: object):
    for name in ("train", "evaluate", "drive"):
        __import__(f"robot_agent.commands.{name}")
    return CliRunner().invoke(robot_agent.commands.app, [str(word) for word in words], catch_exceptions=False)


def test_a_term_of_ones_own_arrives_in_the_store(tmp_path):
    flags = {"seed": 1, "preset": "quick", "train": {"moves": 30_000}, "task": {"factory": "own_task:Smooth"}}
    trainer = make_trainer(load(None, flags))
    with Store(tmp_path / "runs.db") as store:
        number = store.create_run({})
        for _ in record(trainer, store, number):
            pass
        steps = [episode["steps"] for episode in store.episodes(number)]
    terms = [name for name in steps[0] if name.startswith("reward.")]
    assert {term.removeprefix("reward.") for term in terms} == {"progress", "reached", "lost", "smooth"}
    assert min(one["reward.smooth"].min() for one in steps) < 0
    for one in steps:
        assert sum(one[term] for term in terms) == pytest.approx(one["reward"], abs=1e-5)


def test_a_task_that_shares_nothing_is_learned(tmp_path):
    """The settings that its factory names reach it; its wheels turn on the spot."""
    flags = {
        "seed": 0,
        "task": {"factory": "own_task:Centre", "max_moves": 12},
        "train": {"moves": 60_000, "evaluation_episodes": 200},
    }
    config = load(None, flags)
    assert make_task(config).max_moves == 12
    trainer = make_trainer(config)
    rates = [event.result.success_rate for event in trainer.run() if isinstance(event, Evaluated)]
    assert rates[-1] >= 0.95
    assert rates[-1] > rates[0]
    assert evaluate(make_fleet(config, 100), trainer.learner.policy.greedy, episodes=100).success_rate >= 0.9


def test_it_trains_evaluates_and_drives_from_the_command_line(tmp_path):
    store = tmp_path / "runs.db"
    here = ("--store", store, "--json")
    done = run("train", "--task", "own_task:Smooth", "--moves", 4000, "--seed", 1, "--preset", "quick", *here)
    assert done.exit_code == 0, done.output
    done = run("evaluate", "1", "--episodes", 50, *here)
    assert json.loads(done.stdout)["oracle_moves_mean"] is None, "the oracle knows one task"
    done = run("drive", "--policy", "1", "--seed", 3, *here)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[0])["move"] == 1


def test_a_policy_file_does_not_choose_what_is_imported(tmp_path):
    config = load(None, {"task": {"factory": "own_task:Smooth"}, "learner": {"backend": "numpy"}})
    file = tmp_path / "policy.safetensors"
    save_policy(file, {"log_std": np.zeros(2, np.float32)}, config.model_dump(mode="json"))
    own = config.model_dump(mode="json")
    with pytest.raises(SettingsError, match=r"trained for the task 'own_task:Smooth'.*--task"):
        load_for_policy(own, None, {}, from_file=True)
    named = load_for_policy(own, None, {"task": {"factory": "own_task:Smooth"}}, from_file=True)
    assert named.task.factory == "own_task:Smooth"
    assert load_for_policy(own, None, {}, from_file=False).task.factory == "own_task:Smooth"


@pytest.mark.parametrize(
    ("factory", "words"),
    [
        ("nowhere_at_all:build", "There is no module 'nowhere_at_all'"),
        ("own_task:nothing", "no factory 'nothing'"),
        ("own_task", "MODULE:FACTORY"),
        ("own_task:incomplete", "it lacks goal; see Task in robot_agent/envs/task.py"),
        ("own_task:endless", "never ends an episode; let it return TIMEOUT"),
        ("own_task:misshapen", r"the term progress must have the shape \(903,\), not \(\)"),
        ("own_task:broken", r"observe\(\) of the task .* failed: AttributeError.*line \d+ of own_task.py"),
        ("own_task:too_long", "seconds from 0 to 1.5"),
    ],
)
def test_a_task_that_cannot_be_used_gets_one_sentence_with_the_cure(factory, words):
    with pytest.raises(SettingsError, match=words):
        make_task(load(None, {"task": {"factory": factory}}))


def test_the_task_of_this_package_passes_its_own_check():
    for action in ("curvature", "wheels"):
        for observation in ("centre", "ends", "raw"):
            check_task(Approach(action=action, observation=observation), "own")


def test_a_mirror_needs_a_task_that_has_one():
    flags = {
        "preset": "one",
        "seed": 1,
        "simulator": {"rendered": True},
        "task": {"factory": "own_task:Centre"},
    }
    with pytest.raises(SettingsError, match=r"set learner\.mirror=false"):
        make_trainer(load(None, flags))
