"""Everybody's picture files: read right, or said to be of a kind that is not read."""

import base64
import os
import sys

import cv2
import numpy as np
import pytest

from vision import CameraError, EndOfPictures, frames, open_camera
from vision.cameras.decoding import FOREIGN

SMOOTH = np.zeros((60, 84, 3), np.uint8)
SMOOTH[..., 2], SMOOTH[..., 1] = np.linspace(30, 220, 84)[None], np.linspace(60, 200, 60)[:, None]


def encoded(ending, picture=SMOOTH):
    return cv2.imencode(ending, picture)[1].tobytes()


def heic(brand=b"heic", others=(b"mif1", b"heic")):
    """The first box of a HEIC file, ISO/IEC 23008-12, with a body that is not looked at."""
    body = brand + b"\0\0\0\0" + b"".join(others)
    return (len(body) + 8).to_bytes(4) + b"ftyp" + body + b"\0" * 500


HEIC = base64.b64decode("""
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
    ADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAAMwAAgAAAAACrgABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA
    AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA
    kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCyBB35b
    q5Ka5uAhoMCAAAAMgAAAAwCEYgABAAZEAcFzwYkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAVAAAAEAAAAAoY2xh
    cAAAAFQAAAABAAAAPAAAAAEAAAAAAAAAAv////wAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA
    ABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAA+G1kYXQAAADIKAGvCdHxQD50XTD1AXX2N1A/qDZj4ZkYPBcDue8faMT/VkoXuZMR
    njbjXVYmkoMdr1QP6/apnBbVutvYpLYOd1oeKea1S+f644366XNPHG+je00uzmOtxjNDJWLVKoTZ+dDjBsUNwNwgYKLM0VfLXKqL
    RatOzTTa5hkUIgUykSoqwUbBrpoK/6oDmY46m6vDw9WtNlRWZXwGJglcUh9ylUL32jnsLZptTp5CrBgr9rtuJ4VJb/hi7yvpIiS2
    Y2bpymkIEcLJrMAAAAAGRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAEAAAAAAAA=
""")
"""`SMOOTH` as pillow-heif 1.8 writes it."""


@pytest.fixture
def without_heif(monkeypatch):
    """As where the extra `heic` is not installed."""
    monkeypatch.setitem(sys.modules, "pi_heif", None)


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "renamed.jpg", "no_ending"])
def test_a_heic_is_read_where_the_extra_is_installed(name, tmp_path):
    pytest.importorskip("pi_heif", reason="the extra heic is not installed")
    (tmp_path / name).write_bytes(HEIC)
    frame = open_camera(tmp_path / name).read()
    assert frame.shape == SMOOTH.shape and np.abs(frame.astype(int) - SMOOTH).mean() < 3
    for broken in (HEIC[:-150], heic()):
        (tmp_path / name).write_bytes(broken)
        with pytest.raises(CameraError, match="not a whole picture"):
            open_camera(tmp_path / name).read()


def test_a_jpeg_that_is_called_heic_is_read(tmp_path, without_heif):
    (tmp_path / "a.heic").write_bytes(encoded(".jpg"))
    assert open_camera(tmp_path / "a.heic").read().shape == SMOOTH.shape


@pytest.mark.parametrize("name", ["a.avif", "a.webp", "a.tiff", "a.bmp", "a.ppm", "a.JPG", "a.png"])
def test_usual_pictures_are_read(name, tmp_path):
    (tmp_path / name).write_bytes(encoded("." + name.lower().split(".")[1]))
    frame = open_camera(tmp_path / name).read()
    assert np.abs(frame.astype(int) - SMOOTH).mean() < 8
    assert len(open_camera(tmp_path).paths) == 1, "in a folder as well"


@pytest.mark.parametrize(
    ("name", "ending"), [("a.jpg", ".png"), ("a.png", ".avif"), ("a", ".jpg"), ("a.dat", ".webp")]
)
def test_the_content_counts_not_the_name(name, ending, tmp_path):
    if name == "a.dat":
        name = "a.png"  # a WebP has no start of its own: RIFF may be a video
    (tmp_path / name).write_bytes(encoded(ending))
    assert np.abs(open_camera(tmp_path / name).read().astype(int) - SMOOTH).mean() < 8


@pytest.mark.parametrize("ending", [".png", ".webp", ".tiff", ".avif"])
def test_what_is_transparent_is_white_whatever_colour_is_below(ending, tmp_path):
    picture = np.zeros((60, 84, 4), np.uint8)
    picture[..., 2] = 255  # red, but only a part of it can be seen
    picture[20:40, 30:50, 3] = 255
    (tmp_path / f"a{ending}").write_bytes(
        cv2.imencode(ending, picture, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
    )
    frame = open_camera(tmp_path / f"a{ending}").read()
    assert (frame[25:35, 35:45].astype(int) - (0, 0, 255)).__abs__().max() < 12
    assert frame[:15].min() > 243 and frame[:, 60:].min() > 243


def turned_for(number):
    """`SMOOTH` as a camera stores it that notes this EXIF orientation."""
    picture = SMOOTH.swapaxes(0, 1) if number > 4 else SMOOTH
    if number > 4:
        down, across = -1 if number in (7, 6) else 1, -1 if number in (7, 8) else 1
    else:
        down, across = -1 if number in (3, 4) else 1, -1 if number in (2, 3) else 1
    return np.ascontiguousarray(picture[::down, ::across])


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_is_turned_as_it_says(kind, number, tmp_path):
    """Also one with transparency, and an AVIF, which OpenCV does not turn."""
    image = pytest.importorskip("PIL.Image")
    for alpha in (False, True):
        if alpha and kind == "JPEG":
            continue
        stored = image.fromarray(turned_for(number)[..., ::-1].copy())
        if alpha:
            stored.putalpha(255)
            stored.putpixel((0, 0), (0, 0, 0, 0))  # else it would be stored without transparency
        exif = image.Exif()
        exif[0x112] = number
        stored.save(tmp_path / "a", kind, exif=exif, quality=90)
        frame = open_camera(tmp_path / "a").read()
        assert frame.shape == SMOOTH.shape and np.abs(frame.astype(int) - SMOOTH).mean() < 6, alpha


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_fractions_have_their_own_white(white, tmp_path):
    (tmp_path / "a.tiff").write_bytes(encoded(".tiff", SMOOTH.astype(np.float32) / 255 * white))
    assert np.abs(open_camera(tmp_path / "a.tiff").read().astype(int) - SMOOTH).max() <= 1


def test_a_folder_gives_all_its_pictures_whatever_they_are_called(tmp_path):
    for name, ending in (
        ("1.jfif", ".jpg"), ("2.jpe", ".jpg"), ("3.gif", ".gif"), ("4", ".png"), ("5.pgm", ".ppm"),
        ("6.x", ".webp"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(encoded(ending))
    for name in ("Thumbs.db", "labels.csv", ".7.jpg", "P5 is no picture.txt"):
        (tmp_path / name).write_text("BM text")
    paths = open_camera(tmp_path).paths
    assert [path.name[0] for path in paths] == list("123456")
    assert all(open_camera(path).read().shape == SMOOTH.shape for path in paths)


@pytest.mark.parametrize(
    "address", ["file://{}", "file://localhost{}", "FILE://{}", "file:{}"], ids=["//", "host", "FILE", ":"]
)
def test_the_address_of_a_file_may_have_percents(address, tmp_path):
    (tmp_path / "grün x.png").write_bytes(encoded(".png"))
    for path in (tmp_path / "grün x.png", str(tmp_path / "gr%C3%BCn%20x.png")):
        assert open_camera(address.format(path)).read().shape == SMOOTH.shape


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "has no name"), (" ", "has no name"), ("~nobody-here/a.png", "There is no camera")],
)
def test_a_name_without_a_meaning_is_no_folder(name, words):
    with pytest.raises(CameraError, match=words):
        open_camera(name)


def video(path):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5, (84, 60))
    for _ in range(3):
        writer.write(SMOOTH)
    writer.release()


def test_a_video_may_have_a_colon_but_no_old_encoding_in_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    video(tmp_path / "v.avi")
    (tmp_path / "v.avi").rename("http:clip.avi")
    assert len([*frames(open_camera("http:clip.avi"))]) == 3
    old = os.fsdecode(b"gr\xfcn.avi")
    (tmp_path / "http:clip.avi").rename(old)
    with pytest.raises(CameraError, match="old encoding: rename it"):
        open_camera(old)
    cut = b"".join((tmp_path / old).read_bytes().partition(b"00dc")[:1])
    (tmp_path / "cut.avi").write_bytes(cut)
    with pytest.raises(CameraError, match=r"turn it into an MP4 \(H.264\)"):
        open_camera("cut.avi").read()


def test_jpegs_behind_each_other_are_a_video(tmp_path):
    (tmp_path / "a.mjpeg").write_bytes(encoded(".jpg") * 3)
    assert len([*frames(open_camera(tmp_path / "a.mjpeg"))]) >= 3


def test_broken_numbers_with_white_as_one(tmp_path):
    picture = np.full((50, 60, 3), 0.5, np.float32)
    picture[0] = np.nan
    (tmp_path / "a.tiff").write_bytes(encoded(".tiff", picture))
    assert set(np.unique(open_camera(tmp_path / "a.tiff").read())) == {0, 128}


def test_sixteen_bits_and_half_transparency(tmp_path):
    picture = np.full((50, 60, 4), 65535, np.uint16)
    picture[..., :3], picture[..., 3] = 0, 32768
    (tmp_path / "a.png").write_bytes(encoded(".png", picture))
    assert set(np.unique(open_camera(tmp_path / "a.png").read())) <= {127, 128}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.heic", heic(), "of the kind HEIC, which is not read here: install pi-heif .*as JPEG .*Most"),
        ("a.HEIF", heic(b"mif1", (b"mif1", b"heic")), "HEIC"),
        ("renamed.jpg", heic(), "HEIC"),
        ("no_ending", heic(b"heix", (b"mif1",)), "HEIC"),
        ("a.jxl", b"\xff\x0a" + b"\0" * 50, "JPEG XL.*save it as JPEG or PNG"),
        ("a.png", b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0" * 50, "JPEG XL"),
        ("a.psd", b"8BPS" + b"\0" * 50, "Photoshop"),
        ("a.pdf", b"%PDF-1.7" + b"\0" * 50, "PDF"),
        ("a.nef", encoded(".tiff"), "kind raw.*export it as JPEG"),
        ("a.dng", encoded(".tiff"), "kind raw"),
        ("a.jpg", encoded(".jpg")[:-200], "not a whole picture"),
        ("a.jpg", b"", "not a whole picture"),
        ("a.png", encoded(".png")[:-40], "not a whole picture"),
        ("a.webp", encoded(".webp")[:-40], "not a whole picture"),
        ("a.avif", encoded(".avif")[:-40], "not a whole picture"),
        ("a.png", b"just text", "not a whole picture"),
        ("a.txt", b"just text", "neither a picture nor a video"),
        ("labels.csv", b"file;visible\n", "neither a picture nor a video"),
    ],
)
def test_what_cannot_be_read_is_said_and_never_read_wrongly(
    name, content, words, tmp_path, capfd, without_heif
):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CameraError, match=words) as caught:
        open_camera(tmp_path / name).read()
    assert name in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_folder_goes_on_behind_what_cannot_be_read(tmp_path):
    for name, content in (
        ("1.jpg", encoded(".jpg")),
        ("2.jpg", encoded(".jpg")[:99]),
        ("3.heic", heic()),
        ("10.png", encoded(".png")),
    ):
        (tmp_path / name).write_bytes(content)
    camera, results = open_camera(tmp_path), []
    while True:
        try:
            results.append(camera.read().shape)
        except EndOfPictures:
            break
        except CameraError as error:
            results.append(str(error).split()[0])
    assert results == [(60, 84, 3), "2.jpg", "3.heic", (60, 84, 3)]


def test_every_foreign_kind_says_what_to_do(tmp_path):
    for ending in FOREIGN.keys() - {".heic", ".heif"}:
        (tmp_path / f"a{ending}").write_bytes(b"anything")
        with pytest.raises(CameraError, match=r"is not read here: (save|export) it as JPEG"):
            open_camera(tmp_path / f"a{ending}").read()
