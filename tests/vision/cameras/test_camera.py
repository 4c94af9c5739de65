import cv2
import numpy as np
import pytest

from vision import Camera, CameraError, CameraFault, EndOfPictures, frames, heal, open_camera


def flat(value, width=64, height=48):
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for i in range(5):
        writer.write(flat(40 * i))
    writer.release()
    return path


def test_a_picture_is_read_once_in_its_own_size(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (37, 91, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "a.PNG"), picture)
    camera = open_camera(tmp_path / "a.PNG", width=320, height=240)
    assert isinstance(camera, Camera)
    frame = camera.read()
    assert np.array_equal(frame, picture) and frame.flags["C_CONTIGUOUS"]
    with pytest.raises(EndOfPictures, match="1 pictures have been read"):
        camera.read()


@pytest.mark.parametrize("shape", [(50, 60), (50, 60, 4)], ids=["grey", "with transparency"])
def test_grey_and_transparent_pictures_become_frames(tmp_path, shape):
    cv2.imwrite(str(tmp_path / "a.png"), np.full(shape, 90, np.uint8))
    frame = open_camera(tmp_path / "a.png").read()
    assert (frame.shape, frame.dtype) == ((50, 60, 3), np.uint8)
    # What is transparent is white, as far as it is.
    assert (frame == (90 if len(shape) == 2 else round(255 - (255 - 90) * 90 / 255))).all()


def test_a_folder_is_read_in_natural_order_without_what_is_no_picture(tmp_path):
    for number in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame_{number}.png"), flat(number))
    (tmp_path / "labels.csv").write_text("file")
    (tmp_path / ".hidden.png").write_text("no picture")
    (tmp_path / "more.png").mkdir()
    assert [int(f[0, 0, 0]) for f in frames(open_camera(tmp_path))] == [1, 2, 10]


def test_a_video_is_read_frame_by_frame_to_its_end(video):
    camera = open_camera(str(video))
    read = list(frames(camera))
    assert [round(float(f.mean()) / 40) for f in read] == [0, 1, 2, 3, 4]
    assert all(f.shape == (48, 64, 3) and f.flags["C_CONTIGUOUS"] for f in read)
    ended = open_camera(video)
    for _ in range(5):
        ended.read()
    for _ in range(2):
        with pytest.raises(EndOfPictures, match="after 5 frames"):
            ended.read()


@pytest.mark.parametrize("kind", ["picture", "folder", "video"])
def test_a_closed_camera_cannot_be_read_and_closing_twice_is_allowed(tmp_path, video, kind):
    cv2.imwrite(str(tmp_path / "a.png"), flat(1))
    camera = open_camera({"picture": tmp_path / "a.png", "folder": tmp_path, "video": video}[kind])
    camera.read()
    camera.close()
    camera.close()
    with pytest.raises(CameraError, match="has been closed: open it again") as error:
        camera.read()
    assert not isinstance(error.value, EndOfPictures)


def test_leaving_a_loop_over_frames_closes_the_camera(video):
    camera = open_camera(video)
    loop = frames(camera)
    next(loop)
    loop.close()
    with pytest.raises(CameraError, match="closed"):
        camera.read()


def broken(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", b""), ("a.jpg", b"not a picture"), ("a.mp4", b""), ("a.txt", b"hello")],
)
def test_a_broken_file_says_so_in_one_sentence_and_nothing_else(tmp_path, capfd, name, content):
    path = broken(tmp_path, name, content)
    with pytest.raises(CameraError) as error:
        open_camera(path).read()
    assert not isinstance(error.value, EndOfPictures)
    assert str(error.value).startswith(name) and str(error.value).endswith(".")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_a_broken_picture_in_a_folder_does_not_end_the_others(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), flat(1))
    broken(tmp_path, "2.png", b"nothing")
    cv2.imwrite(str(tmp_path / "3.png"), flat(3))
    camera = open_camera(tmp_path)
    assert camera.read()[0, 0, 0] == 1
    with pytest.raises(CameraError, match=r"2\.png is not a whole picture"):
        camera.read()
    assert camera.read()[0, 0, 0] == 3


def test_a_video_without_frames_is_an_error_and_not_an_end(tmp_path, video):
    whole = video.read_bytes()
    path = broken(tmp_path, "short.avi", whole[: whole.find(b"movi") + 100])
    with pytest.raises(CameraError, match=r"short\.avi has no frame") as error:
        open_camera(path).read()
    assert not isinstance(error.value, EndOfPictures)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("no/such/place", "no camera, picture, folder or video 'no/such/place'"),
        ("97", "USB camera 97 cannot be opened"),
        (97, "USB camera 97 cannot be opened"),
        ("usb:97", "USB camera 97 cannot be opened"),
    ],
)
def test_a_source_that_there_is_not_says_the_cure(capfd, source, sentence):
    with pytest.raises(CameraError, match=sentence) as error:
        open_camera(source)
    assert "check" in str(error.value)
    assert isinstance(error.value, OSError)
    assert capfd.readouterr() == ("", "")


def test_an_empty_folder_says_what_to_put_there(tmp_path):
    with pytest.raises(CameraError, match=r"no picture in .*\.png"):
        open_camera(tmp_path)


class Ailing:
    """A camera that plays a list of faults and frames."""

    def __init__(self, *script):
        self.script = list(script)

    def read(self):
        now = self.script.pop(0)
        if isinstance(now, str):
            raise CameraFault(f"It is {now}: mend it.", kind=now)
        if isinstance(now, Exception):
            raise now
        return now

    def close(self):
        pass


def test_heal_tells_each_kind_of_fault_once_and_that_it_is_over():
    told, waits = [], []
    camera = Ailing("lost", "lost", "black", "lost", "black", "frozen", flat(7), flat(8))
    assert heal(camera, report=told.append, sleep=waits.append)[0, 0, 0] == 7
    assert told == [
        "It is lost: mend it.",
        "It is black: mend it.",
        "It is frozen: mend it.",
        "The camera gives good pictures again.",
    ]
    assert len(waits) == 6
    assert heal(camera, report=told.append)[0, 0, 0] == 8
    assert len(told) == 4, "a camera that is well has nothing to tell"


def test_heal_gives_up_when_its_patience_is_over():
    now, told = [0.0], []

    def sleep(seconds):
        now[0] += 1.0

    camera = Ailing(*["lost"] * 9)
    with pytest.raises(CameraFault, match=r"Waited 3 s without success. It is lost: mend it") as error:
        heal(camera, report=told.append, sleep=sleep, clock=lambda: now[0], patience=3.0)
    assert error.value.kind == "lost"
    assert len(camera.script) == 5 and len(told) == 1


def test_heal_does_not_wait_for_what_is_no_fault():
    with pytest.raises(EndOfPictures):
        heal(Ailing("lost", EndOfPictures("over")), report=lambda _: None, sleep=lambda _: None)
