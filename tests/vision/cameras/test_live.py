"""Live cameras, against a real MJPEG server on the loopback."""

import socket
import threading
import time

import numpy as np
import pytest
from mjpeg_server import Server, is_bad, number_of

from vision import Camera, CameraError, CameraFault, EndOfPictures, heal, open_camera
from vision.cameras.live import LiveCamera, Shot

SHORT = {"lost": 0.5, "frozen": 0.5, "black": 0.5}
NEVER_LOST = SHORT | {"lost": 30.0}
"""For where pictures come: on a busy machine half a second may pass between two of them."""
HEALED = "The camera gives good pictures again."


def breathe(seconds):
    """Sleep, but not for as long as a person would be given."""
    time.sleep(min(seconds, 0.02))


def drain(camera):
    """Read until there is a fault; return the frames and the fault."""
    frames = []
    try:
        for _ in range(10_000):
            frames.append(camera.read())
    except CameraFault as fault:
        return frames, fault
    raise AssertionError("no fault")


@pytest.fixture
def server():
    server = Server()
    yield server
    server.die()


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
    assert (frame.shape, frame.dtype) == ((120, 160, 3), np.uint8)
    assert frame.flags["C_CONTIGUOUS"]
    assert not is_bad(frame)


def test_a_frame_is_as_new_as_the_call_and_not_the_next_in_a_queue(camera, server):
    camera.read()
    before = server.sent
    while server.sent < before + 15:
        time.sleep(0.01)
    # The grey tells how many were sent since; a queue would give the next one.
    asked, server.interval = server.sent, 0.2  # slower from now on, so that few numbers are possible
    number = number_of(camera.read())
    assert number in {sent % 45 for sent in range(asked - 9, server.sent + 1)}


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("stall", "lost", "gives no more pictures: check the address"),
        ("half", "lost", "gives no more pictures: check the address"),
        ("halves", "lost", "gives no more pictures: check the address"),
        ("end", "lost", "gives no more pictures: check the address"),
        ("hang", "lost", "gives no more pictures: check the address"),
        ("black", "black", "gives black pictures: take the cap off"),
        ("frozen", "frozen", "gives the same picture over and over: start what sends it again"),
    ],
)
def test_a_fault_is_told_then_healed_and_no_bad_frame_is_handed_out(server, mode, kind, words, capfd):
    camera = open_camera(server.url, sleep=breathe, **(SHORT if kind == "lost" else NEVER_LOST))
    camera.read()
    server.mode = mode
    frames, fault = drain(camera)
    assert (fault.kind, words in str(fault)) == (kind, True), str(fault)
    assert isinstance(fault, CameraError) and not isinstance(fault, EndOfPictures)
    with pytest.raises(CameraFault):
        camera.read()  # it goes on as long as nobody helps

    told = []

    def tell(sentence):
        told.append(sentence)
        server.mode = "well"

    frames.append(heal(camera, report=tell, sleep=breathe))
    frames += [camera.read() for _ in range(5)]
    assert told == [str(fault), HEALED]
    assert not any(is_bad(frame) for frame in frames)
    assert not any(np.array_equal(a, b) for a, b in zip(frames, frames[1:], strict=False))
    camera.close()
    assert capfd.readouterr() == ("", ""), "OpenCV keeps quiet"


def test_a_server_that_dies_and_comes_back_at_its_address(server):
    camera = open_camera(server.url, sleep=breathe, **SHORT)
    camera.read()
    holder = socket.socket()  # nobody else gets the port while no server listens there
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    first = Server(holder.getsockname()[1])
    second = open_camera(first.url, sleep=breathe, **SHORT)
    second.read()
    first.die()
    _, fault = drain(second)
    assert fault.kind == "lost"
    back = []
    frame = heal(second, report=lambda _: back or back.append(Server(first.server_port)), sleep=breathe)
    assert not is_bad(frame)
    second.close()
    camera.close()
    back[0].die()
    holder.close()


def test_a_camera_that_comes_back_by_itself_is_not_opened_again(server):
    camera = open_camera(server.url, sleep=breathe, **NEVER_LOST)
    server.mode = "black"
    drain(camera)
    server.mode = "well"
    sent = server.sent
    while server.sent < sent + 10:
        time.sleep(0.01)
    assert not is_bad(camera.read())
    assert server.connections == 1
    camera.close()


def test_the_waits_between_attempts_grow_across_calls_and_begin_anew_when_healed(camera, server, waits):
    camera.read()
    server.mode = "end"
    drain(camera)
    for _ in range(6):
        with pytest.raises(CameraFault):
            camera.read()
    assert waits == [0.2, 0.5, 1, 2, 5, 5]
    server.mode = "well"
    assert not is_bad(camera.read())
    waits.clear()
    server.mode = "end"
    drain(camera)
    with pytest.raises(CameraFault):
        camera.read()
    assert waits == [0.2]


def test_drawing_on_a_frame_does_not_hide_that_the_next_is_the_same(server):
    camera = open_camera(server.url, **NEVER_LOST)
    camera.read()[:] = 0
    server.mode = "frozen"
    with pytest.raises(CameraFault, match="same picture"):
        for _ in range(10_000):
            camera.read()[:] = 0
    camera.close()


def test_a_picture_sent_twice_is_handed_out_once(camera, server):
    server.mode = "pairs"
    frames = [camera.read() for _ in range(20)]
    assert not any(np.array_equal(a, b) for a, b in zip(frames, frames[1:], strict=False))


@pytest.mark.parametrize("mode", ["black", "frozen"])
def test_the_checks_can_be_switched_off(server, mode):
    server.mode = mode
    camera = open_camera(server.url, frozen=None, black=None)
    one, two = camera.read(), camera.read()
    assert np.array_equal(one, two)
    camera.close()


def test_no_stream_at_all_is_an_error_that_keeps_the_password(server):
    port = server.server_port
    server.mode = "end"
    with pytest.raises(CameraError, match=r"cannot be opened \(503\): check the address") as error:
        open_camera(f"http://someone:secret@127.0.0.1:{port}/stream.mjpg")
    assert "secret" not in str(error.value)
    assert not isinstance(error.value, CameraFault), "there has never been a camera"


def test_an_address_that_never_answers_is_an_error_too(server):
    server.mode = "hang"
    with pytest.raises(CameraError, match="cannot be opened: check the address"):
        open_camera(server.url, opening=0.3, lost=0.3)


def test_closing_ends_the_thread_and_is_allowed_twice(camera):
    camera.read()
    thread = camera._reader._thread
    camera.close()
    camera.close()
    assert not thread.is_alive()
    with pytest.raises(CameraError, match="has been closed"):
        camera.read()


def test_closing_from_another_thread_ends_a_waiting_read(server):
    camera = open_camera(server.url)
    server.mode = "stall"
    sent = -1
    while sent != server.sent:
        sent = server.sent
        time.sleep(0.05)
    closing = threading.Timer(0.1, camera.close)
    closing.start()
    with pytest.raises(CameraError, match="has been closed"):
        for _ in range(1000):
            camera.read()
    closing.join()


def test_closing_while_it_waits_to_open_again_opens_nothing(server):
    camera = None

    def close_instead(seconds):
        camera.close()

    camera = open_camera(server.url, sleep=close_instead)
    server.mode = "end"
    drain(camera)
    server.mode = "well"
    with pytest.raises(CameraError, match="has been closed"):
        camera.read()
    assert server.connections == 1


class Stuck:
    """A source that gives some frames and then does not come back, as a driver may."""

    def __init__(self, release, frames=3):
        self.stuck = release
        self.frames = frames
        self.number = 0

    def grab(self):
        self.number += 1
        if self.number > self.frames:
            self.stuck.wait()
            raise RuntimeError("the driver has had enough")
        time.sleep(0.005)
        return Shot(np.full((4, 4, 3), 50 + self.number % 100, np.uint8))

    def release(self):
        pass


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "vision-camera"]


def test_a_thread_that_is_stuck_is_not_used_again_and_there_is_never_a_second():
    before, release, opened = len(threads()), threading.Event(), []

    def connect():
        opened.append(Stuck(release, 3 if not opened else 10_000_000))
        return opened[-1]

    camera = LiveCamera(connect, name="It", cure="mend it", restart="", sleep=breathe, lost=0.1)
    with pytest.raises(CameraFault, match="It gives no more pictures: mend it"):
        for _ in range(10):
            camera.read()
    for _ in range(2):
        with pytest.raises(CameraFault, match="mend it; if that does not help, start the program again"):
            camera.read()
    assert len(threads()) == before + 1 and len(opened) == 1
    release.set()
    heal(camera, report=lambda _: None, sleep=breathe)
    assert len(opened) == 2
    camera.close()


def test_closing_does_not_wait_for_a_thread_that_is_stuck():
    release = threading.Event()
    camera = LiveCamera(lambda: Stuck(release), name="It", cure="mend it", restart="", lost=0.1)
    camera.close()  # hangs here if it does
    with pytest.raises(CameraError, match="has been closed"):
        camera.read()
    release.set()


def test_what_a_driver_raises_is_the_cause_of_the_fault():
    release = threading.Event()
    release.set()
    camera = LiveCamera(lambda: Stuck(release), name="It", cure="mend it", restart="", sleep=breathe)
    _, fault = drain(camera)
    assert str(fault.__cause__) == "the driver has had enough"
    camera.close()


def test_an_old_frame_is_not_given_where_the_device_says_its_age():
    class Late(Stuck):
        def grab(self):
            return super().grab()._replace(age=0.05)

    sources = []

    def connect():
        sources.append(Late(threading.Event(), 10_000_000))
        return sources[-1]

    camera = LiveCamera(connect, name="It", cure="", restart="")
    camera.read()
    asked = sources[0].number
    camera.read()
    assert sources[0].number > asked + 1, "those whose exposure began before the call are passed over"
    camera.close()
