"""Somebody deletes, moves or replaces the store's file while it is in use: nothing of it is lost."""

import resource
import shutil
import signal

import pytest
from stored_runs import keep_all, same, start

from robot_agent.errors import StoreError
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store


def delete(path):
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def move(path):
    path.rename(path.with_name("elsewhere.db"))  # without its log, as people do it


def replace_by_empty(path):
    delete(path)
    Store(path).close()  # as the server does when it lists the runs


def remove_folder(path):
    shutil.rmtree(path.parent)
    path.parent.mkdir()


@pytest.mark.parametrize("trouble", [delete, move, replace_by_empty, remove_folder])
def test_a_training_goes_on_and_its_store_is_whole(tmp_path, caplog, trouble):
    path = tmp_path / "of its own" / "runs.db"
    path.parent.mkdir()
    with Store(path) as store:
        earlier, tensors = keep_all(store)
        trainer, run = start(store)
        for number, _ in enumerate(record(trainer, store, run, checkpoint_seconds=0)):
            if number == 3:
                trouble(path)
    assert "written again" in caplog.text and "in use" in caplog.text
    with Store(path) as store:
        assert store.run(run).status == "finished"
        assert same(store.checkpoint(run)[1], trainer.learner.get_state())
        assert same(tensors, store.checkpoint(earlier)[1]) and store.episodes(earlier)


def test_a_store_that_was_put_in_its_place_is_left_alone(tmp_path):
    path, other = tmp_path / "runs.db", tmp_path / "other.db"
    with Store(other) as store:
        keep_all(store)
        store.set_name(1, "somebody's")
    with Store(path) as store:
        run, tensors = keep_all(store)
        delete(path)
        shutil.move(other, path)
        with pytest.raises(StoreError, match=r"replaced by another file.*runs-rescued\.db"):
            store.set_name(run, "mine")
        store.set_name(run, "mine")
    with Store(path) as store:
        assert store.run(1).name == "somebody's"
    with Store(tmp_path / "runs-rescued.db") as store:
        assert store.run(run).name == "mine" and same(tensors, store.checkpoint(run)[1])


def test_a_file_that_is_no_store_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    with Store(path) as store:
        delete(path)
        path.write_text("my notes")
        with pytest.raises(StoreError, match="replaced"):
            store.create_run({})
    assert path.read_text() == "my notes"


def test_where_there_is_no_room_to_write_it_again_nothing_is_lost_until_there_is(tmp_path):
    """The limit of the size of a file stands for a full disk: SQLite is told the same at the same place."""
    path = tmp_path / "runs.db"
    with Store(path) as store:
        run, tensors = keep_all(store)
        delete(path)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(StoreError):
                store.set_name(run, "mine")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, before)
        assert not path.exists()
        store.set_name(run, "mine")
    with Store(path) as store:
        assert store.run(run).name == "mine" and same(store.checkpoint(run)[1], tensors)
