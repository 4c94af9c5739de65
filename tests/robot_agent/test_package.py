"""Importing the package: light, and Gymnasium knows its environments in whichever order both come."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "imports",
    [
        "import gymnasium, robot_agent",
        "import robot_agent, gymnasium",
        "import gymnasium, robot_agent.envs.environment",
        "import robot_agent, gymnasium.vector, gymnasium",
    ],
)
def test_gymnasium_knows_the_environments(imports):
    made = run(
        f"{imports}\n"
        "one = gymnasium.make('RobotAgent/Approach-v0')\n"
        "fleet = gymnasium.make_vec('RobotAgent/Approach-v0', num_envs=3)\n"
        "print(type(one.unwrapped).__name__, type(fleet.unwrapped).__name__)"
    )
    assert made == "RobotEnvironment FleetEnvironment"


def test_gymnasium_can_import_the_package_itself():
    name = run(
        "import gymnasium\n"
        "print(type(gymnasium.make('robot_agent:RobotAgent/Approach-v0').unwrapped).__name__)"
    )
    assert name == "RobotEnvironment"


def test_the_package_is_light_and_leaves_nothing_behind():
    code = (
        "import sys, robot_agent\n"
        "heavy = {'gymnasium', 'numpy', 'torch', 'cv2', 'gpiozero'} & set(sys.modules)\n"
        "import gymnasium\n"
        "print(heavy, [finder for finder in sys.meta_path if type(finder).__module__ == 'robot_agent'])"
    )
    assert run(code) == "set() []"
