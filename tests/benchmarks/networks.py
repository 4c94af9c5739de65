"""Compare the vision network with the colour detector: held-out pictures, photographs, time, driving."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from robot_agent.envs.single import RobotEnvironment
from robot_agent.envs.task import Ending
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.torch_policy import GaussianPolicy
from robot_agent.learning.trainer import Trainer
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.scene import Scene
from robot_agent.simulator.synthetic import rendered
from tests.benchmarks.photographs import CLICKS, FOLDER, reference
from tests.benchmarks.race import fleet
from tests.benchmarks.table import table
from vision import Detector, Frame, open_camera
from vision.detectors.color import ColorDetector
from vision.detectors.slices import SliceDetector
from vision.training import evaluate as quality
from vision.training.own import SHIPPED_WEIGHTS, read_weights, teach
from vision.training.photographs import photographs
from vision.training.quantise import as_float
from vision.training.recipe import examples
from vision.training.recorded import read

SEED = 11  # neither that of the training pictures nor that of the recipe's own measurement
TRAINED_ON = ("conev_001.jpg", "conev_007.jpg", "conev_013.jpg")
"""Three of the seven frames of the cones; those between them are for measuring."""


class Rivalled(SimulatedRobot):
    """A simulated robot in rooms where more things have the target's colour."""

    rivals = 4

    def _new_scene(self) -> Scene:
        return Scene(self._look_rng, target_width=2 * float(self.world.radius[0]), distractors=self.rivals)


class CandleLit(Rivalled):
    """The same rooms in a light so warm that walls, wood and skin are nearly as red as the target."""

    light = (0.4, 0.65, 1.0)

    def read(self) -> Frame:
        """Take the picture in that light."""
        return (super().read() * np.array(self.light)).astype(np.uint8)


def held_out(pictures: int) -> str:
    """Return the table of photographs and rooms that were in no training, and int8 beside float."""
    made = list(
        examples(SEED, pictures, list(photographs(held_out=True).values()), rendered, max(1, pictures // 8))
    )
    whole = SliceDetector()
    tallies = quality.measure(made, {"slices": whole.detect, "color": ColorDetector().detect})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "float.tflite"
        file.write_bytes(as_float(read_weights(SHIPPED_WEIGHTS)))
        exact = SliceDetector(file)
    same = [_ends(whole, one.frame) == _ends(exact, one.frame) for one in made]
    composed = [t for kind, t in tallies["slices"].items() if kind in ("plain", "warm", "rivals")]
    all_composed = quality.Tally()
    for tally in composed:
        all_composed.join(tally)
    return (
        f"{quality.table(tallies)}\n\nThe composed pictures alone: {100 * all_composed.within(1):.1f} % "
        f"within one slice, present or absent right on {100 * all_composed.presence:.1f} %. int8 and float "
        f"give the same slices on {100 * statistics.mean(same):.1f} % of {len(made):,}."
    )


def _ends(detector: Detector, frame: Any) -> tuple[int, int] | None:
    sight = detector.detect(frame)
    return None if sight is None else (sight.x1, sight.x2)


def cones() -> str:
    """Return the table of the labelled cones, the network before and after it was taught three frames."""
    if not (FOLDER / "labels.csv").is_file():
        return "The labelled photographs are not beside the checkout."
    rows = []
    behind = list(photographs(held_out=False).values())
    for target, click in CLICKS.items():
        shots = read(FOLDER, target)
        own = [shot for shot in shots if shot.label.file in TRAINED_ON]
        rest = [shot.example for shot in shots if shot.label.file not in TRAINED_ON]
        color = ColorDetector.learn(open_camera(FOLDER / reference(FOLDER)).read(), at=click)
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            after = SliceDetector(teach(own, behind, Path(folder) / "cone.tflite"))
            seconds = time.process_time() - start
        for name, detector in (
            ("color, from a click", color),
            ("slices, as shipped", SliceDetector()),
            ("slices, taught", after),
        ):
            tally = quality.measure(rest, {"it": detector.detect})["it"]["all"]
            ends = [f"{round(tally.within(n) * tally.present)} of {tally.present}" for n in (1, 2)]
            cost = f"{seconds:.0f}" if detector is after else ""
            rows.append([f"{target.split('_')[0]} cone, {name}", *ends, str(tally.missed), cost])
    return table(["frames between those taught", "within 1", "within 2", "missed", "CPU s to teach"], rows)


def cost(repetitions: int) -> str:
    """Return the table of milliseconds a frame, the resize included, one core."""
    rows = []
    for width, height in ((160, 120), (320, 240)):
        frame = SimulatedRobot(seed=0, width=width, height=height).read()
        copy = np.empty_like(frame)
        slices, color = SliceDetector(), ColorDetector()
        for name, work in (
            ("`np.copyto`", lambda frame=frame, copy=copy: np.copyto(copy, frame)),
            ("`ColorDetector.detect`", lambda frame=frame, color=color: color.detect(frame)),
            ("`SliceDetector.detect`", lambda frame=frame, slices=slices: slices.detect(frame)),
        ):
            rows.append([f"{name}, {width}x{height}", f"{1e3 * _seconds(work, repetitions):.3f}"])
    return table(["one core", "ms a frame"], rows)


def _seconds(work: Callable[[], object], repetitions: int) -> float:
    """Return the CPU seconds of one call: the median of nine samples, the first two not counted."""
    samples = []
    for _ in range(11):
        start = time.process_time()
        for _ in range(repetitions):
            work()
        samples.append((time.process_time() - start) / repetitions)
    return statistics.median(samples[2:])


def driving(episodes: int) -> str:
    """Return the table of a policy, trained by geometry, that drives through rendered frames."""
    environment = fleet(128, 1, AutoresetMode.DISABLED)
    policy = GaussianPolicy(environment.task.observation_size, (-2.5, -1.0), seed=1)
    trainer = Trainer(environment, Reinforce(policy), total_moves=450_000, episodes_per_update=128, seed=1)
    for _ in trainer.run():
        pass
    rows = []
    rooms: tuple[tuple[str, type[SimulatedRobot]], ...] = (
        ("rooms", SimulatedRobot),
        ("rooms with four rivals", Rivalled),
        ("the same in candle light", CandleLit),
    )
    for room, body in rooms:
        for name, detector in (("color", ColorDetector()), ("slices", SliceDetector())):
            environment = RobotEnvironment(Robot(body(seed=1), detector))
            lengths, unseen = [], 0
            for seed in range(episodes):
                try:
                    lengths.append(_moves(environment, policy, seed))
                except TargetNotSeen:
                    unseen += 1
            good = [length for length in lengths if length]
            rows.append(
                [
                    f"{room}, {name}",
                    f"{100 * len(good) / episodes:.1f} %",
                    f"{statistics.mean(good):.1f}",
                    str(lengths.count(0)),
                    str(unseen),
                ]
            )
    header = [f"{episodes} episodes through pictures", "success", "moves", "failed", "not seen at the start"]
    return table(header, rows)


def _moves(environment: RobotEnvironment, policy: GaussianPolicy, seed: int) -> int:
    """Play an episode; return its moves, 0 when it did not end at the goal."""
    observation, _ = environment.reset(seed=seed)
    for number in range(1, 100):
        action = policy.greedy(observation[None])[0]
        observation, _, terminated, truncated, info = environment.step(action)
        if terminated or truncated:
            return number if info["ending"] == Ending.REACHED else 0
    raise AssertionError("An episode has an end.")


def report(*, quick: bool = False) -> str:
    """Measure everything and return it as Markdown."""
    parts = (
        held_out(400 if quick else 4000),
        cones(),
        cost(50 if quick else 300),
        driving(50 if quick else 300),
    )
    return "\n\n".join(parts)
