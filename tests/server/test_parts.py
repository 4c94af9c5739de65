"""The server's parts without a server: messages, limits, memory, who holds the wheels, what is newest."""

import asyncio
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_agent.build import make_detector
from robot_agent.errors import SettingsError
from robot_agent.settings.config import load
from server.control.clients import Client
from server.control.manual import Hand
from server.control.pictures import EPISODES, Pictures
from server.control.server_settings import Plans
from server.protocol import Garbage, decode, encode, is_picture, pack_picture, unpack_picture
from server.service.persisted import Memory
from server.worker import robots as bodies
from server.worker.activities import Seen
from server.worker.frames import View


@given(st.binary(max_size=60))
def test_no_bytes_are_taken_for_a_message_that_are_none(data):
    for take in (decode, unpack_picture):
        try:
            take(data)
        except Garbage:
            continue


def test_messages_are_json_that_every_browser_reads():
    assert decode(encode({"a": [1, {"b": math.nan, "c": math.inf}]})) == {"a": [1, {"b": None, "c": None}]}
    with pytest.raises(Garbage):
        decode('{"a": NaN}')


def test_a_picture_and_its_header_stay_together():
    data = pack_picture({"sequence": 3}, b"\xff\xd8")
    assert is_picture(data) and unpack_picture(data) == ({"sequence": 3}, b"\xff\xd8")
    assert not is_picture(encode({}))


def test_a_client_gets_the_newest_of_each_kind():
    async def play():
        client = Client(control=True)
        for number in range(1000):
            client.put("state", f"state {number}")
            client.put("picture", b"%d" % number)
            client.tell(f"event {number}")
        return await client.next()

    waiting = asyncio.run(play())
    assert waiting[-2:] == ["state 999", b"999"]
    assert len(waiting) == 102 and waiting[-3] == "event 999"


def test_a_command_is_good_once_and_one_hand_holds_the_wheels():
    hand, one, other = Hand(), Client(control=True), Client(control=True)
    assert hand.take(one, 5) == ""
    assert "old" in hand.take(one, 5) and "old" in hand.take(one, 4)
    assert "Somebody else" in hand.take(other, 9)
    assert hand.drop(one) and not hand.drop(other)
    assert hand.take(other, 9) == ""


def test_what_is_remembered_outlives_the_server_and_a_file_that_is_damaged(tmp_path):
    file = tmp_path / "memory.json"
    Memory(file).set(run=3)
    assert Memory(file).get("run") == 3 and file.stat().st_mode & 0o777 == 0o600
    file.write_text("{")
    assert Memory(file).get("run") is None


def test_the_pictures_of_the_last_episodes_are_kept():
    pictures = Pictures()
    for episode in range(EPISODES + 5):
        for number in range(3):
            pictures.take(b"%d" % number, 1, (episode, number))
    assert pictures.of(1, EPISODES + 4) == {0: b"0", 1: b"1", 2: b"2"} and pictures.of(1, 4) == {}


def test_what_a_request_asks_for_is_checked_before_the_worker_hears_of_it():
    plans = Plans(None, {"seed": 4})
    config = plans.training(robot="sim", moves=500, action="wheels", settings={"learner.gamma": 0.5})
    assert (config.train.moves, config.task.action, config.learner.gamma, config.seed) == (
        500,
        "wheels",
        0.5,
        4,
    )
    assert plans.training(robot="robot").one_robot
    with pytest.raises(SettingsError, match=r"robot\.toml"):
        plans.training(robot="sim", settings={"store": "x"})
    with pytest.raises(SettingsError, match=r"robot\.toml"):
        plans.training(robot="sim", settings={"vision.objects.labels": "/etc/passwd"})
    with pytest.raises(SettingsError, match="at most"):
        plans.training(robot="sim", settings={"train.robots": 100_000})
    plans.learn({"task": {"goal": [12, 29]}})
    assert plans.training(robot="sim").task.goal == (12, 29)


def test_a_detector_is_opened_once_for_the_same_settings_and_an_unfit_one_leaves_it(monkeypatch):
    opened = []

    def make(config):
        opened.append(config.vision.detector)
        if config.vision.detector == "objects":
            raise SettingsError("no model")
        return make_detector(config)

    monkeypatch.setattr(bodies, "make_detector", make)
    view = View(lambda data: None, lambda message: None)
    body = bodies.Body(view, Seen())
    kept = body.detector(body.config)
    for _ in range(3):
        body.show()
        assert body.detector(load(None, {"task": {"goal": [5, 9]}})) is kept
    assert opened == ["color"]
    frame = np.zeros((240, 320, 3), np.uint8)
    with pytest.raises(SettingsError):
        body.choose_detector(load(None, {"vision": {"detector": "objects"}}), frame)
    assert body.detector(body.config) is kept
    body.choose_detector(load(None, {"vision": {"detector": "marker"}}), frame)
    body.show()
    assert opened == ["color", "objects", "marker"]
