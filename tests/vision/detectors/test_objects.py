"""The detector `objects` with models that other people made, and with one made here, in the real runtime."""

import itertools
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from detection_models import brightest_cell
from skimage import data

from vision import Sight, open_detector

FACES = Path(__file__).parents[2] / "data" / "face_detection_short_range.tflite"


def with_cell(row, column, color=(0, 0, 255), height=120, width=160):
    """Return a black frame with one of its 4 x 4 cells in a colour (BGR)."""
    frame = np.zeros((height, width, 3), np.uint8)
    tall, wide = height // 4, width // 4
    frame[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide] = color
    return frame


def saved(tmp_path, content, name="model.tflite"):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def ends(sight):
    return None if sight is None else (sight.x1, sight.x2)


def test_blazeface_finds_the_face_of_the_astronaut():
    detector = open_detector("objects", model=FACES)
    frame = np.ascontiguousarray(data.astronaut()[..., ::-1])
    sight = detector.detect(frame)
    # The face of Eileen Collins is in columns 177 to 272 of 512.
    assert sight is not None and sight.confidence > 0.8
    assert abs(sight.x1 - 14) <= 1 and abs(sight.x2 - 22) <= 1
    # The same face in the right of a picture of 4 to 3, which the model must not see stretched.
    wide = np.zeros((512, 683, 3), np.uint8)
    wide[:, 171:] = frame
    moved, expected = detector.detect(wide), Sight.from_columns(171 + 177, 171 + 272, 683)
    assert moved is not None
    assert abs(moved.x1 - expected.x1) <= 1 and abs(moved.x2 - expected.x2) <= 1


def test_blazeface_finds_no_face_where_there_is_none():
    frame = np.ascontiguousarray(data.coffee()[..., ::-1])
    assert open_detector("objects", model=FACES).detect(frame) is None


@pytest.mark.parametrize("whole", [False, True], ids=["float", "uint8"])
@pytest.mark.parametrize("column", range(4))
def test_the_box_of_the_target_is_the_sight(tmp_path, whole, column):
    detector = open_detector("objects", model=saved(tmp_path, brightest_cell(whole=whole)))
    sight = detector.detect(with_cell(2, column))
    expected = Sight.from_columns(column * 40, column * 40 + 39, 160)
    assert sight is not None and (sight.x1, sight.x2) == (expected.x1, expected.x2)
    assert sight.confidence > 0.5
    assert detector.detect(np.zeros((120, 160, 3), np.uint8)) is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_the_outputs_does_not_matter(tmp_path, order):
    detector = open_detector("objects", model=saved(tmp_path, brightest_cell(order)), target=1)
    frame = with_cell(1, 3, (255, 0, 0))
    assert ends(detector.detect(frame)) == (31, 41)
    assert detector.detect(with_cell(1, 3, (0, 0, 255))) is None, "another class"


@pytest.mark.parametrize(
    "names",
    [
        ("detection_boxes", "detection_classes", "detection_scores", "num_detections"),
        ("location", "category", "score", "number of detections"),
        ("a", "b", "c", "d"),
        ("StatefulPartitionedCall:3", "StatefulPartitionedCall:2", "StatefulPartitionedCall:1", "end"),
    ],
)
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 1, 3, 0)])
def test_outputs_are_known_by_their_names_or_by_what_they_hold(tmp_path, names, order):
    detector = open_detector("objects", model=saved(tmp_path, brightest_cell(order, names)), target=1)
    assert detector.detect(np.zeros((120, 160, 3), np.uint8)) is None
    assert ends(detector.detect(with_cell(0, 1, (255, 0, 0)))) == (10, 20)


def test_rows_past_the_count_are_ignored(tmp_path):
    """The operator leaves what it found before in the rows that it does not fill."""
    detector = open_detector("objects", model=saved(tmp_path, brightest_cell()))
    both = with_cell(0, 0) + with_cell(3, 3)
    assert detector.detect(both) is not None
    real = detector.model.run

    def stale(frame):
        values = real(frame)
        values[1][0, 1:], values[2][0, 1:] = 0, 0.99
        values[0][0, 1:] = (0, 0.75, 0.25, 1)
        return values

    detector.model.run = stale
    assert ends(detector.detect(with_cell(0, 0))) == (0, 10)


def test_labels_name_the_target(tmp_path):
    model = saved(tmp_path, brightest_cell())
    (tmp_path / "labels.txt").write_text("???\nred thing\nblue thing\n")
    detector = open_detector("objects", model=model, target="Blue Thing", labels=tmp_path / "labels.txt")
    assert ends(detector.detect(with_cell(1, 0, (255, 0, 0)))) == (0, 10)
    with zipfile.ZipFile(model, "a") as archive:  # as TF-Lite's metadata packs them
        archive.writestr("labelmap.txt", "0 red thing\n1 blue thing\n")
    assert open_detector("objects", model=model, target="blue thing").target == 1


def test_an_unknown_class_names_the_nearest(tmp_path):
    model = saved(tmp_path, brightest_cell())
    (tmp_path / "labels.txt").write_text("person\nbicycle\n")
    with pytest.raises(ValueError, match=r"no class 'bicicle'. Did you mean 'bicycle'"):
        open_detector("objects", model=model, target="bicicle", labels=tmp_path / "labels.txt")
    with pytest.raises(ValueError, match=r"no class 7: the labels name 2, from 0 to 1"):
        open_detector("objects", model=model, target=7, labels=tmp_path / "labels.txt")
    with pytest.raises(ValueError, match=r"brings no labels"):
        open_detector("objects", model=model, target="person")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "set vision.objects.model"),
        ({"model": "labels.txt"}, "not a TF-Lite model"),
        ({"model": "cut.tflite"}, "cannot be loaded"),
        ({"model": "none.tflite"}, "no model 'none.tflite'"),
        ({"model": "slices.tflite"}, "no detection"),
        ({"model": "model.tflite", "labels": "none.txt"}, "no file of labels"),
        ({"model": "model.tflite", "score": 2}, "between 0 and 1"),
        ({"model": "model.tflite", "input_range": (1,)}, "two numbers"),
        ({"model": "model.tflite", "channels": "rbg"}, "Did you mean 'rgb'"),
    ],
)
def test_a_mistake_is_told_with_its_cure(tmp_path, monkeypatch, options, words):
    from vision.detectors.slices import SHIPPED

    monkeypatch.chdir(tmp_path)
    saved(tmp_path, brightest_cell())
    saved(tmp_path, FACES.read_bytes()[:100_000], "cut.tflite")
    (tmp_path / "labels.txt").write_text("person\n")
    shutil.copy(SHIPPED, tmp_path / "slices.tflite")
    with pytest.raises((ValueError, FileNotFoundError), match=words) as error:
        open_detector("objects", **options)
    assert "\n" not in str(error.value)
