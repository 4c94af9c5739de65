"""The labelled photographs, where they are beside the checkout."""

import runpy
from pathlib import Path

import pytest

from vision import Sight, open_camera
from vision.detectors.color import ColorDetector

PICTURES = Path(__file__).resolve().parents[4] / "shared" / "pictures"
BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "photographs.py"

pytestmark = pytest.mark.skipif(
    not (PICTURES / "labels.csv").is_file(),
    reason="the labelled photographs are not in ../shared/pictures",
)


@pytest.fixture(scope="module")
def rows():
    return runpy.run_path(str(BENCHMARK))["measure"](PICTURES)


def test_nine_markers_in_ten_are_within_one_slice(rows):
    assert rows["markers"].count >= 10
    assert rows["markers"].within(1) >= 0.9 * rows["markers"].count
    assert rows["markers"].false == 0


def test_dark_and_noisy_markers_are_read(rows):
    dark = rows["markers, dark and noisy"]
    assert dark.count > 0 and dark.within(2) == dark.count


@pytest.mark.parametrize("kind", ["yellow cones", "blue cones"])
def test_cones_of_a_color_learned_from_one_click_are_found(rows, kind):
    assert rows[kind].count >= 6
    assert rows[kind].within(1) >= 0.8 * rows[kind].count
    assert rows[kind].false == 0


@pytest.mark.parametrize("click", [(513, 280), (508, 281), (505, 308), (525, 318)])
def test_where_on_the_cone_one_clicks_does_not_matter(click):
    reference = open_camera(PICTURES / "conev_013.jpg").read()
    other = open_camera(PICTURES / "conev_007.jpg").read()
    sight = ColorDetector.learn(reference, at=click).detect(other)
    label = Sight.from_columns(478.0, 515.5, 640)
    assert sight is not None
    assert abs(sight.x1 - label.x1) <= 1 and abs(sight.x2 - label.x2) <= 1
