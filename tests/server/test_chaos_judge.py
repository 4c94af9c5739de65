"""The judge of the chaos run finds wheels that turned without a live command, and only those."""

import pytest

from tests.benchmarks.chaos import Timeline, violations

S = 1_000_000_000
PULSE = [(10 * S, 17, 0.6), (11 * S, 17, 0.0)]


def judged(lines, *, training=(), driving=(), faults=()):
    return list(violations(Timeline(list(training), list(driving), list(faults)), lines))


@pytest.mark.parametrize(
    "live",
    [
        {"training": [(1 * S, True)]},
        {"training": [(1 * S, True), (2 * S, False), (9 * S, True)]},
        {"driving": [int(9.9 * S), int(10.3 * S), int(10.6 * S)]},
    ],
)
def test_a_live_command_may_turn_a_wheel(live):
    assert judged(PULSE, **live) == []


@pytest.mark.parametrize(
    ("live", "lines"),
    [
        ({}, PULSE),
        ({"training": [(1 * S, True), (9 * S, False)]}, PULSE),
        ({"training": [(11 * S, True)]}, PULSE),
        ({"driving": [int(9.5 * S)]}, PULSE),
        ({"training": [(1 * S, True)]}, [(10 * S, 17, 0.6), (12 * S, 17, 0.0)]),
        ({"training": [(1 * S, True)]}, [(10 * S, 17, 0.6)]),
    ],
)
def test_what_is_not_live_may_not(live, lines):
    assert len(judged(lines, **live)) == 1


def test_a_guard_that_was_stopped_has_the_time_of_its_watchdog():
    lines = [(10 * S, 17, 0.6), (12 * S, 17, 0.0)]
    assert judged(lines, training=[(1 * S, True)], faults=[(10 * S, 11 * S)]) == []
