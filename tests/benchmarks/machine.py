"""Describes the machine on which the measurements are made."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def processor() -> str:
    """Return the name of the processor, as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine()


def versions(*packages: str) -> list[str]:
    """Return name and version of those packages that are there."""
    lines = []
    for package in packages:
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return lines


def describe() -> str:
    """Return one line: processor, cores, system, versions."""
    parts = [
        f"{processor()}, one core of {os.cpu_count()}",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        *versions(
            "numpy",
            "torch",
            "gymnasium",
            "stable-baselines3",
            "tianshou",
            "opencv-python-headless",
        ),
    ]
    return "; ".join(parts)
