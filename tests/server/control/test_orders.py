"""Every order to stop, pause or hand over is obeyed between two pulses, wherever the worker is."""

import os
import re
import signal
import socket
import time

import cv2
import numpy as np
import pytest
from servers import PINS, Server, command_of, eventually, is_alive

from robot_agent.guard.client import GuardMotors
from robot_agent.guard.lease import LEASE_SECONDS

BOUND = 1_000_000_000
"""A process that is told to stop has this time, ns."""


class Searching:
    """A server of a real robot whose target is nowhere; it is started anew when it has ended."""

    def __init__(self, folder, settings):
        self.folder, self.settings, self.server = folder, settings, None

    def begin(self):
        """Have it be on its way to a start: it turns and turns."""
        if self.server is not None and self.server.process.poll() is not None:
            self.close()
        if self.server is None:
            self.server = Server(self.folder, "--robot", "pi", settings=self.settings)
        self.server.at_rest()
        assert self.server.post("/training/start", {"robot": "robot", "moves": 1000}).status_code == 200
        pulses_go_on(self.server)
        return self.server

    def close(self):
        if self.server is not None:
            self.server.close()
        self.server = None


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("searching")
    picture = tmp_path / "wall.png"
    cv2.imwrite(str(picture), np.full((240, 320, 3), 90, np.uint8))
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(5000):
        (folder / f"{number}.png").symlink_to(picture)
    settings = (
        *PINS,
        f"camera.source={folder}",
        "camera.settle_seconds=0",
        "camera.frozen_seconds=0",
        "episodes.start=back_and_search",
        "episodes.max_pulses=4000",
    )
    searcher = Searching(tmp_path, settings)
    yield searcher
    searcher.close()


@pytest.fixture
def searching(searcher):
    """A real robot on its way to a start."""
    return searcher.begin()


def moments(record, after=0):
    """Return when a pin was driven high, ns."""
    return [moment for moment, _, level in record.lines() if level and moment > after]


def pulses_go_on(server):
    """Wait until two more pulses are made."""
    now = time.monotonic_ns()
    eventually(lambda: len(moments(server.record, now)) > 6)


def test_a_stop_is_obeyed_on_the_way_to_a_start(searching):
    pulses_go_on(searching)
    assert searching.post("/training/stop").status_code == 200
    stopped = time.monotonic_ns()
    searching.await_state("idle")
    searching.await_ready()
    assert moments(searching.record, stopped) == [] and not searching.record.high()


def test_a_pause_is_obeyed_on_the_way_to_a_start_which_then_goes_on(searching):
    pulses_go_on(searching)
    assert searching.post("/training/pause").status_code == 200
    paused = time.monotonic_ns()
    with searching.socket() as page:
        for _ in range(3):
            page.hear("picture")  # the worker looks meanwhile, and moves nothing
    assert moments(searching.record, paused) == []
    assert searching.state()["state"] == "paused"
    assert searching.post("/training/resume").status_code == 200
    pulses_go_on(searching)


def test_a_hand_takes_the_wheels_on_the_way_to_a_start(searching):
    pulses_go_on(searching)
    with searching.socket() as page:
        page.say("drive", left=0.0, right=0.0, seq=1)
        assert page.hear("lease")["held"]
        taken = time.monotonic_ns()
        for number in range(2, 12):
            page.say("drive", left=0.0, right=0.0, seq=number)
            assert page.hear("lease")["held"]
    assert moments(searching.record, taken) == []
    assert searching.await_state("paused")["activity"] == "training"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_end_of_the_server_is_the_end_of_all_motion(searching, number):
    pulses_go_on(searching)
    worker = searching.worker()
    os.kill(searching.process.pid, number)
    ended = time.monotonic_ns()
    searching.process.wait(20)
    eventually(lambda: not is_alive(worker))
    assert moments(searching.record, ended + BOUND) == [] and not searching.record.high()


def test_a_worker_that_hangs_is_ended_by_an_order(searching):
    pulses_go_on(searching)
    worker = searching.worker()
    os.kill(worker, signal.SIGSTOP)
    refused = searching.post("/training/stop")
    assert refused.status_code == 503 and "did not obey" in refused.json()["detail"]
    stopped = time.monotonic_ns()
    eventually(lambda: not is_alive(worker))
    searching.await_ready()
    searching.await_state("idle")
    assert moments(searching.record, stopped) == []


def test_nothing_moves_while_the_server_is_stopped_and_could_pass_on_no_halt(searching):
    os.kill(searching.process.pid, signal.SIGSTOP)  # as Ctrl-Z does
    try:
        stopped = time.monotonic_ns()
        eventually(lambda: time.monotonic_ns() > stopped + BOUND + 1e9)
        assert moments(searching.record, stopped + BOUND) == [] and not searching.record.high()
    finally:
        os.kill(searching.process.pid, signal.SIGCONT)
    pulses_go_on(searching)


def test_a_command_that_waited_too_long_turns_no_wheel(searching):
    pulses_go_on(searching)
    os.kill(searching.worker(), signal.SIGSTOP)
    with searching.socket() as page:
        asked = time.monotonic_ns()
        page.say("drive", left=1.0, right=1.0, seq=1)
        assert not page.hear("lease")["held"]
        searching.await_ready()
        assert moments(searching.record, asked + BOUND) == []


@pytest.fixture
def silent_camera(tmp_path):
    """A real robot whose camera is a stream that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        settings = (*PINS, f"camera.source=http://127.0.0.1:{nobody.getsockname()[1]}/stream")
        server = Server(tmp_path, "--robot", "pi", settings=settings).await_ready()
        yield server
        server.close()


def test_a_hand_does_not_wait_for_a_camera(silent_camera):
    with silent_camera.socket() as page:  # which wants pictures: the worker is busy with the camera
        for number in range(20):
            page.say("drive", left=0.5, right=0.5, seq=number)
            assert page.hear("lease", 3)["held"]
            if silent_camera.record.high():
                break
        assert silent_camera.record.high()


def test_resuming_waits_until_who_drives_by_hand_has_let_go(server):
    run = server.run(moves=2_000_000)
    with server.socket() as page:
        for number in range(20):
            since = time.monotonic()
            page.say("drive", left=0.5, right=0.5, seq=number)
            assert page.hear("lease")["held"]
            refused = server.post("/training/resume")
            if time.monotonic() - since < LEASE_SECONDS:  # on a busy machine the lease may be over
                assert refused.status_code == 409 and "by hand" in refused.json()["detail"]
                assert server.state()["state"] == "hand"
        page.say("release")
        server.await_state("paused")
        assert server.post("/training/resume").json()["run"] == run
    server.await_state("training")
    server.post("/training/stop")
    server.await_state("idle")


def test_a_driver_of_another_program_pauses_a_training(server):
    settings = {"task.max_seconds": 0.05, "task.max_moves": 5}
    (path,) = re.findall(r"--socket (\S+)", command_of(server.guard()))
    with GuardMotors(path) as other:
        other.drive(0.0, 0.0)
        answer = server.post("/training/start", {"robot": "robot", "moves": 2000, "settings": settings})
        run = answer.json()["run"]
        assert "a driver already" in server.await_state("paused")["reason"]
    server.post("/training/resume")
    with server.socket() as page:
        assert page.hear("move", 40)["seconds"] <= 0.05
    assert server.state()["run"] == run
    server.post("/training/stop")
    server.await_state("idle")
