"""The wheel alone, in a venv of its own and an empty folder, with no source tree: it trains and serves."""

import os
import re
import select
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest
from wheels import build


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """Install the wheel, over the packages of this venv, and return the folder of its programs."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv/bin/python"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            build(folder),
        ],
        check=True,
    )
    inside = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(inside) / "zz-packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv/bin"


def clean():
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def test_it_trains_from_an_empty_folder(programs, tmp_path):
    said = subprocess.run(
        [programs / "robot-agent", "train", "--moves", "5000", "--backend", "numpy"],
        cwd=tmp_path,
        env=clean(),
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    where = subprocess.run(
        [programs / "python", "-P", "-c", "import robot_agent, server; print(robot_agent.__file__)"],
        cwd=tmp_path,
        env=clean(),
        capture_output=True,
        text=True,
    )
    assert str(programs.parent) in where.stdout, "it is the wheel's, not the source tree's"


def test_it_serves_the_dashboard_from_an_empty_folder(programs, tmp_path):
    server = subprocess.Popen(
        [programs / "robot-server", "--port", "0"], cwd=tmp_path, env=clean(), stdout=subprocess.PIPE
    )
    try:
        said = b""
        while not (found := re.search(rb"dashboard is at http://\S+:(\d+)", said)):
            assert select.select([server.stdout], [], [], 60)[0]
            data = os.read(server.stdout.fileno(), 4096)
            assert data
            said += data
        address = f"http://127.0.0.1:{int(found[1])}"
        page = urllib.request.urlopen(address, timeout=30).read().decode()
        for file in re.findall(r'(?:src|href)="([\w/.-]+\.(?:js|css))"', page):
            assert urllib.request.urlopen(f"{address}/{file.lstrip('/')}", timeout=30).status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) in (0, -signal.SIGTERM)
        server.stdout.close()
