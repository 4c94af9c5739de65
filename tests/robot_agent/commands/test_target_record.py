"""`robot-agent target record` under the settings of the camera, and with pictures that cannot be read."""

import re

import cv2
import in_process
import numpy as np


def record(*arguments, cwd, code=0):
    result = in_process.run(cwd, "target", "record", *arguments, columns=80)
    assert result.returncode == code, result.stdout + result.stderr
    return result


def test_pictures_are_recorded_as_the_camera_is_mounted_and_bad_ones_are_left_out(tmp_path):
    (tmp_path / "f").mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (60, 84, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "f" / "1.png"), picture)
    (tmp_path / "f" / "2.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "f" / "3.heic").write_bytes(b"\0\0\0\x18ftypheic")
    cv2.imwrite(str(tmp_path / "f" / "4.png"), picture)
    result = record("f", "--out", "out", "--set", "camera.rotate=180", cwd=tmp_path)
    assert "2.jpg is not a whole picture" in result.stderr
    assert re.search("3.heic is (not a whole picture|a picture of the kind HEIC)", result.stderr)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1.png", "4.png", "labels.csv"]
    assert np.array_equal(cv2.imread(str(tmp_path / "out" / "1.png")), cv2.rotate(picture, cv2.ROTATE_180))
    assert "2 pictures are in out" in result.stdout


def test_a_video_without_frames_is_said(tmp_path):
    writer = cv2.VideoWriter(
        str(tmp_path / "empty.avi"), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 10, (84, 60)
    )
    writer.release()
    (tmp_path / "text.mp4").write_text("no video at all")
    for name in ("empty.avi", "text.mp4"):
        result = record(name, "--out", "out", cwd=tmp_path, code=1)
        assert name in result.stderr and result.stderr.startswith("Error: ")


def test_pictures_of_formats_that_cannot_be_written_become_png_and_keep_their_labels(tmp_path):
    (tmp_path / "f").mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (60, 84, 3), np.uint8)
    (tmp_path / "f" / "a.jfif").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    (tmp_path / "known.csv").write_text("file,visible,x_left_px,x_right_px\na.jfif,1,3,9\n")
    result = record("f", "--out", "out", "--labels", "known.csv", cwd=tmp_path)
    assert "1 pictures are in out" in result.stdout and "no label" not in result.stdout
    assert "a.jfif.png,1,3.0,9.0" in (tmp_path / "out" / "labels.csv").read_text()
    assert cv2.imread(str(tmp_path / "out" / "a.jfif.png")).shape == (60, 84, 3)


def test_the_pictures_of_a_folder_are_not_written_anew_in_it(tmp_path):
    (tmp_path / "f").mkdir()
    cv2.imwrite(str(tmp_path / "f" / "a.jpg"), np.full((60, 84, 3), 99, np.uint8))
    before = (tmp_path / "f" / "a.jpg").read_bytes()
    assert "name another" in record("f", "--out", "f/../f", cwd=tmp_path, code=2).stderr
    assert (tmp_path / "f" / "a.jpg").read_bytes() == before


def test_a_source_with_too_few_pictures_says_how_to_keep_more(tmp_path):
    (tmp_path / "f").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "f" / f"{number}.jpg"), np.full((60, 84, 3), 99, np.uint8))
    result = record("f", "--out", "out", "--every", 2, cwd=tmp_path)
    assert "2 pictures are in out" in result.stdout and "with --every 1" in result.stdout
