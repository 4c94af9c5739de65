"""Wheels for the tests of the installer: of this tree, of a newer version, and one whose server is broken."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BROKEN = b"""import sqlite3

def main() -> None:
    with sqlite3.connect("/var/lib/robot-agent/runs.db") as store:
        store.execute("PRAGMA user_version=99")  # brings the store up to date, and then
    raise SystemExit("This version is broken.")
"""


def build(folder):
    """Build this tree's wheel, without asking any index, and return its path."""
    backend = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    made = subprocess.run(
        [sys.executable, "-c", backend, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return Path(folder) / made.stdout.split()[-1]


def altered(wheel, version, broken=False):
    """Write a wheel like `wheel` but of another version, and return its path."""
    path = wheel.with_name(re.sub(r"robot_agent-[^-]+", f"robot_agent-{version}", wheel.name))
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("METADATA"):
                data = re.sub(rb"^Version: .*$", f"Version: {version}".encode(), data, flags=re.M)
            if name.endswith("RECORD"):
                data = re.sub(
                    rb"robot_agent-[^-/]+\.dist-info", f"robot_agent-{version}.dist-info".encode(), data
                )
                data = re.sub(rb"(METADATA|__main__\.py),[^\n]*", rb"\1,,", data)
            if broken and name == "server/__main__.py":
                data = BROKEN
            new.writestr(
                re.sub(r"^robot_agent-[^-/]+\.dist-info", f"robot_agent-{version}.dist-info", name), data
            )
    return path
