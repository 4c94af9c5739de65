"""What is no robot, or another version; lists with mistakes: one sentence that says the cure."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import threading

import pytest
from hubs import Hub, Pretender
from servers import ROOT

from robot_agent import __version__
from robot_agent.errors import SettingsError
from robot_agent.network.address import parse_address
from server.fleet.found import address_of
from server.fleet.http import NoAnswer, ask
from server.fleet.link import MAX_PER_SECOND, Link
from server.fleet.listed import read_list
from server.fleet.robot import Robot, read_state
from server.protocol.base import SUBPROTOCOL
from server.service.identity import identity_of


@pytest.fixture
def garbage():
    """A server that speaks something else than HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    going = threading.Event()
    going.set()

    def serve():
        while going.is_set():
            try:
                one, _ = listener.accept()
            except TimeoutError:
                continue
            with one:
                one.recv(4096)
                one.sendall(b"SSH-2.0-something\r\n" * 3)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    going.clear()
    thread.join()
    listener.close()


WHO = {
    "program": "robot-agent",
    "version": "9.9",
    "protocol": "robot-agent.2",
    "id": "0123456789ab",
    "name": "x",
}
FALSE = {
    "a printer": ({"/": (200, {})}, "nobody", "is no robot-agent; check the address"),
    "an older robot-agent": (
        {"/api/v1/pair": (200, {"needed": False, "paired": True, "guest": False})},
        "version",
        f"put version {__version__} on it",
    ),
    "an older one with a login": (
        {
            "/api/v1/identity": (401, {"detail": "Pair with the code in the terminal first."}),
            "/api/v1/pair": (200, {"needed": True, "paired": False, "guest": False}),
        },
        "version",
        "older robot-agent",
    ),
    "a newer one": (
        {"/api/v1/identity": (200, WHO)},
        "version",
        f"robot-agent 9.9 and speaks robot-agent.2; this hub is version {__version__} and goes together with "
        f"those that speak {SUBPROTOCOL}",
    ),
    "one that names itself oddly": (
        {"/api/v1/identity": (200, WHO | {"protocol": SUBPROTOCOL, "id": "../../etc"})},
        "nobody",
        "does not say which robot it is",
    ),
    "a list": ({"/api/v1/identity": (200, [1, 2])}, "nobody", "is no robot-agent"),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"), "127.0.0.1:1")
    yield hub
    hub.close()


@pytest.mark.parametrize("what", FALSE)
def test_what_is_no_robot_of_this_version_is_said_in_a_sentence(hub, what):
    answers, link, words = FALSE[what]
    false = Pretender(answers | {"/api/v1/halt": (200, {"stopped": True, "milliseconds": 1})})
    try:
        assert hub.post("/robots", {"address": f"127.0.0.1:{false.port}"}).status_code == 200
        one = hub.await_link(false.port, link)
        assert words in one["problem"] and one["problem"].endswith(".")
        stopped = hub.http.post(f"/api/v1/halt?robot={one['id']}").json()
        assert stopped["confirmed"], "an older robot is halted all the same"
        assert hub.http.delete(f"/api/v1/robots/{one['id']}").status_code == 200
        assert hub.at(false.port) is None
    finally:
        false.close()


def test_what_does_not_speak_http_is_said_too(hub, garbage):
    assert hub.post("/robots", {"address": f"127.0.0.1:{garbage}"}).status_code == 200
    one = hub.await_link(garbage, "away")
    assert "no web server" in one["problem"]


@pytest.mark.parametrize("address", ["", "http://u:p@robot", "robot:0", "a b"])
def test_an_address_that_is_none_is_refused(hub, address):
    assert hub.post("/robots", {"address": address}).status_code == 422


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("robots = 3", "names no robot"),
        ("", "names no robot"),
        ("[robots]\nAda = 3", "'Ada' in .* has no address"),
        ('[robots]\nAda = "a b"', "no address of a robot"),
        ('[robot]\nAda = "a"', "no 'robot' in a list"),
        ("[robots", "no TOML"),
        ('[robots]\nAda = "a"\nGrace = "http://a:8080"', "stands twice"),
    ],
)
def test_a_list_with_a_mistake_says_which(tmp_path, text, words):
    (tmp_path / "room.toml").write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_list([str(tmp_path / "room.toml")])


def test_the_list_of_the_guide_is_one(tmp_path):
    (text,) = re.findall(r"```toml\n(# room.toml.*?)```", (ROOT / "deploy/README.md").read_text(), re.S)
    (tmp_path / "room.toml").write_text(text)
    listed = [(address.url, name) for address, name in read_list([str(tmp_path / "room.toml")])]
    assert listed == [("http://robot-1.local:8080", "Ada"), ("http://192.168.1.23:8080", "Grace")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fleet", "nowhere.toml"], "cannot be read"),
        (["--fleet", "--robot", "pi"], "no robot here for --robot"),
        (["robot.local"], "need --fleet"),
        (["--find"], "need --fleet"),
    ],
)
def test_the_command_line_says_what_does_not_go_together(tmp_path, arguments, words):
    said = subprocess.run(
        [sys.executable, "-P", "-m", "server", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
    )
    assert said.returncode == 2 and words in said.stderr and "Traceback" not in said.stderr
    assert not list(tmp_path.iterdir())


def test_a_robot_that_reads_nothing_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        address = parse_address(f"127.0.0.1:{deaf.getsockname()[1]}")

        async def send():
            await ask(address, "POST", "/checkpoints/upload", body=bytes(20_000_000), seconds=0.2)

        with pytest.raises(NoAnswer, match="no answer within"):
            asyncio.run(asyncio.wait_for(send(), 10))


def test_a_robot_that_floods_is_heard_so_often_and_no_more():
    class Flood:
        async def recv(self):
            await asyncio.sleep(0)
            return "x"

    class Listener:
        heard = 0

        def take(self, text):
            self.heard += 1

    link, listener = Link(parse_address("a"), *[lambda *_: None] * 5), Listener()
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(link._hear(Flood(), listener), 0.5))
    assert listener.heard <= MAX_PER_SECOND


def test_what_a_robot_says_is_bounded_and_of_the_right_kind():
    wild = {
        "state": 7,
        "reason": "x\u202e" * 9999,
        "robot": None,
        "goal": [1, "2"],
        "moves": "many",
        "episodes": 1.5,
        "success_rate": "inf",
        "moves_mean": 1e300,
        "halt": [],
        "can": True,
        "run": True,
        "frame_rate": {},
    }
    state = read_state(wild)
    assert state["state"] == "" and len(state["reason"]) <= 300 and "\u202e" not in state["reason"]
    assert state["goal"] == (0, 0) and not state["halted"] and not state["control"]
    assert all(state[name] is None for name in ("moves", "episodes", "run", "success_rate", "moves_mean"))
    robot = Robot("0123456789ab", "x", parse_address("a"), lambda robot: None)
    for text in (
        "",
        "{",
        "[]",
        '{"type":"state"',
        '{"type":"known","words":{"a":1}}',
        '{"type":"known","words":[1]}',
        '{"type":"state","halt":null}',
        '{"type":"halted","stopped":"yes"}',
        "[" * 9999,
    ):
        robot.take(text)
    for data in (b"", b"\xff" * 9, b"\0\0\0\2{}x", b"\0\0\0\2[]\xff\xd8"):
        assert robot.picture(data) is None


def test_only_what_is_near_is_taken_for_a_robot_that_was_found():
    assert address_of(["8.8.8.8"], 8080, "/") is None
    assert address_of(["192.168.1.7"], 0, "") is None
    assert address_of(["nonsense"], 8080, "") is None
    assert address_of(["192.168.1.7"], 8080, "a b") is None
    assert address_of(["fe80::2%3", "fd00::2", "192.168.1.7"], 8080, "/").url == "http://192.168.1.7:8080"
    assert address_of(["8.8.8.8", "10.0.0.9"], 81, "/robot/").url == "http://10.0.0.9:81/robot"


def test_a_copied_card_gets_a_number_of_its_own(tmp_path):
    serial, store = tmp_path / "serial", tmp_path / "runs.db"
    serial.write_bytes(b"10000000abcdef01\0")
    first = identity_of(store, serial)
    assert identity_of(store, serial).id == first.id and identity_of(store, serial).started != first.started
    serial.write_bytes(b"10000000abcdef02\0")  # the card is in another Raspberry Pi
    copied = identity_of(store, serial)
    assert copied.id != first.id and identity_of(store, serial).id == copied.id
    (tmp_path / "runs.db.id").write_text("{")
    assert identity_of(store, serial).id != copied.id
    assert json.loads((tmp_path / "runs.db.id").read_text())["machine"] not in ("", "10000000abcdef02")
