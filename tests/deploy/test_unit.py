"""The unit of the service: systemd's own judgement of it, and what else depends on its lines."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNIT = DEPLOY / "robot-agent.service"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (apt: systemd)"
)


def lines(name):
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.M)


@needs_systemd
def test_it_is_well_hardened():
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", UNIT],
        capture_output=True,
        text=True,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert level and float(level[1]) <= 3.0, said.stdout + said.stderr
    assert said.returncode == 0


@needs_systemd
def test_systemd_finds_nothing_wrong_with_it(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = re.sub(r"/opt/robot-agent/current/bin/\S+", str(program), UNIT.read_text())
    (tmp_path / UNIT.name).write_text(here)
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / UNIT.name], capture_output=True, text=True
    )
    assert (said.returncode, said.stderr) == (0, "")


def test_what_the_rest_relies_on():
    assert lines("Type") == ["notify"] and int(lines("WatchdogSec")[0]) >= 20
    assert lines("Restart") == ["on-failure"] and lines("StartLimitBurst") == ["5"]
    assert lines("RuntimeDirectoryPreserve") == ["restart"], "a halt lives there"
    assert int(lines("LimitRTPRIO")[0]) >= 10, "the guard takes priority 10"
    assert not lines("RestrictRealtime") and not lines("MemoryDenyWriteExecute")
    assert "-m robot_agent.guard.low " in lines("ExecStopPost")[0]
    assert lines("ExecStartPre") == ["-" + lines("ExecStopPost")[0]], "where that was killed too"
    assert lines("StandardOutput") == ["journal"] and lines("StateDirectory") == ["robot-agent"]
    assert lines("MemoryMax") and lines("MemoryHigh")
    assert any("time-sync.target" in line for line in lines("After"))
