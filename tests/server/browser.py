"""What the tests of the dashboard share with its benchmark and picture: servers, browsers, a bad network."""

import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VIEWS = ("see", "learn", "understand", "drive", "keep", "health")
WIDE, PHONE = (1440, 900), (390, 844)
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


ON_A_DESKTOP = pytest.mark.parametrize(
    "size", [WIDE, pytest.param(PHONE, marks=pytest.mark.slow)], ids=["wide", "phone"]
)
"""For what takes long: on a phone it runs with make test-slow."""


def on_both(name, wide, phone):
    """Parametrize a test by size and something else; what is left of all pairs runs with make test-slow."""
    pairs = [(WIDE, wide), (PHONE, phone), (WIDE, phone), (PHONE, wide)]
    cases = [
        pytest.param(size, other, id=f"{'wide' if size == WIDE else 'phone'}-{other}", marks=marks)
        for (size, other), marks in zip(pairs, [(), (), pytest.mark.slow, pytest.mark.slow], strict=True)
    ]
    return pytest.mark.parametrize(("size", name), cases)


LOOKS = on_both("scheme", "light", "dark")
HALTS = on_both("how", "button", "escape")


def chromium():
    """Return where a Chromium is, or None."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    return None


@contextmanager
def browser():
    """Start a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


def eventually(true, seconds=20.0):
    """Wait until `true()` is, and return it; fails after so many seconds."""
    until = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.02)
    return value


class Server:
    """A robot-server in a process of its own, whose wheels are recorded pins."""

    def __init__(self, process, port, pins):
        self.process, self.port, self.pins = process, port, pins
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path, body=None, method=None):
        """Return the answer of the API; a body is posted."""
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    @property
    def state(self):
        """The state in one word."""
        return self.ask("/status")["state"]

    def reset(self):
        """Bring it back to idle, not halted."""
        if self.ask("/status")["halt"]["halted"]:
            self.ask("/halt/reset", {"confirm": True})
        for path in ("/training/stop", "/drive/stop"):
            with suppress(urllib.error.HTTPError):
                self.ask(path, {})
        eventually(lambda: self.state == "idle")


@contextmanager
def server(folder, *arguments):
    """Start a robot-server with the simulated robot and a store in `folder`, and end it."""
    folder.mkdir(exist_ok=True)
    pins, said = folder / "pins", folder / "server.log"
    helpers = ROOT / "tests" / "robot_agent"
    paths = [str(ROOT), str(helpers), str(helpers / "recorded_mock"), os.environ.get("PYTHONPATH", "")]
    settings = {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "RECORDED_PINS": str(pins),
        "OMP_NUM_THREADS": "1",
        "ROBOT_AGENT_LEARNER__BACKEND": "numpy",  # torch takes seconds to load
    }
    command = [sys.executable, "-m", "server", "--robot", "sim", "--port", "0"]
    command += ["--store", str(folder / "runs.db"), *arguments]
    with said.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | settings, stdout=log, stderr=subprocess.STDOUT
        )

    def port():
        assert process.poll() is None, f"the server ended: {said.read_text()}"
        found = re.search(r"dashboard is at http://\S+:(\d+)\n", said.read_text())
        return found and int(found[1])

    try:
        yield Server(process, eventually(port, 60), pins)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Wire:
    """A network between a browser and a server that can be cut, or swallow everything without a word."""

    def __init__(self, port):
        self.target, self.silent = port, False
        self.last = 0
        """When the server was last sent something, ns."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.near = set()
        self.pairs, self.selector, self.lock = {}, selectors.DefaultSelector(), threading.Lock()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.open = True
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def _carry(self):
        while self.open:
            for key, _ in self.selector.select(0.02):
                with self.lock:
                    self._one(key.fileobj)

    def _one(self, end):
        if end is self.listener:
            near, _ = self.listener.accept()
            self.near.add(near)
            far = socket.create_connection(("127.0.0.1", self.target))
            for one, other in ((near, far), (far, near)):
                self.pairs[one] = other
                self.selector.register(one, selectors.EVENT_READ)
            return
        if end not in self.pairs:
            return
        try:
            data = end.recv(1 << 16)
            if data and not self.silent:
                self.pairs[end].sendall(data)
                if end in self.near:
                    self.last = time.monotonic_ns()
        except OSError:
            data = b""
        if not data:
            self._close(end)

    def _close(self, end):
        for one in (end, self.pairs.get(end)):
            if one in self.pairs:
                del self.pairs[one]
                self.selector.unregister(one)
                one.close()

    def cut(self):
        """Close every connection."""
        with self.lock:
            for end in list(self.pairs):
                self._close(end)

    def close(self):
        """End it."""
        self.open = False
        self.thread.join()
        self.cut()
        self.listener.close()
        self.selector.close()
