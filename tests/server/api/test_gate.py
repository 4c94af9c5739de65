"""Who must not come in: a list of hostile tries, and what each of them gets."""

import asyncio
import http.client
import json
import socket
import struct
from contextlib import ExitStack

import numpy as np
import pytest
from safetensors.numpy import save
from servers import eventually
from websockets.exceptions import ConnectionClosed, InvalidStatus

from robot_agent.runs.policy_file import FORMAT
from server.api.gate import body

UNSAFE = "/api/v1/training/stop"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "127.0.0.1.evil.example",
        "",
        "[",
        "192.168.1.7",
        "a" * 300,
        "localhost/; script-src *",
        "evil@localhost",
    ],
)
def test_a_foreign_host_is_refused_whatever_is_asked(server, host):
    for method, path in (("GET", "/api/v1/status"), ("POST", UNSAFE), ("GET", "/"), ("POST", "/api/v1/halt")):
        answer = server.http.request(method, path, headers={"Host": host})
        assert answer.status_code in (400, 403), (host, path)
    with pytest.raises(InvalidStatus), server.socket(additional_headers={"Host": host}):
        pass


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_page_of_another_site_can_do_nothing(server, headers):
    answer = server.http.post(UNSAFE, headers=headers)
    assert answer.status_code == 403 and "another site" in answer.json()["detail"]
    if "Origin" in headers:
        with pytest.raises(InvalidStatus), server.socket(origin=headers["Origin"]):
            pass


def test_the_own_page_can(server):
    own = f"http://127.0.0.1:{server.port}"
    assert server.http.post("/api/v1/halt", headers={"Origin": own}).status_code == 200
    with server.socket(origin=own) as page:
        assert page.hear("state")["can"]["control"]


def test_who_does_not_finish_a_request_is_not_waited_for(server):
    whole = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    half = b"GET / HTTP/1.1\r\nHost: loc"
    with ExitStack() as stack:  # all wait at the same time, as that takes seconds

        def connect(*pieces):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 30))
            one.sendall(b"".join(pieces))
            return one

        fresh = [connect(), connect(half)]
        used = [connect(whole), connect(whole)]
        for one, more in zip(used, (b"G", half), strict=True):
            assert one.recv(10_000).startswith(b"HTTP/1.1 200")
            one.sendall(more)
        for one in fresh:
            assert one.recv(100) == b""
        for one in used:
            while rest := one.recv(10_000):  # what is left of the answer
                assert b"HTTP/1.1" not in rest


def test_errors_are_problems_with_a_cure(server):
    for answer, status in (
        (server.get("/nothing"), 404),
        (server.get("/runs/99999"), 404),
        (server.http.delete("/api/v1/status"), 405),
        (server.post("/training/start", {"robot": "tank"}), 422),
        (server.post("/training/start", {"settings": {"learner.gama": 1}}), 422),
        (server.http.post("/api/v1/training/start", content=b"{"), 422),
        (server.post("/training/pause"), 409),
    ):
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        body = answer.json()
        assert body["status"] == answer.status_code == status, body
        assert body["detail"].endswith(".") and body["title"]
    assert "gamma" in server.post("/training/start", {"settings": {"learner.gama": 1}}).json()["detail"]


@pytest.mark.parametrize(
    "settings",
    [
        {"store": "/etc/passwd"},
        {"robot": "os:system"},
        {"motors.pin_factory": "os:getcwd"},
        {"motors.guard": "/tmp/x"},
        {"camera.source": "http://169.254.169.254/"},
        {"train.robots": 10**9},
        {"network.hidden": [100000, 100000]},
        {"train.moves": 10**30},
        {"learner.gamma": "0.9\nstore = '/tmp/x'"},
        {"": 1},
        {"train": 5},
        {"train.robots.deeper": 5},
        {"vision.color.learned": "/etc/passwd"},
        {"vision.color.learned.table": "AAAA"},
        {"vision.color": {"learned": "/etc/passwd"}},
        {"vision.slices": {"model": "/etc/passwd"}},
        {"vision.color.learned": {"table": "A" * 66_000}},
    ],
    ids=lambda settings: str(settings)[:60],
)
def test_settings_that_reach_beyond_the_training_or_the_machine(server, settings):
    answer = server.post("/training/start", {"robot": "sim", "settings": settings})
    assert answer.status_code in (413, 422), answer.text
    assert server.state()["state"] == "idle"


def test_bodies_that_are_too_large_or_too_slow_or_too_deep(server):
    big = server.http.post("/api/v1/training/start", content=b" " * 70_000)
    assert big.status_code == 413

    def endless():
        for _ in range(100):
            yield b" " * 10_000

    assert server.http.post("/api/v1/training/start", content=endless()).status_code == 413
    assert server.http.post("/api/v1/checkpoints/upload", content=b"x" * 2_000_001).status_code == 413
    deep = server.http.post(
        "/api/v1/training/start", content=b"[" * 60_000, headers={"Content-Type": "application/json"}
    )
    assert deep.status_code in (400, 422)


def test_frames_that_are_too_large_or_too_many_or_no_json(server):
    pieces = [["{"] + [""] * 100]  # of one message, and far below its limit of size
    for flood in (
        ["x" * 5000], ["hello"], ["[]"], ["{" * 3000], ['{"type":"ping"}'] * 200, [b"\xff\x00"], pieces
    ):  # fmt: skip
        with server.socket() as page, pytest.raises(ConnectionClosed):
            for frame in flood:
                page.socket.send(frame)
            while True:
                page.hear("nothing")
    assert server.state()["state"] == "idle"


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/app.py",
        "/\x00",
    ],
)
def test_no_path_of_the_file_system(server, path):
    with socket.create_connection(("127.0.0.1", server.port), 5) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while data := raw.recv(65536):
            answer += data
    assert answer.split()[1] in (b"404", b"400") and b"root:" not in answer


def test_what_every_answer_says_to_the_browser(server):
    for path in ("/", "/api/v1/status", "/nothing"):
        headers = server.http.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http:" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert "server" not in headers
    assert server.get("/status").headers["cache-control"] == "no-store"


def policy(header=None, settings=None, **tensors):
    """Make a policy file, good unless told otherwise."""
    good = {
        "log_std": np.zeros(2, np.float32),
        "mean.0.weight": np.zeros((8, 2), np.float32),
        "mean.0.bias": np.zeros(8, np.float32),
        "mean.2.weight": np.zeros((2, 8), np.float32),
        "mean.2.bias": np.zeros(2, np.float32),
    }
    own = settings if settings is not None else {"task": {}, "network": {"hidden": [8]}}
    metadata = {"format": FORMAT, "settings": json.dumps(own)} | (header or {})
    return save({k: v for k, v in (good | tensors).items() if v is not None}, metadata)


def bomb(length, text=b"{}"):
    return struct.pack("<Q", length) + text


HUGE = json.dumps(
    {
        "__metadata__": {"format": FORMAT, "settings": json.dumps({"task": {}, "network": {"hidden": [8]}})},
        "log_std": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]},
    }
).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
        b"PK\x03\x04" + b"\0" * 100,
        bomb(2**63),
        bomb(2**40),
        bomb(2, b"[]"),
        bomb(60_000, b"[" * 60_000),
        bomb(len(HUGE), HUGE),
        policy({"format": "another"}),
        policy({"settings": "{"}),
        policy(settings={}),
        policy(settings={"task": {}, "network": {"hidden": [100_000]}}),
        policy(settings={"task": {"reward_code": "import os"}, "network": {"hidden": [8]}}),
        policy(log_std=np.array([np.nan, 0], np.float32)),
        policy(log_std=None),
        policy(more=np.zeros(3, np.float32)),
        policy(log_std=np.zeros(3, np.float32)),
        policy(log_std=np.zeros(2, np.float64)),
        policy()[:-4],
    ],
    ids=lambda data: f"{len(data)} bytes",
)
def test_an_upload_that_is_no_policy_leaves_nothing_behind(server, data):
    before = server.get("/runs").json()
    answer = server.http.post("/api/v1/checkpoints/upload", content=data)
    assert answer.status_code == 422, answer.text
    assert server.get("/runs").json() == before


def test_a_policy_goes_out_and_comes_in_again(server):
    good = server.http.post(
        "/api/v1/checkpoints/upload", params={"name": "zero.safetensors"}, content=policy()
    )
    run = server.get(f"/runs/{good.json()['run']}").json()
    assert (run["name"], run["status"]) == ("zero", "finished")
    again = server.get(f"/checkpoints/{good.json()['checkpoint']}/download").content
    copy = server.http.post("/api/v1/checkpoints/upload", content=again)
    assert copy.status_code == 200
    assert server.post("/drive/start", {"checkpoint": copy.json()["checkpoint"]}).status_code == 200
    server.post("/drive/stop")


def test_a_socket_that_is_half_open_is_let_go_of(server):
    """It answers no ping: nobody is there."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as raw:
        raw.sendall(
            f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        eventually(lambda: "robot_agent_clients 1.0" in server.http.get("/metrics").text)
        eventually(lambda: "robot_agent_clients 0.0" in server.http.get("/metrics").text, 30)


def test_a_halt_is_one_whatever_comes_with_it(server):
    for headers in (
        {"Content-Length": "99999999"},
        {"Authorization": "Bearer nonsense"},
        {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"},
        {"X-Forwarded-For": "\x1b[2Jthe owner. All is well"},
    ):
        ours = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        ours.putrequest("POST", "/api/v1/halt")
        for name, value in headers.items():
            ours.putheader(name, value)
        ours.endheaders()
        assert ours.getresponse().status == 200, headers
        ours.close()
        halt = server.state()["halt"]
        assert halt["halted"] and halt["why"] == "Somebody at 127.0.0.1 pressed halt"
        assert server.post("/halt/reset", {"confirm": True}).status_code == 200


def test_an_answer_that_has_begun_ends_quietly_when_its_body_does_not_come(monkeypatch):
    monkeypatch.setattr(body, "BODY_SECONDS", 0.01)
    sent = []

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        assert (await receive())["type"] == "http.disconnect"

    async def run():
        async def never():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message["type"])

        scope = {"type": "http", "method": "GET", "path": "/api/v1/events", "headers": [], "key": ""}
        await body.body_limit(stream, None)(scope, never, send)

    asyncio.run(run())
    assert sent == ["http.response.start"]
