"""Cameras that speak RTSP, with a password or without."""

import numpy as np
import pytest
from rtsp_server import Server

from vision import CameraError, open_camera


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    yield server
    server.die()


def test_frames_come_as_they_are_new(server):
    camera = open_camera(f"rtsp://{server.place}/live?channel=1")
    frames = [camera.read() for _ in range(3)]
    camera.close()
    assert {frame.shape for frame in frames} == {(120, 160, 3)}
    assert not np.array_equal(frames[0], frames[2])


def test_a_password_with_special_characters(server):
    server.secret = True
    camera = open_camera(f"rtsp://admin:p%40ss%231@{server.place}/live")
    assert camera.read().shape == (120, 160, 3)
    camera.close()
    with pytest.raises(CameraError, match="cannot be opened") as caught:
        open_camera(f"rtsp://admin:geheim@{server.place}/live")
    assert "geheim" not in str(caught.value) and "admin" not in str(caught.value)


def test_nobody_there():
    with pytest.raises(CameraError, match="cannot be opened: check the address"):
        open_camera("rtsp://127.0.0.1:9/live")
