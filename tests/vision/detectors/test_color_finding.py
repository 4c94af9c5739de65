"""Which piece is the thing: one that an edge of the picture cuts, and one that is very small."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from vision.detectors.color_finding import choose, least_mean, plausibility
from vision.detectors.color_model import Look
from vision.detectors.color_pieces import Piece, by_level, pieces

BALL = Look(mean=190.0, contrast=80.0, fill=0.78, tallness=1.0, whole=True)


def piece(x, y, width, height):
    return Piece(x, y, width, height, round(0.78 * width * height), 185.0, 100.0, 1)


@pytest.mark.parametrize(
    ("cut", "within"),
    [
        (piece(60, 60, 10, 60), False),  # a path that the lower edge cuts is at least as tall as what is left
        (piece(0, 60, 50, 10), False),  # a strip that the left edge cuts is at least as wide
        (piece(60, 90, 60, 30), True),  # half of a ball: the rest may be below
        (piece(0, 40, 20, 40), True),
    ],
)
def test_what_the_edge_cuts_may_be_larger_but_not_smaller(cut, within):
    least = plausibility(piece(60, 40, 30, 30), BALL, 160, 120)
    assert (plausibility(cut, BALL, 160, 120) > least - 0.2) == within


def test_a_second_look_asks_more_of_a_speck():
    speck, target = piece(60, 60, 3, 3), piece(60, 60, 9, 9)
    for found, strict, seen in ((speck, False, True), (speck, True, False), (target, True, True)):
        assert (choose([found], BALL, 160, 120, 1.0, strict=strict) is not None) == seen


@pytest.mark.parametrize(
    ("parts", "alone", "seen"),
    [
        (1, piece(40, 40, 40, 40), 40),  # a ball before something of its colour: it alone is as plausible
        (1, piece(40, 40, 20, 40), 42),  # half of a ball beside something narrow: only both have its shape
        (3, piece(40, 40, 40, 40), 42),  # a thing that was learned in parts
    ],
)
def test_a_group_is_one_thing_only_where_no_part_alone_is(parts, alone, seen):
    group = piece(40, 40, 42, 41)._replace(parts=2, mean=184.0)
    found = choose([alone, group], replace(BALL, parts=parts), 160, 120)
    assert found is not None and found.piece.width == seen


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("parts", [1, 3])
def test_pieces_that_are_left_out_unmeasured_are_none_that_could_be_the_thing(seed, parts):
    rng = np.random.default_rng(seed)
    like = rng.integers(60, 120, (120, 160)).astype(np.uint8)
    for _ in range(9):
        center = int(rng.integers(160)), int(rng.integers(120))
        cv2.circle(like, center, int(rng.integers(2, 16)), int(rng.choice([158, 175, 190, 230])), -1)
    like[95:, 135:] = 80
    cv2.circle(like, (150, 110), 5, 158, -1)  # too faint, and touched by nothing
    look, levels = replace(BALL, parts=parts), (150.0, 162.0, 182.0)
    every = pieces(like, levels, look)
    worth = [p for here in by_level(like, levels, look, least_mean(look, 0.0)) for p in here]
    left_out = [plausibility(p, look, 160, 120) for p in every if p not in worth]
    assert set(worth) < set(every)
    assert max(left_out) < 0.0
