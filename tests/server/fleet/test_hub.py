"""The hub with three real robot-servers, whose wheels are recorded pins."""

import os
import signal
import subprocess
import sys

import pytest
from hubs import Hub
from safetensors.numpy import load
from servers import ROOT, Server, eventually, held_port

from robot_agent.identification.policies import shipped_bytes


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    robots = [Server(tmp_path_factory.mktemp(f"robot-{n}"), "--seed", n) for n in (1, 2, 3)]
    for robot in robots:
        robot.await_ready()
    yield robots
    for robot in robots:
        robot.close()


@pytest.fixture(scope="module")
def one_hub(three, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    lines = [
        f'{name} = "127.0.0.1:{robot.port}"'
        for name, robot in zip(("Ada", "Grace", "Hedy"), three, strict=True)
    ]
    (folder / "room.toml").write_text("\n".join(["[robots]", *lines]))
    hub = Hub(folder, "room.toml")
    yield hub
    hub.close()


@pytest.fixture
def hub(one_hub, three):
    """The hub with its robots at rest."""
    for robot in three:
        robot.at_rest()
        one_hub.await_link(robot.port, "connected")
    eventually(lambda: not any(one["halted"] or one["halting"] for one in one_hub.robots()))
    return one_hub


def drive(robot):
    robot.policy()
    assert robot.post("/drive/start", {"known": True}).status_code == 200
    eventually(robot.record.high, 30)


def test_all_robots_are_shown_with_what_they_do_and_know(hub, three):
    assert [one["name"] for one in hub.robots()] == ["Ada", "Grace", "Hedy"]
    drive(three[1])
    two = three[1]
    grace = eventually(lambda: (one := hub.at(two.port))["known"] and one["episodes"] and one, 90)
    state = two.state()
    assert (grace["state"], grace["robot"], grace["goal"]) == ("driving", "sim", state["goal"])
    assert grace["id"] == two.get("/identity").json()["id"]
    assert hub.http.get("/healthz").json() == {"robots": 3, "connected": 3}


def test_pictures_come_of_the_robots_that_are_seen_and_of_no_others(hub, three):
    ids = [one["id"] for one in hub.robots()]
    with hub.socket() as page:
        room = page.hear("room")
        assert (room["robots"], room["control"], room["slices"]) == (ids, True, 42)
        page.say("watch robots", robots=ids[:2])
        seen = {}
        while len(seen) < 2:
            header, jpeg = page.hear("picture")
            seen[header["robot"]] = header, jpeg
        assert seen.keys() == set(ids[:2])
        header, jpeg = seen[ids[0]]
        assert jpeg.startswith(b"\xff\xd8") and (header["width"], header["height"]) == (320, 240)
        page.say("watch robots", robots=[])
        page.say("ping", t=7)
        assert page.hear("pong")["t"] == 7
        with pytest.raises(TimeoutError):  # what was on its way has come before that
            page.hear("picture", 1.0)


@pytest.mark.parametrize("how", ["websocket", "request"])
def test_halt_all_stops_every_wheel_and_says_who_has_confirmed(hub, three, how):
    for robot in three:
        drive(robot)
    if how == "request":
        stopped = hub.post("/halt").json()
    else:
        with hub.socket() as page:
            page.say("halt")
            stopped = page.hear("stopped")
    assert sorted(stopped["confirmed"]) == ["Ada", "Grace", "Hedy"] and not stopped["unconfirmed"]
    assert not any(robot.record.high() for robot in three)
    assert all(robot.state()["halt"]["halted"] for robot in three)
    ids = [one["id"] for one in hub.robots()]
    assert hub.post("/halt/reset", {"robots": ids, "confirm": False}).status_code == 422
    results = hub.post("/halt/reset", {"robots": ids, "confirm": True}).json()
    assert all(one["done"] for one in results)
    assert not any(robot.state()["halt"]["halted"] for robot in three)


def test_halts_without_end_reach_the_robots_and_cut_no_connection(hub, three):
    """Anybody may press HALT as often as they like; a robot cuts off who sends it more than 60 a second."""
    drive(three[0])
    ids = {one["id"] for one in hub.robots()}
    with hub.socket() as one, hub.socket() as two, hub.socket() as three_, hub.socket() as last:
        for _ in range(55):
            for page in (one, two, three_):
                page.say("halt")
        heard = set()
        last.hear("room")
        while heard != ids:
            view = last.hear("robot")
            assert view["link"] == "connected"
            if view["halted"] and not view["halting"]:
                heard.add(view["id"])
    assert not three[0].record.high() and all(robot.state()["halt"]["halted"] for robot in three)
    assert {one["link"] for one in hub.robots()} == {"connected"}


def test_one_robot_is_halted_and_the_others_go_on(hub, three):
    drive(three[0])
    drive(three[2])
    hedy = hub.at(three[2].port)
    stopped = hub.http.post(f"/api/v1/halt?robot={hedy['id']}").json()
    assert stopped["confirmed"] == ["Hedy"]
    assert three[2].state()["halt"]["halted"] and not three[0].state()["halt"]["halted"]
    assert hub.http.post("/api/v1/halt?robot=0123456789ab").status_code == 404


def test_a_robot_that_does_not_confirm_is_named_until_it_does(hub, three):
    hung = three[0]
    os.kill(hung.process.pid, signal.SIGSTOP)
    try:
        stopped = hub.post("/halt").json()
        assert stopped["unconfirmed"] == ["Ada"] and sorted(stopped["confirmed"]) == ["Grace", "Hedy"]
        hub.await_link(hung.port, "away")
        assert hub.at(hung.port)["halting"]
    finally:
        os.kill(hung.process.pid, signal.SIGCONT)
    eventually(lambda: not hub.at(hung.port)["halting"])
    assert hung.state()["halt"]["halted"]


def test_a_robot_that_was_killed_is_the_same_one_when_it_is_back(hub, three, tmp_path):
    lost = three[1]
    before = hub.at(lost.port)
    lost.process.kill()
    lost.process.wait()
    with held_port(lost.port):
        away = hub.await_link(lost.port, "away")
        assert away["id"] == before["id"] and away["problem"]
        lost.close()
        three[1] = Server(lost.folder, "--seed", 2, "--port", lost.port).await_ready()
    back = hub.await_link(lost.port, "connected")
    assert (back["id"], back["name"]) == (before["id"], "Grace")
    assert len(hub.robots()) == 3


@pytest.mark.slow
def test_a_robot_at_another_address_is_the_same_one(three, tmp_path):
    (tmp_path / "robot").mkdir()
    robot = Server(tmp_path / "robot", "--seed", 4)
    hub = Hub(tmp_path / "hub", f"127.0.0.1:{robot.port}")
    try:
        before = hub.await_link(robot.port, "connected")
        robot.close()
        hub.await_link(robot.port, "away")
        robot = Server(robot.folder, "--seed", 4)
        assert hub.post("/robots", {"address": f"127.0.0.1:{robot.port}"}).status_code == 200
        after = hub.await_link(robot.port, "connected")
        assert after["id"] == before["id"] and len(hub.robots()) == 1
        # A hub that starts anew knows it, also while it is away.
        hub.close()
        robot.close()
        hub = Hub(tmp_path / "hub", "127.0.0.1:1")
        again = eventually(lambda: next((one for one in hub.robots() if one["id"] == before["id"]), None))
        assert again["link"] in ("connecting", "away")
        assert hub.http.delete(f"/api/v1/robots/{before['id']}").status_code == 200
        assert before["id"] not in [one["id"] for one in hub.robots()]
    finally:
        hub.close()
        robot.close()


def test_runs_are_compared_and_a_policy_and_a_fit_are_sent(hub, three):
    ada, grace, hedy = (hub.at(robot.port) for robot in three)
    three[0].policy()
    runs = hub.get(f"/robots/{ada['id']}/runs").json()
    run = hub.get(f"/robots/{ada['id']}/runs/{runs[0]['id']}").json()
    own = three[0].get(f"/runs/{runs[0]['id']}").json()
    assert [row["success_rate"] for row in run["updates"]] == [row["success_rate"] for row in own["updates"]]
    assert run["success_rate"] == own["success_rate"] and "settings" not in run
    # A policy: it is the one that drives there, and the same one.
    kept = len(three[2].get("/runs").json())
    sent = hub.post("/policies", {"source": ada["id"], "robots": [grace["id"], hedy["id"]]}).json()
    assert [(one["name"], one["done"]) for one in sent] == [("Grace", True), ("Hedy", True)], sent
    assert len(three[2].get("/runs").json()) == kept + 1
    mine = three[0].get("/checkpoints", params={"run": runs[0]["id"]}).json()
    best = next(one["id"] for one in mine if "best" in one["marks"])
    theirs = three[2].state()["checkpoint"]
    one, other = (
        robot.get(f"/checkpoints/{number}/download").content
        for robot, number in ((three[0], best), (three[2], theirs))
    )
    assert all((load(one)[name] == load(other)[name]).all() for name in load(one).keys() | load(other).keys())
    # A file.
    path = f"/checkpoints/upload?robot={grace['id']}&name=from%20a%20file"
    sent = hub.http.post(f"/api/v1{path}", content=one, headers={"Content-Type": "application/octet-stream"})
    assert sent.json()[0]["done"] and three[1].get("/runs").json()[0]["name"] == "from a file"
    wrong = hub.http.post(
        f"/api/v1{path}", content=b"no policy", headers={"Content-Type": "application/octet-stream"}
    )
    assert not wrong.json()[0]["done"] and "Grace: This is no safetensors file" in wrong.json()[0]["words"]


def test_the_adapted_policy_of_one_robot_is_that_of_another(hub, three):
    ada, grace = (hub.at(robot.port) for robot in three[:2])
    none = hub.post("/adapted", {"source": ada["id"], "robots": [grace["id"]]})
    assert none.status_code == 404 and "Ada: No policy was adapted" in none.json()["detail"]
    policy, kind = shipped_bytes("wheels"), {"Content-Type": "application/octet-stream"}
    assert three[0].http.put("/api/v1/robot/policy", content=policy, headers=kind).status_code == 200
    sent = hub.post("/adapted", {"source": ada["id"], "robots": [grace["id"]]}).json()
    assert sent[0]["done"] and "return to the one before" in sent[0]["words"], sent
    assert three[1].get("/robot/policy").content == policy
    for robot in three[:2]:
        assert robot.post("/robot/revert").status_code in (200, 409)


def test_what_one_robot_knows_of_itself_is_the_beginning_of_another(hub, three):
    ada, grace = (hub.at(robot.port) for robot in three[:2])
    drive(three[0])
    eventually(lambda: three[0].get("/robot").json()["moves"] >= 8, 90)
    assert three[0].post("/drive/stop").status_code == 200
    three[0].await_state("idle")
    sent = hub.post("/fits", {"source": ada["id"], "robots": [grace["id"]]}).json()
    assert sent[0]["done"], sent
    known, theirs = three[0].get("/robot").json(), three[1].get("/robot").json()
    assert theirs["moves"] == 0 and theirs["words"] and known["words"]
    drive(three[2])
    moving = hub.post("/fits", {"source": ada["id"], "robots": [hub.at(three[2].port)["id"]]}).json()
    assert not moving[0]["done"] and "while nothing moves" in moving[0]["words"]
    damaged = three[1].get("/robot/fit")
    assert damaged.status_code in (404, 409) and "Nothing is known" in damaged.json()["detail"]


def test_the_hub_loads_no_trainer_no_pins_and_no_camera():
    code = "import sys, server.fleet.app, server.fleet.found; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    heavy = {"torch", "cv2", "gpiozero", "gymnasium", "server.worker.worker", "server.control.control"}
    assert not heavy & set(loaded.stdout.split())
