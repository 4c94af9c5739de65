"""Training on in the fitted simulator, the gate before it, and what the panel gets."""

import json
from pathlib import Path

import numpy as np
import pytest

import robot_agent.identification.adapt
from robot_agent.identification.adapt import acting, adapt, compare
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.history import History, plot
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.parameters import MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot, ends_of
from robot_agent.identification.policies import shipped_policy
from robot_agent.identification.trial import Trial
from robot_agent.identification.wirings import matrix


@pytest.fixture(scope="module")
def known() -> Knowledge:
    """What is known of a robot whose left wheel is weak, after some episodes."""
    theta = np.zeros(len(NAMES))
    theta[1], theta[-2:] = -0.3, MEAN[-2:]
    robot, pilot = ModelRobot(theta, 1), KnowingPilot.shipped("wheels")
    while pilot.knowledge.moves < 60:
        robot.reset()
        pilot.episode(robot)
    return pilot.knowledge


def test_robots_are_drawn_from_what_is_known(known: Knowledge) -> None:
    drawn, estimate = known.draw(4000, np.random.default_rng(0)), known.estimate
    assert np.allclose(drawn[:, 1].mean(), estimate["ratio"], atol=0.01)
    assert drawn[:, 1].std() == pytest.approx(estimate.sd("ratio"), rel=0.2)


def test_a_policy_made_worse_on_purpose_never_passes_the_gate(known: Knowledge) -> None:
    act, task, tensors = shipped_policy("wheels")
    rng = np.random.default_rng(0)
    for _ in range(4):
        worse = {
            name: value + 0.05 * rng.standard_normal(value.shape).astype(np.float32)
            for name, value in tensors.items()
        }
        verdict = compare(act, acting(worse, task), known, task)
        assert not verdict.promoted
        assert verdict.new_cost > verdict.old_cost
    assert not compare(act, act, known, task).promoted


def test_adapting_answers_the_better_of_both_policies(known: Knowledge, monkeypatch) -> None:
    monkeypatch.setattr(robot_agent.identification.adapt, "JUDGES", 800)
    _, task, tensors = shipped_policy("wheels")
    new, verdict = adapt(known, tensors, task, moves=12_000, seed=3)
    changed = any((new[name] != tensors[name]).any() for name in tensors if name.startswith("mean."))
    assert changed == verdict.promoted
    assert ("better" in verdict.words) and f"{verdict.new_cost:.2f}" in verdict.words
    again, _ = adapt(known, tensors, task, moves=12_000, seed=3)
    assert all((new[name] == again[name]).all() for name in new)


def test_a_promoted_policy_that_does_worse_must_go_and_a_good_one_stays() -> None:
    rng = np.random.default_rng(0)
    decided = {True: [], False: []}
    for good in (True, False):
        for _ in range(50):
            trial, kept = Trial(0.98), None
            while kept is None:
                kept = trial.episode(bool(rng.random() < (0.98 if good else 0.7)))
            decided[good].append(kept)
    assert sum(decided[True]) >= 48
    assert sum(decided[False]) <= 2


def test_the_panel_gets_bands_words_and_the_moment_of_a_change(tmp_path: Path) -> None:
    theta = np.zeros(len(NAMES))
    theta[-2:] = MEAN[-2:]
    robot, pilot, history = (
        ModelRobot(theta, 2, wires=matrix((True, 1, 1))),
        KnowingPilot.shipped("wheels"),
        History(),
    )
    knowledge = pilot.knowledge
    for _ in range(6):
        robot.reset()
        sight = robot.look()
        knowledge.begin(ends_of(sight))
        for _ in range(6):
            if sight is None:
                break
            pulse = pilot.decide(sight)
            expected = knowledge.predict(pulse)
            robot.act(pulse.left, pulse.right, pulse.seconds)
            sight = robot.look()
            knowledge.observe(pulse, ends_of(sight))
            history.record(knowledge, expected, ends_of(sight))
    value = json.loads(json.dumps(history.to_json(knowledge)))
    assert value["changes"]
    assert value["changes"][0]["rewired"]
    assert len(value["parameters"]["ratio"]["mean"]) == knowledge.moves
    late = [
        abs(e[0] - s[0] - 0.5)
        for e, s in zip(value["expected"][-8:], value["seen"][-8:], strict=True)
        if e and s and s[0] > 0
    ]
    assert np.median(late) < 4
    plot(history, knowledge, tmp_path / "known.png")
    assert (tmp_path / "known.png").stat().st_size > 10_000
