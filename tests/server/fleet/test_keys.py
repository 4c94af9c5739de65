"""Robots that have to be paired: their keys stay on the hub, and go to no robot that does not know them."""

import json
import stat
import time

import pytest
from hubs import Hub, Pretender
from servers import Server, eventually

from robot_agent.network.address import parse_address
from robot_agent.network.keyring import Keyring, Paired
from server.fleet.keys import Keys

CODE = r"with the code (\w{3}-\w{3})"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    robots = [Server(tmp_path_factory.mktemp(f"lan-{n}"), "--lan", "--seed", n) for n in (1, 2)]
    for robot in robots:
        robot.await_ready()
    yield robots
    for robot in robots:
        robot.close()


@pytest.fixture(scope="module")
def hub(two, tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub"), *[f"127.0.0.1:{robot.port}" for robot in two])
    yield hub
    hub.close()


def test_a_robot_that_was_paired_again_elsewhere_gets_its_newest_key(tmp_path):
    file, number = tmp_path / "keys", "0123456789ab"
    first, second, third = (parse_address(f"http://10.0.0.{n}") for n in (1, 2, 3))
    Keyring(file).keep(first, Paired("old", "Ada", number))
    Keyring(file).keep(second, Paired("new", "Ada", number))
    tokens_at = {place: Keys(file).token(number, place) for place in (first, second, third)}
    assert tokens_at == {first: "old", second: "new", third: "new"}
    assert Keys(file).token("of another", first) == "old" and Keys(file).token("of another", third) == ""


def code(hub, robot):
    """Have the hub ask for a code, and return it from the robot's terminal."""
    number = hub.at(robot.port)["id"]
    assert hub.post(f"/robots/{number}/code").status_code == 200
    return robot.hear(CODE)


def unpaired(hub, robot):
    """Have the hub forget a robot that another test may have paired, and return it as it is then."""
    one = hub.await_link(robot.port, "unpaired", "refused", "connected")
    assert hub.http.delete(f"/api/v1/robots/{one['id']}").status_code == 200
    assert hub.post("/robots", {"address": f"127.0.0.1:{robot.port}"}).status_code == 200
    return hub.await_link(robot.port, "unpaired")


def pair(hub, robot):
    one = hub.await_link(robot.port, "unpaired", "refused")
    answer = hub.post(f"/robots/{one['id']}/pair", {"code": code(hub, robot)})
    assert answer.status_code == 200, answer.text
    return hub.await_link(robot.port, "connected")


def tokens(robot, key):
    return robot.get("/tokens", headers={"Authorization": f"Bearer {key}"}).json()


def key_of(hub, robot):
    return json.loads(hub.keys.read_text())["robots"][f"http://127.0.0.1:{robot.port}"]["token"]


def test_a_robot_that_is_not_paired_is_shown_and_halted(hub, two):
    one = unpaired(hub, two[1])
    assert "Pair" in one["problem"] and one["state"] in ("idle", "halted") and not one["known"]
    stopped = hub.http.post(f"/api/v1/halt?robot={one['id']}").json()
    assert len(stopped["confirmed"]) == 1
    assert hub.get(f"/robots/{one['id']}/runs").status_code == 409
    wrong = hub.post(f"/robots/{one['id']}/pair", {"code": "XXX-XXX"})
    assert wrong.status_code == 403 and "not the code" in wrong.json()["detail"]


def test_a_key_is_kept_for_its_owner_alone_and_shown_to_nobody(hub, two):
    unpaired(hub, two[0])
    one = pair(hub, two[0])
    kept = hub.keys
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    key = key_of(hub, two[0])
    assert {token["name"][:11] for token in tokens(two[0], key)} == {"robot-agent"}
    browsers = two[0].get("/browsers", headers={"Authorization": f"Bearer {key}"}).json()
    assert browsers == []  # the hub was a browser for a moment only
    with hub.socket() as page:
        page.say("watch robots", robots=[one["id"]])
        page.hear("picture")
        until, said = time.monotonic() + 1, []
        while time.monotonic() < until:
            said.append(page.socket.recv(timeout=5))
    shown = b"".join(data if isinstance(data, bytes) else data.encode() for data in said)
    for path in ("/status", "/tokens", "/browsers", f"/robots/{one['id']}/runs"):
        shown += hub.get(path).content
    for file in ("errors", "fleet.json"):
        shown += (hub.folder / file).read_bytes()
    shown += hub._said.encode()
    assert key.encode() not in shown and key[3:20].encode() not in shown


def test_a_key_of_another_robot_is_refused_and_that_is_said(two, tmp_path):
    hub = Hub(tmp_path / "other", *[f"127.0.0.1:{robot.port}" for robot in two])
    try:
        pair(hub, two[0])
        key = key_of(hub, two[0])
    finally:
        hub.close()
    kept = hub.keys
    one, other = (two[n].get("/identity").json()["id"] for n in (0, 1))
    kept.write_text(kept.read_text().replace(one, other).replace(str(two[0].port), str(two[1].port)))
    hub = Hub(tmp_path / "other", f"127.0.0.1:{two[1].port}")
    try:
        refused = hub.await_link(two[1].port, "refused")
        assert refused["problem"] == f"{refused['name']} does not accept this key: pair it again."
        assert key in kept.read_text()
        stopped = hub.http.post(f"/api/v1/halt?robot={refused['id']}").json()
        assert len(stopped["confirmed"]) == 1
        pair(hub, two[1])
    finally:
        hub.close()


def test_a_key_that_is_revoked_while_it_is_used_is_refused_from_then_on(hub, two):
    unpaired(hub, two[1])
    pair(hub, two[1])
    key = key_of(hub, two[1])
    mine = tokens(two[1], key)[-1]
    assert (
        two[1]
        .http.delete(f"/api/v1/tokens/{mine['id']}", headers={"Authorization": f"Bearer {key}"})
        .is_success
    )
    assert "pair it again" in hub.await_link(two[1].port, "refused")["problem"]


def test_whoever_claims_to_be_a_robot_does_not_get_its_key(hub, two):
    """A robot's number is no secret: whoever is at another address has to know the key before it is sent."""
    unpaired(hub, two[0])
    pair(hub, two[0])
    true = two[0].get("/identity").json()
    thief = Pretender({"/api/v1/identity": (200, true | {"started": "another", "proof": "0" * 64})})
    try:
        key = key_of(hub, two[0])
        assert hub.post("/robots", {"address": f"127.0.0.1:{thief.port}"}).status_code == 200
        eventually(lambda: len(thief.asked) >= 4)
        assert "does not know that robot's key" in hub.await_link(thief.port, "refused")["problem"]
        assert hub.at(two[0].port)["id"] == true["id"]  # nobody is halted in its place
        assert not any(key in str(asked) or "Authorization" in asked[2] for asked in thief.asked)
    finally:
        thief.close()


def test_a_hub_on_the_network_lets_strangers_halt_and_nothing_else(two, tmp_path):
    hub = Hub(tmp_path / "lan", "--lan", f"127.0.0.1:{two[0].port}")
    try:
        letters = hub.hear(CODE)
        for method, path in (
            ("GET", "/status"),
            ("POST", "/robots"),
            ("POST", "/policies"),
            ("POST", "/halt/reset"),
            ("GET", "/robots/0123456789ab/runs"),
        ):
            assert hub.http.request(method, f"/api/v1{path}").status_code == 401, path
        with hub.socket() as page:
            room = page.hear("room")
            assert not room["control"]
            view = eventually(lambda: (one := page.hear("robot"))["state"] and one)
            assert view["address"] == "" and view["known"] == []
            page.say("watch robots", robots=room["robots"])
            with pytest.raises(TimeoutError):
                page.hear("picture", 1.0)
        assert len(hub.post("/halt").json()["confirmed"]) == 1
        assert hub.post("/pair", {"code": letters}).json()["paired"]
        eventually(lambda: hub.get("/status").json()["robots"][0]["link"] == "unpaired")
    finally:
        hub.close()
