"""With --lan: a code in the terminal, a cookie or a token, guests; and a halt that asks for none of them."""

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress

import httpx
import pytest
from servers import PINS, QUICK, ROOT, Server, eventually
from websockets.exceptions import ConnectionClosed

from robot_agent.runs.store import Store
from robot_agent.settings.config import load
from server.api.pairing import ALPHABET, COOKIE_SECONDS, MAX_ADDRESSES, MAX_KEYS, TRIES, Auth
from server.control.clients import MAX_OF_A_KEY, MAX_OF_STRANGERS
from server.problems import Problem
from server.service.persisted import Persisted

CODE = r"with the code (\w{3}-\w{3})"


@pytest.fixture(scope="module")
def lan(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lan"), "--lan", settings=(*PINS, *QUICK))
    codes = [server.hear(CODE)]

    def code():
        """Return a code that is good, and that nobody has used."""
        if codes:
            return codes.pop()
        server.get("/pair")
        return server.hear(CODE)

    def paired(agent):
        """Pair another browser, and return what it sends."""
        server.http.cookies.clear()
        answer = server.post("/pair", {"code": code()}, headers={"User-Agent": agent})
        server.http.cookies.clear()
        return {"Cookie": answer.headers["set-cookie"].split(";")[0]}

    server.code, server.paired = code, paired
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
    paired = lan.paired("Firefox")
    assert lan.post("/halt/reset", {"confirm": True}, headers=paired).status_code == 200


def test_a_browser_pairs_once_with_the_code_and_a_script_with_a_token(lan):
    code = lan.code()
    answer = lan.post("/pair", {"code": code.lower().replace("-", " ")})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert re.search("HttpOnly", cookie) and re.search("samesite=strict", cookie, re.IGNORECASE)
    secret = cookie.split(";")[0]
    lan.http.cookies.clear()
    assert lan.post("/pair", {"code": code}).status_code == 403  # a code is good once
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
    pair = lan.paired
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
    for host, status in ((socket.gethostname(), 200), ("10.1.2.3", 200), ("evil.example", 403)):
        assert lan.get("/pair", headers={"Host": host}).status_code == status


def test_guessing_a_code_comes_to_an_end(tmp_path):
    now, said = [0.0], []
    auth = Auth(Persisted(tmp_path / "memory"), needed=True, say=said.append, clock=lambda: now[0])
    auth.show_code()
    for _ in range(5):
        with pytest.raises(Problem, match="not the code"):
            auth.pair("AAAAAA")
    code = re.search(CODE, said[-1])[1]
    with pytest.raises(Problem, match="wait 60 s") as refused:
        auth.pair(code)  # even the right one: nobody may try
    assert refused.value.status == 429 and refused.value.headers["Retry-After"]
    auth.show_code()
    assert auth.who([auth.pair(re.search(CODE, said[-1])[1], host="10.0.0.2")], None).role == "control"
    auth.show_code()
    code = re.search(CODE, said[-1])[1]
    now[0] += 61
    assert auth.who([auth.pair(code)], None).role == "control"
    now[0] += 601
    auth.show_code()
    old = re.search(CODE, said[-1])[1]
    now[0] += 601
    with pytest.raises(Problem, match="not the code"):
        auth.pair(old)  # it has expired
    # Weeks of guessing, from more addresses than a network at home has, against codes that live ten minutes.
    assert len(ALPHABET) ** 6 / (MAX_ADDRESSES * TRIES * 60 * 24) > 50


def test_guesses_from_many_addresses_keep_nobody_else_from_pairing(tmp_path):
    now, said = [0.0], []
    auth = Auth(Persisted(tmp_path / "memory"), needed=True, say=said.append, clock=lambda: now[0])
    auth.show_code()
    for number in range(MAX_ADDRESSES + 50):
        for _ in range(TRIES):
            with pytest.raises(Problem):
                auth.pair("AAAAAA", host=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        now[0] += 0.001
    assert len(auth._limits) <= MAX_ADDRESSES + 1
    now[0] += 61
    auth.show_code()
    assert auth.pair(re.search(CODE, said[-1])[1], host="192.168.1.20")


def test_a_pairing_does_not_hang_on_the_time_of_day(tmp_path, monkeypatch):
    """A Pi without a clock begins in the past, and is set by years when it finds the network."""
    memory, now = tmp_path / "memory", [0.0]
    monkeypatch.setattr(time, "time", lambda: 5.0)
    auth = Auth(Persisted(memory), needed=True, clock=lambda: now[0], say=lambda words: None)
    auth.show_code()
    cookie = auth.pair(auth._code)
    for wall in (1.8e9, 9e9, 0.0):
        monkeypatch.setattr(time, "time", lambda wall=wall: wall)
        assert auth.who([cookie], None).role == "control"
        again = Auth(Persisted(memory), needed=True, clock=lambda: 1e6)
        assert again.who([cookie], None).role == "control"
    now[0] += COOKIE_SECONDS + 1
    assert auth.who([cookie], None).role == "none"
    assert Auth(Persisted(memory), needed=True).who([cookie], None).role == "none", "its age was written"


def test_cookies_of_other_programs_on_this_host_lock_nobody_out(lan):
    mine = lan.paired("Firefox on Linux")["Cookie"]
    others = [
        "theme", "=", "a b=c d", 'q="unclosed', "x=[1,2]; y={\"a\":1}", "é=ü",
        "__utmz=1.2(direct)|utmcmd=(none)",
        "path=/; expires=never", "n@me=1", "a=b=c", ";;;", "t\t=1", "z=" + "k" * 3000,
    ]  # fmt: skip
    name = mine.partition("=")[0]
    for other in [*others, "; ".join(others), f"{name}=stale", f"x{name}=1"]:
        for cookie in (f"{other}; {mine}", f"{mine}; {other}"):
            answer = lan.get("/status", headers={"Cookie": cookie.encode()})
            assert answer.status_code == 200, other


@pytest.mark.parametrize("path", ["/camera.mjpg", "/events"])
def test_a_stream_ends_when_its_token_is_revoked(lan, path):
    desk = lan.paired("Firefox")
    token = lan.post("/tokens", {"name": "\u202eobs\u200b"}, headers=desk).json()
    assert token["name"] == "obs"
    assert lan.post("/tokens", {"name": "\u200b"}, headers=desk).status_code == 422
    bearer = {"Authorization": f"Bearer {token['token']}"}
    with lan.http.stream("GET", f"/api/v1{path}", headers=bearer) as stream:
        parts = stream.iter_raw()
        next(parts)
        assert lan.http.delete(f"/api/v1/tokens/{token['id']}", headers=desk).status_code == 200
        until = time.monotonic() + 10
        with suppress(httpx.RemoteProtocolError):
            for _ in parts:
                assert time.monotonic() < until, "it goes on"


def test_who_may_not_steer_keeps_nobody_out_who_may(lan):
    desk = lan.paired("Firefox")
    with ExitStack() as stack:
        for _ in range(MAX_OF_STRANGERS):
            stack.enter_context(lan.socket()).hear("state")
        with lan.socket() as late, pytest.raises(ConnectionClosed) as closed:
            late.hear("state")
        assert closed.value.rcvd.code == 1013 and "Too many" in closed.value.rcvd.reason
        mine = [stack.enter_context(lan.socket(additional_headers=desk)) for _ in range(MAX_OF_A_KEY)]
        assert all(page.hear("state")["can"]["control"] for page in mine)
        refused = lan.get("/camera.mjpg", headers=desk)
        assert refused.status_code == 503 and "Too many dashboards" in refused.json()["detail"]
        other = lan.paired("Chrome")
        assert stack.enter_context(lan.socket(additional_headers=other)).hear("state")["can"]["control"]


def test_what_was_asked_before_the_key_was_revoked_is_not_done_after_it(lan):
    desk = lan.paired("Firefox")
    token = lan.post("/tokens", {"name": "old"}, headers=desk).json()
    body = b'{"name": "successor"}'
    with socket.create_connection(("127.0.0.1", lan.port)) as slow:
        slow.settimeout(10)
        slow.sendall(
            f"POST /api/v1/tokens HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token['token']}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body[:5]
        )
        time.sleep(0.3)
        lan.http.delete(f"/api/v1/tokens/{token['id']}", headers=desk)
        slow.sendall(body[5:])
        assert b" 401 " in slow.recv(4096)
    assert "successor" not in {one["name"] for one in lan.get("/tokens", headers=desk).json()}


def test_no_browser_is_forgotten_for_another_one(tmp_path):
    auth = Auth(Persisted(tmp_path / "memory"), needed=True, say=lambda words: None)
    for _ in range(MAX_KEYS):
        auth.show_code()
        auth.pair(auth._code)
    auth.show_code()
    with pytest.raises(Problem, match="unpair some") as refused:
        auth.pair(auth._code)
    assert refused.value.status == 409 and len(auth.browsers("")) == MAX_KEYS


def test_a_revocation_that_is_not_written_says_so(tmp_path):
    auth = Auth(Persisted(tmp_path / "gone" / "memory"), needed=True)
    auth.revoke(auth.issue("script")["id"])
    with pytest.raises(Problem, match="a restart brings it back"):
        auth.must_be_kept()
    (tmp_path / "gone").mkdir()
    auth.revoke(auth.issue("another")["id"])
    auth.must_be_kept()
    assert Auth(Persisted(tmp_path / "gone" / "memory"), needed=True).tokens() == []


@pytest.mark.parametrize(
    "kept",
    [
        '{"browsers": [{}], "tokens": [{}], "halt": 5}',
        '{"browsers": [{"digest": 1, "until": 1e12}], "tokens": [{"digest": null}]}',
        '{"browsers": 3, "tokens": null}',
        "[",
    ],
)
def test_a_damaged_memory_lets_nobody_in_and_stops_nobody(tmp_path, kept):
    (tmp_path / "memory").write_text(kept)
    auth = Auth(Persisted(tmp_path / "memory"), needed=True, say=lambda words: None)
    assert auth.who(["cookie"], None).role == "none"
    with pytest.raises(Problem, match="unknown"):
        auth.who([], "token")
    auth.show_code()
    assert auth.who([auth.pair(auth._code)], None).role == "control"


def test_a_key_that_is_revoked_while_it_knocks_opens_nothing(tmp_path):
    auth = Auth(Persisted(tmp_path / "memory"), needed=True)
    token = auth.issue("script")
    key = auth.who(None, token["token"]).key
    assert auth.knows(key) and auth.knows("")
    assert auth.revoke(token["id"]) == key
    assert not auth.knows(key)


def test_guests_watch_a_server_and_see_no_keys(tmp_path):
    sources = ("http://maker:geheim@10.0.0.7/video", "http://10.0.0.7/video?user=maker&pwd=geheim")
    with Store(tmp_path / "runs.db") as store:
        runs = [
            store.create_run(load(None, {"camera": {"source": one}}).model_dump(mode="json"))
            for one in sources
        ]
    server = Server(tmp_path, "--lan", "--guests", settings=(f"camera.source={sources[1]}",)).await_ready()
    try:
        for path in ("/status", "/settings", "/check", "/runs", *(f"/runs/{run}" for run in runs)):
            shown = server.get(path).text
            assert "geheim" not in shown and "maker" not in shown, path
        assert server.get(f"/runs/{runs[0]}").json()["settings"]["task"], "all else of a run is shown"
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


def test_guests_without_lan_are_refused_with_the_cure(tmp_path):
    command = [
        sys.executable,
        "-P",
        "-m",
        "server",
        "--guests",
        "--port",
        "0",
        "--store",
        tmp_path / "runs.db",
    ]
    ended = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert ended.returncode == 2 and "--lan" in ended.stderr and "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_guests_see_everything_and_touch_nothing(tmp_path):
    memory = Persisted(tmp_path / "memory")
    auth = Auth(memory, needed=True, guests=True)
    assert auth.who([], None).role == "guest" and auth.who(["forged"], None).role == "guest"
    with pytest.raises(Problem):
        auth.who([], "forged")
    assert Auth(memory, needed=False).who([], None).role == "control"
