"""Addresses that give one picture each time, and what else a web server answers."""

import shutil
import ssl
import subprocess

import pytest
from mjpeg_server import is_bad, number_of
from web_camera import Server

from vision import CameraError, CameraFault, open_camera
from vision.cameras.snapshot import _context


@pytest.fixture
def server():
    server = Server()
    yield server
    server.die()


@pytest.mark.parametrize(
    "path",
    ["snapshot.jpg", "nolength", "octets", "untyped", "moved", "halves", "text", "gzip", "webp", "grün x"],
)
def test_an_address_of_one_picture_is_asked_again_and_again(server, path):
    camera = open_camera(f"{server.url}/{path}")
    try:
        frames = [camera.read() for _ in range(3)]
    finally:
        camera.close()
    assert not any(is_bad(frame) for frame in frames)
    assert len({number_of(frame) for frame in frames}) == 3, "each is a new one"


def test_a_png_will_do(server):
    camera = open_camera(f"{server.url}/png")
    assert camera.read().shape == (60, 80, 3)
    camera.close()


@pytest.mark.parametrize("path", ["basic", "digest", "sha256", "either"])
def test_a_password_with_special_characters_is_written_with_percents(server, path):
    camera = open_camera(f"http://admin:p%40ss%231@{server.place}/{path}")
    assert not is_bad(camera.read())
    camera.close()


def test_a_picture_that_never_changes_is_frozen_unless_that_is_allowed(server):
    camera = open_camera(f"{server.url}/same", frozen=0.5)
    with pytest.raises(CameraFault, match="same picture over and over") as caught:
        camera.read()
    assert caught.value.kind == "frozen"
    camera.close()
    still = open_camera(f"{server.url}/same", frozen=None)
    assert not is_bad(still.read())
    still.close()


def test_a_stream_of_one_picture_in_seconds_needs_patience(server):
    camera = open_camera(f"{server.url}/slow", lost=3.0, frozen=0.3)  # slow is not frozen
    assert [is_bad(camera.read()) for _ in range(2)] == [False, False]
    camera.close()
    impatient = open_camera(f"{server.url}/slow", lost=0.3, opening=5.0)
    with pytest.raises(CameraFault, match=r"raise camera\.lost_seconds"):
        for _ in range(3):
            impatient.read()
    impatient.close()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("html", "is a web page, not a picture"),
        ("page", "is a web page, not a picture"),
        ("nowhere", r"\(404, not found\): check the path"),
        ("busy", r"\(503\)"),
        ("forbidden", "wants another user or password"),
        ("basic", r"http://USER:PASSWORD@HOST/.*%23 for #"),
        ("digest", "wants another user or password"),
    ],
)
def test_what_is_no_picture_is_said_with_its_cure(server, path, words):
    with pytest.raises(CameraError, match=words) as caught:
        open_camera(f"http://someone:wrong@{server.place}/{path}?token=geheim")
    assert "wrong" not in str(caught.value) and "geheim" not in str(caught.value)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_camera_that_has_made_its_own_certificate_gives_pictures(tmp_path):
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k -out c"
    subprocess.run([*make.split(), "-subj", "/CN=cam"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "both").write_text((tmp_path / "k").read_text() + (tmp_path / "c").read_text())
    server = Server(tmp_path / "both")
    try:
        for address in (f"{server.url}/snapshot.jpg", f"https://admin:p%40ss%231@{server.place}/digest"):
            camera = open_camera(address)
            assert not is_bad(camera.read())
            camera.close()
        with pytest.raises(CameraError, match="is a web page"):
            open_camera(f"{server.url}/html")
    finally:
        server.die()


def test_nobody_there_and_no_password_given_have_their_cures(server):
    with pytest.raises(CameraError, match="does not answer: check its host and port"):
        open_camera("http://127.0.0.1:1/x.jpg")
    with pytest.raises(CameraError, match="wants a user and a password"):
        open_camera(f"{server.url}/basic")


@pytest.mark.parametrize("host", ["192.168.1.20", "10.0.0.7", "fe80::1", "127.0.0.1", "camera", "cam.local"])
def test_a_camera_near_by_may_have_made_its_own_certificate(host):
    assert _context(host).verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("host", ["example.org", "93.184.216.34", "local.example.org"])
def test_who_is_far_away_needs_a_certificate_that_somebody_vouches_for(host):
    assert _context(host).verify_mode is ssl.CERT_REQUIRED
