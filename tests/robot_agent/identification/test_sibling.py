"""What is known of one robot, given to another of its kit."""

import copy
import json

import numpy as np
import pytest

from robot_agent.errors import SettingsError
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.parameters import DEVIATION, INDEX
from robot_agent.identification.sibling import APART, fit_of, sibling_of
from robot_agent.motors.motors import Pulse


@pytest.fixture(scope="module")
def known():
    """A robot that has made some moves."""
    knowledge = Knowledge()
    knowledge.begin((16, 25))
    for ends in ((15, 26), (14, 26), (13, 27), (12, 28), (11, 29), (10, 31)):
        knowledge.observe(Pulse(0.8, 0.8, 0.3), ends)
    return knowledge


def test_the_other_robot_begins_with_it_less_surely(known):
    fit = json.loads(json.dumps(fit_of(known)))  # as it goes over the network
    other = sibling_of(fit)
    mine, theirs = known.estimate, other.estimate
    assert np.allclose(mine.mean, theirs.mean) and mine.wiring == theirs.wiring
    speed = INDEX["speed"]
    assert mine.deviation[speed] < theirs.deviation[speed] < DEVIATION[speed]
    expected = np.hypot(mine.deviation[speed], APART * DEVIATION[speed])
    assert theirs.deviation[speed] <= expected + 1e-9
    assert other.moves == 0 and known.moves == 6
    other.begin((16, 25))
    other.observe(Pulse(0.8, 0.8, 0.3), (15, 26))  # it learns on from there
    assert other.moves == 1 and np.isfinite(other.estimate.mean).all()


def test_nothing_known_is_said():
    with pytest.raises(SettingsError, match="let it drive first"):
        fit_of(Knowledge())


def damaged(fit, *way, value):
    broken = copy.deepcopy(fit)
    place = broken
    for name in way[:-1]:
        place = place[name]
    place[way[-1]] = value
    return broken


def test_a_damaged_fit_is_refused(known):
    fit = fit_of(known)
    cov = np.array(fit["known"]["bank"]["cov"])
    for broken in (
        damaged(fit, "known", value={}),
        damaged(fit, "known", value=None),
        damaged(fit, "known", "bank", value={}),
        damaged(fit, "known", "bank", "x", value=[[1.0]]),
        damaged(fit, "known", "bank", "x", 0, 0, value=float("nan")),
        damaged(fit, "known", "bank", "cov", value=(-cov).tolist()),
        damaged(fit, "known", "noise", value=["a"]),
        damaged(fit, "known", "noise", value=[float("inf")] * 5),
        damaged(fit, "known", "noise", value=[0.0]),
        damaged(fit, "known", "since", value=[0]),
        damaged(fit, "known", "gain", value=[0.0]),
        damaged(fit, "known", "wiring", value=[False, 7, 1]),
        damaged(fit, "known", "moves", value="many"),
    ):
        with pytest.raises(SettingsError, match="damaged"):
            sibling_of(broken)
    with pytest.raises(SettingsError, match="another version"):
        sibling_of(fit | {"version": 99})
