"""Nothing secret of an address is ever shown, and an address that cannot work says why."""

import pytest

from vision import CameraError
from vision.cameras.address import check_address, public

SHOWN = {
    "http://robot.local:8081/stream.mjpg": "http://robot.local:8081/stream.mjpg",
    "http://cam/?action=stream": "http://cam/?action=stream",
    "http://cam/video?resolution=640x480&fps=5": "http://cam/video?resolution=640x480&fps=5",
    "http://admin:secret@cam/x": "http://cam/x",
    "http://admin:p%40ss%231@127.0.0.1:18431/auth": "http://127.0.0.1:18431/auth",
    "http://admin@cam/x": "http://cam/x",
    "rtsp://admin:secret@10.0.0.4:554/h264?channel=1": "rtsp://10.0.0.4:554/h264?channel=1",
    "http://cam/ok?user=admin&pwd=secret": "http://cam/ok?user=***&pwd=***",
    "http://cam/ok?action=stream&token=secret": "http://cam/ok?action=stream&token=***",
    "http://cam/ok?USER=admin&Password=secret": "http://cam/ok?USER=***&Password=***",
    "http://cam/ok?whatever=secret": "http://cam/ok?whatever=***",
    "http://cam/ok?secret": "http://cam/ok?***",
    "rtsp://10.0.0.4/user=admin_password=secret_channel=1": "rtsp://10.0.0.4/user=***_password=***_channel=1",
    "rtsp://10.0.0.4/user=admin&password=secret&channel=1": "rtsp://10.0.0.4/user=***&password=***&channel=1",
    "http://admin:secret#1@cam:80/x": "http://cam:80/x",
    "http://admin:p@secret#1@cam:80/x": "http://cam:80/x",
    "http://admin:secret/1@cam:80/x": "http://cam:80/x",
    "http://admin:secret?1@cam:80/x": "http://cam:80/x",
    "http://admin:12/secret@cam/x": "http://cam/x",
    "http://cam/x#secret": "http://cam/x",
    "http://cam/@someone/live": "http://cam/@someone/live",
    "http://[fe80::1]:81/x": "http://[fe80::1]:81/x",
    "http://u:secret@[fe80::1]:81/x": "http://[fe80::1]:81/x",
    "rtsp://10.0.0.4:554/admin:secret/ch0": "rtsp://10.0.0.4:554/***/ch0",
    "admin:secret@10.0.0.4:8080/video": "10.0.0.4:8080/video",
    "http:/admin:secret@10.0.0.4/video": "http:/10.0.0.4/video",
    "/dev/video0": "/dev/video0",
    "pictures/a@b": "pictures/a@b",
    "0": "0",
}


@pytest.mark.parametrize("address", SHOWN)
def test_what_is_secret_is_cut_out(address):
    assert public(address) == SHOWN[address]
    assert "secret" not in public(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://admin:p@ss#1@127.0.0.1:18431/auth", "http://admin:secret#1@cam:80/x", "http://admin:a/b@cam/x",
        "http://admin:a?b@cam/x", "rtsp://admin:p@ss/1@10.0.0.4:554/h264", "rtsp://admin:#secret@10.0.0.4/x",
        "rtsp://admin:12#secret@10.0.0.4/x", "http://admin:[secret@cam.local/x", "http://admin:secret]@cam.local/x",
    ],
)  # fmt: skip
def test_a_password_that_ends_itself_is_said(address):
    with pytest.raises(CameraError, match=r"write # as %23, / as %2F, \? as %3F, @ as %40") as caught:
        check_address(address)
    assert "secret" not in str(caught.value) and "p@ss" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://admin:p%40ss%231@cam/x", "http://admin:p@ss@cam.local/x", "http://cam/@someone/live", "http://cam",
        "http://u:p@10.0.0.4/@someone", "http://[fe80::1]:81/x", "http://localhost:80/?to=a@b",
        "http://admin:a b@cam.local/grün x.jpg", "udp://@:1234", "udp://:1234", "tcp://:5000",
    ],
)  # fmt: skip
def test_an_address_that_can_work_passes(address):
    check_address(address)


@pytest.mark.parametrize("address", ["http://", "http:///x", "rtsp://:554/x", "http://u:p@/x"])
def test_an_address_without_a_host_is_said(address):
    with pytest.raises(CameraError, match="has no host"):
        check_address(address)
