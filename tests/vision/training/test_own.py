"""`robot-agent target`: from a few pictures of a thing that is not red to a detector that finds it."""

import csv
import os
import resource
import subprocess
import sys

import cv2
import numpy as np
import pytest
import recording

from vision.detectors.color import ColorDetector
from vision.detectors.slices import SliceDetector
from vision.training.data import as_arrays
from vision.training.evaluate import measure
from vision.training.own import SHIPPED_WEIGHTS, cut_out, read_weights, variations
from vision.training.photographs import photographs
from vision.training.recipe import save
from vision.training.recorded import Label, Shot, read, read_labels, write_labels
from vision.training.synthesis import example


def run(*arguments, cwd, code=0):
    result = subprocess.run(
        [sys.executable, "-m", "robot_agent", "target", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    assert result.returncode == code, result.stderr
    return result


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A folder with thirty pictures to learn from, more to test on, and what was learned of the thirty."""
    folder = tmp_path_factory.mktemp("taught")
    recording.write(folder / "own", 30, 1, held_out=False)
    recording.write(folder / "other", 60, 2, held_out=True)
    run(
        "train", "own", "--model", "drum.tflite", "--hold-out", 0,
        "--variations", 2000, "--epochs", 5, cwd=folder,
    )  # fmt: skip
    return folder


@pytest.mark.slow
def test_thirty_pictures_make_a_detector_that_beats_the_colour_detector(taught):
    """Other pictures of the thing, before photographs that were in no training."""
    own, other = read(taught / "own"), read(taught / "other")
    color = None
    for shot in own:
        columns, rows = shot.label.columns, shot.label.rows
        if columns and rows and color is None:
            try:
                box = (columns[0], rows[0], columns[1], rows[1])
                color = ColorDetector.learn(shot.frame, rectangle=box).detect
            except ValueError:
                continue
    detectors = {"own": SliceDetector(taught / "drum.tflite").detect, "shipped": SliceDetector().detect}
    if color is not None:
        detectors["color"] = color
    tallies = measure([shot.example for shot in other], detectors)
    ours = tallies["own"]["all"]
    assert ours.within(1) >= 0.58 and ours.presence >= 0.8
    assert tallies["shipped"]["all"].within(1) < 0.3
    if color is not None:
        assert ours.within(1) > tallies["color"]["all"].within(1) + 0.1


@pytest.mark.slow
def test_test_prints_numbers_and_an_overlay_sheet(taught):
    told = run("test", "other", "--model", "drum.tflite", "--overlay", "sheet.png", cwd=taught).stdout
    assert "drum.tflite" in told and "shipped" in told and "50 of 60" in told
    sheet = cv2.imread(str(taught / "sheet.png"))
    assert sheet.shape == (60 // 4 * (240 + 18), 4 * 320, 3)


@pytest.mark.slow
def test_the_network_that_was_taught_is_used_by_the_settings(taught):
    file = next(row["file"] for row in rows(taught / "other" / "labels.csv") if row["visible"] == "1")
    told = subprocess.run(
        [
            sys.executable, "-m", "robot_agent", "look", f"other/{file}", "--detector", "slices",
            "--set", "vision.slices.model=drum.tflite",
        ],
        cwd=taught, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert file in told


@pytest.mark.slow
def test_one_may_go_on_from_what_was_taught(taught):
    run(
        "train", "own", "--model", "more.tflite", "--from", "drum.safetensors",
        "--variations", 100, "--epochs", 1, "--hold-out", 0, cwd=taught,
    )  # fmt: skip
    assert (taught / "more.tflite").stat().st_size < 100_000


def rows(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.slow
def test_a_folder_is_recorded_with_its_names_and_labels(taught, tmp_path):
    told = run(
        "record", taught / "own", "--out", "copy", "--labels", taught / "own" / "labels.csv",
        "--frames", 7, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert "7 pictures are in copy" in told and "no label yet" not in told
    ours, theirs = read(tmp_path / "copy"), read(taught / "own")[:7]
    assert [shot.label for shot in ours] == [shot.label for shot in theirs]
    assert all(np.array_equal(a.frame, b.frame) for a, b in zip(ours, theirs, strict=True))


def test_a_video_is_recorded_every_tenth_frame(tmp_path):
    video = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for i in range(35):
        video.write(np.full((48, 64, 3), 7 * i, np.uint8))
    video.release()
    told = run("record", "film.avi", cwd=tmp_path).stdout
    assert "4 pictures are in target" in told and "4 have no label yet" in told
    frames = [cv2.imread(str(tmp_path / "target" / f"frame_{i:04d}.png")).mean() for i in range(4)]
    assert np.allclose(frames, [0, 70, 140, 210], atol=6)
    assert [row["visible"] for row in rows(tmp_path / "target" / "labels.csv")] == [""] * 4
    again = run("record", "film.avi", cwd=tmp_path, code=2).stderr
    assert "exists already" in again
    nothing = run("train", "target", cwd=tmp_path, code=1).stderr
    assert "fill in visible" in nothing and len(nothing.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,visible,x_left_px,x_right_px\na.png,1,20,10\n", "Line 2"),
        ("file,visible,x_left_px,x_right_px\na.png,1,x,10\n", "Line 2"),
        ("file,visible\na.png,1\n", "Line 2"),
        (
            "file,visible,x_left_px,x_right_px,target\na.png,1,2,3,cup\nb.png,1,2,3,cap\n",
            "--target: cap, cup",
        ),
    ],
)
def test_labels_that_are_none_are_told(tmp_path, text, words):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        read_labels(tmp_path / "labels.csv")


def test_an_unknown_target_names_the_nearest(tmp_path):
    (tmp_path / "labels.csv").write_text("file,x_left_px,x_right_px,target\na.png,1,2,cup\nb.png,1,2,hat\n")
    with pytest.raises(ValueError, match=r"Did you mean 'cup'"):
        read_labels(tmp_path / "labels.csv", "cap")
    assert [label.file for label in read_labels(tmp_path / "labels.csv", "cup")] == ["a.png"]


def test_labels_are_read_as_they_were_written(tmp_path):
    known = {"a.png": Label("a.png", (1.5, 9.0), (2.0, 3.0)), "b.png": Label("b.png", None)}
    known["d.png"] = Label("d.png", (0.0, 4.0))
    write_labels(tmp_path / "labels.csv", ["a.png", "b.png", "c.png", "d.png"], known)
    assert read_labels(tmp_path / "labels.csv") == [known["a.png"], known["b.png"], known["d.png"]]


def red_box(x1, x2, y1=40, y2=100):
    """Return a shot with a red box in these columns and rows."""
    frame = np.full((120, 160, 3), 110, np.uint8)
    frame[y1 : y2 + 1, x1 : x2 + 1] = (20, 20, 220)
    return Shot(frame, Label("a.png", (x1, x2), (y1, y2)))


def test_the_labels_of_variations_are_where_the_thing_is():
    """Looked up in the very pixels: the variation's own columns of the colour."""
    rng = np.random.default_rng(0)
    behind = [np.full((120, 160, 3), 110, np.uint8)]
    wrong = 0
    made = [one for one in variations(rng, [red_box(60, 100)], behind, 300) if one.kind == "window"]
    assert len(made) > 60
    for one in made:
        b, g, r = (one.frame[..., i].astype(int) for i in range(3))
        red = ((r > 2 * b) & (r > 2 * g)).sum(axis=0) > 12
        if one.sight is None:
            wrong += red.sum() > 6
        else:
            columns = np.flatnonzero(red)
            seen = (int(columns[0] * 42 // 160), int(columns[-1] * 42 // 160)) if len(columns) else (-9, -9)
            wrong += max(abs(seen[0] - one.sight.x1), abs(seen[1] - one.sight.x2)) > 1
    assert wrong <= 0.02 * len(made)


def test_a_thing_is_cut_out_of_its_box():
    shot = red_box(60, 100)
    wide = Shot(shot.frame, Label("a.png", (57, 103), (37, 103)))
    thing, cover = cut_out(wide)
    assert thing.shape[:2] == cover.shape == (67, 47)
    assert cover[6:60, 6:40].mean() > 0.95 and cover[:2].mean() < 0.2
    assert cut_out(Shot(shot.frame, Label("a.png", (60, 100)))) is None


def test_photographs_are_split_by_photograph():
    ours, theirs = photographs(held_out=False), photographs(held_out=True)
    assert not ours.keys() & theirs.keys() and len(ours) > 8 and len(theirs) >= 4


def test_a_network_that_cannot_be_written_whole_leaves_the_one_before(tmp_path):
    """As on a full disk: no file may be longer than what is left."""
    rng = np.random.default_rng(1)
    weights = read_weights(SHIPPED_WEIGHTS)
    data = as_arrays(example(rng, list(photographs(held_out=False).values())) for _ in range(8))
    old = save(tmp_path, "mine", weights, data).read_bytes()
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(old) // 2, kept[1]))
    try:
        with pytest.raises(OSError, match=r"mine\.tflite"):
            save(tmp_path, "mine", {name: 2 * value for name, value in weights.items()}, data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert (tmp_path / "mine.tflite").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 3, "and nothing half"
