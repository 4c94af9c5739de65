"""Rendered pictures of the simulated camera, each with the true sight of the target in it."""

import math
from collections.abc import Iterator

import numpy as np

from robot_agent.simulator.physics import Physics
from robot_agent.simulator.scene import Scene
from robot_agent.simulator.world import World
from vision.sight import Frame, Sight

POSES = 12
"""Number of pictures taken in one room; making a room takes as long as drawing that many."""


def rendered(
    seed: int, count: int, *, distractors: int = 0, width: int = 320, height: int = 240
) -> Iterator[tuple[Frame, Sight | None]]:
    """Yield `count` pictures from random places in many rooms, each with its true sight (None: not in view).

    `distractors` things of the target's own colour stand by the walls. With them the target is always in
    view: in a picture without the target, a detector would rightly report one of these things.
    """
    rng = np.random.default_rng(seed)
    world = World(1, physics=Physics(vision_noise=0.0), seed=seed)
    for number in range(count):
        if number % POSES == 0:
            size = float(rng.uniform(0.16, 0.24))
            world.resize(size)
            scene = Scene(rng, target_width=size, clutter=int(rng.integers(3, 8)), distractors=distractors)
        while True:
            distance = math.exp(rng.uniform(math.log(0.16), math.log(2.2)))
            world.place[:] = distance * np.exp(1j * rng.uniform(-0.75, 0.75))
            world.heading[:] = rng.uniform(-math.pi, math.pi)
            (x1, x2), (visible,) = world.sights()
            sight = Sight(int(x1[0]), int(x2[0])) if visible else None
            # A target of one slice at the picture's edge may be seen or not: both are right, so leave it out.
            if (sight is None and not distractors) or (sight is not None and x2[0] - x1[0] >= 1):
                break
        x, y, heading = world.poses()[0].tolist()
        yield scene.draw(x, y, heading, rng=rng, width=width, height=height), sight
