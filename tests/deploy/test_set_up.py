"""`make run` from a bare checkout: a Python that is too old, two at once, a folder that cannot be written."""

import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

spec = importlib.util.spec_from_file_location("set_up", ROOT / "deploy" / "set_up.py")
set_up = importlib.util.module_from_spec(spec)
spec.loader.exec_module(set_up)

OLD = """
import runpy, sys
sys.version_info = (3, 9, 2)
sys.argv[0] = sys.argv.pop(1)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def old_python(folder, path):
    return subprocess.run(
        [sys.executable, "-c", OLD, ROOT / "deploy/set_up.py", "plot", "run"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_one_sentence(tmp_path):
    ended = old_python(tmp_path, "")
    assert ended.returncode == 1 and ended.stdout == ""
    assert (
        "needs Python 3.11 or newer, and this is 3.9" in ended.stderr and len(ended.stderr.splitlines()) == 1
    )
    assert list(tmp_path.iterdir()) == []


def test_a_newer_one_is_taken_where_there_is_one(tmp_path):
    newer = tmp_path / "python3.12"
    newer.write_text('#!/bin/sh\necho "newer: $2 $3"\n')
    newer.chmod(0o755)
    ended = old_python(tmp_path, str(tmp_path))
    assert ended.returncode == 0 and "newer: plot run" in ended.stdout, ended.stderr


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


class Runs:
    """Stands in for the commands, which load hundreds of megabytes."""

    def __init__(self, *fails):
        self.commands, self.fails = [], fails
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self, command, **more):
        self.may_go_on.wait(20)
        what = command[2] if "-m" in command else "look"
        self.commands.append(what)
        if what == "venv" and "venv" not in self.fails:
            (Path.cwd() / ".venv/bin").mkdir(parents=True, exist_ok=True)
            (Path.cwd() / ".venv/bin/python").touch()
        return int(what in self.fails)


def test_two_at_once_install_once(checkout):
    runs = Runs()
    runs.may_go_on.clear()
    both = [threading.Thread(target=set_up.set_up, args=("plot", "run", runs)) for _ in range(2)]
    for one in both:
        one.start()
    runs.may_go_on.set()
    for one in both:
        one.join(20)
    assert runs.commands == ["venv", "pip", "compileall"]
    set_up.set_up("plot", "run", runs)
    assert runs.commands == ["venv", "pip", "compileall"]
    os.utime(checkout / "pyproject.toml", (2e9, 2e9))
    set_up.set_up("plot", "run", runs)
    assert runs.commands == ["venv", "pip", "compileall", "look", "pip", "compileall"]


def test_an_environment_of_an_older_python_or_half_of_one_is_made_anew(checkout):
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").touch()
    runs = Runs("look")
    set_up.set_up("plot", "run", runs)
    assert runs.commands == ["look", "venv", "pip", "compileall"]


@pytest.mark.parametrize(("fails", "cure"), [("venv", "python3-venv"), ("pip", "try again")])
def test_what_fails_is_said_with_its_cure_and_done_again(checkout, fails, cure):
    with pytest.raises(set_up.Failed, match=cure):
        set_up.set_up("plot", "run", Runs(fails))
    again = Runs()
    set_up.set_up("plot", "run", again)
    assert again.commands[-2:] == ["pip", "compileall"]


def test_a_folder_that_cannot_be_written_is_one_sentence(checkout, monkeypatch, capsys):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert set_up.main(["plot", "run"]) == 1
    assert "copy the folder" in capsys.readouterr().err


def test_cleaning_keeps_what_was_learned(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/runs.db").touch()
    (tmp_path / ".venv").mkdir()
    subprocess.run(["make", "-f", ROOT / "Makefile", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "out/runs.db").exists() and not (tmp_path / ".venv").exists()
