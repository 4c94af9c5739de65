"""Addresses, keys and refusals of robots on the network, and the command that pairs with them."""

import http.server
import json
import os
import stat
import subprocess
import threading
from contextlib import contextmanager, suppress

import numpy as np
import pytest
import websockets.sync.server
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from robot_agent.errors import SettingsError
from robot_agent.network.address import Address, is_address, must_be_address, parse_address
from robot_agent.network.api import NetworkError, check_robot, request
from robot_agent.network.keyring import TOKEN_VARIABLE, Keyring, KeyringError, Paired
from robot_agent.network.messages import NoMessage, from_desktop, from_robot, unpack
from robot_agent.network.pictures import is_fit, size_of_jpeg
from robot_agent.network.robot import NetworkRobot
from robot_agent.settings.config import load
from vision.cameras.camera import CameraFault
from vision.cameras.decoding import encode_jpeg

ROBOT = {"guard": True, "trainer": True}


@contextmanager
def serving(answers):
    """Serve (status, type, body) by path, and note what was asked with which key."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            status, kind, body = answers.get(self.path, (404, "text/plain", "nothing here"))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status in (301, 302, 307):
                self.send_header("Location", body)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Address(f"http://127.0.0.1:{server.server_port}", ""), asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("typed", "origin", "path"),
    [
        ("http://robot.local:8080", "http://robot.local:8080", ""),
        ("HTTP://Robot.Local:8080/", "http://robot.local:8080", ""),
        ("robot.local:8080", "http://robot.local:8080", ""),
        ("https://home.example/robot/", "https://home.example", "/robot"),
        ("http://10.0.0.7:80", "http://10.0.0.7", ""),
        ("http://[fe80::1]:8080", "http://[fe80::1]:8080", ""),
        ("http://robot.local", "http://robot.local", ""),
        (" robot.local/ ", "http://robot.local:8080", ""),
        ("192.168.1.7:81", "http://192.168.1.7:81", ""),
        ("fe80::1", "http://[fe80::1]:8080", ""),
        ("[::1]:9000", "http://[::1]:9000", ""),
    ],
)
def test_addresses_as_people_type_them(typed, origin, path):
    assert parse_address(typed) == Address(origin, path)
    assert parse_address(parse_address(typed).url) == parse_address(typed)
    assert parse_address(typed).websocket.startswith("ws")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "http://",
        "http://robot.local:port",
        "ftp://robot.local",
        "http://[::1",
        "http://r?key=1",
        "http://r#x",
        "robot:0",
        "a b",
        "http://robot.local/a b",
        "http://r/../x",
        "robot..local",
        ".local",
        f"{'r' * 64}.local",
    ],
)
def test_what_is_no_address_is_one_sentence(typed):
    with pytest.raises(SettingsError, match="give it as http://robot"):
        parse_address(typed)


def test_a_password_is_never_part_of_an_address():
    with pytest.raises(SettingsError, match="Leave the user and the password out") as refused:
        load(None, {"robot": "http://me:secret@robot.local"})
    assert "secret" not in str(refused.value)
    assert load(None, {"robot": "HTTP://Robot.local:8080/"}).robot == "http://robot.local:8080"


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text):
    try:
        address = parse_address(text)
    except SettingsError:
        return
    assert is_address(address.url)


def test_keys_are_kept_for_their_owner_alone(tmp_path):
    file, robot = tmp_path / "below" / "robots.json", parse_address("http://robot.local:8080")
    keys = Keyring(file)
    assert keys.token(robot) is None and keys.all() == {}
    keys.keep(robot, Paired("ra_secret", "robot"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert Keyring(file).token(robot) == "ra_secret"
    assert Keyring(file).token(parse_address("http://robot.local:8081")) is None  # another robot
    assert "secret" not in repr(Keyring(file).all())
    desktop = keys.desktop
    assert Keyring(file).desktop == desktop and len(desktop) == 32
    assert keys.forget(robot) and not keys.forget(robot)
    assert Keyring(file).token(robot) is None


def test_robots_that_are_paired_at_the_same_time_are_all_kept(tmp_path):
    """As a hub does, and somebody with `robot-agent pair` beside it: each has read the file before."""
    keyrings = [Keyring(tmp_path / "keys") for _ in range(8)]
    threads = [
        threading.Thread(
            target=keys.keep, args=(parse_address(f"http://robot-{number}"), Paired(str(number)))
        )
        for number, keys in enumerate(keyrings)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Keyring(tmp_path / "keys").all()) == 8
    assert len({keys.desktop for keys in keyrings}) == 1


def test_a_variable_goes_before_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, " ra_other ")
    assert Keyring(tmp_path / "keys").token(parse_address("http://r")) == "ra_other"


@pytest.mark.parametrize("content", ["{", "[]", '{"robots": 3}', '{"robots": {"a": 1}}', "\0"])
def test_a_damaged_file_is_said_or_left_out(tmp_path, content):
    (tmp_path / "keys").write_text(content)
    try:
        assert Keyring(tmp_path / "keys").all() == {}
    except KeyringError as error:
        assert "move it away" in str(error)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file system that can be full, which root can mount")
def test_a_full_disk_keeps_the_old_keys(tmp_path):
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)]).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        keys = Keyring(tmp_path / "keys")
        keys.keep(parse_address("http://r"), Paired("one"))
        with pytest.raises(OSError, match="No space"), (tmp_path / "big").open("wb", buffering=0) as big:
            while True:
                big.write(bytes(4096))
        with pytest.raises(KeyringError, match="cannot be written"):
            keys.keep(parse_address("http://s"), Paired("x" * 20_000))
        assert Keyring(tmp_path / "keys").token(parse_address("http://r")) == "one"
        assert not [one for one in tmp_path.iterdir() if one.name.startswith(".keys")]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_something_else_at_the_address_is_no_robot(tmp_path):
    page = {"/healthz": (200, "text/html", "<html>a router</html>")}
    for answers in (page, {}, {"/healthz": (200, "application/json", "[1]")}):
        with serving(answers) as (address, _), pytest.raises(NetworkError, match="is no robot-agent"):
            check_robot(address)
        with serving(answers) as (address, _), pytest.raises(NetworkError, match="is no robot-agent"):
            NetworkRobot(address.url, Keyring(tmp_path / "keys"))
    with pytest.raises(NetworkError, match="does not answer"):
        check_robot(Address("http://127.0.0.1:9", ""))


def test_an_older_robot_agent_is_named(tmp_path):
    for status in (200, 503):  # 503 while it starts
        older = {"/healthz": (status, "application/json", json.dumps(ROBOT))}
        older["/api/v1/status"] = (200, "application/json", "{}")
        with serving(older) as (address, _), pytest.raises(NetworkError, match="is an older one"):
            NetworkRobot(address.url, Keyring(tmp_path / "keys"))


def test_a_key_goes_to_no_other_address(tmp_path):
    with serving({}) as (other, heard), serving({"/x": (302, "text/plain", f"{other.url}/x")}) as (robot, _):
        with pytest.raises(NetworkError):
            request(robot, "/x", token="ra_secret")
        assert heard == []
    keys = Keyring(tmp_path / "keys")
    with serving({}) as (other, heard):
        moved = {"/api/v1/robot": (302, "text/plain", f"{other.websocket}/x")}
        moved |= {"/healthz": (200, "application/json", json.dumps(ROBOT))}
        with serving(moved) as (robot, _), pytest.raises(NetworkError):
            NetworkRobot(robot.url, keys)
        assert heard == []


def test_an_answer_without_an_end_is_not_read_for_ever(monkeypatch):
    monkeypatch.setattr("robot_agent.network.api.LARGEST", 100)
    endless = {"/x": (200, "application/json", "[" + "1," * 1000 + "1]")}
    with serving(endless) as (robot, _), pytest.raises(NetworkError, match="has no end"):
        request(robot, "/x")


def test_a_refusal_says_what_the_robot_says():
    problem = json.dumps({"detail": "This server is not called 'robot.example'; start it with --name."})
    kind = "application/problem+json"
    answers = {"/healthz": (403, kind, problem), "/x": (401, kind, problem)}
    with serving(answers) as (address, _):
        with pytest.raises(NetworkError, match="is not called"):
            check_robot(address)
        with pytest.raises(NetworkError, match="Pair with it: robot-agent pair http"):
            request(address, "/x")


@given(st.binary(max_size=80))
def test_no_bytes_are_taken_for_a_message_that_are_none(data):
    for take in (from_desktop, from_robot, unpack):
        with suppress(NoMessage):
            take(data)


BOMB = b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\1\1\1\0\xff\xd9"  # it claims 65535 x 65535 pixels


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"\0\0\0\x1a" + b'{"number":1,"sight":null}\n' + BOMB, CameraFault, "damaged or huge picture"),
        (b"\xff" * 9, NetworkError, "cannot be read here; install robot-agent"),
        ('{"type":"done","number":1,"before":{"x1":5,"x2":99}}', NetworkError, "cannot be read here"),
        ("x" * 5_000_000, CameraFault, "lost again and again"),
        (None, CameraFault, "lost again and again"),
    ],
)
def test_a_robot_that_answers_oddly_ends_an_order_and_never_hangs_it(tmp_path, answer, error, words):
    lent = {
        "type": "lent",
        "version": "1",
        "robot": "x",
        "kind": "pi",
        "can_reset": False,
        "lease_seconds": 0.4,
    }

    def serve(socket):
        socket.recv()
        socket.send(json.dumps(lent))
        with suppress(ConnectionClosed):
            while "look" not in socket.recv():
                pass
            if answer is not None:
                socket.send(answer)
                socket.recv()

    with websockets.sync.server.serve(serve, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        robot = NetworkRobot(f"http://127.0.0.1:{server.socket.getsockname()[1]}", Keyring(tmp_path / "keys"))
        with pytest.raises(error, match=words):
            robot.read()
        server.shutdown()


def test_the_size_of_a_picture_is_read_before_it_is_decoded():
    jpeg = encode_jpeg(np.zeros((24, 32, 3), np.uint8))
    assert size_of_jpeg(jpeg) == (32, 24) and size_of_jpeg(BOMB) == (65535, 65535)
    assert is_fit(jpeg) and not is_fit(BOMB) and not is_fit(jpeg, 700)
    for data in (b"", b"\xff\xd8", jpeg[:20], b"\xff\xd8" + b"\xff" * 20, b"\xff\xd8\0\0" * 9):
        assert size_of_jpeg(data) is None


def test_orders_are_within_what_motors_take():
    order = {"type": "pulse", "number": 1, "left": 0.0, "right": 0.0, "seconds": 1.0}
    assert from_desktop(json.dumps(order)).seconds == 1.0
    for bad in (
        {"left": 1.01},
        {"right": float("nan")},
        {"seconds": float("inf")},
        {"number": 0},
        {"number": None},
        {"left": "0.5"},
        {"right": True},
    ):
        with pytest.raises(NoMessage):
            from_desktop(json.dumps(order | bad))


def test_a_policy_is_sent_only_to_an_address():
    with pytest.raises(SettingsError, match="--send puts a policy on a robot on the network"):
        must_be_address("sim")
