"""`robot-agent look` on files, folders and addresses: what it prints and writes."""

import json
import os

import cv2
import in_process
import numpy as np
import pytest
from web_camera import Server

RED, BLUE = (30, 30, 200), (200, 60, 30)


def picture(color=RED, left=60, right=110):
    frame = np.full((120, 160, 3), (130, 120, 110), np.uint8)
    frame[40:90, left:right] = color
    return frame


def save(path, frame):
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), frame)


def look(*arguments, cwd, code=0):
    result = in_process.run(cwd, "look", *arguments, columns=80)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result


def test_rows_of_a_folder_have_names_and_a_broken_file_does_not_end_it(tmp_path):
    for i in (1, 2, 10):
        save(tmp_path / "fold" / f"IMG_{i}.png", picture(left=10 * i, right=10 * i + 50))
    broken = (tmp_path / "fold" / "IMG_2.png").read_bytes()[:100]
    (tmp_path / "fold" / "IMG_2.png").write_bytes(broken)
    result = look("fold", "--json", cwd=tmp_path, code=1)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["source"] for row in rows] == ["fold/IMG_1.png", "fold/IMG_10.png"]
    assert "IMG_2.png is not a whole picture" in result.stderr
    assert "1 of 3 could not be looked at" in result.stderr
    one = look("fold/IMG_2.png", cwd=tmp_path, code=1)
    assert one.stderr.startswith("Error: IMG_2.png is not a whole picture")


def test_overlays_replace_neither_each_other_nor_what_is_looked_at(tmp_path):
    for folder in ("a", "b", "c/b"):
        (tmp_path / folder).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / folder / "frame.png"), picture())
    cv2.imwrite(str(tmp_path / "out-0000.png"), picture())
    before = (tmp_path / "out-0000.png").read_bytes()
    sources = ["a/frame.png", "b/frame.png", "c/b/frame.png", "a/frame.png"]
    look(*sources, "--overlay", "out", cwd=tmp_path)
    assert len(list((tmp_path / "out").iterdir())) == 4
    cv2.imwrite(str(tmp_path / "out.png"), picture())
    look("out.png", "out-0000.png", "--overlay", ".", cwd=tmp_path)
    assert (tmp_path / "out-0000.png").read_bytes() == before


def test_what_cannot_be_looked_at_is_named_and_the_rest_goes_on(tmp_path):
    save(tmp_path / "a.png", picture())
    save(tmp_path / "small.png", picture()[:30, :41])
    (tmp_path / "empty").mkdir()
    result = look("small.png", "empty", "a.png", cwd=tmp_path, code=1)
    assert "a.png: x1 15" in result.stdout and "2 of 3 could not be looked at" in result.stderr
    assert "Error: small.png: A frame is at least 42 pixels wide" in result.stderr
    assert "There is no picture in 'empty'" in result.stderr


def test_files_that_are_called_as_cameras_are(tmp_path):
    for name in ("0", "pi", "usb:1"):
        (tmp_path / name).write_bytes(cv2.imencode(".png", picture())[1].tobytes())
    assert look(".", cwd=tmp_path).stdout.count("x1 15") == 3


def test_names_in_an_old_encoding_and_long_names_get_their_overlays(tmp_path):
    name = os.fsdecode(b"gr\xfc.png")
    save(tmp_path / "a.png", picture())
    (tmp_path / "a.png").rename(tmp_path / name)
    save(tmp_path / f"{'n' * 250}.png", picture())
    look(name, f"{'n' * 250}.png", "--overlay", "out", "--sheet", "s.png", cwd=tmp_path)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_sheet_does_not_replace_what_is_looked_at(tmp_path):
    save(tmp_path / "a.png", picture())
    before = (tmp_path / "a.png").read_bytes()
    result = look("a.png", "--sheet", "./a.png", cwd=tmp_path, code=2)
    assert "would replace a picture that is looked at" in result.stderr
    assert (tmp_path / "a.png").read_bytes() == before


def test_a_sheet_has_misses_first_and_hints_are_given_once(tmp_path):
    save(tmp_path / "f" / "1.png", picture())
    grey = np.repeat(picture()[..., :1], 3, axis=2)
    for name in ("2", "3"):
        save(tmp_path / "f" / f"{name}.png", grey)
    result = look("f", "--sheet", "sheet.png", cwd=tmp_path)
    assert result.stderr.count("has no colours") == 1
    assert "2 without a sight, 1 with one" in result.stderr
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    amber = [
        (np.abs(tile.astype(int) - (0, 176, 255)).max(axis=2) < 30).sum() for tile in np.hsplit(sheet, 3)
    ]
    assert amber[0] < 50 and amber[1] < 50 < amber[2]
    assert "cannot be written" in look("f", "--sheet", "no/where.png", cwd=tmp_path, code=1).stderr
    assert "cannot be written" in look("f", "--sheet", "sheet.xyz", cwd=tmp_path, code=1).stderr


def test_the_settings_of_the_camera_hold_for_look(tmp_path, monkeypatch):
    save(tmp_path / "f" / "1.png", picture(left=10, right=50))
    (tmp_path / "robot.toml").write_text('[camera]\nsource = "f"\nmirror = true\n')
    (row,) = look("--json", cwd=tmp_path).stdout.splitlines()
    seen = json.loads(row)
    assert (seen["source"], seen["x1"], seen["x2"]) == ("f/1.png", 41 - 50 * 42 // 160, 41 - 10 * 42 // 160)
    turned = look("f", "--set", "camera.rotate=180", "--set", "camera.mirror=false", "--json", cwd=tmp_path)
    assert json.loads(turned.stdout)["x1"] == seen["x1"]
    monkeypatch.setenv("ROBOT_AGENT_CAMERA__ROTATE", "180")
    assert json.loads(look("f", "--json", cwd=tmp_path).stdout)["x1"] == 41 - seen["x2"]
    wrong = look("f", "--set", "camera.rotate=45", cwd=tmp_path, code=2)
    assert "'camera.rotate' cannot be" in wrong.stderr


@pytest.fixture
def server():
    server = Server()
    yield server
    server.die()


def test_nothing_secret_is_printed_or_written(server, tmp_path):
    address = f"http://admin:geheim@{server.place}/snapshot.jpg?user=admin&pwd=geheim"
    for extra in ((), ("--json",)):
        result = look(address, "--frames", 1, "--overlay", "out", *extra, cwd=tmp_path)
        assert "geheim" not in result.stdout + result.stderr and "admin" not in result.stdout + result.stderr
    assert "nothing seen" in look(address, "--frames", 1, cwd=tmp_path).stdout
    names = [path.name for path in (tmp_path / "out").iterdir()]
    assert names and not any("geheim" in name or "admin" in name for name in names)
    gone = look(address.replace("snapshot.jpg", "gone"), cwd=tmp_path, code=1)
    assert "404" in gone.stderr and "geheim" not in gone.stderr


def test_a_detector_and_a_camera_of_ones_own(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom vision import Sight\n"
        "class Eye:\n    def detect(self, frame): return Sight(3, 4)\n"
        "class Camera:\n    left = 2\n    def read(self):\n        self.left -= 1\n"
        "        if self.left < 0: raise StopIteration\n        return np.zeros((60, 84, 3), np.uint8)\n"
        "def broken(): return {}['key']\n"
    )
    result = look("mine:Camera", "--detector", "mine:Eye", "--json", cwd=tmp_path)
    assert [json.loads(line)["x1"] for line in result.stdout.splitlines()] == [3, 3]
    failed = look("mine:Camera", "--detector", "mine:broken", cwd=tmp_path, code=2)
    assert "KeyError: 'key' (line 11 of mine.py)" in failed.stderr
    unknown = look("mine:Camera", "--detector", "colour", cwd=tmp_path, code=2)
    assert "Did you mean 'color'?" in unknown.stderr and "MODULE:FACTORY" in unknown.stderr
