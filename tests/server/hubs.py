"""What the tests of the hub share with its benchmark: a real `robot-server --fleet`, and false robots."""

import http.server
import json
import sys
import threading
from pathlib import Path

from servers import ROOT, Program, eventually


class Hub(Program):
    """A hub in a process of its own, on a free port."""

    def __init__(self, folder, *arguments):
        folder = Path(folder)
        folder.mkdir(exist_ok=True)
        self.keys = folder / "config/robot-agent/robots.json"
        self.errors = (folder / "errors").open("wb")
        super().__init__(
            [sys.executable, "-P", "-m", "server", "--fleet", "--port", "0", *map(str, arguments)],
            folder,
            {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "config")},
            "robots are at",
            errors=self.errors,
        )
        self.url = f"http://127.0.0.1:{self.port}"

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

    def close(self):
        super().close()
        self.errors.close()


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
