"""The checks of `robot-agent check`: frequent faults of a new robot's computer, each with its cure.

Every check is a function that yields its results. It reads the computer through `Machine`, so that a test can
use any other computer instead.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from robot_agent.errors import RobotAgentError
from robot_agent.robot.robot import Robot
from robot_agent.runs.store import Store

Level = Literal["good", "warning", "fault", "skipped"]

LEAST_DISK = 200e6
"""Free bytes on the disk below which the store may not have enough space to grow."""
LEAST_MEMORY = 300e6
"""Available bytes of memory below which torch and a camera do not fit together."""
FIRST_DAY = time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, 0))
"""Day before which a clock was surely never set: a Raspberry Pi without a network starts in the past."""
HOT, TOO_HOT = 70.0, 80.0
"""Degrees Celsius at which `check` warns, and at which a Raspberry Pi slows down."""

THROTTLED = {
    0: ("fault", "the supply voltage is too low now"),
    1: ("warning", "the processor's clock is capped now"),
    2: ("fault", "the processor is slowed down now"),
    3: ("warning", "the soft temperature limit is active"),
    16: ("warning", "the supply voltage has been too low since the start"),
    17: ("warning", "the processor's clock has been capped since the start"),
    18: ("warning", "the processor has been slowed down since the start"),
    19: ("warning", "the soft temperature limit has been reached since the start"),
}
"""Meaning of the bits of the firmware's get_throttled."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of one check."""

    name: str
    """What was checked, in a word or two."""
    level: Level
    seen: str
    """What was found, with the figure."""
    cure: str = ""
    """What to do about it; empty if all is well."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer, as far as the checks read it."""

    root: Path = Path("/")
    """The folder that contains /proc and /sys."""
    now: Callable[[], float] = time.time
    architecture: str = platform.machine()
    bits: int = 64 if sys.maxsize > 2**32 else 32
    """32 or 64 bits of the system's programs; they may have 32 even with a 64-bit kernel."""

    def text(self, path: str) -> str | None:
        """Return the content of a file below the root; None when it cannot be read."""
        try:
            return (self.root / path).read_text().strip()
        except (OSError, UnicodeDecodeError):
            return None

    @property
    def is_pi(self) -> bool:
        """Whether this is a Raspberry Pi."""
        return "raspberry pi" in (self.text("proc/device-tree/model") or "").casefold()


def parted(sentence: str, cure: str) -> tuple[str, str]:
    """Split an error's sentence into what is wrong and what to do; `cure` if the latter is missing."""
    match = re.match(r"(.*?)(?:; |: )(.+)", sentence, re.DOTALL)
    return (match[1], match[2].rstrip(".")) if match else (sentence.rstrip("."), cure)


def _version(name: str) -> str:
    """Return a package's version; apt's OpenCV has no metadata, so its module is asked."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        if name != "opencv-python-headless" or importlib.util.find_spec("cv2") is None:
            raise
    import cv2

    return str(cv2.__version__)


def check_all(
    backend: str, store: Path, motors: Iterable[Checked], camera: Iterable[Checked]
) -> Iterator[Checked]:
    """Run all checks; `motors` and `camera` are those results that depend on who holds the devices."""
    machine = Machine()
    yield from check_versions(machine, backend)
    yield from motors
    yield from camera
    yield from check_store(store)
    yield from check_disk(store.absolute().parent)
    yield from check_memory(machine)
    yield from check_clock(machine)
    yield from check_power(machine)


def check_versions(machine: Machine, backend: str = "torch") -> Iterator[Checked]:
    """Check that the packages fit the computer and the backend."""
    found = []
    for name in ("numpy", "opencv-python-headless", "gymnasium", "torch", "gpiozero"):
        try:
            found.append(f"{name} {_version(name)}")
        except importlib.metadata.PackageNotFoundError:
            if name != "torch":
                yield Checked("versions", "fault", f"{name} is not installed", f"pip install {name}")
    torch = next((one.split()[1] for one in found if one.startswith("torch ")), None)
    on_pi = machine.architecture == "aarch64"
    if torch is None and backend == "torch" and machine.bits == 32:
        yield Checked(
            "versions",
            "warning",
            "PyTorch has no 32-bit packages, so learning needs --backend numpy",
            'set learner.backend = "numpy" in robot.toml, or put the 64-bit Raspberry Pi OS on the card',
        )
    elif torch is None and backend == "torch":
        install = "pip install 'torch>=2.9.1,<2.10'" if on_pi else "pip install 'torch>=2.9.1,<2.14,!=2.10.*'"
        yield Checked(
            "versions",
            "warning",
            "torch is not installed, so learning needs --backend numpy",
            f'set learner.backend = "numpy" in robot.toml, or {sys.executable} -m {install}',
        )
    elif torch and on_pi and tuple(int(part) for part in torch.split("+")[0].split(".")[:2]) >= (2, 10):
        yield Checked(
            "versions",
            "fault",
            f"torch {torch} dies with an illegal instruction on a Raspberry Pi 4",
            "pip install 'torch>=2.9.1,<2.10'",
        )
    else:
        yield Checked("versions", "good", ", ".join(found))


def check_disk(folder: Path) -> Iterator[Checked]:
    """Check the free space on the store's disk."""
    place = next((one for one in (folder, *folder.parents) if one.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        yield Checked(
            "disk",
            "fault",
            f"{place} may not be written to",
            "choose another folder with --store, or chown it",
        )
    elif free < LEAST_DISK:
        cure = "delete old runs with 'robot-agent runs delete', or other files"
        yield Checked("disk", "fault", f"only {free / 1e6:.0f} MB are free at {place}", cure)
    else:
        yield Checked("disk", "good", f"{free / 1e9:.1f} GB are free at {place}")


def check_memory(machine: Machine) -> Iterator[Checked]:
    """Check the available memory."""
    lines = dict(line.split(":", 1) for line in (machine.text("proc/meminfo") or "").splitlines())
    if "MemAvailable" not in lines:
        yield Checked("memory", "skipped", "this system does not report it")
        return
    available = int(lines["MemAvailable"].split()[0]) * 1024
    if available < LEAST_MEMORY:
        yield Checked(
            "memory",
            "warning",
            f"only {available / 1e6:.0f} MB are available",
            "close other programs, use the system without a desktop, or add swap",
        )
    else:
        yield Checked("memory", "good", f"{available / 1e9:.1f} GB are available")


def check_clock(machine: Machine) -> Iterator[Checked]:
    """Check that the clock was ever set."""
    now = machine.now()
    shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    if now < FIRST_DAY:
        yield Checked(
            "clock", "warning", f"it says {shown}", "connect to a network once, or set it with 'sudo date -s'"
        )
    else:
        yield Checked("clock", "good", f"it says {shown}")


def check_power(machine: Machine) -> Iterator[Checked]:
    """Check the power supply, as the firmware reports it, and the temperature."""
    flags = machine.text("sys/devices/platform/soc/soc:firmware/get_throttled")
    if flags is None:
        why = "the firmware does not report it" if machine.is_pi else "this is no Raspberry Pi"
        yield Checked("power", "skipped", why)
    else:
        bits = int(flags, 16)
        bad = [THROTTLED[bit] for bit in THROTTLED if bits >> bit & 1]
        if bad:
            worst: Level = "fault" if any(level == "fault" for level, _ in bad) else "warning"
            yield Checked(
                "power",
                worst,
                "; ".join(words for _, words in bad),
                "use a supply of 5 V and 3 A with a short thick cable, feed the motors from their own "
                "battery, and give the processor air",
            )
        else:
            yield Checked("power", "good", "the firmware reports no low voltage and no throttling")
    heat = machine.text("sys/class/thermal/thermal_zone0/temp")
    if heat is None or not heat.lstrip("-").isdigit():
        yield Checked("temperature", "skipped", "this system does not report it")
        return
    degrees = int(heat) / 1000
    level: Level = "fault" if degrees >= TOO_HOT else "warning" if degrees >= HOT else "good"
    cure = "" if level == "good" else "put a heat sink or a fan on the processor, and keep it out of the sun"
    yield Checked("temperature", level, f"{degrees:.0f} degrees Celsius", cure)


def check_store(path: Path) -> Iterator[Checked]:
    """Check that the store can be read and holds a policy to drive with."""
    if not path.exists():
        yield Checked("policy", "skipped", f"there is no store {path} yet; 'robot-agent train' makes one")
        return
    try:
        with Store(path, reading=True) as store:
            runs = store.runs()
            if not runs:
                yield Checked("policy", "skipped", f"{path} holds no run yet; 'robot-agent train' makes one")
                return
            store.checkpoint(runs[0].id, "best")
    except RobotAgentError as error:
        yield Checked("policy", "fault", str(error), "restore a backup of the store, or name another one")
        return
    rate = runs[0].success_rate
    success = "" if rate is None else f", {rate:.1%} of its episodes reach the goal"
    yield Checked("policy", "good", f"run {runs[0].id} of {path} can be driven with{success}")


def check_camera(open_robot: Callable[[], Robot]) -> Iterator[Checked]:
    """Take pictures, and check their light and whether the target is seen.

    Args:
        open_robot: opens the robot's camera; an error that it raises becomes the result.
    """
    try:
        robot = open_robot()
    except (RobotAgentError, OSError, ValueError) as error:
        yield Checked("camera", "fault", *parted(str(error), "see the cable and the setting camera.source"))
        return
    try:
        robot.look()
        start = time.monotonic()
        sight = robot.look()
        seconds = time.monotonic() - start
    except (RobotAgentError, OSError) as error:
        yield Checked("camera", "fault", *parted(str(error), "see the cable and the setting camera.source"))
        return
    finally:
        robot.close()
    frame = robot.frame
    assert frame is not None
    height, width = frame.shape[:2]
    light = float(np.mean(frame)) / 255
    seen = f"{width} x {height} pixels, {light:.0%} bright, a picture takes {1000 * seconds:.0f} ms"
    if light < 0.08:
        yield Checked("camera", "warning", seen, "it is dark: give the room more light, or take off a cap")
    elif light > 0.92:
        yield Checked("camera", "warning", seen, "it is too bright: turn it away from the window or lamp")
    else:
        yield Checked("camera", "good", seen)
    if sight is None:
        from vision.hints import hint  # imported here: it loads every detector

        cure = "put it before the camera; else learn its colour with 'robot-agent calibrate color'"
        reason = hint(frame, robot.detector)
        if reason is None:
            yield Checked("target", "warning", "it is not seen", cure)
        else:
            why, cure = parted(reason, cure)
            yield Checked("target", "warning", f"it is not seen. {why}", cure)
    else:
        yield Checked("target", "good", f"it is in slices {sight.x1} to {sight.x2}")
