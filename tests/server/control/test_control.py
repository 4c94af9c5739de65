"""Training, driving, halting: the real server, worker and guard, and pins that are recorded."""

import io
import json
import os
import signal
import time

import cv2
import numpy as np
import pytest
from servers import eventually
from websockets.exceptions import ConnectionClosed

from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.pilot import Pilot
from vision.detectors.slices import sight_of
from vision.sight import Sight


def hold(page, server, start=0, seconds=20.0):
    """Hold the control until the wheels turn; returns the next number."""
    until = time.monotonic() + seconds
    number = start
    while not server.record.high():
        assert time.monotonic() < until
        page.say("drive", left=0.5, right=0.8, seq=number)
        number += 1
        time.sleep(0.05)
    return number


def test_from_an_empty_store_to_a_policy_that_reaches_its_goal(server, tmp_path):
    with server.socket() as page:
        run = server.run(moves=60_000)
        update = page.hear("update")
        assert update["run"] == run and 0 <= update["success_rate"] <= 1
        checkpoint = page.hear("checkpoint")
        assert page.hear("notice", 60)["text"] == f"Run {run} is finished."
    shown = server.get(f"/runs/{run}").json()
    assert shown["status"] == "finished" and shown["success_rate"] > 0.9
    assert [row["number"] for row in shown["updates"]] == list(range(1, shown["updates_made"] + 1))
    assert checkpoint["id"] in [one["id"] for one in shown["checkpoints"]]
    assert shown["evaluations"][-1]["success_rate"] == pytest.approx(shown["checkpoints"][-1]["success_rate"])
    # The policy as it is shown is the policy as it drives.
    best = next(one["id"] for one in shown["checkpoints"] if "best" in one["marks"])
    file = tmp_path / "policy.safetensors"
    file.write_bytes(server.get(f"/checkpoints/{best}/download").content)
    pilot = Pilot.load(file)
    cells = server.get("/policy", params={"checkpoint": best}).json()["cells"]
    assert len(cells) == 903
    for x1, x2, _, duration, left, right in cells[::97]:
        pulse = pilot.decide(Sight(int(x1), int(x2)))
        assert (pulse.left, pulse.right, pulse.seconds) == pytest.approx((left, right, duration), abs=1e-3)
    # An episode of it, move by move.
    number = server.get(f"/runs/{run}/episodes", params={"limit": 1, "last": True}).json()[0]["number"]
    episode = server.get(f"/runs/{run}/episodes/{number}").json()
    assert len(episode["steps"]) == episode["moves"]
    for step in episode["steps"]:
        assert step["reward"] == pytest.approx(sum(step["terms"].values()), abs=1e-4)
        assert step["probability"] > 0 and step["advantage"] is not None


def test_a_halt_answers_when_the_pins_are_low_and_holds_until_it_is_reset(server):
    checkpoint = server.policy()
    with server.socket() as page, server.socket() as other:
        begun = server.post("/drive/start", {"checkpoint": checkpoint}).json()
        assert begun["checkpoint"] == checkpoint
        assert checkpoint in [one["id"] for one in server.get(f"/runs/{begun['run']}").json()["checkpoints"]]
        eventually(server.record.high)
        answer = server.post("/halt").json()
        assert answer["stopped"] and not server.record.high()
        assert page.hear("halted")["what"] == "driving was stopped"
        state = server.await_state("halted")
        assert "pressed halt" in state["halt"]["why"] and state["halt"]["at"] > 0
        for path in ("/drive/start", "/training/start", "/training/resume"):
            refused = server.post(path)
            assert refused.status_code == 409 and "reset the halt" in refused.json()["detail"]
        other.say("drive", left=1, right=1, seq=1)
        assert "halted" in other.hear("lease")["why"]
        assert server.post("/halt").json()["stopped"]  # any number of times
        assert server.post("/halt/reset").status_code == 422  # without the confirmation
        assert server.state()["halt"]["halted"]
        server.post("/halt/reset", {"confirm": True})
        server.await_state("idle")
        assert not server.record.high()  # nothing begins to move by that


def test_a_halt_stops_the_training_of_a_fleet_which_can_then_go_on(server):
    with server.socket() as page:
        run = server.run(moves=2_000_000)
        page.hear("update")
        page.say("halt")
        assert page.hear("halted")["stopped"]
        eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "halted")
        moves = server.get(f"/runs/{run}").json()["moves"]
        server.post("/halt/reset", {"confirm": True})
        server.await_state("idle")
        assert server.post("/training/resume").json()["run"] == run
        assert eventually(lambda: page.hear("update")["moves"] > moves)
        assert server.post("/training/stop").status_code == 200
    server.await_state("idle")
    assert server.get(f"/runs/{run}").json()["status"] == "stopped"


def test_a_halt_of_a_worker_that_hangs(server):
    import os
    import signal

    server.post("/drive/start", {"checkpoint": server.policy()})
    eventually(server.record.high)
    worker = server.worker()
    os.kill(worker, signal.SIGSTOP)
    try:
        answer = server.post("/halt").json()
        assert answer["stopped"] and not server.record.high()
    finally:
        os.kill(worker, signal.SIGCONT)


def test_pausing_stands_still_and_resuming_goes_on(server):
    run = server.run(moves=2_000_000)
    assert server.post("/training/pause").status_code == 200
    state = server.state()
    assert (state["state"], state["activity"], state["run"]) == ("paused", "training", run)
    moves = state["moves"]
    time.sleep(0.3)
    assert server.state()["moves"] == moves
    assert server.post("/training/start", {"robot": "sim"}).status_code == 409
    server.post("/training/resume")
    eventually(lambda: server.state()["moves"] > moves)
    server.post("/training/stop")


def test_driving_shows_each_picture_with_the_sight_of_that_very_picture(server):
    checkpoint = server.policy()
    with server.socket() as page:
        server.post("/drive/start", {"checkpoint": checkpoint})
        header, jpeg = page.hear("picture")
        seen = eventually(lambda: (picture := page.hear("picture"))[0]["sight"] and picture)
        header, jpeg = seen
        frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert frame.shape == (header["height"], header["width"], 3)
        from vision import open_detector

        again = open_detector("color").detect(frame)  # of the JPEG: within a slice
        assert abs(again.x1 - header["sight"]["x1"]) <= 1 and abs(again.x2 - header["sight"]["x2"]) <= 1
        assert page.hear("pose")["target"] == [0, 0]
        episode = page.hear("episode", 40)
        assert episode["run"] == 0 and len(episode["path"]) == len(episode["sights"]) >= episode["moves"]
    shown = server.get(f"/runs/0/episodes/{episode['number']}").json()
    assert len(shown["steps"]) == episode["moves"]
    for number in shown["pictures"]:
        picture = server.get(f"/runs/0/episodes/{episode['number']}/frames/{number}.jpg")
        assert picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    assert shown["pictures"][0] == 0
    server.post("/drive/stop")


def test_the_wheels_stop_when_the_hand_is_lifted_silent_or_gone(server):
    def released(page):
        page.say("release")

    def silent(page):
        pass

    def gone(page):
        page.socket.close()

    def killed(page):
        page.socket.socket.close()  # without a farewell

    for end in (released, silent, gone, killed):
        with server.socket() as page:
            hold(page, server)
            end(page)
            eventually(lambda: not server.record.high(), 5)
            assert server.state()["state"] in ("hand", "idle")
            if end is killed:
                break
    server.await_state("idle")


def test_one_hand_at_a_time_and_each_command_once(server):
    with server.socket() as page, server.socket() as thief:
        number = hold(page, server)
        page.say("drive", left=0.5, right=0.5, seq=number)
        eventually(lambda: page.hear("lease")["held"])

        def refused():
            """Have the other one ask while the first one's lease runs; on a busy machine it may be over."""
            nonlocal number
            number, since = number + 1, time.monotonic()
            page.say("drive", left=0.5, right=0.5, seq=number)
            thief.say("drive", left=1, right=-1, seq=10_000 + number)
            if "Somebody else drives" in thief.hear("lease")["why"]:
                return True
            assert time.monotonic() - since > LEASE_SECONDS
            thief.say("release")
            return False

        eventually(refused)

        def replayed():
            """Send a number again; the answer to an earlier one may still come."""
            page.say("drive", left=1.0, right=1.0, seq=number)
            return "old" in page.hear("lease")["why"]

        eventually(replayed)
        for values in (
            {"left": 2, "right": 0, "seq": number + 9},
            {"left": "1", "right": 0, "seq": number + 9},
            {"left": True, "right": 0, "seq": number + 9},
            {"left": 0, "seq": number + 9},
            {"left": 0, "right": 0, "seq": "9"},
        ):
            page.say("drive", **values)
            assert not page.hear("lease")["held"]
        page.socket.send('{"type":"drive","left":NaN,"right":0,"seq":99}')
        with pytest.raises(ConnectionClosed):
            while True:
                page.hear("nothing")
    eventually(lambda: not server.record.high(), 5)
    server.await_state("idle")


def test_a_command_that_the_network_held_back_turns_no_wheel(server):
    with server.socket() as page:
        page.say("ping", t=1.0)
        assert page.hear("pong")["clock"] <= time.monotonic()
        since = time.monotonic_ns()
        page.say("drive", left=1.0, right=1.0, seq=1, at=time.monotonic() - 0.5)
        page.say("ping", t=2.0)
        page.hear("pong")  # what came before it was read
        assert [level for moment, _, level in server.record.lines() if level and moment > since] == []


def test_a_hand_takes_over_from_the_policy_which_can_then_go_on(server):
    server.post("/drive/start", {"checkpoint": server.policy()})
    eventually(server.record.high)
    with server.socket() as page:
        for number in range(40):
            page.say("drive", left=0.5, right=0.5, seq=number)
            if server.state()["state"] == "hand":
                break
            time.sleep(0.05)
        assert server.state()["driver"] == "hand"
        eventually(lambda: not server.record.high(), 5)
        state = server.await_state("paused")
        assert state["activity"] == "driving"
        server.post("/training/resume")
        server.await_state("driving")
        eventually(server.record.high)
    server.post("/drive/stop")


def test_the_detector_is_changed_while_nothing_moves_and_says_its_probabilities(server):
    def picture(page, *, slices):
        """Return the header of a picture that was looked at with the slice network, or without."""
        return eventually(
            lambda: (h := page.hear("picture")[0]) and (h["probabilities"] is not None) == slices and h
        )

    try:
        with server.socket() as page:
            picture(page, slices=False)
            assert server.post("/detector", {"name": "slices"}).json() == {"detector": "slices"}
            assert server.state()["detector"] == "slices"
            header = picture(page, slices=True)
            values, sight = header["probabilities"], header["sight"]
            assert len(values) == 42 and all(0 <= v <= 1 and v == round(v, 2) for v in values)
            found = sight_of(np.array(values, np.float32))  # of rounded ones, so an end may differ by one
            assert found and abs(found.x1 - sight["x1"]) <= 1 and abs(found.x2 - sight["x2"]) <= 1
            # One that cannot be had: the cure is told, and the old one stays.
            refused = server.post("/detector", {"name": "objects"})
            assert refused.status_code == 422 and "set vision.objects.model" in refused.json()["detail"]
            assert refused.headers["content-type"] == "application/problem+json"
            assert server.post("/detector", {"name": "nose"}).status_code == 422
            assert server.state()["detector"] == "slices"
            picture(page, slices=True)
            # Nor is it changed while somebody drives by hand.
            hold(page, server)
            refused = server.post("/detector", {"name": "color"})
            assert refused.status_code == 409 and "nothing moves" in refused.json()["detail"]
            page.say("release")
            server.await_state("idle")
            # What is driven is driven with it, and it is not changed meanwhile.
            server.post("/drive/start", {"checkpoint": server.policy()})
            for _ in range(12):
                assert len(page.hear("picture")[0]["probabilities"]) == 42
            refused = server.post("/detector", {"name": "color"})
            assert refused.status_code == 409 and "nothing moves" in refused.json()["detail"]
            server.post("/drive/stop")
            server.await_state("idle")
            # The trainer's end does not forget it.
            os.kill(server.worker(), signal.SIGKILL)
            server.await_state("failed")
            server.await_ready()
            picture(page, slices=True)
            assert server.state()["detector"] == "slices"
    finally:
        server.at_rest()
        assert server.post("/detector", {"name": "color"}).status_code == 200


def test_a_colour_is_learned_from_a_click_and_the_goal_from_what_is_seen(server):
    with server.socket() as page:
        header, _ = eventually(lambda: (one := page.hear("picture"))[0]["sight"] and one)
    sight = header["sight"]
    x = (sight["x1"] + sight["x2"] + 1) / 2 * header["width"] / 42
    click = {"x": x, "y": header["height"] * 0.45, "sequence": header["sequence"]}
    learned = server.post("/vision/learn-color", click).json()
    assert abs(learned["sight"]["x1"] - sight["x1"]) <= 1
    assert server.post("/vision/learn-color", {**click, "x": 5000}).status_code == 422
    assert server.post("/vision/learn-color", {**click, "sequence": 10**9}).status_code == 409
    goal = server.post("/vision/teach-goal").json()["goal"]
    assert server.state()["goal"] == goal
    assert abs(goal[0] - learned["sight"]["x1"]) <= 1 and abs(goal[1] - learned["sight"]["x2"]) <= 1
    assert {row["name"]: row["value"] for row in server.get("/settings").json()}["task.goal"] == goal


def test_runs_are_named_marked_deleted_and_brought_back(server):
    server.policy()
    run = server.get("/runs").json()[0]["id"]
    name = "<img src=x onerror=alert(1)>"  # text and nothing but text
    changed = server.http.patch(f"/api/v1/runs/{run}", json={"name": name, "marked": True}).json()
    assert (changed["name"], changed["marked"]) == (name, True)
    assert server.http.delete(f"/api/v1/runs/{run}").status_code == 200
    assert run not in [one["id"] for one in server.get("/runs").json()]
    assert server.get(f"/runs/{run}").status_code == 404
    assert server.post(f"/runs/{run}/restore").json()["name"] == name
    assert run in [one["id"] for one in server.get("/runs").json()]
    running = server.run(moves=2_000_000)
    assert server.http.delete(f"/api/v1/runs/{running}").status_code == 409
    server.post("/training/stop")


def test_learning_on_from_a_checkpoint_and_restoring_one(server):
    checkpoint = server.policy()
    run = server.run(moves=10_000, from_checkpoint=checkpoint)
    eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "finished", 60)
    first = server.get(f"/runs/{run}").json()["evaluations"][0]
    assert first["moves"] == 0 and first["success_rate"] > 0.3  # it begins with what was learned
    server.await_state("idle")
    assert server.post(f"/checkpoints/{checkpoint}/restore").json() == {"checkpoint": checkpoint}
    assert server.post("/drive/start").json()["checkpoint"] == checkpoint
    server.post("/drive/stop")
    assert server.post("/checkpoints/999999/restore").status_code == 404


def test_one_drawn_robot_is_trained_through_the_guard(server):
    """In real time; its pulses are short here."""
    settings = {"task.max_seconds": 0.05, "train.episodes_per_update": 1, "task.max_moves": 5}
    answer = server.post(
        "/training/start", {"robot": "robot", "seed": 2, "moves": 2000, "settings": settings}
    )
    run = answer.json()["run"]
    with server.socket() as page:
        episode = page.hear("episode", 40)
        assert episode["run"] == run and len(episode["path"]) == episode["moves"] + 1
        assert page.hear("move")["seconds"] <= 0.05
    shown = server.get(f"/runs/{run}/episodes/{episode['number']}").json()
    assert shown["pictures"] == list(range(episode["moves"] + 1))
    server.post("/training/stop")
    server.await_state("idle")


def test_a_training_that_does_not_learn_is_told_with_its_cure(server):
    run = server.run(moves=12_000, preset="original")
    eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "finished", 60)
    found = {finding["name"]: finding for finding in server.get("/health").json()["findings"]}
    assert {"dead-output", "not-scaled"} <= found.keys()
    assert "network.output=linear" in found["dead-output"]["cure"]


def test_what_scripts_use(server):
    assert server.get("/camera.jpg").content[:2] == b"\xff\xd8"
    with server.http.stream("GET", "/api/v1/events") as events:
        line = next(line for line in events.iter_lines() if line.startswith("data: "))
        assert json.loads(line[6:])["type"] == "state"
    with server.http.stream("GET", "/api/v1/camera.mjpg") as pictures:
        data = io.BytesIO()
        for chunk in pictures.iter_bytes():
            data.write(chunk)
            if b"\xff\xd8" in data.getvalue():
                break
    figures = server.http.get("/metrics").text
    assert 'robot_agent_state{state="idle"} 1.0' in figures and "process_resident_memory_bytes" in figures
    findings = {one["name"]: one["level"] for one in server.get("/check").json()["findings"]}
    assert findings["camera"] == "good" and findings["disk"] == "good"


def test_a_slow_page_gets_the_newest_and_no_queue(server):
    with server.socket(max_queue=1) as page:
        server.run(moves=600_000)
        time.sleep(3.0)  # reads nothing meanwhile
        server.post("/training/stop")
        now = server.await_state("idle")
        count = 0
        while (state := page.hear("state"))["state"] != "idle" or state["since"] != now["since"]:
            count += 1
        assert count < 40
