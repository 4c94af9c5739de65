"""The installer: shellcheck, and bats on a throw-away copy of this Debian."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from wheels import altered, build

HERE = Path(__file__).parent
SCRIPTS = [HERE.parents[1] / "deploy" / "install.sh", HERE / "tree.sh", HERE / "systemctl"]
SCRIPTS += sorted((HERE.parents[1] / "deploy" / "emulation").glob("*.sh"))


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="shellcheck is not installed (apt: shellcheck)"
)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script):
    said = subprocess.run(["shellcheck", script], capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def why_not():
    """Return why no copy of this machine can be made here, or nothing."""
    for program in ("bats", "unshare", "curl", "setpriv"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return "a throw-away copy of the machine needs root on a Debian"
    try:
        version = subprocess.run(
            ["/usr/bin/python3", "-c", "import sys, ensurepip; print(sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
    except OSError:
        return "the system has no python3"
    if version.stdout.strip() != str(sys.version_info[:2]):
        return f"the system's Python with venv is not this one's version ({version.stdout.strip() or 'none'})"
    tried = subprocess.run([HERE / "tree.sh", sys.prefix, "true"], capture_output=True, text=True)
    return f"no overlay can be mounted here: {tried.stderr[-200:]}" if tried.returncode else ""


@pytest.mark.parametrize("whole", ["", pytest.param("1", marks=pytest.mark.slow)], ids=["most", "whole"])
def test_install_again_upgrade_failed_upgrade_uninstall(tmp_path, whole):
    if why := why_not():
        pytest.skip(why)
    wheel = build(tmp_path)
    wheels = {
        "WHEEL": wheel,
        "NEWER": altered(wheel, "9.1.0"),
        "BROKEN": altered(wheel, "9.2.0", broken=True),
    }
    shared = Path(os.path.commonpath([*wheels.values()]))
    env = os.environ | {name: str(path) for name, path in wheels.items()} | {"WHOLE": whole}
    said = subprocess.run(
        [HERE / "tree.sh", sys.prefix, "bats", "--tap", HERE / "install.bats"],
        cwd=shared,
        env=env,
        capture_output=True,
        text=True,
        timeout=500,
    )
    print(said.stdout, said.stderr)
    assert said.returncode == 0
    assert len(re.findall(r"^ok \d+", said.stdout, re.M)) == 10
    assert said.stdout.count("# skip") == (0 if whole else 2)
