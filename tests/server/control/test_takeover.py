"""A person takes the wheel of a training several times; it goes on, and who made each move is kept."""

import os
import random
import time

import pytest
from servers import eventually

from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.motors.motors import MAX_PULSE_SECONDS

MOMENTS = random.Random(7)
TAKEOVERS = int(os.environ.get("TAKEOVERS", "2"))
"""Two in the suite, to save time; ten were tried by hand."""


def drive(server, page, seconds, first):
    """Drive by hand for a while, as the page does; returns the next number of a command."""
    until, number = time.monotonic() + seconds, first
    while time.monotonic() < until:
        page.say("drive", left=0.5, right=0.45, seq=number)
        assert page.hear("lease")["held"]
        number += 1
        time.sleep(0.05)
    page.say("release")
    return number


@pytest.fixture
def training(server):
    run = server.run(
        {"simulator.rendered": True, "train.episodes_per_update": 2, "task.max_moves": 12}, moves=5000
    )
    yield run
    server.at_rest()


def motions(record):
    """Return (start, end) of each time that a pin was high, in seconds."""
    since, found = {}, []
    for at, pin, level in record.lines():
        if level and pin not in since:
            since[pin] = at
        elif not level and pin in since:
            found.append((since.pop(pin) / 1e9, at / 1e9))
    return found


def test_the_episode_goes_on_and_the_persons_moves_are_kept_with_their_author(server, training):
    number = 0
    for _ in range(TAKEOVERS):
        server.await_state("training")
        eventually(server.record.high)
        time.sleep(MOMENTS.uniform(0, 0.7))
        with server.socket() as page:
            number = drive(server, page, 0.8, number)
        eventually(lambda: server.state()["state"] == "paused" and not server.record.high())
        before = server.state()["moves"]
        assert "by hand" in server.state()["reason"]
        assert server.post("/training/resume").status_code == 200
        server.await_state("training")
        eventually(lambda before=before: server.state()["moves"] > before, 60)

    def by_hand():
        steps = []
        for episode in server.get(f"/runs/{training}/episodes", params={"limit": 500}).json():
            steps += server.get(f"/runs/{training}/episodes/{episode['number']}").json()["steps"]
        return [step for step in steps if step["by_hand"]]

    moves = eventually(lambda: len(found := by_hand()) >= 2 and found, 90)
    assert any(step["left"] == pytest.approx(0.5, abs=0.02) and step["seconds"] > 0.2 for step in moves)
    server.at_rest()
    assert all(
        end - start <= MAX_PULSE_SECONDS + LEASE_SECONDS + 0.5 for start, end in motions(server.record)
    )
