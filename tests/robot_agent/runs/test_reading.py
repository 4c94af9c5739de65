"""Reading needs no writing: on a full disk, and where one may only read; and there room can be made."""

import shutil
import subprocess
import sys

import pytest
from stored_runs import SMALL, keep_all, make_older, same, start

from robot_agent.envs.rollout import Paused, Resumed
from robot_agent.errors import StoreBusy, StoreError
from robot_agent.runs.database import INCREMENTAL
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store


@pytest.fixture
def disk(tmp_path):
    """A disk of its own, of 32 MB, that can be filled and made read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place], capture_output=True
    ).returncode:
        pytest.skip("only root may mount a disk of its own")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk, left=0):
    with pytest.raises(OSError, match="No space"), (disk / "full").open("wb", buffering=0) as file:
        while True:
            assert file.write(b"\0" * 4096)
    with (disk / "full").open("rb+") as file:
        file.truncate((disk / "full").stat().st_size - left)


def kept(disk):
    """A run in a store whose newest part is in the log only, as after a kill; returns its tensors."""
    with Store(disk / "made.db") as store:
        run, _ = keep_all(store)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.set_name(run, "from the log")
        for end in ("", "-wal"):
            shutil.copyfile(disk / f"made.db{end}", disk / f"runs.db{end}")
        tensors = store.checkpoint(run)[1]
    (disk / "made.db").unlink()
    return run, tensors


def read_only_disk(disk):
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)


@pytest.mark.parametrize("trouble", [fill, read_only_disk])
def test_a_policy_is_rescued_from_a_disk_that_cannot_be_written(disk, trouble):
    run, tensors = kept(disk)
    trouble(disk)
    with Store(disk / "runs.db", reading=True) as store:
        assert store.run(run).name == "from the log"
        assert same(tensors, store.checkpoint(run, "best")[1] | store.checkpoint(run)[1])
        assert store.updates(run) and store.episodes(run)


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_an_older_version_is_read_where_it_cannot_be_brought_up_to_date(disk, version):
    with Store(disk / "runs.db") as store:
        run, _ = keep_all(store)
        make_older(store, version)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    read_only_disk(disk)
    with Store(disk / "runs.db", reading=True) as store:
        assert store.run(run).name is None and store.episodes(run)


@pytest.mark.parametrize("trouble", [pytest.param(fill, marks=pytest.mark.slow), read_only_disk])
def test_the_commands_that_read_work_on_a_disk_that_cannot_be_written(disk, trouble, tmp_path):
    run, _ = kept(disk)
    trouble(disk)
    for command in (
        ["runs"],
        ["runs", "show", str(run)],
        ["export", str(run), "--out", "policy.safetensors"],
        ["health", str(run)],
        ["plot", str(run), "--out", "run.png"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "robot_agent", *command, "--store", str(disk / "runs.db")],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "policy.safetensors").stat().st_size > 1000 and (tmp_path / "run.png").exists()


def test_room_is_made_on_a_full_disk_by_deleting_a_run(disk):
    run, _ = kept(disk)
    fill(disk, 3 * 4096)  # too little for a log of what is deleted
    before = (disk / "runs.db").stat().st_size
    with Store(disk / "runs.db", reading=True) as store:
        store.delete_run(run)
        assert store.runs() == []
        store.compact()
    assert (disk / "runs.db").stat().st_size < before / 2
    with Store(disk / "runs.db") as store:
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store.create_run({"robot": "sim"})


def test_a_store_gives_its_space_back_in_steps_between_which_others_write(tmp_path):
    with Store(tmp_path / "runs.db") as store, Store(tmp_path / "runs.db") as other:
        run, _ = keep_all(store)
        size = store.db.execute("PRAGMA page_count").fetchone()[0]
        store.delete_run(run)
        written = []
        other.db.execute("PRAGMA busy_timeout=0")
        store.db.set_trace_callback(
            lambda text: written.append(other.create_run({})) if text.startswith("PRAGMA freelist") else None
        )
        store.compact()
        assert written, "nobody was locked out"
        assert store.db.execute("PRAGMA page_count").fetchone()[0] < size / 2


def test_an_older_file_is_not_written_anew_while_others_have_it_open(tmp_path):
    path = tmp_path / "runs.db"
    with Store(path) as store:
        store.db.execute("PRAGMA journal_mode=DELETE")
        store.db.execute("PRAGMA auto_vacuum=NONE")
        store.db.execute("VACUUM")
        store._write_ahead()
    with Store(path) as store:
        with Store(path) as other:
            other.runs()
            with pytest.raises(StoreError):
                store.compact()
        store.compact()
        assert store.db.execute("PRAGMA auto_vacuum").fetchone() == (INCREMENTAL,)
        assert store.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_training_waits_while_another_program_writes_and_then_goes_on(tmp_path):
    with Store(tmp_path / "runs.db") as store, Store(tmp_path / "runs.db") as other:
        trainer, run = start(store)
        seen = []
        for event in record(trainer, store, run, checkpoint_seconds=0):
            seen.append(type(event))
            if len(seen) == 3:
                other.db.execute("BEGIN IMMEDIATE")
            if isinstance(event, Paused):
                assert "another program is writing" in event.reason
                other.db.execute("ROLLBACK")
        assert seen.count(Paused) == seen.count(Resumed) == 1
        whole, tensors = keep_all(store, SMALL)
        assert same(tensors, trainer.learner.get_state())
        with pytest.raises(StoreBusy), store.busy_seconds(0):
            other.db.execute("BEGIN IMMEDIATE")
            store.set_status(run, "stopped")
