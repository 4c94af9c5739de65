"""What a new owner gets wrong is found, each with its cure; every machine is put in place as files."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from robot_agent.health import machine as checkup
from robot_agent.health.machine import Machine, check_camera
from robot_agent.robot.robot import Robot
from robot_agent.runs.store import Store
from robot_agent.simulator import SimulatedRobot
from vision.cameras.camera import CameraError
from vision.detectors.color import ColorDetector


def machine(root, now=None, **files: str) -> Machine:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_colon_", ":")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root=root, now=(lambda: now) if now else time.time, architecture="aarch64")


THROTTLED = "sys__devices__platform__soc__soc_colon_firmware__get_throttled"
HEAT = "sys__class__thermal__thermal_zone0__temp"


@pytest.mark.parametrize(
    ("flags", "level", "words"),
    [
        ("0", "good", "no low voltage"),
        ("50005", "fault", "too low now"),
        ("50000", "warning", "has been too low since the start"),
        ("80008", "warning", "soft temperature limit"),
    ],
)
def test_the_firmware_flags_are_told_in_words(tmp_path, flags, level, words):
    power, _ = checkup.check_power(machine(tmp_path, **{THROTTLED: flags, HEAT: "45000"}))
    assert (power.level, words in power.seen) == (level, True)
    assert bool(power.cure) == (level != "good")


@pytest.mark.parametrize(("heat", "level"), [("45000", "good"), ("74000", "warning"), ("85000", "fault")])
def test_heat_is_reported(tmp_path, heat, level):
    _, found = checkup.check_power(machine(tmp_path, **{HEAT: heat}))
    assert found.level == level
    assert heat[:2] in found.seen


def test_a_machine_that_tells_nothing_is_skipped_and_not_called_good(tmp_path):
    levels = [finding.level for finding in checkup.check_power(machine(tmp_path))]
    assert levels == ["skipped", "skipped"]
    assert next(checkup.check_memory(machine(tmp_path))).level == "skipped"


def test_a_clock_that_was_never_set_is_reported(tmp_path):
    (found,) = checkup.check_clock(machine(tmp_path, now=86_400.0 * 365 * 40))
    assert found.level == "warning"
    assert "date -s" in found.cure
    assert next(checkup.check_clock(machine(tmp_path))).level == "good"


def test_little_memory_and_a_full_disk_are_reported(tmp_path, monkeypatch):
    little = machine(tmp_path, proc__meminfo="MemTotal: 500000 kB\nMemAvailable: 100000 kB\n")
    assert next(checkup.check_memory(little)).level == "warning"
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e6))
    (found,) = checkup.check_disk(tmp_path)
    assert found.level == "fault"
    assert "runs delete" in found.cure


def test_a_torch_that_dies_on_the_pi_is_reported(tmp_path, monkeypatch):
    real = checkup.importlib.metadata.version
    monkeypatch.setattr(
        checkup.importlib.metadata, "version", lambda name: "2.10.0+cpu" if name == "torch" else real(name)
    )
    (found,) = checkup.check_versions(machine(tmp_path))
    assert found.level == "fault"
    assert "<2.10" in found.cure


def without(monkeypatch, *names):
    """Take the metadata of packages away; of all, if none is named."""
    real = checkup.importlib.metadata.version

    def version(name):
        if not names or name in names:
            raise checkup.importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(checkup.importlib.metadata, "version", version)


def test_torch_is_missed_only_where_it_is_to_learn(tmp_path, monkeypatch):
    without(monkeypatch, "torch")
    (found,) = checkup.check_versions(machine(tmp_path))
    assert found.level == "warning" and "learner.backend" in found.cure
    (found,) = checkup.check_versions(machine(tmp_path), "numpy")
    assert found.level == "good"


def test_on_a_32_bit_system_no_torch_is_proposed(tmp_path, monkeypatch):
    without(monkeypatch)
    below_64_bit_kernel = Machine(root=tmp_path, architecture="aarch64", bits=32)
    found = list(checkup.check_versions(below_64_bit_kernel))[-1]
    assert "no 32-bit packages" in found.seen
    assert "pip install" not in found.cure


def test_the_opencv_of_apt_which_has_no_metadata_is_there(tmp_path, monkeypatch):
    without(monkeypatch, "opencv-python-headless")
    (found,) = checkup.check_versions(Machine(root=tmp_path, architecture="x86_64"), "numpy")
    assert found.level == "good"


def robot(read=None) -> Robot:
    body = SimulatedRobot(seed=1)
    if read is not None:
        body.read = read
    return Robot(body, ColorDetector())


def fail(*_):
    raise CameraError("USB camera 0 gives no more pictures: check its cable.")


def test_a_camera_is_told_with_its_light_and_the_target():
    camera, target = check_camera(robot)
    assert (camera.level, target.level) == ("good", "good")
    dark, missing = check_camera(lambda: robot(lambda: np.zeros((240, 320, 3), np.uint8)))
    assert (dark.level, missing.level) == ("warning", "warning")
    assert "dark" in dark.cure
    assert "switch on a light" in missing.cure
    room = np.full((240, 320, 3), (150, 110, 90), np.uint8)
    room[::7], room[:, ::9] = (90, 130, 110), (120, 90, 140)
    (_, elsewhere) = check_camera(lambda: robot(lambda: room))
    assert "calibrate color" in elsewhere.cure
    for broken in (lambda: robot(fail), fail):
        (lost,) = check_camera(broken)
        assert (lost.level, "check its cable" in lost.cure) == ("fault", True)


def test_why_the_target_may_not_be_seen_is_said():
    """A camera for infrared, and one that gives red first."""
    grey = np.random.default_rng(0).integers(80, 160, (240, 320, 1), np.uint8).repeat(3, axis=2)
    (_, missing) = check_camera(lambda: robot(lambda: grey))
    assert "has no colours" in missing.seen and "marker" in missing.cure
    swapped = np.ascontiguousarray(SimulatedRobot(seed=3).read()[..., ::-1])
    (_, missing) = check_camera(lambda: robot(lambda: swapped))
    assert "red and blue are exchanged" in missing.seen + missing.cure


def test_a_store_is_reported(tmp_path):
    path = tmp_path / "runs.db"
    assert next(checkup.check_store(path)).level == "skipped"
    with Store(path) as store:
        assert next(checkup.check_store(path)).level == "skipped"
        store.create_run({})
    assert next(checkup.check_store(path)).level == "fault", "a run without any checkpoint"
    path.write_bytes(b"no store" * 500)
    assert next(checkup.check_store(path)).level == "fault"
