"""The controller, with a clock that the test turns: nothing moves without an end, nor while halted."""

import math
import os
import resource

import pytest

from robot_agent.errors import GuardError, Halted
from robot_agent.guard.controller import Controller


class FakeWheels:
    frequency = 100.0

    def __init__(self):
        self.log = []

    def set(self, left, right):
        self.log.append((round(left, 3), round(right, 3)))

    def off(self):
        self.log.append("off")


class Rig:
    """A controller with a clock; `let` lets time pass, and the controller moves whenever it asked to."""

    def __init__(self, folder, ramp=0.0):
        self.now = 50.0
        self.wheels, self.notes, self.ends = FakeWheels(), [], []
        self.halt_file = folder / "halted"
        self.controller = Controller(
            self.wheels,
            halt_file=self.halt_file,
            note=self.note,
            ramp_seconds=ramp,
            clock=lambda: self.now,
        )

    def note(self, what, why, **more):
        self.notes.append((what, why))
        self.detail = more.get("detail", "")

    def pulse(self, *values):
        self.controller.pulse(*values, lambda why, seconds: self.ends.append((why, round(seconds, 6))))

    def let(self, seconds):
        until = self.now + seconds
        while (wake := self.controller.wake()) is not None and wake <= until:
            self.now = wake
            self.controller.move()
        self.now = until
        self.controller.move()


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path)


def test_a_pulse_ends_by_itself(rig):
    rig.pulse(0.5, -0.5, 1.0)
    assert rig.controller.moving
    rig.let(0.999)
    assert rig.wheels.log == [(0.5, -0.5)]
    rig.let(0.001)
    assert rig.wheels.log == [(0.5, -0.5), "off"]
    assert rig.ends == [("deadline", 1.0)]
    assert rig.notes == [("started", "pulse"), ("stopped", "deadline")]
    assert not rig.controller.moving


def test_a_pulse_that_is_looked_after_too_late_is_over_and_does_not_go_on(rig):
    rig.pulse(1, 1, 0.1)
    rig.now += 30
    rig.controller.move()
    assert rig.wheels.log[-1] == "off"


def test_a_ramp_is_climbed_and_descended(tmp_path):
    rig = Rig(tmp_path, ramp=0.02)
    rig.pulse(1, 0, 0.1)
    rig.let(0.2)
    assert rig.wheels.log == [(0.25, 0), (0.75, 0), (1, 0), (0.75, 0), (0.25, 0), "off"]


def test_a_lease_ends_unless_it_is_renewed(rig):
    for _ in range(3):
        rig.controller.drive(1, 1)
        rig.let(0.39)
    assert rig.wheels.log == [(1, 1)]
    rig.let(0.02)
    assert rig.wheels.log == [(1, 1), "off"]
    assert rig.notes == [("started", "lease"), ("stopped", "lease")]


def test_a_pulse_takes_over_from_a_lease_without_stopping(rig):
    rig.controller.drive(1, 1)
    rig.pulse(0.5, 0.5, 1)
    rig.let(1)
    assert rig.wheels.log == [(1, 1), (0.5, 0.5), "off"]
    assert rig.notes[1] == ("stopped", "pulse")


def test_a_pulse_is_not_replaced(rig):
    rig.pulse(1, 1, 1)
    for other in (lambda: rig.pulse(0.5, 0.5, 1), lambda: rig.controller.drive(0.5, 0.5)):
        with pytest.raises(GuardError, match="under way"):
            other()
    rig.let(1)
    assert rig.ends == [("deadline", 1)]


def test_a_stop_is_at_once_and_drives_low_even_when_nothing_moves(rig):
    rig.controller.stop("stop")
    assert rig.wheels.log == ["off"]
    rig.pulse(1, 1, 1)
    rig.let(0.25)
    rig.controller.stop("stop")
    assert rig.wheels.log[-1] == "off"
    assert rig.ends == [("stop", 0.25)]
    rig.let(2)
    assert rig.wheels.log[-1] == "off"


def test_a_halt_is_latched_idempotent_and_outlives_the_helm(rig, tmp_path):
    rig.pulse(1, 1, 1)
    rig.controller.halt()
    rig.controller.halt()
    assert rig.ends == [("halt", 0)]
    assert rig.notes.count(("halted", "halt")) == 1
    after = Rig(tmp_path)
    for controller in (rig.controller, after.controller):
        assert controller.halted
        with pytest.raises(Halted):
            controller.drive(1, 1)
        with pytest.raises(Halted):
            controller.pulse(1, 1, 1, lambda *_: None)
    after.controller.reset()
    after.controller.reset()
    assert after.notes == [("reset", "reset")]
    assert not Rig(tmp_path).controller.halted
    after.pulse(1, 1, 1)
    assert after.wheels.log == [(1, 1)]


def test_a_halt_that_cannot_be_written_down_holds_and_is_said_at_once(tmp_path):
    rig = Rig(tmp_path / "nowhere")
    rig.controller.halt()
    assert rig.controller.halted
    assert "cannot be written" in rig.detail and "cannot be written" in rig.controller.not_kept


def _folder(path):
    path.unlink()
    path.mkdir()


def _loop(path):
    path.unlink()
    path.symlink_to(path.name)


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _device(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def _nowhere(path):
    path.unlink()
    path.symlink_to("/nowhere/else")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\0"),
        lambda path: path.write_bytes(b"0" * 4096),
        lambda path: path.write_bytes(b"\xff\xfe"),
        _folder,
        _loop,
        _pipe,
        _device,
        _nowhere,
    ],
    ids=["empty", "zeros", "long", "garbage", "folder", "loop", "pipe", "device", "nowhere"],
)
def test_a_halt_file_that_cannot_be_read_means_halted_with_the_reason(rig, damage, tmp_path):
    rig.controller.halt()
    rig.controller.reset()
    damage(rig.halt_file)
    after = Rig(tmp_path).controller
    with pytest.raises(Halted, match=r"damaged|cannot be read"):
        after.drive(1, 1)


def test_a_halt_is_written_without_a_free_descriptor_and_after_its_file_was_removed(rig, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        rig.controller.halt()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert Rig(tmp_path).controller.halted
    rig.controller.reset()
    rig.halt_file.unlink()
    rig.controller.halt()
    assert Rig(tmp_path).controller.halted


def test_a_reset_that_the_next_guard_would_not_know_of_is_none(rig):
    rig.controller.halt()
    rig.halt_file.unlink()
    rig.halt_file.mkdir()
    with pytest.raises(GuardError, match="not reset"):
        rig.controller.reset()
    assert rig.controller.halted


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1.5, -2])
@pytest.mark.parametrize("place", range(3))
def test_nothing_moves_when_a_value_is_refused(rig, bad, place):
    values = [0.5, 0.5, 0.5]
    values[place] = 3600 if place == 2 and bad == 1.5 else bad
    with pytest.raises(ValueError):
        rig.pulse(*values)
    if place < 2:
        with pytest.raises(ValueError):
            rig.controller.drive(*values[:2])
    assert rig.wheels.log == []


def test_a_pulse_of_no_time_does_nothing(rig):
    rig.pulse(1, 1, 0)
    assert rig.wheels.log == []
    assert rig.ends == [("deadline", 0)]
