"""A robot of wood and wheels, its camera a folder of pictures, its pins recorded; and one of one's own."""

import cv2
import pytest
from servers import PINS, Server, eventually

from robot_agent.simulator import SimulatedRobot

OWN = """
import time


class Robot:
    def __init__(self):
        from robot_agent.simulator import SimulatedRobot

        self.room = SimulatedRobot(seed=1)
        self.camera = self.motors = self

    def read(self):
        return self.room.read()

    def reset(self):
        self.room.reset()

    def pulse(self, left, right, seconds):
        self.going = True
        open("moving", "a").close()
        until = time.monotonic() + seconds
        while self.going and time.monotonic() < until:
            time.sleep(0.01)
        self.room.pulse(left, right, seconds)

    def stop(self):
        self.going = False
        open("stopped", "a").close()
"""


@pytest.fixture
def robot(tmp_path):
    picture = tmp_path / "one.png"
    cv2.imwrite(str(picture), SimulatedRobot(seed=4).read())
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number}.png").symlink_to(picture)
    settings = (*PINS, f"camera.source={folder}", "camera.settle_seconds=0", "task.max_seconds=0.3")
    server = Server(tmp_path, "--robot", "pi", settings=settings).await_ready()
    yield server
    server.close()


def test_it_learns_drives_by_hand_and_asks_a_person_for_each_start(robot):
    with robot.socket() as page:
        assert page.hear("picture")[0]["sight"] is not None
        for number in range(100):
            page.say("drive", left=0.5, right=0.5, seq=number)
            if page.hear("lease")["held"] and robot.record.high():
                break
        page.say("release")
        eventually(lambda: not robot.record.high(), 5)
        robot.await_state("idle")

        assert robot.post("/training/start", {"robot": "robot", "moves": 1000}).status_code == 200
        assert "Put the robot at a start" in robot.await_state("paused")["reason"]
        robot.post("/training/resume")
        assert page.hear("move")["seconds"] <= 0.3
        eventually(robot.record.high)
        assert robot.post("/halt").json()["stopped"] and not robot.record.high()
        robot.post("/halt/reset", {"confirm": True})
        robot.await_state("idle")
        # A stop reaches it also while it waits for a person.
        robot.post("/training/resume")
        robot.await_state("paused")
        assert robot.post("/training/stop").status_code == 200
        robot.await_state("idle")
    run = robot.get("/runs").json()[0]
    assert (run["robot"], run["status"]) == ("pi", "stopped")


def test_it_does_not_move_with_a_detector_that_does_not_load(tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), SimulatedRobot(seed=4).read())
    (tmp_path / "no.tflite").write_text("no model")
    settings = (
        *PINS,
        f"camera.source={tmp_path / 'one.png'}",
        "vision.slices.model=no.tflite",
    )
    server = Server(tmp_path, "--robot", "pi", settings=settings).await_ready()
    try:
        refused = server.post("/detector", {"name": "slices"})
        assert refused.status_code == 422 and "no.tflite" in refused.json()["detail"]
        assert server.post("/detector", {"name": "marker"}).status_code == 200
        assert 'detector = "marker"' in (tmp_path / "robot.toml").read_text()
        begun = {"robot": "robot", "moves": 1000, "settings": {"vision.detector": "slices"}}
        refused = server.post("/training/start", begun)
        assert refused.status_code == 409 and "no.tflite" in refused.json()["detail"]
        assert server.state()["state"] == "idle" and not server.record.high()
    finally:
        server.close()


def test_a_halt_of_ones_own_robot_is_answered_by_that_robot(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    server = Server(tmp_path, "--robot", "own:Robot").await_ready()
    try:
        assert server.post("/training/start", {"robot": "robot", "moves": 1000}).status_code == 200
        eventually((tmp_path / "moving").exists)
        (tmp_path / "stopped").unlink(missing_ok=True)
        assert server.post("/halt").json()["stopped"] and (tmp_path / "stopped").exists()
        with server.socket() as page:
            page.say("drive", left=1, right=1, seq=1)
            assert not page.hear("lease")["held"]
    finally:
        server.close()
