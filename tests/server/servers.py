"""What the tests of the server share with its benchmark: real `robot-server` processes and their clients."""

import codecs
import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from recording_pins import Record
from websockets.sync.client import connect

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PINS = ("motors.board=ryanteck", "motors.pin_factory=recording_pins:make", "motors.ramp_seconds=0")
QUICK = ("train.evaluation_episodes=100", "train.robots=64", "train.episodes_per_update=64")


def eventually(true, seconds=20.0):
    """Wait until `true()` is, and return it; fails after so many seconds."""
    until = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.01)
    return value


@contextmanager
def held_port(port=0):
    """Hold a port for a program that will listen there: until then nobody else gets it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield holder.getsockname()[1]


class Program:
    """A `robot-server` in a process of its own, on a free port."""

    def __init__(self, command, folder, environment, greeting, host="127.0.0.1", errors=None):
        """Start it in a folder, and wait until it prints `greeting` and its address; `errors` gets stderr."""
        self.folder = Path(folder)
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, env=os.environ | environment
        )
        self._said, self._decoder = "", codecs.getincrementaldecoder("utf-8")()
        self.port = int(self.hear(rf"{greeting} http://\S+:(\d+)"))
        self.http = httpx.Client(base_url=f"http://{host}:{self.port}", timeout=40, trust_env=False)

    def hear(self, pattern, seconds=60.0):
        """Wait until the terminal shows a pattern, and return its first group; each is heard once."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self._said)):
            left = until - time.monotonic()
            assert left > 0 and select.select([self.process.stdout], [], [], left)[0], self._said
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, f"the server ended: {self._said}"
            self._said += self._decoder.decode(data)
        self._said = self._said[found.end() :]
        return found[1]

    def get(self, path, **more):
        return self.http.get(f"/api/v1{path}", **more)

    def post(self, path, body=None, **more):
        return self.http.post(f"/api/v1{path}", json={} if body is None else body, **more)

    @contextmanager
    def socket(self, **more):
        """Open the WebSocket."""
        with connect(
            f"ws://127.0.0.1:{self.port}/api/v1/ws",
            subprotocols=["robot-agent.1"],
            compression=None,
            proxy=None,
            **{"max_queue": None, **more},  # a page that is not read for a while can still be closed
        ) as socket:
            yield Page(socket)

    def close(self):
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.process.wait()


class Server(Program):
    """A `robot-server` with a robot of its own."""

    def __init__(
        self,
        folder,
        *arguments,
        settings=(*PINS, *QUICK),
        recorded=True,
        backend="numpy",
        prefix=(),
        host="127.0.0.1",
    ):
        """Start it; `prefix` are words before its command, `host` where it is reached then."""
        self.record, self.store = Record(Path(folder) / "pins"), Path(folder) / "runs.db"
        self._taught = None
        pins = ROOT / "tests/robot_agent"
        path = os.pathsep.join(map(str, (ROOT, pins, *([pins / "recorded_mock"] if recorded else []), HERE)))
        command = [sys.executable, "-P", "-m", "server", "--port", "0", "--store", str(self.store)]
        for setting in (f"learner.backend={backend}", *settings):  # torch takes seconds to load
            command += ["--set", setting]
        super().__init__(
            [*prefix, *command, *map(str, arguments)],
            folder,
            {"PYTHONPATH": path, "RECORDED_PINS": str(self.record.path)},
            "dashboard is at",
            host,
        )

    def state(self):
        return self.get("/status").json()

    def await_state(self, *words, seconds=30.0):
        """Wait for one of these states, and return the whole of it."""
        try:
            return eventually(lambda: (state := self.state())["state"] in words and state, seconds)
        except AssertionError as error:
            raise AssertionError(f"It is not {' or '.join(words)} but {self.state()}.") from error

    def await_ready(self):
        """Wait until the trainer answers."""
        eventually(lambda: self.http.get("/healthz").status_code == 200, 60)
        return self

    def at_rest(self):
        """Bring it to rest: reset, nothing under way."""
        self.await_ready()
        if self.state()["halt"]["halted"]:
            assert self.post("/halt/reset", {"confirm": True}).status_code == 200
        for kind in ("training", "drive", "lending"):
            self.post(f"/{kind}/stop")
        self.await_state("idle")

    def run(self, settings=None, **more):
        """Start a training in the simulator and return its run."""
        settings = {"task.goal": [10, 31]} | (settings or {})  # whatever it was taught before
        answer = self.post("/training/start", {"robot": "sim", "seed": 1, "settings": settings, **more})
        assert answer.status_code == 200, answer.text
        return answer.json()["run"]

    def policy(self):
        """Return a checkpoint that has learned to drive, of a run of its own: other tests' may not have."""
        if self._taught is None:
            run = self.run(moves=20_000)
            eventually(lambda: self.get(f"/runs/{run}").json()["status"] == "finished", 60)
            self.await_state("idle")
            self._taught = run
        return self.get("/checkpoints", params={"run": self._taught}).json()[-1]["id"]

    def worker(self):
        """Return the worker's process."""
        return next(child for child in children(self.process.pid) if "server.worker" in command_of(child))

    def guard(self):
        """Return the guard's process, which keeps the one that holds the pins."""
        return next(child for child in children(self.process.pid) if "robot_agent.guard" in command_of(child))


def children(process):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.append(int(stat.parent.name))
    return found


def command_of(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Page:
    """A dashboard at the WebSocket."""

    def __init__(self, socket):
        self.socket = socket

    def say(self, kind, **values):
        self.socket.send(json.dumps({"type": kind, **values}))

    def hear(self, kind, seconds=20.0):
        """Wait for a message of a kind; `picture` is (header, JPEG)."""
        until = time.monotonic() + seconds
        while True:
            message = self.socket.recv(timeout=max(0.0, until - time.monotonic()))
            if isinstance(message, bytes):
                length = int.from_bytes(message[:4], "big")
                if kind == "picture":
                    return json.loads(message[4 : 4 + length]), message[4 + length :]
            elif (content := json.loads(message))["type"] == kind:
                return content
