"""Making the network: the writer against PyTorch, quantisation, the truth of the pictures, the same seed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from robot_agent.simulator.synthetic import rendered
from vision.detectors.color import ColorDetector
from vision.detectors.slices import SliceDetector
from vision.training.data import as_arrays
from vision.training.evaluate import Tally
from vision.training.layers import LAYERS, Layer, after, padding
from vision.training.network import SliceNetwork, probabilities
from vision.training.own import SHIPPED_WEIGHTS, read_weights
from vision.training.photographs import photographs
from vision.training.quantise import as_float, as_int8
from vision.training.recipe import examples
from vision.training.synthesis import HEIGHT, WIDTH, seen
from vision.training.things import cover, outline

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def pictures():
    behind = list(photographs(held_out=True).values())
    return as_arrays(examples(5, 80, behind, None, 0))


def through(path, data):
    detector = SliceDetector(path)
    return np.stack([detector.probabilities(picture) for picture in data.pictures])


@pytest.mark.parametrize("weights", ["shipped", "random"])
def test_the_file_computes_what_pytorch_does(tmp_path, pictures, weights):
    network = SliceNetwork()
    torch.manual_seed(3)
    taken = read_weights(SHIPPED_WEIGHTS) if weights == "shipped" else SliceNetwork().weights()
    network.load(taken)
    (tmp_path / "float.tflite").write_bytes(as_float(taken))
    ours = through(tmp_path / "float.tflite", pictures)
    assert np.allclose(ours, probabilities(network, pictures), atol=1e-5)


def test_eight_bits_say_nearly_the_same(tmp_path, pictures):
    taken = read_weights(SHIPPED_WEIGHTS)
    (tmp_path / "float.tflite").write_bytes(as_float(taken))
    (tmp_path / "whole.tflite").write_bytes(as_int8(taken, pictures))
    exact, whole = (through(tmp_path / f"{name}.tflite", pictures) for name in ("float", "whole"))
    assert np.abs(exact - whole).mean() < 0.01
    assert (tmp_path / "whole.tflite").stat().st_size < 100_000


def test_batch_normalisation_is_folded_into_the_weights(pictures):
    torch.manual_seed(0)
    network = SliceNetwork(normalised=True)
    network.train()
    x = torch.from_numpy(pictures.pictures.astype(np.float32) / 255).permute(0, 3, 1, 2)
    with torch.no_grad():
        network(x)
    folded = SliceNetwork()
    folded.load(network.weights())
    assert np.allclose(probabilities(network, pictures), probabilities(folded, pictures), atol=1e-4)


def test_the_padding_is_that_of_tf_lite():
    layer = Layer("any", 3, 3, (3, 3), (2, 2))
    assert after((64, 84), layer) == (32, 42) and padding((64, 84), layer) == (0, 1, 0, 1)
    size = (64, 84)
    for one in LAYERS:
        size = after(size, one)
    assert size == (1, 42)


def test_weights_of_something_else_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not the weights of a slice network"):
        SliceNetwork().load({"a": np.zeros(3, np.float32)})
    wrong = dict(read_weights(SHIPPED_WEIGHTS)) | {"stem.bias": np.zeros(3, np.float32)}
    with pytest.raises(ValueError, match="another version"):
        SliceNetwork().load(wrong)
    (tmp_path / "a.safetensors").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="holds no weights"):
        read_weights(tmp_path / "a.safetensors")
    with pytest.raises(FileNotFoundError, match="no weights 'none'"):
        read_weights(Path("none"))


@pytest.mark.parametrize("seed", range(5))
def test_the_truth_of_a_thing_is_its_outermost_columns(seed):
    rng = np.random.default_rng(seed)
    shape = outline(rng, 40)
    mask = cover(shape, WIDTH, HEIGHT)
    left, right = max(0.0, float(shape[:, 0].min())), min(WIDTH, float(shape[:, 0].max()))
    sight = seen(mask)
    if sight is None:
        assert (mask > 0).any(axis=0).sum() < 10
        return
    assert abs(sight.x1 - left * 42 / WIDTH) <= 1.5 and abs(sight.x2 - right * 42 / WIDTH) <= 1.5


def test_rendered_rooms_are_labelled_as_the_colour_detector_sees_them():
    """An independent truth: geometry says where the target is, the pixels say where its colour is."""
    tally = Tally()
    for frame, sight in rendered(3, 60):
        tally.add(sight, ColorDetector().detect(frame))
    assert tally.within(1) > 0.9 and tally.presence > 0.9


def test_rendered_pictures_are_the_same_for_the_same_seed():
    one, two = (list(rendered(4, 5, distractors=2)) for _ in range(2))
    assert all(np.array_equal(a[0], b[0]) and a[1] == b[1] for a, b in zip(one, two, strict=True))


@pytest.mark.slow
def test_the_documented_command_makes_the_same_files_from_the_same_seed(tmp_path):
    command = [
        sys.executable, "-m", "vision.training", "--rooms", "robot_agent.simulator.synthetic:rendered",
        "--pictures", "40", "--rendered", "12", "--epochs", "1", "--test", "16",
    ]  # fmt: skip
    for name in ("one", "two"):
        out = subprocess.run(
            [*command, "--out", str(tmp_path / name)], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert "room with rivals" in out and "int8 and float" in out
    for file in ("slices.tflite", "slices-float.tflite", "slices.safetensors"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_name_that_renders_nothing_is_told(tmp_path):
    command = [sys.executable, "-m", "vision.training", "--rooms", "robot_agent.nowhere:f"]
    told = subprocess.run([*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True).stderr
    assert "There is no module 'robot_agent.nowhere'" in told and len(told.strip().splitlines()) == 1
