"""What the tests of the hub share with its benchmark: a real `robot-server --fleet`, and false robots."""

import http.server
import json
import os
import re
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from servers import ROOT, eventually
from websockets.sync.client import connect


class Hub:
    """A hub in a process of its own, on a free port."""

    def __init__(self, folder, *arguments):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.keys = self.folder / "config/robot-agent/robots.json"
        self.errors = (self.folder / "errors").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "server", "--fleet", "--port", "0", *map(str, arguments)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(self.folder / "config")},
        )
        self._said = ""
        self.port = int(self.hear(r"robots are at http://\S+:(\d+)"))
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=40, trust_env=False)

    def hear(self, pattern, seconds=60.0):
        """Wait until the terminal shows a pattern, and return its first group."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self._said)):
            left = until - time.monotonic()
            assert left > 0 and select.select([self.process.stdout], [], [], left)[0], self._said
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, f"the hub ended: {self._said} {(self.folder / 'errors').read_text()}"
            self._said += data.decode()
        return found[1]

    def get(self, path, **more):
        return self.http.get(f"/api/v1{path}", **more)

    def post(self, path, body=None, **more):
        return self.http.post(f"/api/v1{path}", json={} if body is None else body, **more)

    def robots(self):
        """Return all robots."""
        return self.get("/status").json()["robots"]

    def at(self, port):
        """Return the robot at a port of this machine; None if none is shown there."""
        found = [one for one in self.robots() if one["address"].endswith(f":{port}")]
        return found[0] if found else None

    def await_link(self, port, *links, seconds=30.0):
        """Wait until the connection to the robot at a port stands like this, and return the robot."""
        return eventually(lambda: (one := self.at(port)) and one["link"] in links and one, seconds)

    @contextmanager
    def socket(self, **more):
        """Open the WebSocket."""
        with connect(
            f"ws://127.0.0.1:{self.port}/api/v1/ws",
            subprotocols=["robot-agent.1"],
            compression=None,
            proxy=None,
            **{"max_queue": None, **more},
        ) as socket:
            yield socket

    def close(self):
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.process.wait()
            self.errors.close()


def hear(socket, kind, seconds=20.0):
    """Wait for a message of a kind; `picture` is (header, JPEG)."""
    until = time.monotonic() + seconds
    while True:
        message = socket.recv(timeout=max(0.0, until - time.monotonic()))
        if isinstance(message, bytes):
            length = int.from_bytes(message[:4], "big")
            if kind == "picture":
                return json.loads(message[4 : 4 + length]), message[4 + length :]
        elif (content := json.loads(message))["type"] == kind:
            return content


class Pretender:
    """A web server that answers some paths with JSON, and remembers what it was sent."""

    def __init__(self, answers):
        """Answer with `answers`, by path without its query."""
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                asked.append((self.command, path, dict(self.headers)))
                status, value = answers.get(path, (404, {}))
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name is that of http.server

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
