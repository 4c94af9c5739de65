import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vision import DETECTORS, Detector, Sight, open_detector
from vision.detectors.color import ColorDetector
from vision.detectors.marker import MarkerDetector

FACES = Path(__file__).parents[2] / "data" / "face_detection_short_range.tflite"


@pytest.mark.parametrize("kind", DETECTORS)
def test_every_known_name_opens_a_detector(kind):
    needed = {"model": FACES} if kind == "objects" else {}
    assert isinstance(open_detector(kind, **needed), Detector)


def test_options_reach_the_detector():
    color = open_detector("color", hue_degrees=[100, 140], min_area=0.01)
    assert isinstance(color, ColorDetector)
    assert (color.hue_degrees, color.min_area) == ((100.0, 140.0), 0.01)
    marker = open_detector("marker", dictionary="4x4_50", id=7)
    assert isinstance(marker, MarkerDetector)
    assert (marker.dictionary, marker.id) == ("DICT_4X4_50", 7)


@pytest.mark.parametrize(("kind", "near"), [("colour", "color"), ("Marker", "marker")])
def test_an_unknown_kind_names_the_nearest(kind, near):
    with pytest.raises(ValueError, match=rf"no detector '{kind}'. Did you mean '{near}'"):
        open_detector(kind)


def test_a_kind_like_no_other_names_all():
    with pytest.raises(ValueError) as error:
        open_detector("zzz")
    assert "Did you mean" not in str(error.value)
    assert all(kind in str(error.value) for kind in DETECTORS)


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(ValueError, match=r"option of the color detector 'hue'.*'hue_degrees'"):
        open_detector("color", hue=(0, 10))


def test_the_table_is_read_without_opencv_and_opening_one_does_not_import_the_others():
    code = (
        "import sys; from vision import DETECTORS, open_detector; "
        "print(*DETECTORS, 'cv2' in sys.modules); open_detector('marker'); "
        "print('vision.detectors.marker' in sys.modules, 'vision.detectors.color' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["color", "marker", "slices", "objects", "False", "True", "False"]


def test_each_has_a_sentence_for_who_chooses():
    assert all(kind.sentence.endswith(".") and kind.name == name for name, kind in DETECTORS.items())


OWN = """
import numpy as np
from vision import Sight


class Brightest:
    def detect(self, frame):
        column = int(frame.sum(axis=(0, 2)).argmax())
        return Sight.from_columns(column, column, frame.shape[1])


class Wrong:
    def __init__(self, answer):
        self.answer = answer

    def detect(self, frame):
        return self.answer if self.answer != "fail" else frame[9999]


def pair(): return Wrong((10, 31))
def words(): return Wrong("left")
def fails(): return Wrong("fail")
def blind(): return Wrong(None)
def unable(): return object()
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_eyes", raising=False)
    (tmp_path / "own_eyes.py").write_text(OWN)
    return lambda name: open_detector(f"own_eyes:{name}")


def test_a_detector_outside_of_the_package_is_opened_by_module_and_factory(own):
    frame = np.zeros((30, 84, 3), np.uint8)
    frame[:, 50] = 255
    assert own("Brightest").detect(frame) == Sight(25, 25)
    assert own("blind").detect(frame) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pair", r"answered with \(10, 31\): let detect\(\) return a vision.Sight"),
        ("words", "answered with 'left'"),
        ("fails", r"IndexError: .* \(line 17 of own_eyes.py\)"),
    ],
)
def test_what_it_does_wrong_is_one_sentence(own, name, words):
    with pytest.raises(ValueError, match=words) as caught:
        own(name).detect(np.zeros((30, 84, 3), np.uint8))
    assert "\n" not in str(caught.value)


def test_what_cannot_detect_is_refused(own):
    with pytest.raises(ValueError, match=r"lacks detect\(\): a detector has detect\(\)"):
        own("unable")
