"""What is remembered of robots: kept with the runs, forgotten at the right pace, refused when damaged."""

import sqlite3
import zlib
from pathlib import Path

import pytest

from robot_agent.errors import StoreError
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import INDEX, MEAN
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.trial import Trial
from robot_agent.runs import robots
from robot_agent.runs.store import Store

DAY = robots.SECONDS_OF_A_DAY


@pytest.fixture
def store(tmp_path: Path):
    with Store(tmp_path / "robot-agent.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def pilot() -> KnowingPilot:
    """What drove a robot whose left wheel is weak."""
    theta = MEAN.copy()
    theta[INDEX["ratio"]] = -0.3
    robot, pilot = ModelRobot(theta, 1), KnowingPilot.shipped("wheels")
    while pilot.knowledge.moves < 25:
        robot.reset()
        pilot.episode(robot)
    return pilot


def test_the_next_start_goes_on_where_the_last_one_was(store, pilot) -> None:
    assert robots.recall(store, "mine") is None
    robots.remember(store, "mine", pilot.knowledge, pilot.log)
    memory = robots.recall(store, "mine")
    assert memory.knowledge.estimate.mean == pytest.approx(pilot.knowledge.estimate.mean, abs=1e-6)
    assert memory.knowledge.moves == pilot.knowledge.moves
    assert memory.log == pilot.log
    assert robots.recall(store, "another") is None
    assert robots.robots(store) == ["mine"]
    robots.forget(store, "mine")
    assert robots.recall(store, "mine") is None


def test_the_longer_ago_the_less_is_sure_but_never_less_than_of_any_robot(store, pilot) -> None:
    robots.remember(store, "mine", pilot.knowledge, pilot.log)
    sure = []
    for days in (0, 1, 30, 10_000):
        store.db.execute("UPDATE robots SET changed = unixepoch() - ?", (days * DAY,))
        sure.append(robots.recall(store, "mine").knowledge.estimate.sd("ratio"))
    assert sure == sorted(sure)
    assert sure[1] < 1.5 * sure[0]
    assert sure[-1] == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    "known", [b"", zlib.compress(b"[]"), zlib.compress(b'{"version": 99}'), zlib.compress(b"{")]
)
def test_what_is_damaged_or_of_another_version_is_refused_with_the_cure(store, pilot, known) -> None:
    robots.remember(store, "mine", pilot.knowledge, pilot.log)
    store.db.execute("UPDATE robots SET known = ?", (known,))
    with pytest.raises(StoreError, match="adapt --forget --robot mine"):
        robots.recall(store, "mine")


def test_numbers_that_are_not_finite_are_refused(store, pilot) -> None:
    robots.remember(store, "mine", pilot.knowledge, pilot.log)
    (known,) = store.db.execute("SELECT known FROM robots").fetchone()
    spoiled = zlib.decompress(known).replace(b'"x": [[', b'"x": [[NaN, ', 1)
    store.db.execute("UPDATE robots SET known = ?", (zlib.compress(spoiled),))
    with pytest.raises(StoreError, match="damaged"):
        robots.recall(store, "mine")


def test_an_adapted_policy_is_on_trial_and_the_one_before_it_comes_back(store) -> None:
    assert not robots.revert(store, "mine", "wheels")
    trial = Trial(0.98)
    trial.episode(False)
    robots.keep_adapted(store, "mine", "wheels", robots.Adapted(b"first", None, None))
    robots.keep_adapted(store, "mine", "wheels", robots.Adapted(b"second", b"first", trial))
    kept = robots.adapted(store, "mine", "wheels")
    assert (kept.policy, kept.before) == (b"second", b"first")
    assert kept.trial.evidence == trial.evidence
    assert robots.adapted(store, "mine", "curvature") is None
    assert robots.revert(store, "mine", "wheels")
    assert robots.adapted(store, "mine", "wheels").policy == b"first"
    assert robots.revert(store, "mine", "wheels")
    assert robots.adapted(store, "mine", "wheels") is None


def test_a_store_that_can_only_be_read_and_knows_no_robots_says_none(tmp_path: Path) -> None:
    Store(tmp_path / "empty.db").close()
    with Store(tmp_path / "empty.db", reading=True) as opened:
        assert robots.robots(opened) == []
    assert sqlite3.connect(tmp_path / "empty.db").execute("SELECT count(*) FROM runs").fetchone() == (0,)


@pytest.mark.parametrize("trial", ["x", "[1]", '{"good": "x"}', '{"good": 1, "evidence": null}'])
def test_a_damaged_adapted_policy_is_named_and_the_one_before_it_comes_back(store, trial: str) -> None:
    robots.keep_adapted(store, "mine", "wheels", robots.Adapted(b"second", b"first", None))
    store.db.execute("UPDATE robot_policies SET trial = ?", (trial,))
    with pytest.raises(StoreError, match="adapt --revert"):
        robots.adapted(store, "mine", "wheels")
    assert robots.revert(store, "mine", "wheels")
    assert robots.adapted(store, "mine", "wheels").policy == b"first"
