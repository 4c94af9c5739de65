"""At a real terminal: a person takes the wheel of a robot that is trained or driven, and gives it back."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing, contextmanager

import pytest

from robot_agent.envs.task import DEMONSTRATION
from robot_agent.runs.store import Store

SLOW = ("--set", "simulator.rendered=true", "--set", "train.episodes_per_update=2")


ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    "TERM": "dumb",
    "ROBOT_AGENT_LEARNER__BACKEND": "numpy",  # torch takes seconds to load
}


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, folder, *arguments):
        self.end, inner = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "robot_agent", *arguments, "--store", str(folder / "runs.db")],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # it becomes the session's own
            env=ENVIRONMENT,
        )
        self.name = os.ttyname(inner)
        os.close(inner)
        self.said, self.decoder = "", codecs.getincrementaldecoder("utf-8")()

    def type(self, keys):
        os.write(self.end, keys.encode())

    def press(self, key):
        """Type a key, and wait until the program has read it."""
        self.type(key)
        inner = os.open(self.name, os.O_RDWR | os.O_NOCTTY)
        try:
            until = time.monotonic() + 60
            while any(fcntl.ioctl(inner, termios.FIONREAD, bytes(4))):
                assert time.monotonic() < until, self.said
                time.sleep(0.01)
        finally:
            os.close(inner)

    def hear(self, pattern, seconds=60):
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said)):
            left = until - time.monotonic()
            assert left > 0 and select.select([self.end], [], [], left)[0], self.said
            try:
                self.said += self.decoder.decode(os.read(self.end, 65536))
            except OSError:  # it has ended
                assert re.search(pattern, self.said), self.said
        self.said = self.said[found.end() :]
        return found

    def echoes(self):
        return bool(termios.tcgetattr(self.end)[3] & termios.ECHO)


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    """A file with a policy that drives."""
    folder = tmp_path_factory.mktemp("trained")
    store = folder / "other.db"
    trained = [
        "train",
        "--preset",
        "fleet",
        "--moves",
        "30000",
        "--backend",
        "numpy",
        "--seed",
        "0",
        "--store",
    ]
    for command in ([*trained, store], ["export", "1", "--store", store]):
        subprocess.run(
            [sys.executable, "-m", "robot_agent", *map(str, command)],
            check=True,
            capture_output=True,
            cwd=folder,
            env=ENVIRONMENT,
        )
    return str(folder / "policy.safetensors")


@pytest.fixture
def terminal(tmp_path):
    @contextmanager
    def opened(*arguments):
        one = Terminal(tmp_path, *arguments)
        try:
            yield one
        finally:
            one.process.kill()
            one.process.wait()
            os.close(one.end)

    return opened


def by_hand(folder):
    """Return the number of moves of a person that are kept."""
    with Store(folder / "runs.db", reading=True) as store:
        (run,) = store.runs()
        steps = [row["steps"] for row in store.episodes(run.id)]
    return sum(int((one["by_hand"] == DEMONSTRATION).sum()) for one in steps if "by_hand" in one)


def take(terminal, keys):
    """Take the wheel, drive a pulse with each key, and give it back."""
    terminal.type("t\n")
    terminal.hear("You have the wheel")
    while terminal.echoes():
        time.sleep(0.01)
    terminal.press(keys[0])
    for key in keys[1:]:  # in its pulse, and dropped; or after it, and driven
        time.sleep(0.05)
        terminal.type(key)
    time.sleep(0.05)
    terminal.type("\n")
    pulses = int(terminal.hear(r"after (\d+) pulses of yours")[1])
    assert terminal.echoes(), "the terminal is as it was"
    return pulses


def test_a_person_drives_and_the_episode_goes_on(terminal, policy):
    with terminal("drive", "--policy", policy, "--episodes", "0", "--seed", "3") as one:
        one.hear("type t and press Enter")
        one.hear("Episode 2")
        pulses = take(one, ["a", "\x1b[A", "x"])
        assert 1 <= pulses <= 2
        for _ in range(pulses):
            one.hear(r"for 0\.25 s, then .*\(by hand\)")
        one.hear("reached after")
        os.killpg(one.process.pid, signal.SIGINT)
        one.hear(r"Stopped\.\s+[1-9]\d* of [1-9]\d* episodes reached the goal")
        assert one.process.wait(30) == 130


def test_the_moves_are_kept_with_their_author_and_ctrl_c_ends_it(terminal, tmp_path):
    with terminal("train", "--robot", "sim", "--moves", "50000", "--seed", "1", *SLOW) as one:
        one.hear("type t and press Enter")
        one.hear("Run 1")
        pulses = take(one, ["w", "d"])
        until = time.monotonic() + 60
        while not by_hand(tmp_path):  # the episode is over, and kept
            assert time.monotonic() < until
            time.sleep(0.1)
        one.type("t\n")
        one.hear("You have the wheel")
        while one.echoes():
            time.sleep(0.01)
        one.type("\x03")  # as the terminal sends it: the program has the wheel no longer
        one.hear("Stopped; what was learned is kept")
        assert one.process.wait(20) == 130
        assert one.echoes()
    assert 1 <= by_hand(tmp_path) <= pulses


def test_without_a_terminal_nothing_is_asked(tmp_path, policy):
    done = subprocess.run(
        [sys.executable, "-m", "robot_agent", "drive", "--policy", policy],
        input="t\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0 and "press Enter" not in done.stderr and "(by hand)" not in done.stdout


def test_a_recording_is_a_run_of_a_persons_moves_with_pictures_and_is_exported(terminal, tmp_path):
    with terminal("record", "--robot", "sim", "--seed", "3") as one:
        one.hear("Enter ends the recording")
        while one.echoes():
            time.sleep(0.01)
        for _ in range(3):
            one.type("w")
            one.hear("seen")
        one.type("\n")
        one.hear("1 episodes of 3 moves are kept")
        assert one.process.wait(20) == 0 and one.echoes()
    assert by_hand(tmp_path) == 3
    done = subprocess.run(
        [sys.executable, "-m", "robot_agent", "dataset", "1", "--store", tmp_path / "runs.db"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "run-1.csv").read_text().splitlines()
    assert len(rows) >= 4 and sum("person" in row for row in rows) == 3


def test_an_episode_that_cannot_be_written_is_kept_once_it_can(terminal, tmp_path):
    with terminal("record", "--robot", "sim", "--seed", "3", "--episodes", "1") as one:
        one.hear("slices")
        with closing(sqlite3.connect(tmp_path / "runs.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            one.type("w")
            one.hear("seen")
            one.type("\n")
            one.hear("Episode 1 is not kept yet")
            one.hear("Press Enter to try again")
        one.type("\n")
        one.hear("1 episodes of 1 moves are kept")
        assert one.process.wait(20) == 0
    assert by_hand(tmp_path) == 1


def test_a_recording_without_a_terminal_says_where_to_drive(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "robot_agent", "record", "--store", str(tmp_path / "runs.db")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 2 and "view Drive" in done.stderr
    assert not (tmp_path / "runs.db").exists()
