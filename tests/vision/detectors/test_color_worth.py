"""What was learned is tried on its own picture, also as from further away."""

from dataclasses import replace

import numpy as np
import pytest

from tests.vision.detectors.test_color import scene
from tests.vision.detectors.test_color_learning import ORANGE, ball
from vision.detectors.color import ColorDetector
from vision.detectors.color_light import reduce
from vision.detectors.color_region import regions_of_click
from vision.detectors.color_worth import missed_from_afar


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
