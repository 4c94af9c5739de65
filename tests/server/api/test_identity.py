"""Which robot this is: said to everybody; and that it knows a key, without the key being sent."""

import json

import pytest

from robot_agent import __version__
from server.api.pairing import digest, proof_of
from server.protocol.base import SUBPROTOCOL


def test_a_robot_says_which_it_is_and_that_stays(server):
    who = server.get("/identity").json()
    kept = json.loads(server.store.with_name("runs.db.id").read_text())
    assert who["id"] == kept["id"] and len(who["id"]) == 12
    assert (who["program"], who["version"], who["protocol"]) == ("robot-agent", __version__, SUBPROTOCOL)
    assert who["needed"] is False and who["proof"] is None and who["name"]
    assert server.get("/identity", headers={"X-Forwarded-For": "10.0.0.9"}).json()["needed"] is True


def test_it_proves_that_it_knows_a_key_without_getting_it(server):
    made = server.post("/tokens", {"name": "hub"}).json()
    key = digest(made["token"])
    asked = {"key": key[:12], "challenge": "a challenge"}
    assert server.get("/identity", params=asked).json()["proof"] == proof_of(key, "a challenge")
    assert server.get("/identity", params=asked | {"challenge": "b"}).json()["proof"] != proof_of(
        key, "a challenge"
    )
    assert server.get("/identity", params=asked | {"key": "0" * 12}).json()["proof"] is None
    server.http.delete(f"/api/v1/tokens/{made['id']}")
    assert server.get("/identity", params=asked).json()["proof"] is None


@pytest.mark.parametrize("asked", [{"key": "x" * 12}, {"key": "0" * 13}, {"challenge": "a" * 65}], ids=str)
def test_what_is_no_question_is_refused(server, asked):
    assert server.get("/identity", params=asked).status_code == 422


def test_a_fit_is_checked_before_it_is_taken(server):
    for fit in ({}, {"version": 1}, {"version": 1, "known": {}, "more": 1}, {"version": 1, "known": [1]}):
        assert server.post("/robot/fit", fit).status_code == 422, fit
    for fit in (
        {"version": 1, "known": {}},
        {"version": 99, "known": {}},
        {"version": 1, "known": {"bank": 3}},
    ):
        answer = server.post("/robot/fit", fit)
        assert answer.status_code in (409, 422) and "fit is" in answer.json()["detail"], fit
