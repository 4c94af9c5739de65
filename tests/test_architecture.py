"""The shape of the code: imports point one way, and what is heavy is imported only where it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# An import points from a later line to an earlier one (or along a line), never back.
ORDER = """
vision.sight
vision.detector vision.palette vision.shrink vision.slices
vision.color vision.marker vision.litert
vision.boxes
vision.tflite
vision.camera vision.files
vision.watch
vision.live
vision.capture vision.picamera
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
robot_agent.motors
robot_agent.runtime
robot_agent.pins robot_agent.pinout
robot_agent.template
robot_agent.boards
robot_agent.guard
robot_agent.guard.wire robot_agent.guard.motion robot_agent.guard.low
robot_agent.guard.helm robot_agent.guard.peer robot_agent.guard.keeper
robot_agent.guard.loop robot_agent.guard.connection
robot_agent.guard.__main__
robot_agent.guard_client
robot_agent.room
robot_agent.scene
robot_agent.simulator
robot_agent.starts robot_agent.labelled
robot_agent.robot robot_agent.hardware
robot_agent.task
robot_agent.environment
robot_agent.evaluation
robot_agent.network
robot_agent.plane
robot_agent.backprop
robot_agent.backend
robot_agent.health
robot_agent.health.finding robot_agent.health.gradients
robot_agent.health.watch
robot_agent.health.network
robot_agent.doctor
robot_agent.doctor.site
robot_agent.doctor.words
robot_agent.doctor.record
robot_agent.doctor.provenance robot_agent.doctor.pace
robot_agent.doctor.losses
robot_agent.doctor.observe robot_agent.doctor.by_hand
robot_agent.doctor.steps
robot_agent.doctor.patches robot_agent.doctor.facts
robot_agent.doctor.rules.graph robot_agent.doctor.rules.optimizer robot_agent.doctor.rules.loss robot_agent.doctor.rules.data robot_agent.doctor.rules.reinforce robot_agent.doctor.rules.numbers
robot_agent.doctor.rules robot_agent.doctor.report
robot_agent.doctor.session robot_agent.doctor.watching
robot_agent.doctor.run
robot_agent.policy robot_agent.numpy_policy
robot_agent.learner
robot_agent.oracle
robot_agent.trainer
robot_agent.health.training robot_agent.health.hardware
robot_agent.health.report
robot_agent.insight
robot_agent.store
robot_agent.recorder
robot_agent.config
robot_agent.policy_file
robot_agent.keywords
robot_agent.wiring
robot_agent.pilot
robot_agent.calibration
robot_agent.checkup
robot_agent.robot_toml
robot_agent.figures
robot_agent.experiments.outcome robot_agent.experiments.digits
robot_agent.experiments
robot_agent.experiments.overfit robot_agent.experiments.xor_classic robot_agent.experiments.rosenbrock
robot_agent.experiments.xor_mse robot_agent.experiments.digits_softmax
robot_agent.experiments.digits_static robot_agent.experiments.maximise_input robot_agent.experiments.robot_mse
robot_agent.commands
robot_agent.commands.policies robot_agent.commands.findings
robot_agent.commands.train robot_agent.commands.evaluate robot_agent.commands.drive robot_agent.commands.look robot_agent.commands.target robot_agent.commands.runs robot_agent.commands.plot robot_agent.commands.settings robot_agent.commands.health robot_agent.commands.insight robot_agent.commands.check robot_agent.commands.motors robot_agent.commands.experiment robot_agent.commands.doctor
robot_agent.commands.calibrate
robot_agent.__main__
server
server.messages server.memory server.logs
server.problems
server.speaker server.view server.live server.findings
server.activities
server.bodies server.heads
server.worker
server.clients server.pictures server.state server.plan server.link server.wheels
server.relay server.hand server.halts server.heartbeat
server.control
server.auth server.uploads server.shapes server.metrics
server.doors
server.routes_auth server.routes_control server.routes_runs server.socket
server.app
server.__main__
"""  # noqa: E501
FORWARD = {("vision.detector", "vision.color"), ("vision.detector", "vision.marker")} | {
    ("vision.detector", "vision.tflite"),
    ("vision.camera", "vision.capture"),
    ("vision.camera", "vision.picamera"),
}
"""Opening by a name is the one thing that points forward; it imports only what is opened."""
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
        allowed = RANK[other] <= RANK[name] or inside or (name, other) in FORWARD
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
        ("vision", {"torch", "gymnasium", "pydantic", "typer", "matplotlib"}),
        ("robot_agent.environment", {"torch", "pydantic", "typer", "matplotlib", "gpiozero"}),
        ("robot_agent.guard.__main__", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.guard_client", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.store", {"torch", "gymnasium.envs.mujoco", "matplotlib"}),
        ("robot_agent.commands.train", {"torch", "matplotlib"}),
        ("robot_agent.numpy_policy", {"torch"}),
        ("robot_agent.health.network", {"torch", "gymnasium"}),
        ("robot_agent.commands.experiment", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.commands.doctor", {"torch", "matplotlib"}),
        ("robot_agent.doctor.run", {"torch"}),
        ("robot_agent.experiments.robot_mse", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.trainer", {"torch"}),
        ("robot_agent.health.report", {"torch"}),
        ("robot_agent.recorder", {"torch"}),
        ("robot_agent.pilot", {"torch"}),
        ("robot_agent.commands.look", {"torch", "matplotlib"}),
        ("robot_agent.config", {"torch", "cv2", "gymnasium", "typer", "matplotlib"}),
        ("server.__main__", {"torch", "cv2", "gymnasium", "matplotlib", "gpiozero"}),
        ("server.worker", {"fastapi", "uvicorn", "matplotlib", "gpiozero"}),
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
import robot_agent.scene, server.view, vision.camera
with vision.camera.quiet():
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
