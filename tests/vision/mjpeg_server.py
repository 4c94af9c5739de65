"""A camera in the network that can be told to misbehave: a real MJPEG server on the loopback."""

import functools
import http.server
import threading

import cv2
import numpy as np

MODES = ("well", "stall", "half", "halves", "black", "frozen", "pairs", "hang", "end")
"""Well; silence; half a picture, then silence; half pictures on and on; black; one picture without
end; every picture twice; no answer to who connects; no connection at all lasts or is accepted."""

_GREYS = 45


@functools.cache
def picture(number: int) -> bytes:
    """The JPEG of a noisy grey that tells its number modulo 45."""
    noise = np.random.default_rng(0).integers(-9, 10, (120, 160, 3))
    grey = 40 + 4 * (number % _GREYS)
    return cv2.imencode(".jpg", (grey + np.roll(noise, number, 0)).astype(np.uint8))[1].tobytes()


BLACK = cv2.imencode(".jpg", np.random.default_rng(0).integers(0, 4, (120, 160, 3)).astype(np.uint8))[
    1
].tobytes()


def number_of(frame: np.ndarray) -> int:
    """Which picture this is, modulo 45."""
    return round((float(frame.mean()) - 40) / 4)


def is_bad(frame: np.ndarray) -> bool:
    """Whether a frame is black, or a part of it is not of its picture."""
    return frame.max() < 30 or frame[-8:].std() < 2 or np.ptp(frame.mean((1, 2))) > 9


class Server(http.server.ThreadingHTTPServer):
    """Sends numbered pictures as its `mode` says."""

    daemon_threads = True

    def __init__(self, port: int = 0, interval: float = 0.01) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.mode = "well"
        self.interval = interval
        self.sent = 0
        self.connections = 0
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/stream.mjpg"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def handle_error(self, request, client_address):
        """Say nothing: clients leave in the middle of a stream."""

    def die(self) -> None:
        """Hang up on everyone and let go of the port."""
        self.over.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        if server.mode == "end":
            self.send_error(503)
            return
        while server.mode == "hang" and not server.over.wait(server.interval):
            pass
        server.connections += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        stuck = server.sent
        while server.mode not in ("end", "hang") and not server.over.wait(server.interval):
            mode = server.mode
            if mode == "stall":
                continue
            server.sent += 1
            if mode != "frozen":
                stuck = server.sent
            data = BLACK if mode == "black" else picture(stuck // 2 if mode == "pairs" else stuck)
            if mode == "half":
                self._send(data[: len(data) // 2], len(data))
                while server.mode == "half" and not server.over.wait(server.interval):
                    pass
                return
            if mode == "halves":
                data = data[: len(data) // 2]
            self._send(data, len(data))

    def _send(self, data: bytes, length: int) -> None:
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
        self.wfile.write(head.encode() + data + b"\r\n" * (len(data) == length))

    def log_message(self, *args):
        """Keep the terminal clean."""
