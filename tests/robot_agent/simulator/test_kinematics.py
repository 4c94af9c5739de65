"""The arc and the projection: against small steps, against finite differences, and forth and back."""

import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from robot_agent.simulator import kinematics, projection
from robot_agent.simulator.physics import Physics

ARCS = Path(__file__).resolve().parents[2] / "data" / "arcs.json"
PHYSICS = Physics()
RNG = np.random.default_rng(0)
PLACES = RNG.uniform(0.3, 2, 20) * np.exp(1j * RNG.uniform(-0.3, 0.3, 20))


def arcs() -> list[dict[str, float]]:
    """Reference arcs, which the page's own arc is held against: metres and radians, seen from the start."""
    found = []
    wheels = ((0.5, 0.5), (1.0, 0.01), (0.2, 0.9), (-0.6, 0.6), (-1.0, -0.4), (0.0, 0.0))
    for (left, right), (speed, base) in product(wheels, ((0.35, 0.14), (0.21, 0.1))):
        seconds = 0.8
        length, turn = kinematics.arc(left * speed * seconds, right * speed * seconds, base)
        # The place where it began, seen from its end, turned back into the frame of its beginning.
        end = -complex(kinematics.drive(0j, length, turn)) * np.exp(-1j * turn)
        arc = {"left": left, "right": right, "seconds": seconds, "full_speed": speed, "wheel_base": base}
        ends = {"forward": end.real, "to_the_left": -end.imag, "turn_left": float(turn)}
        found.append(arc | {name: round(value, 9) + 0.0 for name, value in ends.items()})
    return found


def test_the_reference_arcs_are_those_of_the_page():
    for kept, arc in zip(json.loads(ARCS.read_text()), arcs(), strict=True):
        assert kept == pytest.approx(arc, abs=1e-8), f"write {ARCS} anew: python {__file__}"


@pytest.mark.parametrize("arc", arcs())
def test_an_arc_is_the_sum_of_small_steps(arc):
    x = y = heading = 0.0
    steps = 5000
    forward = arc["full_speed"] * (arc["left"] + arc["right"]) / 2 * arc["seconds"] / steps
    turn = arc["full_speed"] * (arc["right"] - arc["left"]) / arc["wheel_base"] * arc["seconds"] / steps
    for _ in range(steps):
        heading += turn / 2
        x, y = x + forward * math.cos(heading), y + forward * math.sin(heading)
        heading += turn / 2
    assert (arc["forward"], arc["to_the_left"], arc["turn_left"]) == pytest.approx((x, y, heading), abs=1e-6)


def test_wheels_make_an_arc_and_an_arc_needs_these_wheels():
    left, right = RNG.uniform(-1, 1, (2, 50))
    there = kinematics.wheel_ways(*kinematics.arc(left, right, 0.14), 0.14)
    assert np.allclose(there, (left, right), atol=1e-12)


@pytest.mark.parametrize("turn", [0.0, 1e-9, 1e-4, 0.3, -2.0])
def test_the_slopes_of_an_arc_are_those_of_finite_differences(turn):
    after, by_place, by_length, by_turn = kinematics.drive_slopes(PLACES, 0.2, turn)
    assert np.allclose(after, kinematics.drive(PLACES, 0.2, turn))
    step = 1e-6

    def slope(place=0.0, length=0.0, angle=0.0):
        ends = [
            kinematics.drive(PLACES + s * place, 0.2 + s * length, turn + s * angle)
            for s in (step / 2, -step / 2)
        ]
        return (ends[0] - ends[1]) / step

    for expected, measured in (
        (by_place, slope(1.0)),
        (by_length, slope(0, 1.0)),
        (by_turn, slope(0, 0, 1.0)),
    ):
        assert np.allclose(expected, measured, atol=1e-8)


def test_arrays_broadcast_keep_their_precision_and_may_be_written_into():
    turns = np.linspace(-1, 1, 7)
    many = kinematics.drive(PLACES[:, None], 0.1, turns)
    assert many.shape == (20, 7)
    assert many[3, 5] == pytest.approx(complex(kinematics.drive(PLACES[3], 0.1, turns[5])))
    single = PLACES.astype(np.complex64)
    length, turn = kinematics.arc(np.full(20, 0.1, np.float32), np.full(20, 0.2, np.float32), 0.14)
    expected = kinematics.drive(single, length, turn)
    assert expected.dtype == np.complex64
    kinematics.drive(single, length, turn, out=single)
    assert np.array_equal(single, expected)
    edges = projection.Projection(np.array([0.1, 0.2])[:, None], PHYSICS.focal_length).edges(PLACES)
    assert edges.shape == (2, 2, 20)


def test_the_place_of_a_target_is_found_from_its_edges():
    edges = projection.Projection(0.1, PHYSICS.focal_length).edges(PLACES) + 21
    distance, bearing = projection.place_of_edges(*edges, 0.1, PHYSICS.focal_length)
    assert np.allclose(distance, np.abs(PLACES))
    assert np.allclose(bearing, np.angle(PLACES))
    angles = projection.angle_at(edges, PHYSICS.focal_length)
    assert np.allclose(21 + PHYSICS.focal_length * np.tan(angles), edges)
    half = projection.half_angle(np.abs(PLACES), 0.1)
    assert np.allclose(angles, [bearing - half, bearing + half])
    slope = (projection.half_angle(np.abs(PLACES) * math.exp(1e-6), 0.1) - half) / 1e-6
    assert np.allclose(slope, -np.tan(half), atol=1e-6)


def test_what_is_behind_the_camera_is_beyond_the_picture():
    left, right = projection.Projection(0.1, PHYSICS.focal_length).edges(
        np.array([-1 + 0.5j, -1 - 0.5j, -1 + 0j])
    )
    assert left[0] > 1e4 and right[0] > 1e4
    assert left[1] < -1e4 and right[1] < -1e4
    assert left[2] > right[2], "nothing of it is between its edges"


def test_a_turned_camera_and_a_target_that_is_touched():
    focal = PHYSICS.focal_length
    turned = projection.Projection(0.1, focal, np.exp(-0.2j)).edges(PLACES)
    assert np.allclose(turned, projection.Projection(0.1, focal).edges(PLACES * np.exp(-0.2j)))
    stopped = kinematics.stop_at_target(np.array([0.05 + 0.05j, 1.0 + 0j]), PHYSICS.nearest)
    assert np.allclose(np.abs(stopped), [0.16, 1.0])
    assert np.angle(stopped[0]) == pytest.approx(math.pi / 4)


if __name__ == "__main__":
    ARCS.write_text("[\n" + ",\n".join(json.dumps(arc) for arc in arcs()) + "\n]\n")
