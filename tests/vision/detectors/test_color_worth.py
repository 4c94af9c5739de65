"""What was learned is tried on its own picture, also as from further away."""

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.detectors.test_color import BLUE, GREEN, RED, near, scene
from tests.vision.detectors.test_color_learning import ORANGE, ball
from vision.detectors.color import ColorDetector
from vision.detectors.color_learning import _narrow
from vision.detectors.color_light import reduce
from vision.detectors.color_region import regions_of_click
from vision.detectors.color_worth import missed_from_afar, weakness, worth_of


@pytest.mark.parametrize(
    ("beside", "shown", "missed"),
    [
        (0, True, 0),
        (20, True, 2),  # what is found at every distance is not what was taken for the thing
        (0, False, 0),  # nothing at all is found: it may only be too far away
    ],
)
def test_something_else_from_further_away_counts_against_what_was_learned(beside, shown, missed):
    frame = ball(scene(seed=1), ORANGE, 160, 120, 40)
    model = ColorDetector.learn(frame, at=(160, 130)).model
    work = reduce(frame, 160)[0]
    region = regions_of_click(work, 80, 65)[0]
    region = replace(region, whole=np.roll(region.whole, beside, axis=1))
    picture = work if shown else reduce(scene(seed=1), 160)[0]
    assert missed_from_afar(picture, region, model.table, model.levels, model.look) == missed


@pytest.mark.parametrize(
    ("logit", "aside", "less", "place", "said"),
    [
        (3.0, 0, 0.0, (80, 65), ""),  # the same region again is no other meaning
        (3.0, 20, 2.0, (80, 65), ""),
        (3.0, 20, 0.5, (80, 65), "another part"),  # another one is worth nearly as much
        (3.0, 20, 2.0, (105, 65), "another part"),  # what was clicked is in the other one alone
        (1.5, 20, 2.0, (80, 65), "hardly told"),
    ],
)
def test_a_click_that_may_mean_two_things_or_shows_a_faint_one_is_said_to_be_weak(
    logit, aside, less, place, said
):
    work = reduce(ball(scene(seed=1), ORANGE, 160, 120, 40), 160)[0]
    best = _narrow(work, regions_of_click(work, 80, 65)[0])
    best = best._replace(found=best.found._replace(logit=logit))
    region = replace(best.region, whole=np.roll(best.region.whole, aside, axis=1))
    piece = best.found.piece._replace(x=best.found.piece.x + aside)
    other = best._replace(region=region, found=best.found._replace(piece=piece))
    answer = weakness(best, 10.0, [(10.0, best), (10.0 - less, other)], *place)
    assert (said in answer) and bool(answer) == bool(said)


@pytest.mark.parametrize(
    ("place", "cost"),
    [
        ((80, 65), 0.0),  # on the thing
        ((80, 60), 0.0),  # on a print of it, which it surrounds
        ((80, 38), 4.5),  # just over it, as on something that it carries
        ((20, 65), 7.5),  # away from it
    ],
)
def test_a_thing_is_a_worse_guess_the_less_it_surrounds_the_click(place, cost):
    work = reduce(ball(scene(seed=1), ORANGE, 160, 120, 40), 160)[0]
    best = _narrow(work, regions_of_click(work, 80, 65)[0])
    whole = best.region.whole.copy()
    whole[58:63, 78:83] = False
    best = best._replace(region=replace(best.region, whole=whole))
    assert worth_of(best, 80, 65) - worth_of(best, *place) == pytest.approx(cost, abs=1.0)


@pytest.mark.parametrize("across", [-0.8, -0.4, 0.0, 0.4, 0.8])
@pytest.mark.parametrize("color", [BLUE, GREEN])
def test_a_small_thing_is_learned_rather_than_what_holds_it(across, color):
    shown = ball(scene((RED, 110, 125, 210, 215), seed=1), color, 160, 118, 10)
    detector = ColorDetector.learn(shown, at=(160 + 10 * across, 121))
    assert near(detector.detect(shown), 150, 169)
