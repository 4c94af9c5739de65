"""With --lan: a code in the terminal, a cookie or a token, guests; and a halt that asks for none of them."""

import re
import time

import pytest
from servers import PINS, QUICK, Server, eventually
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
        ("GET", "/browsers"),
        ("DELETE", "/browsers/0123456789ab"),
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


def test_a_lost_phone_is_unpaired_and_turned_out_at_once(lan):
    def pair(agent):
        lan.http.cookies.clear()
        lan.get("/pair")
        answer = lan.post("/pair", {"code": lan.hear(CODE)}, headers={"User-Agent": agent})
        lan.http.cookies.clear()
        return {"Cookie": answer.headers["set-cookie"].split(";")[0]}

    desk = pair("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    phone = pair("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36")
    listed = {one["name"]: one for one in lan.get("/browsers", headers=desk).json()}
    assert listed["Firefox on Linux"]["mine"] and not listed["Chrome on Android"]["mine"]
    assert abs(listed["Chrome on Android"]["paired"] - time.time()) < 60
    path = f"/api/v1/browsers/{listed['Chrome on Android']['id']}"
    with lan.socket(additional_headers=phone) as page, lan.socket(additional_headers=desk) as other:
        page.say("drive", left=0.5, right=0.5, seq=1)
        assert page.hear("lease")["held"]
        assert lan.http.delete(path, headers=desk).status_code == 200
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                page.say("drive", left=0.5, right=0.5, seq=time.monotonic_ns())
                page.hear("lease")
        assert closed.value.rcvd.code == 4401
        eventually(lambda: not lan.record.high())
        other.say("drive", left=0, right=0, seq=1)
        assert other.hear("lease")["held"], "what the phone held is free again"
    assert lan.get("/status", headers=phone).status_code == 401
    assert lan.http.delete(path, headers=desk).status_code == 404

    token = lan.post("/tokens", {"name": "script"}, headers=desk).json()
    bearer = {"Authorization": f"Bearer {token['token']}"}
    with lan.socket(additional_headers=bearer) as script:
        assert script.hear("state")["can"]["control"]
        lan.http.delete(f"/api/v1/tokens/{token['id']}", headers=desk)
        with pytest.raises(ConnectionClosed):
            script.hear("nothing", 5)


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
    assert auth.who(auth.pair(code), None).role == "control"
    now[0] += 601
    auth.show_code()
    old = re.search(CODE, said[-1])[1]
    now[0] += 601
    with pytest.raises(Problem, match="not the code"):
        auth.pair(old)  # it has expired
    assert len(ALPHABET) ** 6 / (5 * 60 * 24 * 365) > 100  # years of guessing


def test_a_key_that_is_revoked_while_it_knocks_opens_nothing(tmp_path):
    auth = Auth(Memory(tmp_path / "memory"), needed=True)
    token = auth.issue("script")
    key = auth.who(None, token["token"]).key
    assert auth.knows(key) and auth.knows("")
    assert auth.revoke(token["id"]) == key
    assert not auth.knows(key)


def test_guests_watch_a_server_and_are_told_no_keys(tmp_path):
    server = Server(tmp_path, "--lan", "--guests").await_ready()
    try:
        assert server.get("/pair").json() == {"needed": True, "paired": False, "guest": True}
        assert server.get("/status").json()["can"] == {"control": False, "halt": True}
        for method, path in (("GET", "/tokens"), ("GET", "/browsers"), ("POST", "/training/start")):
            refused = server.http.request(method, f"/api/v1{path}")
            assert refused.status_code == 403 and "guest" in refused.json()["detail"], path
        with server.socket() as page:
            page.say("drive", left=1, right=1, seq=1)
            assert not page.hear("lease")["held"]
        assert server.post("/halt").json()["stopped"]
    finally:
        server.close()


def test_guests_see_everything_and_touch_nothing(tmp_path):
    memory = Memory(tmp_path / "memory")
    auth = Auth(memory, needed=True, guests=True)
    assert auth.who(None, None).role == "guest" and auth.who("forged", None).role == "guest"
    with pytest.raises(Problem):
        auth.who(None, "forged")
    assert Auth(memory, needed=False).who(None, None).role == "control"
