"""With --lan: a code in the terminal, a cookie or a token, guests; and a halt that asks for none of them."""

import re

import pytest
from servers import PINS, QUICK, Server
from websockets.exceptions import ConnectionClosed

from server.auth import ALPHABET, Auth
from server.memory import Memory
from server.problems import Problem

CODE = r"with the code (\w{3}-\w{3})"


@pytest.fixture(scope="module")
def lan(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lan"), "--lan", settings=(*PINS, *QUICK))
    server.code = server.hear(CODE)
    yield server.await_ready()
    server.close()


def test_who_has_not_paired_may_halt_and_nothing_else(lan):
    assert lan.get("/pair").json() == {"needed": True, "paired": False, "guest": False}
    for method, path in (
        ("GET", "/status"),
        ("GET", "/runs"),
        ("GET", "/policy"),
        ("GET", "/camera.jpg"),
        ("GET", "/openapi.json"),
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("POST", "/training/start"),
        ("POST", "/drive/start"),
        ("POST", "/vision/teach-goal"),
        ("POST", "/checkpoints/upload"),
        ("DELETE", "/runs/1"),
    ):
        answer = lan.http.request(method, f"/api/v1{path}")
        assert answer.status_code == 401 and "Pair" in answer.json()["detail"], path
    assert lan.http.get("/metrics").status_code == 401
    assert lan.post("/halt").json()["stopped"]
    assert lan.post("/halt/reset", {"confirm": True}).status_code == 401  # that needs a login
    with lan.socket() as page:
        state = page.hear("state")
        assert state["state"] == "halted" and state["can"] == {"control": False, "halt": True}
        page.say("drive", left=1, right=1, seq=1)
        assert not page.hear("lease")["held"]
        page.say("halt")
        with pytest.raises((TimeoutError, ConnectionClosed)):
            page.hear("picture", 1)


def test_a_browser_pairs_once_with_the_code_and_a_script_with_a_token(lan):
    answer = lan.post("/pair", {"code": lan.code.lower().replace("-", " ")})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert re.search("HttpOnly", cookie) and re.search("samesite=strict", cookie, re.IGNORECASE)
    secret = cookie.split(";")[0]
    lan.http.cookies.clear()
    assert lan.post("/pair", {"code": lan.code}).status_code == 403  # a code is good once
    paired = {"Cookie": secret}
    assert lan.get("/pair", headers=paired).json()["paired"]
    with lan.socket(additional_headers=paired) as page:
        assert page.hear("state")["can"]["control"]
    assert lan.post("/halt/reset", {"confirm": True}, headers=paired).status_code == 200

    made = lan.post("/tokens", {"name": "script"}, headers=paired).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert lan.get("/status", headers=bearer).json()["can"]["control"]
    listed = lan.get("/tokens", headers=bearer).json()
    assert [one["name"] for one in listed] == ["script"] and "token" not in listed[0]
    kept = (lan.folder / "runs.db.server.json").read_text()
    assert made["token"] not in kept and secret.split("=")[1] not in kept  # only their hashes
    assert (lan.folder / "runs.db.server.json").stat().st_mode & 0o077 == 0
    assert lan.http.delete(f"/api/v1/tokens/{made['id']}", headers=bearer).status_code == 200
    assert lan.get("/status", headers=bearer).status_code == 401
    assert lan.post("/halt", headers=bearer).status_code == 200  # a halt never asks
    lan.post("/halt/reset", {"confirm": True}, headers=paired)


def test_a_name_of_this_machine_is_let_in_and_no_other(lan):
    import socket

    for host, status in ((socket.gethostname(), 200), ("10.1.2.3", 200), ("evil.example", 403)):
        assert lan.get("/pair", headers={"Host": host}).status_code == status


def test_guessing_a_code_comes_to_an_end(tmp_path):
    now, said = [0.0], []
    auth = Auth(Memory(tmp_path / "memory"), needed=True, say=said.append, clock=lambda: now[0])
    auth.show_code()
    for _ in range(5):
        with pytest.raises(Problem, match="not the code"):
            auth.pair("AAAAAA")
    code = re.search(CODE, said[-1])[1]
    with pytest.raises(Problem, match="wait 60 s") as refused:
        auth.pair(code)  # even the right one: nobody may try
    assert refused.value.status == 429 and refused.value.headers["Retry-After"]
    now[0] += 61
    assert auth.role(auth.pair(code), None) == "control"
    now[0] += 601
    auth.show_code()
    old = re.search(CODE, said[-1])[1]
    now[0] += 601
    with pytest.raises(Problem, match="not the code"):
        auth.pair(old)  # it has expired
    assert len(ALPHABET) ** 6 / (5 * 60 * 24 * 365) > 100  # years of guessing


def test_guests_see_everything_and_touch_nothing(tmp_path):
    memory = Memory(tmp_path / "memory")
    auth = Auth(memory, needed=True, guests=True)
    assert auth.role(None, None) == "guest" and auth.role("forged", None) == "guest"
    with pytest.raises(Problem):
        auth.role(None, "forged")
    assert Auth(memory, needed=False).role(None, None) == "control"
