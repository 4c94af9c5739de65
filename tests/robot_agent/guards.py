"""What the tests of the guard share with its benchmark: guards, clients and raw connections as processes."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from recording_pins import Record

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WHEELS = {"board": "ryanteck", "pin_factory": "recording_pins:make"}


def eventually(true, seconds=10.0):
    """Wait until `true()` is, and return it; fails after so many seconds."""
    until = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.005)
    return value


def environment(record):
    return {**os.environ, "RECORDED_PINS": str(record), "PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"}


class GuardProcess:
    """A guard that was started as a service starts it."""

    def __init__(self, process, path, record):
        self.process, self.path, self.record = process, path, record

    @property
    def inside(self):
        """The process that holds the pins; `process` is its watchdog."""
        with Raw(self.path) as raw:
            return raw.call("status")["status"]["process"]

    def history(self, since=0.0):
        """What happened from a moment of `time.monotonic` on, and why, as (what, why)."""
        with Raw(self.path) as raw:
            events = raw.call("events")["events"]
        return [(event["what"], event["why"]) for event in events if event["monotonic"] >= since]

    def reasons(self, since=0.0):
        """Why the wheels stopped."""
        return [why for what, why in self.history(since) if what == "stopped"]


@contextmanager
def guard(folder, *arguments, wheels=WHEELS, standing=True, stderr=None, **variables):
    """Start a guard, and end it after the test."""
    path, record = folder / "g.sock", Record(folder / "pins")
    command = [
        sys.executable,
        "-P",
        "-m",
        "robot_agent.guard",
        "--socket",
        path,
        "--wheels",
        json.dumps(wheels),
    ]
    with subprocess.Popen(
        [*command, *arguments, *(["--standing"] if standing else [])],
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**environment(record.path), **variables},
        text=True,
    ) as process:
        try:
            assert json.loads(process.stdout.readline()) == {"socket": str(path)}
            yield GuardProcess(process, path, record)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def client(code, *arguments, record=None):
    """Start a process that drives; its code has `GuardMotors`, `os`, `signal`, `threading`, `sys`, `time`."""
    imports = "import os, signal, sys, threading, time\nfrom robot_agent.guard.client import GuardMotors\n"
    with subprocess.Popen(
        [sys.executable, "-c", imports + code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(record or "/dev/null"),
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.send_signal(signal.SIGCONT)


class Raw:
    """A connection without the client library, to say what that never would."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(path))
        self.rest = b""

    def say(self, *messages):
        """Send messages; a command to the wheels carries the time of this moment unless it has one."""
        now = {"at": time.monotonic()}
        messages = [now | m if m.get("do") in ("pulse", "drive") else m for m in messages]
        self.socket.sendall(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def hear(self):
        """Return the next message; None at the end."""
        while b"\n" not in self.rest:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def call(self, do, **values):
        self.say({"do": do, "id": do, **values})
        while (message := self.hear()) is not None and message.get("id") != do:
            pass
        return message

    def readable(self, seconds):
        return bool(self.rest) or bool(select.select([self.socket], [], [], seconds)[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
