"""The shape of the code: imports point one way, and what is heavy is imported only where it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# An import points from a later line to an earlier one (or along a line), never back.
ORDER = """
vision.sight vision.names
vision.factory
vision.cameras
vision.cameras.camera
vision.cameras.address vision.cameras.decoding vision.cameras.watch vision.cameras.turned
vision.cameras.live vision.cameras.files
vision.cameras.snapshot
vision.cameras.opencv vision.cameras.pi
vision.cameras.open
vision.detectors
vision.detectors.detector vision.detectors.color_learning vision.detectors.shrink
vision.detectors.color vision.detectors.marker vision.detectors.tflite_model
vision.detectors.labels vision.detectors.formats
vision.detectors.anchors vision.detectors.yolo vision.detectors.fomo
vision.detectors.boxes
vision.detectors.slices vision.detectors.objects
vision.detectors.open
vision.hints vision.sheet
vision
vision.training
vision.training.layers vision.training.things
vision.training.synthesis vision.training.photographs vision.training.writer
vision.training.data
vision.training.network
vision.training.quantise vision.training.evaluate
vision.training.recipe vision.training.recorded
vision.training.own
vision.training.crosscheck
vision.training.__main__
robot_agent
robot_agent.errors
robot_agent.motors.motors
robot_agent.runtime_directory
robot_agent.motors.pin_factory robot_agent.motors.boards
robot_agent.settings.template
robot_agent.motors.gpio
robot_agent.guard
robot_agent.guard.wire robot_agent.guard.motion robot_agent.guard.low
robot_agent.guard.controller robot_agent.guard.peer robot_agent.guard.watchdog
robot_agent.guard.loop robot_agent.guard.connection
robot_agent.guard.__main__
robot_agent.guard.client
robot_agent.simulator.scenery
robot_agent.simulator.scene
robot_agent.simulator.world
robot_agent.robot.reset robot_agent.simulator.synthetic
robot_agent.robot.robot robot_agent.robot.hardware
robot_agent.envs.task
robot_agent.envs.environment
robot_agent.learning.evaluation
robot_agent.learning.network
robot_agent.learning.policy_map
robot_agent.learning.backprop
robot_agent.learning.policy
robot_agent.health
robot_agent.health.finding robot_agent.health.gradients
robot_agent.health.watch
robot_agent.health.network
robot_agent.learning.torch_policy robot_agent.learning.numpy_policy
robot_agent.learning.learner
robot_agent.learning.batch robot_agent.learning.gae robot_agent.learning.vtrace
robot_agent.learning.mirror robot_agent.learning.critic
robot_agent.learning.replay
robot_agent.learning.reinforce
robot_agent.learning.oracle
robot_agent.learning.trainer
robot_agent.health.training robot_agent.health.hardware
robot_agent.health.report
robot_agent.learning.insight
robot_agent.runs.store
robot_agent.runs.recorder
robot_agent.settings.config
robot_agent.runs.policy_file
robot_agent.build
robot_agent.build
robot_agent.pilot
robot_agent.robot.calibration
robot_agent.health.machine
robot_agent.settings.robot_toml
robot_agent.figures
robot_agent.experiments.outcome robot_agent.experiments.digits
robot_agent.experiments
robot_agent.experiments.overfit robot_agent.experiments.xor_classic robot_agent.experiments.rosenbrock
robot_agent.experiments.xor_mse robot_agent.experiments.digits_softmax
robot_agent.experiments.digits_static robot_agent.experiments.maximise_input robot_agent.experiments.robot_mse
robot_agent.commands
robot_agent.commands.policies robot_agent.commands.findings
robot_agent.commands.train robot_agent.commands.evaluate robot_agent.commands.drive robot_agent.commands.look robot_agent.commands.target robot_agent.commands.runs robot_agent.commands.plot robot_agent.commands.settings robot_agent.commands.health robot_agent.commands.insight robot_agent.commands.check robot_agent.commands.motors robot_agent.commands.experiment
robot_agent.commands.calibrate
robot_agent.__main__
server
server.protocol server.service.persisted server.service.logs
server.problems
server.worker.outbox server.worker.frames server.worker.realtime server.worker.checks
server.worker.activities
server.worker.robots server.service.header_timeout
server.worker.worker
server.control.clients server.control.pictures server.control.state server.control.server_settings server.control.worker_process server.control.guard_service
server.control.relay server.control.manual server.control.halt server.service.heartbeat
server.control.control
server.api.auth server.api.uploads server.api.schemas server.service.metrics
server.api.gate
server.api.routes_auth server.api.routes_control server.api.routes_runs server.api.websocket
server.app
server.__main__
"""  # noqa: E501
RANK = {name: rank for rank, line in enumerate(ORDER.strip().splitlines()) for name in line.split()}


def modules() -> dict[str, Path]:
    found = {}
    for package in ("vision", "robot_agent", "server"):
        for file in (ROOT / package).rglob("*.py"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = file
    return found


def imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_module_has_its_place():
    assert modules().keys() == RANK.keys()


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_point_one_way(name):
    for other in imports(modules()[name]) & RANK.keys():
        inside = other == "vision" and name.startswith("vision.")
        allowed = RANK[other] <= RANK[name] or inside
        assert allowed, f"{name} imports {other}"


def test_vision_knows_nothing_of_robots():
    for name, file in modules().items():
        if name.startswith("vision"):
            assert not any(other.startswith("robot_agent") for other in imports(file)), name


def test_only_the_server_knows_the_server():
    for name, file in modules().items():
        if not name.startswith("server"):
            assert not any(other.split(".")[0] == "server" for other in imports(file)), name


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("vision", {"cv2", "torch", "gymnasium", "pydantic", "typer", "matplotlib"}),
        ("robot_agent.envs.environment", {"torch", "pydantic", "typer", "matplotlib", "gpiozero"}),
        ("robot_agent.guard.__main__", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.guard.client", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.runs.store", {"torch", "gymnasium.envs.mujoco", "matplotlib"}),
        ("robot_agent.commands.train", {"torch", "matplotlib"}),
        ("robot_agent.learning.numpy_policy", {"torch"}),
        ("robot_agent.health.network", {"torch", "gymnasium"}),
        ("robot_agent.commands.experiment", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.experiments.robot_mse", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.learning.trainer", {"torch"}),
        ("robot_agent.health.report", {"torch"}),
        ("robot_agent.runs.recorder", {"torch"}),
        ("robot_agent.pilot", {"torch"}),
        ("robot_agent.commands.look", {"torch", "matplotlib"}),
        ("robot_agent.settings.config", {"torch", "cv2", "gymnasium", "typer", "matplotlib"}),
        ("server.__main__", {"torch", "cv2", "gymnasium", "matplotlib", "gpiozero"}),
        ("server.worker.worker", {"fastapi", "uvicorn", "matplotlib", "gpiozero"}),
    ],
)
def test_what_is_heavy_is_imported_where_it_is_used(module, heavy):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not heavy & set(loaded.stdout.split())


def test_debians_own_opencv_will_do():
    """On 32-bit systems OpenCV 4 comes from apt: without `cv2.typing`, and its logging is elsewhere."""
    code = """
import cv2, sys
sys.modules["cv2.typing"] = None
vars(cv2.utils).pop("logging", None)
cv2.getLogLevel, cv2.setLogLevel = lambda: 3, lambda level: print("level", level)
import robot_agent.simulator.scene, server.worker.frames, vision.cameras.decoding
with vision.cameras.decoding.quiet():
    pass
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.split("\n")[:2] == ["level 0", "level 3"]


def test_nothing_sleeps():
    """Time is injected: only a default argument may name the real clock's sleep."""
    for name, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr != "sleep" or ast.unparse(node.func.value) != "time", name


def test_no_pickle_is_ever_loaded():
    for name, file in modules().items():
        text = file.read_text()
        assert "pickle" not in text, name
        assert "torch.load" not in text, name
