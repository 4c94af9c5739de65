"""The fit of a robot to its moves: each fault of the simulator is found, and by how much."""

import math

import numpy as np
import pytest

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.task import Ending
from robot_agent.health.hardware import FEWEST_MOVES, examine
from robot_agent.health.robot_fit import Fit, Moves, fit
from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.log import Log
from robot_agent.simulator.physics import Physics
from robot_agent.simulator.world import World


def drive(episodes: int = 120, seed: int = 0, lean: float = 0.0, rounds: int = 4, **faults) -> list[dict]:
    """Episodes of robots that turn towards their targets, with noise, by a rule that leans to one side."""
    rng, robots = np.random.default_rng(seed), episodes // rounds
    fleet = FleetEnvironment(robots, physics=Physics(**faults), seed=seed, autoreset_mode="Disabled")
    recorded = []
    for _ in range(rounds):
        s, start = fleet.reset()
        infos, going, lengths = [], np.ones(robots, bool), np.zeros(robots, int)
        while going.any():
            lengths += going
            u = np.stack([0.5 * s[:, 0] + lean, -0.3 - 0.5 * s[:, 1]], axis=1)
            s, _, terminated, truncated, info = fleet.step(u + rng.normal(0, [0.1, 0.3], (robots, 2)))
            infos.append(info)
            going &= ~(terminated | truncated)
        for i, length in enumerate(lengths):
            steps = {name: np.array([info[name][i] for info in infos[:length]]) for name in infos[0]}
            recorded.append(steps | {f"start_{x}": start[x][i : i + 1] for x in ("x1", "x2")})
    return recorded


def fitted(**faults) -> Fit:
    return fit(Moves.of(drive(**faults)), Physics())


@pytest.mark.parametrize(
    ("name", "truth", "faults"),
    [
        ("ratio", math.log(0.9), {"left_gain": 0.9}),
        ("ratio", -math.log(0.7), {"right_gain": 0.7}),
        ("dead_time", 0.05, {"dead_time": 0.05}),
        ("dead_time", 0.15, {"dead_time": 0.15}),
        ("yaw", math.radians(6), {"camera_yaw": math.radians(6)}),
        ("yaw", math.radians(-4), {"camera_yaw": math.radians(-4)}),
    ],
)
def test_the_fit_finds_the_truth_within_its_own_uncertainty(name, truth, faults):
    found = fitted(**faults)
    assert found[name] == pytest.approx(truth, abs=3.5 * found.sd(name))
    assert found.sd(name) < {"ratio": 0.01, "dead_time": 0.01, "yaw": 0.03}[name], "it says something"


@pytest.mark.parametrize("faults", [{"left_gain": 0.75}, {"right_gain": 0.85, "full_speed": 0.28}, {}])
def test_the_filter_and_this_fit_agree_about_the_same_moves(faults):
    """One learns move by move, the other from all moves at once; each is the judge of the other."""
    episodes = drive(episodes=16, seed=3, **faults)
    knowledge, batch = Knowledge(), fit(Moves.of(episodes), Physics())
    Log.of_run(episodes).replay(knowledge)
    estimate = knowledge.estimate
    assert estimate.wiring == (False, 1, 1)
    for name in ("speed", "ratio", "yaw"):
        both = math.hypot(estimate.sd(name), batch.sd(name))
        assert estimate[name] == pytest.approx(batch[name], abs=3 * both), name
    truth = math.log(faults.get("left_gain", 1.0) / faults.get("right_gain", 1.0))
    assert estimate["ratio"] == pytest.approx(truth, abs=3 * estimate.sd("ratio"))
    assert estimate.sd("ratio") < 0.05


def test_how_sure_the_fit_is_is_true():
    """Over twelve sound robots the estimates lie about as far off as the fit says they may."""
    fits = [fitted(seed=seed, episodes=60) for seed in range(12)]
    z = np.array([one.values / one.deviation for one in fits])
    assert np.all(np.sqrt((z**2).mean(axis=0)) < 1.8), z


@pytest.mark.parametrize(
    ("kind", "words", "faults"),
    [
        ("weak-motor", "left wheel", {"left_gain": 0.8}),
        ("weak-motor", "right wheel", {"right_gain": 0.8}),
        ("dead-time", "0.1", {"dead_time": 0.1}),
        ("camera-turned", "to the right", {"camera_yaw": math.radians(6)}),
        ("battery-sagging", "slower at the end", {"battery_sag": 0.97, "rounds": 8}),
    ],
)
def test_a_fault_is_told_and_no_other(kind, words, faults):
    found, _ = examine(drive(episodes=200, **faults), Physics())
    assert [finding.kind for finding in found] == [kind]
    assert words in found[0].seen
    assert found[0].sure > 0.95


def test_nothing_is_told_of_a_sound_robot():
    found, fitted = examine(drive(seed=5), Physics())
    assert found == []
    assert fitted.sound


def test_a_policy_that_leans_is_told_from_a_motor_that_is_weak():
    """Both robots go to the left of their targets; decisions and moves say whose fault it is."""
    (policy,), _ = examine(drive(lean=-0.3), Physics())
    assert policy.kind == "policy-leans"
    assert "to the left" in policy.seen
    assert "not the robot's" in policy.means
    (motor,), _ = examine(drive(left_gain=0.6), Physics())
    assert motor.kind == "weak-motor"


def test_few_moves_say_nothing():
    found, fitted = examine(drive(episodes=4, left_gain=0.7), Physics())
    assert Moves.of(drive(episodes=4, left_gain=0.7)).count < FEWEST_MOVES
    assert (found, fitted) == ([], None)


def test_a_pulse_that_was_cut_short_is_not_taken_for_a_slow_robot():
    episodes = drive(episodes=60)
    cut = [dict(steps, ending=steps["ending"].copy()) for steps in episodes]
    for steps in cut:
        steps["ending"][-1] = Ending.HALTED
        steps["x1"], steps["x2"] = steps["x1"].copy(), steps["x2"].copy()
        steps["x1"][-1], steps["x2"][-1] = 1, 2
    found, _ = examine(cut, Physics())
    assert found == []


def test_the_battery_of_the_simulator_runs_down_only_where_it_is_asked_to():
    def ways(sag: float, moves: int) -> float:
        world = World(1, physics=Physics(battery_sag=sag, wheel_noise=0.0, asymmetry=0.0), seed=3)
        world.moves = moves
        before = world.poses()[0, :2]
        world.move(np.full((2, 1), 0.5, np.float32), np.ones(1, np.float32))
        return float(np.linalg.norm(world.poses()[0, :2] - before))

    assert ways(0.2, 1000) == pytest.approx(0.8 * ways(0.2, 0), rel=1e-4)
    assert ways(0.0, 1000) == ways(0.0, 0)
    world = World(1, physics=Physics(battery_sag=0.2), seed=3)
    world.move(np.ones((2, 1), np.float32), np.ones(1, np.float32))
    other = World(1, physics=Physics(battery_sag=0.2))
    other.set_state(world.get_state())
    assert other.moves == 1, "it goes on as empty as it was"
