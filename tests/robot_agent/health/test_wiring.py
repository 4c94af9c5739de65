"""Motors that are swapped, turn backwards, or do not turn are found, and no sound robot is blamed."""

from dataclasses import replace

import numpy as np
import pytest

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.health.hardware import examine
from robot_agent.health.wiring import WIRINGS, Steps, Wiring
from robot_agent.simulator.physics import Physics


def drive(wiring: Wiring, seed: int = 0, episodes: int = 60, **faults) -> list[dict]:
    """Episodes of robots that turn towards their targets by a rule, wired like this; recorded as decided."""
    fleet = FleetEnvironment(episodes, physics=Physics(**faults), seed=seed, autoreset_mode="Disabled")
    rng, pulses = np.random.default_rng(seed), fleet.task.pulses

    def miswired(actions):
        decided = pulses(actions)
        return replace(decided, wheels=wiring.turned(decided.wheels).astype(np.float32))

    s, start = fleet.reset()
    infos, going, lengths = [], np.ones(episodes, bool), np.zeros(episodes, int)
    while going.any():
        lengths += going
        actions = np.stack([0.5 * s[:, 0], -0.3 - 0.5 * s[:, 1]], axis=1) + rng.normal(
            0, [0.1, 0.3], (episodes, 2)
        )
        fleet.task.pulses = miswired
        s, _, terminated, truncated, info = fleet.step(actions)
        fleet.task.pulses = pulses
        decided = pulses(np.asarray(actions, np.float32))
        infos.append(info | {"left": decided.wheels[0], "right": decided.wheels[1]})
        going &= ~(terminated | truncated)
    return [
        {name: np.array([info[name][i] for info in infos[:length]]) for name in infos[0]}
        | {f"start_{x}": start[x][i : i + 1] for x in ("x1", "x2")}
        for i, length in enumerate(lengths)
    ]


@pytest.mark.parametrize("faults", [{}, {"left_gain": 0.75}, {"dead_time": 0.1}])
@pytest.mark.parametrize(
    ("wiring", "words"),
    [
        (Wiring(swapped=True), "turns left where it should turn right"),
        (Wiring(left_backwards=True, right_backwards=True), "Both wheels turn backwards"),
        (Wiring(left_backwards=True), "left wheel turns backwards"),
        (Wiring(right_backwards=True), "right wheel turns backwards"),
        (Wiring(still=True), "stays where it is"),
    ],
)
def test_wheels_that_turn_wrongly_are_found_and_nothing_else_is_said(wiring, words, faults):
    (finding,), fitted = examine(drive(wiring, **faults), Physics())
    assert words in finding.seen
    assert finding.sure >= 0.98
    assert fitted is None


@pytest.mark.parametrize("faults", [{}, {"left_gain": 0.3}, {"right_gain": 0.6, "full_speed": 0.25}])
def test_a_robot_that_is_wired_rightly_is_not_blamed(faults):
    for seed in range(3):
        found, _ = examine(drive(Wiring(), seed, **faults), Physics())
        assert not {finding.kind for finding in found} & {"wheels-wrong", "not-moving"}


def test_a_pulse_that_was_cut_short_does_not_count():
    episodes = drive(Wiring(), episodes=5)
    whole = Steps.of(episodes).seconds.size
    for steps in episodes:
        steps["ending"] = steps["ending"].copy()
        steps["ending"][-1] = 4  # halted
    assert Steps.of(episodes).seconds.size < whole
    assert WIRINGS[0] == Wiring()
