import subprocess
import sys
from pathlib import Path

import pytest

from vision import DETECTORS, ColorDetector, Detector, MarkerDetector, open_detector

FACES = Path(__file__).parents[1] / "data" / "face_detection_short_range.tflite"


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


def test_opening_one_does_not_import_the_other():
    code = (
        "import sys; from vision.detector import open_detector; "
        "before = 'vision.marker' in sys.modules; open_detector('marker'); "
        "print(before, 'vision.marker' in sys.modules, 'torch' in sys.modules)"
    )
    # vision itself exports both, so only the heavy things must stay out.
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split()[1:] == ["True", "False"]
