"""What the page asks for comes from the modules that own it, and is of the robot that is driven."""

import ast
import math
from pathlib import Path

import server as package
from robot_agent.guard.lease import LEASE_SECONDS
from robot_agent.settings.config import load
from robot_agent.settings.presets import PRESETS
from server.api.options import options_of
from vision.detectors.registry import DETECTORS
from vision.sight import SLICES

SERVER = Path(package.__file__).parent


def test_the_options_are_those_of_their_owners():
    config = load(None, {"task": {"goal": [12, 29], "tolerance": 3}, "simulator": {"wheel_base": 0.2}})
    options = options_of(config)
    assert (options.lease_seconds, options.slices) == (LEASE_SECONDS, SLICES)
    assert (options.goal, options.tolerance) == ((12, 29), 3)
    assert options.physics.wheel_base == 0.2
    assert options.physics.field_of_view == math.radians(config.simulator.field_of_view_degrees)
    assert [preset.name for preset in options.presets] == list(PRESETS)
    assert [detector.name for detector in options.detectors] == list(DETECTORS)
    for choice in (*options.presets, *options.detectors, *options.actions):
        assert choice.sentence.endswith("."), choice


def test_no_list_of_names_is_written_again_in_the_server():
    for file in SERVER.rglob("*.py"):
        tree = ast.parse(file.read_text())
        words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) if node.value}
        for owner in (PRESETS, DETECTORS):
            assert len(words & owner.keys()) < 2, file


def test_a_training_shows_the_numbers_of_its_own_robot_and_task(server):
    before = server.get("/options").json()
    settings = {"simulator.full_speed": 0.5, "task.tolerance": 4, "task.goal": [9, 32]}
    run = server.run(settings, moves=2_000_000)
    now = server.get("/options").json()
    assert (now["physics"]["full_speed"], now["tolerance"], now["goal"]) == (0.5, 4, [9, 32])
    assert server.state()["tolerance"] == 4 and server.state()["goal"] == [9, 32]
    server.post("/training/stop")
    server.await_state("idle")
    assert server.get("/options").json() == before
    policy = server.get("/policy", params={"run": run}).json()
    assert (policy["physics"]["full_speed"], policy["tolerance"]) == (0.5, 4)
