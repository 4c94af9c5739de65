"""The policies that ship drive robots nobody has measured, without PyTorch, from the first episodes on."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, load_file, save, save_file

from robot_agent.envs.task import ActionKind, Approach, Ending
from robot_agent.errors import SettingsError
from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.model import ways
from robot_agent.identification.parameters import DEVIATION, HIGH, LOW, MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.policies import _metadata, policy_bytes, read_policy, shipped_bytes
from robot_agent.identification.policy_inputs import back_off, pulse_to_goal
from robot_agent.identification.training import main, train
from vision.sight import Sight

SHIPPED = Path(read_policy.__code__.co_filename).parent / "shipped"


@pytest.mark.parametrize("action", ["wheels", "curvature"])
def test_it_succeeds_on_robots_nobody_has_measured(action: ActionKind) -> None:
    reached, moves = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        theta = np.clip(MEAN + 0.6 * DEVIATION * rng.standard_normal(len(NAMES)), LOW, HIGH)
        robot, pilot = ModelRobot(theta, seed), KnowingPilot.shipped(action)
        for episode in range(8):
            robot.reset()
            ending, made = pilot.episode(robot)
            if episode >= 2:
                reached.append(ending is Ending.REACHED)
                moves.append(made)
    assert np.mean(reached) >= 0.96
    assert np.mean(moves) < (7 if action == "wheels" else 10)


def test_from_too_near_it_backs_off_and_reaches_the_goal() -> None:
    class Near(ModelRobot):
        def reset(self) -> None:
            super().reset()
            self.world.place[:] = 0.22

    theta = np.zeros(len(NAMES))
    theta[-2:] = MEAN[-2:]
    robot, pilot = Near(theta, 1), KnowingPilot.shipped("wheels")
    endings = []
    for _ in range(5):
        robot.reset()
        endings.append(pilot.episode(robot)[0])
    assert endings == [Ending.REACHED] * 5


def test_a_robot_that_backs_off_goes_the_same_way_in_a_longer_pulse() -> None:
    task, theta = Approach(action="wheels"), np.zeros((1, len(NAMES)))
    theta[0, :4] = 0.4, 0.1, 0.1, 0.03  # speed, ratio, dead band, dead time
    place = np.array([0.30 * np.exp(0.1j)])
    power, seconds = pulse_to_goal(task, place, theta)
    pulses = back_off(task, place, theta)
    assert seconds[0, 0] < 0.2 <= pulses.seconds[0]
    wanted = ways(theta[0], *power[0], seconds[0, 0])
    assert ways(theta[0], *pulses.wheels[:, 0], pulses.seconds[0]) == pytest.approx(wanted, abs=1e-4)


def test_one_look_that_misses_the_target_ends_no_episode() -> None:
    class Blinking(ModelRobot):
        looks = 0

        def look(self) -> Sight | None:
            self.looks += 1
            return None if self.looks % 4 == 1 else super().look()

    theta = np.zeros(len(NAMES))
    theta[-2:] = MEAN[-2:]
    robot, pilot = Blinking(theta, 1), KnowingPilot.shipped("wheels")
    endings = []
    for _ in range(5):
        robot.reset()
        endings.append(pilot.episode(robot)[0])
    assert endings == [Ending.REACHED] * 5
    assert not pilot.knowledge.changes


def test_it_drives_without_torch() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from robot_agent.identification.pilot import KnowingPilot\n"
        "from vision.sight import Sight\n"
        "pilot = KnowingPilot.shipped('wheels'); pilot.knowledge.begin((5, 9))\n"
        "pulse = pilot.decide(Sight(5, 9)); assert 0 <= pulse.seconds <= 1\n"
        "assert 'pydantic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_a_first_move_is_short_while_nothing_is_known_of_the_wires() -> None:
    pilot = KnowingPilot.shipped("wheels")
    pilot.knowledge.begin((18, 22))
    pulse = pilot.decide(Sight(18, 22))
    assert max(abs(pulse.left), abs(pulse.right)) * pulse.seconds < 0.5


def test_training_gives_the_same_file_bit_for_bit(tmp_path: Path) -> None:
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for file in files:
        assert main(["wheels", "--moves", "6000", "--out", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    act, task, _ = read_policy(files[0])
    assert task.action == "wheels"
    assert act(np.zeros((3, 20), np.float32)).shape == (3, 3)


def test_files_that_are_no_such_policy_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="leave it out"):
        read_policy(tmp_path / "none.safetensors")
    garbage = tmp_path / "garbage.safetensors"
    garbage.write_bytes(b"garbage")
    with pytest.raises(SettingsError, match="another one"):
        read_policy(garbage)
    plain = tmp_path / "plain.safetensors"
    save_file(load_file(SHIPPED / "wheels.safetensors"), plain)
    with pytest.raises(SettingsError, match="plain policy"):
        read_policy(plain)
    broken = tmp_path / "broken.safetensors"
    tensors = train("wheels", robots=8, moves=100, hidden=(4,)).tensors()
    tensors["mean.0.weight"] = np.full_like(tensors["mean.0.weight"], np.nan)
    broken.write_bytes(policy_bytes(tensors, Approach(action="wheels"), {}, 0))
    with pytest.raises(SettingsError, match="not finite"):
        read_policy(broken)


@pytest.mark.parametrize(
    "part",
    ["{}", "[1]", '{"task": "{}"}', '{"task": "none"}', '{"task": "[]"}', '{"told": "{}"}', "no tensors"],
)
def test_a_policy_of_which_a_part_is_damaged_is_refused_with_the_cure(tmp_path: Path, part: str) -> None:
    file, content = tmp_path / "damaged.safetensors", shipped_bytes("wheels")
    metadata, tensors = _metadata(content), load(content)
    if part == "no tensors":
        tensors = {"a": np.zeros(3)}
    else:
        changed = json.loads(part)
        metadata = metadata | changed if isinstance(changed, dict) and changed else changed
    file.write_bytes(save(tensors, {"robot-agent": json.dumps(metadata)}))
    with pytest.raises(SettingsError, match=r"another one|plain policy|train it anew"):
        read_policy(file)
