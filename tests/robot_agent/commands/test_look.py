"""`robot-agent look` on a camera in the network that misbehaves, as a real process."""

import os
import subprocess
import sys
import threading

import pytest
from mjpeg_server import Server


@pytest.fixture
def server():
    server = Server()
    yield server
    server.die()


@pytest.fixture
def look(server, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "robot_agent", "look", server.url],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "80", "PYTHONUNBUFFERED": "1"},
    )
    giving_up = threading.Timer(60, process.kill)  # rather than wait for a line that never comes
    giving_up.start()
    yield process
    giving_up.cancel()
    process.kill()
    process.communicate()


def test_look_reports_a_fault_in_one_line_and_goes_on_when_it_is_healed(server, look):
    assert "nothing seen" in look.stdout.readline()
    assert "has no colours" in look.stderr.readline(), "the server sends greys"
    server.mode = "black"
    drained = threading.Thread(target=lambda: [None for _ in look.stdout], daemon=True)
    drained.start()
    assert look.stderr.readline().startswith(
        f"The stream {server.url} gives black pictures: take the cap off"
    )
    server.mode = "well"
    assert look.stderr.readline() == "The camera gives good pictures again.\n"
    look.terminate()
    assert look.stderr.read() == ""
    drained.join()


def test_look_gives_up_with_one_sentence_when_nobody_helps(server, tmp_path):
    server.mode = "frozen"
    impatient = (
        "import robot_agent.commands as commands, robot_agent.commands.look as look; "
        "look._PATIENCE = 0.0; commands.main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", impatient, "look", server.url], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 1
    fault, error = result.stderr.splitlines()
    assert "gives the same picture over and over" in fault
    assert error.startswith("Error: Waited 0 s without success.") and fault in error
    assert result.stdout == ""
