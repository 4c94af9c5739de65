"""The estimate: does it find out what a robot is, how sure is it, and what does bad input do to it?"""

import json
import math

import numpy as np
import pytest

from robot_agent.envs.task import Approach
from robot_agent.identification.estimate import Estimate
from robot_agent.identification.filter import FilterBank
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.kinds import KINDS, PLAIN
from robot_agent.identification.parameters import DEVIATION, ESTIMATED, HIGH, INDEX, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.sureness import along_the_arc
from robot_agent.identification.wirings import matrix
from robot_agent.motors.motors import Pulse

TASK = Approach(action="wheels")


def drive(robot: ModelRobot, knowledge: Knowledge, moves: int) -> KnowingPilot:
    pilot = KnowingPilot(along_the_arc(TASK), TASK, knowledge)
    while knowledge.moves < moves:
        robot.reset()
        pilot.episode(robot)
    return pilot


def some_robot(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(MEAN + DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)


def test_it_finds_out_what_robots_are_and_knows_how_sure_it_is() -> None:
    off = []
    for seed in range(12):
        theta = some_robot(seed)
        theta[-1] = min(theta[-1], math.log(0.06))  # with wheels that slip more, everything takes longer
        knowledge = Knowledge()
        drive(ModelRobot(theta, seed), knowledge, 60)
        estimate = knowledge.estimate
        off.append((estimate.mean - theta)[:ESTIMATED] / estimate.deviation[:ESTIMATED])
        assert estimate.sd("ratio") < 0.5 * DEVIATION[INDEX["ratio"]]
    z = np.array(off)
    assert (np.abs(z) < 3).mean() > 0.93
    assert 0.4 < math.sqrt((np.minimum(np.abs(z), 3) ** 2).mean()) < 1.6


def test_an_edge_at_the_border_is_news_and_only_says_beyond() -> None:
    bank = FilterBank([np.eye(2)])
    bank.begin((30, 36))
    before = bank.x[0].copy()
    bank.move((0.4, 0.5), 0.1, (36, 41))
    assert bank.x[0, 1] > before[1]  # farther to the right than it was
    assert np.isfinite(bank.cov).all()
    bank.move((0.4, 0.5), 0.1, None)
    assert bank.x[0, 1] > before[1]
    assert (np.diagonal(bank.cov, axis1=1, axis2=2) > 0).all()


def test_a_sight_that_fits_nothing_pulls_no_harder_than_three_deviations() -> None:
    moved = []
    for ends in ((5, 9), (30, 34)):
        bank = FilterBank([np.eye(2)])
        bank.begin((17, 24))
        bank.move((0.5, 0.5), 0.3, (17, 25))
        before = bank.x[0].copy()
        bank.move((0.5, 0.5), 0.3, ends)
        moved.append(np.abs(bank.x[0, 2 : 2 + ESTIMATED] - before[2 : 2 + ESTIMATED]) / DEVIATION[:ESTIMATED])
    assert np.max(moved) < 3.0


@pytest.mark.parametrize("wiring", [(True, 1, 1), (False, -1, 1), (False, 1, -1), (False, -1, -1)])
def test_it_finds_out_how_the_wires_are_connected(wiring: tuple[bool, int, int]) -> None:
    found = []
    for seed in range(5):
        knowledge = Knowledge()
        nominal = np.clip(np.zeros(len(NAMES)), LOW, HIGH)
        nominal[-2:] = MEAN[-2:]
        robot = ModelRobot(nominal, seed, wires=matrix(wiring))
        drive(robot, knowledge, 20)
        found.append(knowledge.wiring == wiring)
    assert sum(found) >= 4


def test_what_is_told_to_the_wires_is_what_the_wheels_do() -> None:
    knowledge = Knowledge()
    for wiring in knowledge.wirings:
        knowledge.wiring = wiring
        told = knowledge.wires(Pulse(0.7, 0.2, 0.5))
        assert matrix(wiring) @ [told.left, told.right] == pytest.approx([0.7, 0.2])


def test_a_robot_that_stays_as_it_is_is_hardly_ever_taken_for_another_one() -> None:
    calm = 0
    for seed in range(10, 18):
        knowledge, theta = Knowledge(), some_robot(seed)
        theta[-1] = min(theta[-1], math.log(0.06))
        drive(ModelRobot(theta, seed), knowledge, 100)
        calm += all(change.move <= 20 for change in knowledge.changes)
        assert knowledge.wiring == (False, 1, 1)
    assert calm >= 7  # of 40 robots some two are not


def test_a_motor_that_weakens_is_noticed_within_a_few_moves() -> None:
    noticed = []
    for seed in range(4):
        knowledge, theta = Knowledge(), MEAN.copy()
        drive(ModelRobot(theta, seed), knowledge, 40)
        moves, before = knowledge.moves, len(knowledge.changes)
        theta[INDEX["ratio"]], theta[INDEX["speed"]] = math.log(0.7), theta[INDEX["speed"]] - 0.18
        drive(ModelRobot(theta, seed + 10), knowledge, moves + 25)
        noticed += [change.move - moves for change in knowledge.changes[before:][:1]]
        assert knowledge.estimate["ratio"] == pytest.approx(math.log(0.7), abs=0.15)
        assert knowledge.wiring == (False, 1, 1)
    assert len(noticed) == 4 and np.median(noticed) <= 8


def test_what_spoke_against_a_wiring_is_not_forgotten_with_the_episode_in_which_the_robot_changed() -> None:
    doubts = []
    for seed in range(3):
        knowledge, theta = Knowledge(), MEAN.copy()
        robot = ModelRobot(theta, seed)
        pilot = drive(robot, knowledge, 40)
        theta[INDEX["ratio"]], theta[INDEX["speed"]] = math.log(0.7), theta[INDEX["speed"]] - 0.18
        changed, before = ModelRobot(theta, seed + 10), len(knowledge.changes)
        while len(knowledge.changes) == before:
            changed.reset()
            pilot.episode(changed)
        assert knowledge.wiring == (False, 1, 1)
        knowledge.begin((15, 24))
        knowledge.begin((15, 24))
        doubts.append(knowledge.doubt)
    assert max(doubts) < 0.05


def test_it_goes_on_from_json_as_if_nothing_had_happened() -> None:
    knowledge, again = Knowledge(), Knowledge()
    robot = ModelRobot(some_robot(3), 3)
    drive(robot, knowledge, 10)
    again.restore(json.loads(json.dumps(knowledge.state())))
    for k in (knowledge, again):
        k.begin((15, 22))
        k.observe(Pulse(0.8, 0.7, 0.4), (15, 24))
    assert np.array_equal(knowledge.estimate.mean, again.estimate.mean)
    assert again.moves == knowledge.moves


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value.pop("version"),
        lambda value: value.update(version=99),
        lambda value: value["parameters"].pop("speed"),
        lambda value: value["parameters"]["speed"].update(mean=math.nan),
        lambda value: value["parameters"]["speed"].update(deviation=-1.0),
        lambda value: value.update(wiring=[False, 2, 1]),
    ],
)
def test_an_estimate_of_another_version_or_damaged_is_refused_with_the_cure(damage: object) -> None:
    estimate = Knowledge().estimate
    value = json.loads(json.dumps(estimate.to_json()))
    assert Estimate.from_json(value).to_json() == estimate.to_json()
    damage(value)  # type: ignore[operator]
    with pytest.raises(ValueError, match="anew"):
        Estimate.from_json(value)


def test_words_say_what_is_known_and_what_is_not() -> None:
    knowledge = Knowledge()
    assert all("not known yet" in sentence for sentence in knowledge.estimate.words())
    theta = np.zeros(len(NAMES))
    theta[INDEX["ratio"]], theta[-2:] = -0.25, MEAN[-2:]
    drive(ModelRobot(theta, 1), knowledge, 80)
    said = " ".join(knowledge.estimate.words())
    assert "The left wheel is 2" in said and "weaker" in said


def test_whatever_is_seen_and_told_the_estimate_stays_one() -> None:
    rng = np.random.default_rng(0)
    knowledge = Knowledge()
    for number in range(400):
        x1 = int(rng.integers(0, 42))
        ends = None if rng.random() < 0.2 else (x1, int(rng.integers(x1, 42)))
        if number % 7 == 0:
            knowledge.begin(ends)
        left, right, seconds = (
            rng.uniform(-1, 1),
            rng.uniform(-1, 1),
            rng.choice([0.0, 1.5, rng.uniform(0, 1)]),
        )
        knowledge.observe(Pulse(float(left), float(right), float(seconds)), ends)
        pulse = knowledge.careful(Pulse(1.0, 1.0, 1.0))
        assert 0 < pulse.seconds <= 1
    estimate = knowledge.estimate
    assert np.isfinite(estimate.mean).all()
    assert np.isfinite(knowledge.bank.cov).all()
    assert (estimate.deviation > 0).all()
    assert ((estimate.mean >= LOW) & (estimate.mean <= HIGH)).all()
    assert estimate.words()


def test_a_pulse_that_is_none_is_refused_and_changes_nothing() -> None:
    knowledge = Knowledge()
    knowledge.begin((15, 25))
    before = knowledge.estimate.mean.copy()
    with pytest.raises(ValueError, match="share of full speed"):
        knowledge.observe(Pulse(math.nan, 0.5, 0.5), (15, 26))
    assert np.array_equal(knowledge.estimate.mean, before)
    assert knowledge.moves == 0


def test_a_robot_outside_of_the_model_is_said_to_be_so() -> None:
    theta = np.zeros(len(NAMES))
    theta[INDEX["speed"]], theta[-2:] = -2.6, MEAN[-2:]
    knowledge = Knowledge()
    drive(ModelRobot(theta, 1), knowledge, 60)
    assert any(
        "beyond what the model expects (full speed" in sentence for sentence in knowledge.estimate.words()
    )


@pytest.mark.parametrize(
    ("mean", "deviation", "words"),
    [
        (MEAN + 5, DEVIATION, "excludes the nominal robot .speed"),
        (MEAN * np.nan, DEVIATION, "finite"),
        (MEAN, 0 * DEVIATION, "above 0"),
        (MEAN[:3], DEVIATION, "as many deviations"),
    ],
)
def test_a_prior_that_is_none_or_excludes_the_nominal_robot_is_refused(mean, deviation, words) -> None:
    with pytest.raises(ValueError, match=words):
        Knowledge(mean=mean, deviation=deviation)


def test_what_an_earlier_version_kept_is_gone_on_from() -> None:
    knowledge = Knowledge()
    knowledge.begin((18, 24))
    knowledge.observe(Pulse(0.9, 0.7, 0.3), (16, 24))
    state = json.loads(json.dumps(knowledge.state()))
    state["noise"] = state["noise"][:PLAIN]
    state["bank"] = {name: rows[:PLAIN] + rows[len(KINDS) :] for name, rows in state["bank"].items()}
    again = Knowledge()
    again.restore(state)
    assert np.array_equal(again.gain, knowledge.gain)
    assert np.array_equal(again.bank.wires, knowledge.bank.wires)
    assert np.array_equal(again.bank.x[len(KINDS) :], knowledge.bank.x[len(KINDS) :])
    assert again.noise_weights[:PLAIN].sum() > 0.8
    for name in ("gain", "since", "young"):
        del state[name][-1]
    for rows in state["bank"].values():
        del rows[-1]
    again.restore(state)
    assert np.array_equal(again.gain[:-1], knowledge.gain[:-1])
    state["noise"] = state["noise"][:2]
    with pytest.raises(ValueError, match="not of this estimate"):
        Knowledge().restore(state)


def test_a_state_with_numbers_that_no_robot_has_is_refused() -> None:
    state = json.loads(json.dumps(Knowledge().state()))
    bank = state["bank"]
    for damaged in (
        {"moves": -5},
        {"moves": 1e300},
        {"wiring": [False, 1, 7]},
        {"bank": bank | {"x": (1e9 * np.ones_like(bank["x"])).tolist()}},
        {"bank": bank | {"cov": (-np.array(bank["cov"])).tolist()}},
        {"noise": [math.nan] * len(state["noise"])},
    ):
        with pytest.raises(ValueError, match=r"cannot be|not of this"):
            Knowledge().restore(state | damaged)
    Knowledge().restore(state)
