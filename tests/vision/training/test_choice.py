"""Which detector is kept for your own target: the network, the colour, or both."""

import numpy as np
import pytest

from vision import Sight
from vision.detectors.fusion import fuse
from vision.detectors.slices import SHIPPED, SliceDetector
from vision.training.choice import choose, learn_color, unseen
from vision.training.recorded import Label, Shot


def shot(x1, x2, color, seed):
    """Return a picture of a coloured box before grey noise, labelled; without one when `x1` is None."""
    rng = np.random.default_rng(seed)
    frame = rng.integers(90, 130, (120, 160, 1), np.uint8).repeat(3, axis=2)
    if x1 is None:
        return Shot(frame, Label("a.png", None))
    frame[40:100, x1 : x2 + 1] = np.clip(np.array(color) + rng.normal(0, 4, (60, x2 + 1 - x1, 3)), 0, 255)
    return Shot(frame, Label("a.png", (x1, x2), (40, 99)))


def shots(color):
    places = [(20, 60), (70, 100), (100, 150), (50, 58), (None, None), (130, 139), (5, 50)]
    return [shot(x1, x2, color, seed) for seed, (x1, x2) in enumerate(places)]


def test_a_colour_that_the_network_does_not_know_is_kept(tmp_path):
    """The shipped network knows what is red; of something blue the colour tells more."""
    learned = learn_color(shots((200, 60, 20)))
    assert learned is not None and learned.model is not None
    learned.model.save(tmp_path / "blue.json")
    choice = choose([s.example for s in shots((200, 60, 20))], SHIPPED, tmp_path / "blue.json")
    assert choice.name == "color" and "color 100 %" in choice.why and "network" in choice.why
    assert set(choice.tallies) == {"network", "color", "both"}


def test_without_a_colour_the_network_is_kept():
    grey = shots((110, 110, 110))
    assert learn_color(grey) is None
    assert choose([s.example for s in grey], SHIPPED, None).name == "network"


def test_what_is_chosen_by_is_not_what_was_trained_on():
    held = shots((20, 20, 210))
    assert len(unseen(held, [held[0].frame])) == 13 * len(held)
    assert unseen([], []) == []


def probabilities(*ranges):
    values = np.zeros(42, np.float32)
    for first, last, value in ranges:
        values[first : last + 1] = value
    return values


@pytest.mark.parametrize(
    ("network", "values", "color", "expected"),
    [
        (None, probabilities(), None, None),
        (Sight(10, 20, 0.9), probabilities((10, 20, 0.9)), None, (10, 20)),
        (Sight(10, 20, 0.6), probabilities((10, 20, 0.6)), None, None),
        (Sight(10, 20, 0.9), probabilities((10, 20, 0.9)), Sight(12, 22, 0.9), (11, 21)),
        (Sight(10, 20, 0.9), probabilities((10, 20, 0.9)), Sight(30, 35, 0.9), (10, 20)),
        (Sight(10, 12, 0.6), probabilities((10, 12, 0.6), (30, 35, 0.45)), Sight(30, 35, 0.95), (30, 35)),
        (None, probabilities((30, 31, 0.4)), Sight(30, 31, 0.9), (30, 31)),
        (None, probabilities(), Sight(30, 31, 0.9), None),
    ],
)
def test_two_sights_become_one(network, values, color, expected):
    sight = fuse(network, values, color)
    assert sight is None if expected is None else (sight.x1, sight.x2) == expected
    assert sight is None or 0 < sight.confidence <= 1


def test_a_network_and_a_colour_look_together(tmp_path):
    red = shots((20, 20, 210))
    learned = learn_color(red)
    assert learned is not None and learned.model is not None
    learned.model.save(tmp_path / "red.json")
    both = SliceDetector(color=tmp_path / "red.json")
    for one in red:
        truth, sight = one.example.sight, both.detect(one.frame)
        assert (truth is None) == (sight is None)
        assert truth is None or max(abs(truth.x1 - sight.x1), abs(truth.x2 - sight.x2)) <= 1
    with pytest.raises(FileNotFoundError, match="learned colour"):
        SliceDetector(color=tmp_path / "none.json")
