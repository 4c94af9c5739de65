"""A network cable between a desktop and a robot: what goes through it can be held back and let go of."""

import select
import socket
import threading
from contextlib import suppress


class Cable:
    """Forwards connections to a port. While it is pulled nothing passes, and nobody is told."""

    def __init__(self, port):
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._plugged, self._end = threading.Event(), threading.Event()
        self._plugged.set()
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def pull(self):
        self._plugged.clear()

    def plug(self):
        self._plugged.set()

    def cut(self):
        """End all connections, as a program does that is killed."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self):
        self._end.set()
        self._plugged.set()
        self._listener.close()
        self.cut()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._forward, args=(near,), daemon=True).start()

    def _forward(self, near):
        self._plugged.wait()
        with suppress(OSError), near, socket.create_connection(("127.0.0.1", self._target)) as far:
            self._open += [near, far]
            while not self._end.is_set():
                ready, _, _ = select.select([near, far], [], [], 0.05)
                self._plugged.wait()
                for one in ready:
                    if not (data := one.recv(65536)):
                        return
                    (far if one is near else near).sendall(data)
