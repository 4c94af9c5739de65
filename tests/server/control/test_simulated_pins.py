"""The simulator turns no real wheel, whatever the settings say."""

import os
import subprocess
import sys

from servers import QUICK, ROOT, Server

from robot_agent.guard.client import GuardMotors


def drive_by_hand(server):
    """Drive the simulated robot by hand until it has moved."""
    with server.socket() as page:
        before = page.hear("pose")
        for number in range(100):
            page.say("drive", left=0.8, right=0.8, seq=number)
            assert page.hear("lease")["held"]
            if page.hear("pose") != before:
                return
    raise AssertionError("it did not move")


def test_the_simulator_opens_no_pins_that_the_settings_name(tmp_path):
    (tmp_path / "robot.toml").write_text(
        '[motors]\nboard = "ryanteck"\npin_factory = "recording_pins:make"\n'
    )
    server = Server(tmp_path, settings=QUICK, recorded=False).await_ready()
    try:
        drive_by_hand(server)
        assert server.record.lines() == []
    finally:
        server.close()


def test_the_simulator_drives_through_no_guard_that_stands(tmp_path):
    with GuardMotors(board="ryanteck", pin_factory="mock") as motors:
        server = Server(tmp_path, settings=(*QUICK, f"motors.guard={motors.socket}")).await_ready()
        try:
            drive_by_hand(server)
            server.post("/halt")
            assert not {event.what for event in motors.history()} & {"started", "halted"}
        finally:
            server.close()


def test_a_robot_without_its_pins_is_one_sentence(tmp_path):
    """As on a desktop, where robot.toml is that of a Raspberry Pi."""
    command = [sys.executable, "-P", "-m", "server", "--port", "0", "--robot", "pi", "--store", "runs.db"]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ") and len(ended.stderr.splitlines()) == 1, ended.stderr
    assert "GPIO" in ended.stderr or "lgpio" in ended.stderr
