"""Who works on a run holds it; others are told who that is, and the hold ends with the process."""

import os
import signal
import subprocess
import sys

import in_process
import pytest
from stored_runs import keep_all

from robot_agent.errors import StoreError
from robot_agent.runs.hold import SERVER, hold
from robot_agent.runs.store import Store

HOLD = """
import os, sys
from pathlib import Path
from robot_agent.runs.hold import hold
with hold(Path(sys.argv[1]), int(sys.argv[2])):
    if len(sys.argv) > 3 and os.fork() == 0:  # a child that outlives it
        os.close(0), os.close(1)
        os.execvp("sleep", ["sleep", "60"])
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holding(tmp_path):
    """Start a process that holds a number of the store."""
    started = []

    def start(number, *more):
        command = [sys.executable, "-c", HOLD, str(tmp_path / "runs.db"), str(number), *more]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, **pipes, start_new_session=True)
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("number", [SERVER, 7])
def test_another_process_is_told_who_holds_it_and_how_to_end_that(holding, number, tmp_path):
    process = holding(number)
    with (
        pytest.raises(StoreError, match=rf"process {process.pid}.*kill {process.pid}"),
        hold(tmp_path / "runs.db", number),
    ):
        pass
    with hold(tmp_path / "runs.db", number + 1):
        pass


def test_a_hold_ends_with_the_process_also_when_a_child_goes_on(holding, tmp_path):
    process = holding(3, "child")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with hold(tmp_path / "runs.db", 3):
        pass


def test_two_parts_of_one_program_do_not_hold_the_same(tmp_path):
    store = tmp_path / "runs.db"
    with hold(store, 3), pytest.raises(StoreError, match=f"process {os.getpid()}"), hold(store, 3):
        pass
    with hold(tmp_path / "runs.db", 3):
        pass


def test_a_run_under_training_is_neither_deleted_nor_gone_on_with_by_another(holding, tmp_path):
    with Store(tmp_path / "runs.db") as store:
        run = store.create_run({"robot": "sim"})
        holding(run)
        with pytest.raises(StoreError, match="being worked on by process"):
            store.delete_run(run)
        assert [info.id for info in store.runs()] == [run]
        assert store.purge(float("inf")) == 0


@pytest.mark.parametrize("command", ["runs delete {run} --yes", "train --resume {run}"])
def test_the_command_line_says_who_works_on_the_run(holding, tmp_path, command):
    with Store(tmp_path / "runs.db") as store:
        run, _ = keep_all(store)
        updates = store.run(run).updates
    process = holding(run)
    done = in_process.run(tmp_path, *command.format(run=run).split(), "--store", tmp_path / "runs.db")
    assert done.returncode == 1 and f"kill {process.pid}" in done.stderr, done
    with Store(tmp_path / "runs.db", reading=True) as store:
        assert store.run(run).updates == updates and store.run(run).deleted is None


def test_nobody_is_refused_where_no_lock_can_be_made(tmp_path):
    with hold(tmp_path / "nowhere" / "runs.db", 3):
        pass


def test_a_second_server_is_told_who_works_with_the_store(holding, tmp_path):
    process = holding(SERVER)
    done = subprocess.run(
        [sys.executable, "-m", "server", "--port", "0", "--store", str(tmp_path / "runs.db")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and f"kill {process.pid}" in done.stderr and "Traceback" not in done.stderr


def test_a_link_leads_to_the_same_lock(holding, tmp_path):
    (tmp_path / "runs.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "runs.db")
    (tmp_path / "folder").symlink_to(tmp_path)
    holding(3)
    for name in ("link.db", "folder/runs.db", "folder/link.db"):
        with pytest.raises(StoreError, match="Run 3"), hold(tmp_path / name, 3):
            pass
