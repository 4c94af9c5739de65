"""Names and settings with characters that cannot be seen, turn the text around them, or are half of one."""

import json
import sqlite3

import pytest


@pytest.fixture
def run(server):
    if not (runs := server.get("/runs").json()):
        server.policy()
        runs = server.get("/runs").json()
    return runs[0]["id"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("carpet", "carpet"),
        ("Ключ 鍵 🔑", "Ключ 鍵 🔑"),
        ("\u202egnp.yxes", "gnp.yxes"),
        ("a\u061cb\u2066c\u2069d", "abcd"),
        ("soft\u00adhyphen\ufeff", "softhyphen"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("two\u2028lines\u0085more", "twolinesmore"),
        ("\u200b\u2060", None),
        ("\u3164\u2800\u115f", None),
        ("\u00a0\u3000", None),
        ("\u0301\u0302", None),
        ("\ue000", None),
    ],
)
def test_a_name_keeps_what_can_be_seen(server, run, given, kept):
    answer = server.http.patch(f"/api/v1/runs/{run}", json={"name": given})
    if kept is None:
        assert answer.status_code == 422 and "name" in answer.json()["detail"]
    else:
        assert answer.status_code == 200 and answer.json()["name"] == kept


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/runs/RUN", {"name": "half \ud800"}),
        ("PATCH", "/runs/RUN", {"\udfff": 1}),
        ("POST", "/tokens", {"name": "\ud83d"}),
        ("POST", "/training/start", {"robot": "sim", "settings": {"seed": "\ud800"}}),
        ("POST", "/training/start", {"robot": "sim", "settings": {"\ud800": 1}}),
        ("POST", "/training/start", {"robot": "sim", "settings": {"vision.color": {"\ud800": ["\udc00"]}}}),
        ("POST", "/training/start", {"robot": "\ud800"}),
        ("POST", "/detector", {"name": "\ud800"}),
        ("POST", "/pair", {"code": "\ud800"}),
    ],
)
def test_half_a_character_is_refused_wherever_it_stands(server, run, method, path, body):
    content = json.dumps(body)  # as an escape, which is how it comes
    headers = {"Content-Type": "application/json"}
    answer = server.http.request(
        method, f"/api/v1{path.replace('RUN', str(run))}", content=content, headers=headers
    )
    assert answer.status_code in (403, 422), answer.text
    assert answer.json()["detail"]
    for page in (f"/runs/{run}", "/runs", "/status"):
        assert server.get(page).status_code == 200


def test_what_an_older_program_kept_can_still_be_shown(server, run):
    with sqlite3.connect(server.store) as db:
        (before,) = db.execute("SELECT settings FROM runs WHERE id = ?", (run,)).fetchone()
        db.execute("UPDATE runs SET settings = ? WHERE id = ?", (before.replace('"sim"', '"\\ud800"'), run))
    assert server.get(f"/runs/{run}").status_code == 200
    assert server.get("/runs").status_code == 200
    with sqlite3.connect(server.store) as db:
        db.execute("UPDATE runs SET settings = ? WHERE id = ?", (before, run))


@pytest.mark.parametrize("damage", ["5", "[]", '"x"', "{", "null"])
def test_a_damaged_store_ends_nothing(server, run, damage):
    worker = server.worker()
    with sqlite3.connect(server.store) as db:
        (before,) = db.execute("SELECT settings FROM runs WHERE id = ?", (run,)).fetchone()
        db.execute("UPDATE runs SET settings = ? WHERE id = ?", (damage, run))
    try:
        for path in ("/check", "/runs", f"/runs/{run}", "/policy"):
            answer = server.get(path)
            assert answer.status_code in (200, 503), (path, answer.text)
            assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert server.worker() == worker
    finally:
        with sqlite3.connect(server.store) as db:
            db.execute("UPDATE runs SET settings = ? WHERE id = ?", (before, run))
