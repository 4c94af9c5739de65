"""Live cameras, against a real MJPEG server on the loopback."""

import http.server
import threading

import cv2
import numpy as np
import pytest

from vision import Camera, CameraError, EndOfPictures, open_camera

STEP = 4


class Server(http.server.ThreadingHTTPServer):
    """Streams frames of one grey, brighter by a step with each."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent = 0
        self.connections = 0
        self.dead = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/stream.mjpg"

    def handle_error(self, request, client_address):
        """Say nothing: clients leave in the middle of a stream."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        if server.dead.is_set():
            self.send_error(503)
            return
        server.connections += 1
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        while not server.dead.wait(0.01):
            server.sent += 1
            picture = np.full((48, 64, 3), server.sent * STEP % 256, np.uint8)
            data = cv2.imencode(".jpg", picture)[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            self.wfile.write(head.encode() + data + b"\r\n")

    def log_message(self, *args):
        """Keep the terminal clean."""


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.dead.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def camera(server, waits):
    camera = open_camera(server.url, sleep=waits.append)
    yield camera
    camera.close()


def test_a_stream_gives_frames_in_its_own_size(camera):
    assert isinstance(camera, Camera)
    frame = camera.read()
    assert (frame.shape, frame.dtype) == ((48, 64, 3), np.uint8)
    assert frame.flags["C_CONTIGUOUS"]


def test_a_frame_is_as_new_as_the_call_and_not_the_next_in_a_queue(camera, server):
    camera.read()
    before = server.sent
    while server.sent < before + 15:
        threading.Event().wait(0.01)
    # Which of the greys it is tells how many were sent since; a queue would give the next one.
    asked = server.sent
    number = round(float(camera.read().mean()) / STEP)
    age = (asked - number + 50) % (256 // STEP) - 50
    assert age < 10


def test_a_stream_that_ends_is_opened_again(camera, server, waits):
    for _ in range(20):
        camera.read()
    assert server.connections == 1 and not waits
    server.dead.set()
    camera._reader._thread.join(5)
    server.dead.clear()
    assert camera.read().shape == (48, 64, 3)
    assert server.connections == 2
    assert len(waits) == 1


def test_a_stream_that_stays_lost_is_an_error_after_longer_and_longer_waits(camera, server, waits, capfd):
    camera.read()
    server.dead.set()
    with pytest.raises(CameraError, match=r"gives no more pictures: check the address") as error:
        for _ in range(1000):
            camera.read()
    assert not isinstance(error.value, EndOfPictures)
    assert len(waits) >= 3 and waits == sorted(waits)
    server.dead.clear()
    assert camera.read().shape == (48, 64, 3), "the next call tries anew"


def test_no_stream_at_all_is_an_error_that_keeps_the_password(server):
    port = server.server_port
    server.dead.set()
    with pytest.raises(CameraError, match="cannot be opened: check the address") as error:
        open_camera(f"http://someone:secret@127.0.0.1:{port}/stream.mjpg")
    assert "secret" not in str(error.value)


def test_closing_ends_the_thread_and_is_allowed_twice(camera):
    camera.read()
    thread = camera._reader._thread
    camera.close()
    camera.close()
    assert not thread.is_alive()
    with pytest.raises(CameraError, match="has been closed"):
        camera.read()


def test_closing_from_another_thread_ends_a_waiting_read(server):
    camera = None

    def close_instead(seconds):
        camera.close()

    camera = open_camera(server.url, sleep=close_instead)
    server.dead.set()
    with pytest.raises(CameraError, match="has been closed"):
        for _ in range(1000):
            camera.read()
