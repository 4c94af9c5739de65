"""A robot over the network: driven from elsewhere, by orders that are carried out once, under a lease."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from socket import gethostname

import httpx
import numpy as np
import pytest
from cable import Cable
from servers import ROOT, eventually
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from robot_agent.envs.task import Ending
from robot_agent.errors import Halted, SettingsError
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.network.address import parse_address
from robot_agent.network.api import NetworkError
from robot_agent.network.connection import OutOfReach, RobotTaken
from robot_agent.network.keyring import Keyring, Paired
from robot_agent.network.robot import NetworkRobot
from robot_agent.robot.takeover import TakenOver
from robot_agent.runs.store import Store
from server.control.lending import LONGEST_LEASE
from vision.cameras.camera import CameraFault

SLACK = 0.25
"""Seconds that a busy machine may add."""


@pytest.fixture
def cable(server):
    cable = Cable(server.port)
    yield cable
    cable.close()


@contextmanager
def borrowed(url, folder, name="keys"):
    robot = NetworkRobot(url, Keyring(folder / name))
    try:
        yield robot
    finally:
        robot.close()


def url_of(server):
    return f"http://127.0.0.1:{server.port}"


@contextmanager
def raw(server, **more):
    """Borrow the robot with bare messages."""
    asked = {"type": "borrow", "protocol": 1, "version": "0", "who": "a test", "desktop": "d" * 16}
    with connect(f"ws://127.0.0.1:{server.port}/api/v1/robot", proxy=None, compression=None) as socket:
        socket.send(json.dumps({**asked, "loan": "l" * 16, **more}))
        yield socket


def hear(socket, kind):
    while True:
        message = socket.recv(timeout=20)
        if isinstance(message, str) and (content := json.loads(message))["type"] == kind:
            return content


def pulses(server):
    """Return how often a wheel began to turn."""
    count, carried = 0, {}
    for _, pin, level in server.record.lines():
        count += bool(level and not carried.get(pin))
        carried[pin] = level
    return count


def test_it_looks_and_drives_and_is_free_again(server, tmp_path):
    with borrowed(url_of(server), tmp_path) as robot:
        assert robot.can_reset
        robot.seed(3)
        robot.reset()
        first = robot.read()
        assert first.shape == (240, 320, 3) and robot.sight is not None
        assert robot.sight_in(first) == robot.sight
        state = server.await_state("lent")
        assert state["borrower"].endswith(f"at {gethostname()}")
        before = pulses(server)
        robot.pulse(0.6, 0.6, 0.4)
        assert pulses(server) > before and not server.record.high()
        second = robot.read()
        assert (first != second).any()
        with pytest.raises(ValueError, match="last picture"):
            robot.sight_in(first)
        with pytest.raises(ValueError, match="share of full speed"):
            robot.pulse(1.5, 0.0, 0.2)
    assert server.await_state("idle")["borrower"] == ""


def test_the_same_seed_gives_the_same_drive(server, tmp_path):
    seen = []
    for _ in range(2):
        with borrowed(url_of(server), tmp_path) as robot:
            robot.seed(7)
            robot.reset()
            robot.read()
            sights = [robot.sight]
            for left in (0.3, 0.6):
                robot.pulse(left, 0.5, 0.2)
                robot.read()
                sights.append(robot.sight)
            seen.append(sights)
    assert seen[0] == seen[1]


def test_an_order_that_is_sent_twice_is_carried_out_once(server):
    with raw(server) as socket:
        hear(socket, "lent")
        before = pulses(server)
        order = {"type": "pulse", "number": 1, "left": 0.5, "right": 0.5, "seconds": 0.2}
        order["beat"] = hear(socket, "beat")["at"]
        socket.send(json.dumps(order))
        socket.send(json.dumps(order))
        assert [hear(socket, "done")["how"] for _ in range(2)] == ["done", "done"]
        order["beat"] = hear(socket, "beat")["at"]
        socket.send(json.dumps(order))
        assert hear(socket, "done")["how"] == "done"
        assert pulses(server) == before + 2  # each of the two wheels once
        socket.send(json.dumps({**order, "number": 2, "beat": order["beat"] - LONGEST_LEASE - 1}))
        assert hear(socket, "done")["how"] == "old"
        socket.send(json.dumps({**order, "number": 2, "beat": order["beat"] + 100}))  # of the future
        assert hear(socket, "done")["how"] == "old"
        socket.send(json.dumps({**order, "number": 0}))
        socket.send(json.dumps({**order, "number": 3, "left": 7}))
        socket.send("nothing of ours")
        socket.send(json.dumps({**order, "number": 2, "left": 0, "right": 0, "seconds": 0.0}))
        assert hear(socket, "done")["number"] == 2
        assert pulses(server) == before + 2


def test_nothing_moves_by_an_order_that_has_waited_longer_than_its_lease(server, cable, tmp_path):
    with borrowed(cable.url, tmp_path) as robot:
        robot.read()
        # In a trainer's process that stood still.
        os.kill(server.worker(), signal.SIGSTOP)
        before, driving = pulses(server), Pulling(robot, 0.2)
        time.sleep(LONGEST_LEASE + 0.2)
        os.kill(server.worker(), signal.SIGCONT)
        driving.join(20)
        assert isinstance(driving.what, OutOfReach) and "nothing moved" in str(driving.what)
        robot.read()
        # In a robot that a person has paused.
        assert server.post("/training/pause").status_code == 200
        driving = Pulling(robot, 0.2)
        time.sleep(LONGEST_LEASE + 0.2)
        assert server.post("/training/resume").status_code == 200
        driving.join(20)
        assert isinstance(driving.what, OutOfReach) and "was paused" in str(driving.what)
        robot.read()
        # At a desktop that heard nothing for a while: its picture is from before that.
        cable.pull()
        time.sleep(LONGEST_LEASE + 0.2)
        cable.plug()
        time.sleep(0.3)
        with pytest.raises(OutOfReach, match="too old to drive by"):
            robot.pulse(0.5, 0.5, 0.2)
        assert pulses(server) == before
        robot.read()
        robot.pulse(0.5, 0.5, 0.2)
        assert pulses(server) > before


def test_orders_that_come_at_once_are_carried_out_one_after_the_other_while_they_are_new(server):
    with raw(server) as socket:
        hear(socket, "lent")
        before = pulses(server)
        order = {
            "type": "pulse",
            "left": 0.5,
            "right": 0.5,
            "seconds": 0.3,
            "beat": hear(socket, "beat")["at"],
        }
        for number in range(1, 6):
            socket.send(json.dumps({**order, "number": number}))
        ends = {(done := hear(socket, "done"))["number"]: done["how"] for _ in range(5)}
        assert ends[5] == "old" and pulses(server) <= before + 2 * (1 + LONGEST_LEASE / 0.3)


def test_it_is_said_once_why_a_robot_does_not_move_and_how_it_goes_on(server, tmp_path, caplog):
    with borrowed(url_of(server), tmp_path) as robot:
        robot.read()
        server.post("/training/pause")
        eventually(lambda: len(caplog.messages) == 1)
        server.post("/training/resume")
        eventually(lambda: len(caplog.messages) == 2)
    assert "press Resume on its page" in caplog.messages[0] and caplog.messages[1].endswith("It goes on.")


def test_the_second_desktop_is_told_who_has_it(server, tmp_path):
    with borrowed(url_of(server), tmp_path, "one"):
        with pytest.raises(RobotTaken, match=r" at .* has this robot since \d\d:\d\d; wait, or take it back"):
            NetworkRobot(url_of(server), Keyring(tmp_path / "two"))
        answer = server.post("/training/start", {"robot": "sim"})
        assert answer.status_code == 409 and "from another machine" in answer.json()["detail"]
    with borrowed(url_of(server), tmp_path, "two"):
        pass


def test_a_robot_that_is_busy_or_halted_says_so(server, tmp_path):
    server.run(moves=10_000_000)
    with pytest.raises(NetworkError, match="trains by itself; stop that on its page"):
        NetworkRobot(url_of(server), Keyring(tmp_path / "keys"))
    server.post("/halt")
    with pytest.raises(Halted, match="reset the halt on its page"):
        NetworkRobot(url_of(server), Keyring(tmp_path / "keys"))


class Pulling(threading.Thread):
    """Drives a long pulse in a thread of its own; `what` is what came of it."""

    def __init__(self, robot, seconds=1.4):
        super().__init__(daemon=True)
        self.robot, self.seconds, self.what = robot, seconds, None
        self.start()

    def run(self):
        try:
            self.robot.pulse(0.5, 0.5, self.seconds)
            self.what = "done"
        except BaseException as error:
            self.what = error


def test_the_wheels_stop_when_the_network_is_gone_and_it_goes_on(server, cable, tmp_path):
    with borrowed(cable.url, tmp_path) as robot:
        robot.read()
        for wait in (0.05, 0.3):
            driving = Pulling(robot)
            eventually(server.record.high)
            time.sleep(wait)  # somewhere in the pulse
            cable.pull()
            pulled = time.monotonic_ns()
            eventually(lambda: not server.record.high())
            took = (server.record.last_low() - pulled) / 1e9
            assert took < LONGEST_LEASE + SLACK
            cable.plug()
            driving.join(20)
            assert isinstance(driving.what, CameraFault) and "wheels were stopped" in str(driving.what)
            robot.read()  # and it goes on
            robot.pulse(0.3, 0.3, 0.1)
            assert not server.record.high()


def test_a_connection_that_breaks_for_a_moment_changes_nothing(server, cable, tmp_path):
    with borrowed(cable.url, tmp_path) as robot:
        robot.read()
        before = pulses(server)
        driving = Pulling(robot)
        eventually(server.record.high)
        cable.cut()
        driving.join(20)
        assert driving.what == "done" or isinstance(driving.what, CameraFault)
        assert pulses(server) == before + 2  # and nothing was done twice
        robot.read()


def test_a_program_that_is_killed_stops_and_its_desktop_gets_the_robot_anew(server, tmp_path):
    code = (
        "from robot_agent.network.robot import NetworkRobot; from robot_agent.network.keyring import Keyring;"
        f"from pathlib import Path; keys = Keyring(Path({str(tmp_path / 'k')!r}));"
        f"r = NetworkRobot({url_of(server)!r}, keys);"
        "print('has it', flush=True); r.pulse(0.5, 0.5, 1.4); input()"
    )
    for stop in (signal.SIGKILL, signal.SIGSTOP):
        program = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stdin=subprocess.PIPE, cwd=ROOT
        )
        assert program.stdout.readline() == b"has it\n"
        eventually(server.record.high)
        program.send_signal(stop)
        at = time.monotonic_ns()
        eventually(lambda: not server.record.high())
        assert (server.record.last_low() - at) / 1e9 < LEASE_SECONDS + 0.2 + SLACK
        program.kill()
        program.communicate()
    eventually(lambda: _gets(server, tmp_path / "k"))


def _gets(server, keys):
    with suppress(RobotTaken):
        NetworkRobot(url_of(server), Keyring(keys)).close()
        return True
    return False


def test_a_robot_out_of_reach_is_waited_for(server, cable, tmp_path):
    with borrowed(cable.url, tmp_path) as robot:
        robot.read()
        cable.pull()
        with pytest.raises(OutOfReach, match="cannot be reached: its wheels stand still"):
            robot.read()
        cable.plug()
        eventually(lambda: _sees(robot))
        robot.pulse(0.3, 0.3, 0.1)


def _sees(robot):
    with suppress(CameraFault):
        return robot.read() is not None
    return False


def test_halt_on_its_page_is_felt_as_a_halt(server, tmp_path):
    with borrowed(url_of(server), tmp_path) as robot:
        robot.read()
        driving = Pulling(robot)
        eventually(server.record.high)
        server.post("/halt")
        driving.join(10)
        assert isinstance(driving.what, Halted) and not server.record.high()
        with pytest.raises(Halted):
            robot.pulse(0.3, 0.3, 0.1)
    assert "another machine was stopped" in server.state()["halt"]["what"]


def test_it_can_be_taken_back_on_its_page(server, tmp_path):
    with borrowed(url_of(server), tmp_path) as robot:
        driving = Pulling(robot)
        eventually(server.record.high)
        assert server.post("/lending/stop").status_code == 200
        assert not server.record.high()
        driving.join(10)
        assert isinstance(driving.what, NetworkError) and "taken back" in str(driving.what)
        with pytest.raises(NetworkError, match="taken back"):
            robot.read()
        robot._connection._heard -= 60.0  # as a minute later: a loan that has ended says no more
        with pytest.raises(NetworkError, match="taken back"):
            robot.pulse(0.3, 0.3, 0.1)
    assert server.post("/lending/stop").status_code == 409


def test_a_person_at_the_robot_takes_the_wheel(server, tmp_path):
    with borrowed(url_of(server), tmp_path) as robot, server.socket() as page:
        robot.seed(5)
        robot.reset()
        robot.read()
        driving = Pulling(robot)
        eventually(server.record.high)
        number = int(time.monotonic() * 1000)
        for _ in range(6):
            number += 1
            page.say("drive", left=0.5, right=0.4, seq=number)
            assert page.hear("lease")["held"]
            time.sleep(0.1)  # as a page does
        page.say("release")
        server.await_state("paused")
        assert server.post("/training/resume").status_code == 200
        driving.join(10)
        assert isinstance(driving.what, TakenOver) and driving.what.moves
        assert driving.what.moves[0].pulse.left == pytest.approx(0.5, abs=0.05)
        robot.pulse(0.2, 0.2, 0.1)


def test_a_whole_episode_is_one_of_a_robot_that_halts_and_loses_its_network(server, cable, tmp_path):
    """The loop that plays episodes needs to know nothing of networks."""
    from robot_agent.envs.rollout import Paused, Resumed, Round, play
    from robot_agent.envs.single import RobotEnvironment, SingleFleet
    from robot_agent.network.robot import OwnEyes
    from robot_agent.robot.robot import Robot

    with borrowed(cable.url, tmp_path) as hardware:
        environment = SingleFleet(RobotEnvironment(Robot(hardware, OwnEyes(hardware))))

        def ahead(observations):
            return np.array([[0.5, 1.0]], np.float32)  # for long: a lease ends before the pulse does

        def pull_in_a_pulse():
            eventually(server.record.high)
            cable.pull()
            eventually(lambda: not server.record.high())
            cable.plug()

        threading.Thread(target=pull_in_a_pulse, daemon=True).start()
        events = list(play(environment, ahead, seed=3))
        assert isinstance(events[-1], Round) and events[-1].ending is Ending.INTERRUPTED
        events = list(play(environment, ahead, seed=3))
        assert isinstance(events[0], Paused) and any(isinstance(event, Resumed) for event in events)
        assert events[-1].ending in (Ending.REACHED, Ending.LOST, Ending.TIMEOUT)
        threading.Thread(
            target=lambda: (eventually(server.record.high), server.post("/halt")), daemon=True
        ).start()
        *_, last = play(environment, ahead, seed=3)
        assert last.ending is Ending.HALTED


def test_who_is_not_paired_gets_nothing_and_a_revoked_key_ends_it(server, tmp_path):
    token = server.post("/tokens", {"name": "a desktop"}).json()
    url = url_of(server)
    keys = Keyring(tmp_path / "keys")
    keys.keep(parse_address(url), Paired(token["token"]))
    robot = NetworkRobot(url, keys)
    robot.read()
    driving = Pulling(robot)
    eventually(server.record.high)
    server.http.delete(f"/api/v1/tokens/{token['id']}")
    eventually(lambda: not server.record.high(), 2)
    driving.join(10)
    assert isinstance(driving.what, NetworkError) and "Pair with it: robot-agent pair" in str(driving.what)
    robot.close()
    with pytest.raises(NetworkError, match="does not accept this machine's key"):
        NetworkRobot(url, keys)
    foreign = {"X-Forwarded-For": "192.0.2.9"}  # as through a proxy: a stranger
    with (
        connect(
            f"ws://127.0.0.1:{server.port}/api/v1/robot", proxy=None, additional_headers=foreign
        ) as socket,
        pytest.raises(ConnectionClosed),
    ):
        socket.recv(timeout=5)
    assert server.state()["state"] == "idle"


def test_versions_that_do_not_go_together_are_named(server):
    with raw(server, protocol=99, version="9.9") as socket:
        refused = hear(socket, "refused")
        assert refused["kind"] == "version" and "9.9" in refused["why"] and "same version" in refused["why"]
    with raw(server, who="eve\x1b[2J\u202e\n") as socket:
        hear(socket, "lent")
        assert server.state()["borrower"] == "eve[2J"
    server.at_rest()
    with raw(server, who="") as socket, pytest.raises(ConnectionClosed):
        hear(socket, "lent")


def test_a_flood_is_cut_off(server):
    with raw(server) as socket:
        hear(socket, "lent")
        with pytest.raises(ConnectionClosed):
            for _ in range(2000):
                socket.send(json.dumps({"type": "echo", "beat": 0.0}))
                with suppress(TimeoutError):
                    socket.recv(timeout=0)
    with httpx.Client(base_url=url_of(server)) as http:
        assert http.get("/api/v1/status").status_code == 200


def test_no_address_is_one_sentence():
    with pytest.raises(SettingsError, match="no address of a robot"):
        NetworkRobot("http://")


@pytest.mark.slow
def test_a_whole_training_from_a_desktop_goes_on_after_pulled_cables_and_learns_nothing_from_what_they_tore(
    server, cable, tmp_path
):
    command = f"train --robot {cable.url} --seed 1 --store runs.db --set learner.backend=numpy"
    command += " --set train.moves=60 --set train.episodes_per_update=2"
    training = subprocess.Popen(
        [sys.executable, "-m", "robot_agent", *command.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for _ in range(3):
        eventually(lambda: server.record.high() or training.poll() is not None, 60)
        cable.pull()
        eventually(lambda: not server.record.high())
        low = server.record.last_low()
        time.sleep(4.5)  # until the desktop waits for the robot
        assert not [at for at, _, level in server.record.lines() if at > low and level]
        cable.plug()
        time.sleep(2.0)
    said, _ = training.communicate(timeout=200)
    assert training.returncode == 0 and "Paused: " in said and "going on" in said, said
    with Store(tmp_path / "runs.db") as store:
        assert store.run(1).status == "finished"
        endings = [one["ending"] for one in store.episodes(1)]
        learned = 2 * len(store.updates(1))
    whole = len(endings) - endings.count("interrupted")
    assert endings.count("interrupted") >= 1 and learned <= whole <= learned + 1
