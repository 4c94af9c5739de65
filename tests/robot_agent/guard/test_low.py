"""The pins low after everything was killed: from robot.toml, from the environment, with what is broken."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recording_pins import Record

from robot_agent.errors import PinError
from robot_agent.guard import low
from robot_agent.guard.client import GuardMotors

HERE = Path(__file__).parents[1]
ROOT = HERE.parents[1]


def run_low(folder, settings, **environment):
    (folder / "robot.toml").write_text(settings)
    path = os.pathsep.join(map(str, (ROOT, HERE)))
    pins = {"PYTHONPATH": path, "RECORDED_PINS": str(folder / "pins")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "robot_agent.guard.low"],
        cwd=folder,
        env=os.environ | pins | environment,
        capture_output=True,
        text=True,
    )


def test_pins_that_a_killed_guard_and_watchdog_left_high_are_low(tmp_path, monkeypatch):
    monkeypatch.setenv("RECORDED_PINS", str(tmp_path / "pins"))
    monkeypatch.syspath_prepend(HERE)
    record = Record(tmp_path / "pins")
    motors = GuardMotors(board="drv8835", pin_factory="recording_pins:make", ramp_seconds=0)
    try:
        watchdog, guard = motors._own.process.pid, motors.status()["process"]
        for _ in range(20):  # on a busy machine the lease may be over before they are stopped
            motors.drive(1.0, 1.0)
            for process in (watchdog, guard):  # the watchdog first: nobody is left to make them low
                os.kill(process, signal.SIGSTOP)
            if record.high():
                break
            for process in (guard, watchdog):
                os.kill(process, signal.SIGCONT)
        assert record.high()
        for process in (watchdog, guard):
            os.kill(process, signal.SIGKILL)
        time.sleep(0.2)
        assert record.high(), "without a watchdog they stay as they were"
        said = run_low(tmp_path, '[motors]\nboard = "drv8835"\npin_factory = "recording_pins:make"\n')
        assert (said.returncode, said.stdout) == (0, "The pins 5, 6, 12, 13 are low.\n"), said.stderr
        assert not record.high()
    finally:
        motors.close()


def test_pins_of_the_settings_are_those_of_the_board(tmp_path):
    settings = """
    [motors]
    board = "l298n"
    pin_factory = "mock"
    pins = {left_forward = 5, left_enable = false}
    """
    assert run_low(tmp_path, settings).stdout == "The pins 5, 13, 22, 23, 27 are low.\n"
    other = run_low(tmp_path, settings, ROBOT_AGENT_MOTORS__BOARD="ryanteck", ROBOT_AGENT_MOTORS__PINS="{}")
    assert other.stdout == "The pins 17, 18, 22, 23 are low.\n"


def test_without_settings_it_is_the_usual_board():
    assert low.motors_of(Path("/nowhere/robot.toml"), {})["board"] is None


@pytest.mark.parametrize(
    "settings", ["no toml", "[motors]\nboard = 'l2'\n", "motors = 5\n", "[motors]\npins = 5\n", "a pipe"]
)
def test_settings_that_cannot_be_read_make_every_boards_pins_low(settings, tmp_path, monkeypatch, capsys):
    if settings == "a pipe":
        os.mkfifo(tmp_path / "robot.toml")  # nobody ever writes into it
    else:
        (tmp_path / "robot.toml").write_text(settings)
    made = []
    monkeypatch.setattr(low, "chip_of_header", lambda: Path("/dev/gpiochip0"))
    monkeypatch.setattr(low, "drive_low", lambda pins, chip: made.extend(pins))
    assert low.main(["--config", str(tmp_path / "robot.toml")]) == 0
    assert {17, 18, 22, 23, 27, 12, 13, 5, 6, 19, 20, 26, 21, 7, 8, 9, 10, 24} == set(made)
    assert "every board" in capsys.readouterr().err


def test_it_needs_nothing_of_what_may_be_broken(tmp_path):
    code = "import sys, robot_agent.guard.low; print({'pydantic', 'gpiozero', 'numpy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert said.stdout == "set()\n"


@pytest.mark.skipif(any(Path("/dev").glob("gpiochip*")), reason="this machine has GPIO")
def test_without_pins_it_says_so():
    with pytest.raises(PinError, match="no Raspberry Pi"):
        low.chip_of_header()


def test_a_simulated_robot_without_pins_ends_well_and_a_real_one_does_not(tmp_path, monkeypatch):
    def no_chip():
        raise PinError("There are no pins.")

    monkeypatch.setattr(low, "chip_of_header", no_chip)
    settings = tmp_path / "robot.toml"
    settings.write_text('robot = "sim"\n')
    assert low.main(["--config", str(settings)]) == 0, "else every clean stop of the service is a failure"
    settings.write_text('robot = "pi"\n')
    assert low.main(["--config", str(settings)]) == 1
    settings.write_text("no toml")
    assert low.main(["--config", str(settings)]) == 1
    settings.unlink()
    assert low.main(["--config", str(settings)]) == 0
