"""Tests of the code's structure: imports point one way, and heavy packages are imported only where needed."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    "vision": "names factory sight cameras detectors tflite sheet hints models training",
    "robot_agent": "registration errors files signals streams runtime_directory gym motors guard simulator "
    "robot network envs learning identification settings runs health backprop doctor build pilot datasets "
    "figures sweep experiments commands",
    "server": "protocol codec problems explain service worker control api fleet app command_line",
}
"""The floors of each package, from the lowest to the highest; a floor is a module or folder of the package.

An import must point to a lower floor, or stay on its own. The package's `__init__` (which users import) and
`__main__` are the highest floor.
"""
ORDER = ("vision", "robot_agent", "server")


@functools.cache
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


def floor(name: str) -> tuple[int, int]:
    """Return the place of a module: its package's, and within that its floor's."""
    package, *rest = name.split(".")
    floors = FLOORS[package].split()
    roof = not rest or rest[0] == "__main__"
    return ORDER.index(package), len(floors) if roof else floors.index(rest[0])


@functools.cache
def graph() -> dict[str, set[str]]:
    """Return which modules each module imports, inside functions and for types too."""
    known = modules()
    found = {}
    for name, file in known.items():
        named = imports(file)
        # `from a.b import c` names a.b and a.b.c: where c is a module, a.b is only on the way to it.
        folders = {one for one in named if any(other.startswith(f"{one}.") for other in named & known.keys())}
        found[name] = (named & known.keys()) - folders - {name}
    return found


def test_every_folder_is_a_floor():
    tops = {name.split(".")[1] for name in modules() if "." in name} - {"__main__"}
    assert tops <= {one for floors in FLOORS.values() for one in floors.split()}


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_point_down(name):
    for other in graph()[name]:
        assert floor(other) <= floor(name), f"{name} imports {other}, which is above it"


def test_no_modules_import_each_other_in_a_circle():
    edges, done = graph(), set()

    def visit(name, path):
        assert name not in path, " imports ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted(edges[name]):
                visit(other, [*path, name])
            done.add(name)

    for name in sorted(edges):
        visit(name, [])


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("vision", {"cv2", "torch", "gymnasium", "pydantic", "typer", "matplotlib"}),
        ("robot_agent.envs.fleet", {"torch", "pydantic", "typer", "matplotlib", "gpiozero"}),
        ("robot_agent.guard.__main__", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.guard.client", {"torch", "cv2", "numpy", "gymnasium", "pydantic", "gpiozero"}),
        ("robot_agent.runs.store", {"torch", "gymnasium.envs.mujoco", "matplotlib"}),
        ("robot_agent.commands.train", {"torch", "matplotlib"}),
        ("robot_agent.learning.numpy_policy", {"torch"}),
        ("robot_agent.health.network", {"torch", "gymnasium"}),
        ("robot_agent.commands.experiment", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.commands.doctor", {"torch", "matplotlib"}),
        ("robot_agent.doctor.run", {"torch"}),
        ("robot_agent.experiments.robot_mse", {"torch", "matplotlib", "sklearn"}),
        ("robot_agent.learning.trainer", {"torch"}),
        ("robot_agent.health.report", {"torch"}),
        ("robot_agent.runs.recorder", {"torch"}),
        ("robot_agent.pilot", {"torch"}),
        ("robot_agent.commands.look", {"torch", "matplotlib"}),
        (
            "robot_agent.commands.train",
            {"torch", "matplotlib", "robot_agent.network.messages"},
        ),
        (
            "robot_agent.commands.adapt",
            {"torch", "matplotlib", "robot_agent.network.messages"},
        ),
        ("robot_agent.settings.config", {"torch", "cv2", "gymnasium", "typer", "matplotlib"}),
        ("server.command_line", {"torch", "cv2", "gymnasium", "matplotlib", "gpiozero", "server.fleet.app"}),
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


def test_no_page_is_waited_for_with_a_string():
    """Where the page forbids eval, a wait whose condition does not hold at once fails; see `eventually`."""
    for file in (ROOT / "tests").rglob("*.py"):
        assert "wait_for" + "_function" not in file.read_text(), file
