"""Importing the package: light, and Gymnasium knows its environments when they are asked for."""

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
        "import gymnasium, robot_agent.gym",
        "import robot_agent.gym, gymnasium",
        "import gymnasium, robot_agent",
        "import robot_agent, gymnasium.vector, gymnasium, robot_agent.gym",
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


@pytest.mark.parametrize(
    ("imports", "module"), [("gymnasium", "robot_agent"), ("robot_agent, gymnasium", "robot_agent.gym")]
)
def test_gymnasium_can_import_the_package_itself(imports, module):
    name = run(
        f"import {imports}\nprint(type(gymnasium.make('{module}:RobotAgent/Approach-v0').unwrapped).__name__)"
    )
    assert name == "RobotEnvironment"


def test_the_package_is_light():
    code = (
        "import sys, robot_agent\n"
        "print({'gymnasium', 'numpy', 'torch', 'cv2', 'gpiozero'} & set(sys.modules))"
    )
    assert run(code) == "set()"
