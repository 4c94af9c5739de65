"""The whole loop: rendered frames, the real detector, policy, store, guard, gpiozero devices, pins."""

import numpy as np
import pytest
from guarded_robot import FASTER
from recording_pins import Record

from robot_agent.build.robot import make_robot
from robot_agent.build.training import make_trainer
from robot_agent.learning.events import Episode
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

LEFT, RIGHT = (17, 18), (22, 23)


def pulses(pins: Record) -> list[tuple[float, float, float]]:
    """Left and right power and seconds of each time that anything turned, as the pins were driven."""
    found, levels, began, peak = [], {}, 0, (0.0, 0.0)
    for moment, pin, level in pins.lines():
        was = any(levels.values())
        levels[pin] = level
        powers = tuple(levels.get(ahead, 0.0) - levels.get(back, 0.0) for ahead, back in (LEFT, RIGHT))
        if any(levels.values()):
            began, peak = (began, peak) if was else (moment, (0.0, 0.0))
            peak = tuple(max(one, other, key=abs) for one, other in zip(peak, powers, strict=True))
        elif was:
            found.append((*peak, (moment - began) / 1e9))
    return found


def test_50_episodes_through_the_guard_are_what_the_store_says(tmp_path, monkeypatch):
    monkeypatch.setenv("RECORDED_PINS", str(tmp_path / "pins"))
    settings = load(
        None,
        {"robot": "guarded_robot:build", "seed": 1, "preset": "one", "task": {"max_seconds": 1 / FASTER}},
    )
    trainer, number = make_trainer(settings), 0
    with Store(tmp_path / "runs.db") as store:
        run = store.create_run(settings.model_dump(mode="json"))
        events = record(trainer, store, run)
        for event in events:
            number += isinstance(event, Episode)
            if number == 50:
                break
        events.close()
        trainer.environment.close()
        steps = [row["steps"] for row in store.episodes(run)]
    assert len(steps) == 50
    asked = np.array(
        [move for s in steps for move in zip(s["left"], s["right"], s["seconds"], strict=True) if move[2] > 0]
    )
    made = np.array(pulses(Record(tmp_path / "pins")))
    if len(made) < len(
        asked
    ):  # on a busy machine a pulse can be over before the guard had its turn to begin it
        missed = [
            i for i in range(len(asked)) if not (np.abs(made[:, :2] - asked[i, :2]) < 1e-6).all(axis=1).any()
        ]
        assert len(missed) <= 0.01 * len(asked)
        assert (asked[missed, 2] < 0.01).all(), "nothing but the shortest"
        asked = np.delete(asked, missed, axis=0)
    assert made.shape == asked.shape
    assert np.allclose(made[:, :2], asked[:, :2], atol=1e-6), "each wheel had the power of the action"
    late = np.abs(made[:, 2] - asked[:, 2])
    assert np.quantile(late, 0.9) < 0.02, "for as long as the action says"
    assert not Record(tmp_path / "pins").high()


def test_a_robot_of_wood_and_wheels_is_put_together_from_the_settings(tmp_path, monkeypatch):
    import cv2

    from robot_agent.simulator import SimulatedRobot

    monkeypatch.setenv("RECORDED_PINS", str(tmp_path / "pins"))
    cv2.imwrite(str(tmp_path / "seen.png"), SimulatedRobot(seed=1).read())
    settings = load(
        None,
        {
            "robot": "pi",
            "camera": {"source": str(tmp_path / "seen.png")},
            "motors": {"board": "tb6612fng", "pin_factory": "recording_pins:make", "left_inverted": True},
            "episodes": {"start": "manual"},
        },
    )
    asked = []
    robot = make_robot(settings, ask=asked.append)
    try:
        robot.reset()
        assert "Put the robot" in asked[0]
        assert robot.look() is not None
        robot.act(0.5, 1.0, 0.05)
        with pytest.raises(ValueError, match="give a share"):
            robot.act(0.5, 1.5, 0.05)
    finally:
        robot.close()
    peaks = {}
    for _, pin, level in Record(tmp_path / "pins").lines():
        peaks[pin] = max(peaks.get(pin, 0.0), level)
    assert peaks == pytest.approx({17: 0, 27: 1, 12: 0.5, 22: 1, 23: 0, 13: 1, 24: 1})
    assert not Record(tmp_path / "pins").high()
