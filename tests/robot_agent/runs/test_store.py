"""The store: whole at any moment, and honest about what it cannot read."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from killed import SERVER, train
from stored_runs import SMALL, keep_all, make_older, same, start

from robot_agent.build.training import make_trainer
from robot_agent.errors import StoreError
from robot_agent.learning.events import Episode, Update
from robot_agent.runs import database
from robot_agent.runs.recorder import record, restore
from robot_agent.runs.schema import VERSION
from robot_agent.runs.store import Store
from robot_agent.settings.config import load


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        yield store


def test_a_run_is_kept_with_all_that_happened(store):
    run, tensors = keep_all(store)
    info = store.run(run)
    assert (info.status, info.moves >= 12_000) == ("finished", True)
    updates, evaluations = store.updates(run), store.evaluations(run)
    assert [row["number"] for row in updates] == list(range(1, len(updates) + 1))
    assert evaluations[-1]["moves"] == info.moves
    assert sum(evaluations[-1]["endings"].values()) == 50
    episode = store.episodes(run)[0]
    assert len(episode["steps"]["x1"]) == episode["moves"]
    _, kept = store.checkpoint(run, "last")
    assert same(tensors, kept)


def test_the_best_and_the_last_checkpoint_are_marked(store):
    run, _ = keep_all(store)
    checkpoints = store.checkpoints(run)
    best = [c for c in checkpoints if "best" in c.marks]
    assert len(best) == 1
    assert best[0].success_rate >= max(c.success_rate or 0 for c in checkpoints) - 0.005
    assert not any(
        (c.success_rate or 0) >= best[0].success_rate and (c.moves_mean or 99) < best[0].moves_mean
        for c in checkpoints
    )
    assert "last" in checkpoints[-1].marks
    assert store.checkpoint(run, best[0].id)[0]["moves"] == best[0].moves


def test_going_on_from_the_store_is_exact(store):
    run, whole = keep_all(store)
    trainer, other = start(store)
    events = record(trainer, store, other, checkpoint_seconds=0)
    for event in events:
        if isinstance(event, Update) and event.number == 3:
            break
    events.close()
    assert store.run(other).status == "stopped"
    again = make_trainer(load(None, SMALL | {"seed": 77}))
    restore(again, store, other)
    for _ in record(again, store, other):
        pass
    assert same(whole, store.checkpoint(other)[1])
    assert len(store.updates(other)) == len(store.updates(run))


def test_deleting_a_run_takes_all_that_belongs_to_it(store):
    run, _ = keep_all(store)
    store.delete_run(run)
    assert store.runs() == []
    for table in ("updates", "evaluations", "episodes", "checkpoints", "progress"):
        assert store.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_another_network_is_not_gone_on_with(store):
    run, _ = keep_all(store)
    other = make_trainer(load(None, SMALL | {"network": {"hidden": [8]}}))
    with pytest.raises(StoreError, match="another network"):
        restore(other, store, run)


def test_a_store_of_a_newer_version_is_left_alone(store):
    store.db.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match="newer robot-agent"):
        Store(store.path)


def test_other_files_are_not_taken_for_stores(tmp_path):
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE holiday (photo BLOB)")
    db.close()
    with pytest.raises(StoreError, match="another program's"):
        Store(other)
    text = tmp_path / "text.db"
    text.write_text("this is no database, " * 100)
    with pytest.raises(StoreError, match="damaged or no store"):
        Store(text)
    with pytest.raises(StoreError, match="may write to"):
        Store(tmp_path / "nowhere" / "runs.db")


def test_a_damaged_checkpoint_is_an_error(store):
    run, _ = keep_all(store)
    store.db.execute("UPDATE checkpoints SET tensors = x'00112233'")
    with pytest.raises(StoreError, match="damaged"):
        store.checkpoint(run)


def test_a_run_or_checkpoint_that_is_not_there_is_told_with_those_that_are(store):
    run, _ = keep_all(store)
    with pytest.raises(StoreError, match=f"its runs are: {run}"):
        store.run(99)
    with pytest.raises(StoreError, match="it has best, last and"):
        store.checkpoint(run, "worst")


def test_a_full_disk_loses_nothing_that_was_kept(store):
    trainer, run = start(store)
    events = record(trainer, store, run, checkpoint_seconds=0)
    for event in events:
        if isinstance(event, Update) and event.number == 2:
            (pages,) = store.db.execute("PRAGMA page_count").fetchone()
            store.db.execute(f"PRAGMA max_page_count={pages}")
            break
    with pytest.raises(StoreError, match="disk is full") as full:
        list(events)
    assert "--resume" not in str(full.value)  # that is for the command that trains to say
    store.db.execute("PRAGMA max_page_count=1000000")
    assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = make_trainer(load(None, SMALL))
    restore(again, store, run)
    assert again.updates >= 2
    list(record(again, store, run))
    whole, _ = keep_all(store)
    assert same(store.checkpoint(whole)[1], store.checkpoint(run)[1])


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.slow)
        for kind in ("fleet in segments", "fleet", "one rendered robot")
    ],
)
def test_killed_at_twenty_random_moments_the_weights_are_those_of_an_undisturbed_run(tmp_path, kind):
    """Kill -9, go on, twenty times; also in the middle of a single robot's episodes."""
    flags = {"seed": 3, "train": {"moves": 400_000, "evaluation_episodes": 50}}
    if kind == "fleet in segments":
        flags["train"] |= {"rollout_moves": 5}
    if kind == "one rendered robot":
        flags = {
            "seed": 3,
            "train": {"moves": 700, "episodes_per_update": 4, "evaluation_episodes": 50},
            "simulator": {"rendered": True},
        }
    path, kills = tmp_path / "runs.db", 0
    with Store(path) as store:
        trainer, run = start(store, flags)
        for _ in record(trainer, store, run):
            pass
        whole = store.checkpoint(run)[1]
        trainer, run = start(store, flags)
        next(events := record(trainer, store, run))
        events.close()
    moment = random.Random(kind)
    while kills < 20:
        receiver, sender = SERVER.Pipe(duplex=False)
        process = SERVER.Process(target=train, args=(path, flags, run, sender))
        process.start()
        sender.close()
        with receiver:
            assert receiver.recv() == "going"
            receiver.poll(moment.uniform(0.0, 0.12))
            process.kill()
            process.join()
        if process.exitcode != -signal.SIGKILL:
            break
        kills += 1
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
    assert kills == 20, "the training was over before it had been killed twenty times; make it longer"
    with Store(path) as store:
        trainer = make_trainer(load(None, flags))
        restore(trainer, store, run)
        for _ in record(trainer, store, run):
            pass
    with Store(path) as store:
        assert same(whole, store.checkpoint(run)[1])
        assert store.run(run).status == "finished"
        numbers = [row["number"] for row in store.updates(run)]
        assert numbers == list(range(1, len(numbers) + 1)), "no update is missing or twice"
    assert Path(path).exists()


def test_between_two_checkpoints_a_single_robot_makes_its_updates_again_from_its_episodes(store, monkeypatch):
    """Few bytes an episode, and nothing lost: only every fifth update's networks are written."""
    flags = {"seed": 3, "preset": "one", "train": {"moves": 900, "evaluate_every": 10_000}}
    whole, _ = keep_all(store, flags)
    trainer, run = start(store, flags)
    for event in (events := record(trainer, store, run)):
        if isinstance(event, Episode) and trainer.updates == 8:
            break
    with monkeypatch.context() as cut:  # the power is cut: nothing more is written
        cut.setattr(Store, "keep", lambda *_, **__: None)
        cut.setattr(Store, "set_status", lambda *_: None)
        events.close()
    assert store.checkpoint(run)[0]["updates"] == 5
    again = make_trainer(load(None, flags))
    restore(again, store, run)
    assert (again.updates, again.episodes, again.moves) == (8, trainer.episodes, trainer.moves)
    assert same(trainer.learner.get_state(), again.learner.get_state())
    list(record(again, store, run))
    assert same(store.checkpoint(whole)[1], store.checkpoint(run)[1])


@pytest.mark.parametrize("where", ["update", "_mark_border", "get_state"])
def test_an_interruption_between_state_and_event_keeps_neither_without_the_other(store, where, monkeypatch):
    """Ctrl-C may strike anywhere: a state whose update was not reported is not kept, and is made again."""
    whole, _ = keep_all(store)
    trainer, run = start(store)
    owner = trainer if where == "_mark_border" else trainer.learner
    inside, calls = getattr(owner, where), []

    def interrupted(*arguments):
        calls.append(0)
        answer = inside(*arguments)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(owner, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        for _ in record(trainer, store, run, checkpoint_seconds=0):
            pass
    info = store.run(run)
    assert info.updates == len(store.updates(run)) > 0
    again = make_trainer(load(None, SMALL))
    restore(again, store, run)
    list(record(again, store, run))
    assert same(store.checkpoint(whole)[1], store.checkpoint(run)[1])
    assert len(store.updates(run)) == len(store.updates(whole))
    assert len(store.evaluations(run)) == len(store.evaluations(whole))


OPEN = """
import sys
from robot_agent.runs.schema import VERSION
from robot_agent.runs.store import Store
for line in sys.stdin:
    with Store(line.strip()) as store:
        store.create_run({})
        store.runs()
    print("kept", flush=True)
"""


def test_a_new_store_opened_by_several_at_once_is_made_once(tmp_path):
    """A dashboard looks while a training begins: whoever comes first makes the tables, nobody fails."""
    with ExitStack() as stack:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [
            stack.enter_context(subprocess.Popen([sys.executable, "-c", OPEN], **pipes)) for _ in range(4)
        ]
        for number in range(25):
            path = tmp_path / f"{number}.db"
            for process in processes:
                process.stdin.write(f"{path}\n")
                process.stdin.flush()
            assert [process.stdout.readline() for process in processes] == ["kept\n"] * 4
            with Store(path) as store:
                assert len(store.runs()) == 4


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_an_older_version_becomes_one_of_this_in_place(tmp_path, version):
    path = tmp_path / "old.db"
    with Store(path) as store:
        run, tensors = keep_all(store)
        updates, episode = len(store.updates(run)), store.episodes(run)[0]
        store.keep_progress(run, [], {"moves": 7})
        make_older(store, version)
    with Store(path) as store:
        info = store.run(run)
        assert (info.name, info.marked, info.deleted) == (None, False, None)
        assert len(store.updates(run)) == updates
        assert same(tensors, store.checkpoint(run)[1]) and same(
            episode["steps"], store.episodes(run)[0]["steps"]
        )
        assert store.progress(run) is None, "what it holds cannot be made again"
        assert store.db.execute("PRAGMA user_version").fetchone() == (VERSION,)
        store.set_name(run, "old")
    with Store(path) as store:
        assert store.runs()[0].name == "old"


def test_bringing_a_large_store_up_to_date_is_reported_and_needs_room(tmp_path, monkeypatch, caplog):
    path = tmp_path / "old.db"
    with Store(path) as store:
        run, _ = keep_all(store)
        make_older(store, 2)
    monkeypatch.setattr(database, "LARGE", 1)
    monkeypatch.setattr(database, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(database, "STEPS_AT_ONCE", 100)
    with monkeypatch.context() as full:
        full.setattr(database.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
        with pytest.raises(StoreError, match="free some space"):
            Store(path)
    with Store(path) as store:
        assert store.run(run).id == run
    said = [record.getMessage() for record in caplog.records]
    assert "brought up to date once" in said[0] and "still" in said[1] and "is up to date" in said[-1]


def test_of_very_many_updates_and_episodes_some_are_read_with_the_last(store):
    run, _ = keep_all(store)
    for of, some in ((store.updates, store.updates), (store.episodes, store.some_episodes)):
        numbers = [row["number"] for row in of(run)]
        few = [row["number"] for row in some(run, 7)]
        assert 4 <= len(few) <= 7 and few[-1] == numbers[-1] and set(few) <= set(numbers)
        assert len({b - a for a, b in zip(few, few[1:], strict=False)}) == 1, "evenly spread"
        assert [row["number"] for row in some(run, 10_000)] == numbers


@pytest.mark.slow
def test_a_long_run_takes_no_more_memory_to_look_at_than_a_short_one(tmp_path):
    """All 30,000 episodes at once would take some 400 MB."""
    path = tmp_path / "runs.db"
    with Store(path) as store:
        run, _ = keep_all(store, SMALL)

    def peak():
        command = [sys.executable, "-m", "robot_agent", "health", str(run), "--store", str(path)]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return used.ru_maxrss / 1024

    few = peak()
    with Store(path) as store:
        columns = [row[1] for row in store.db.execute("PRAGMA table_info(episodes)") if row[1] != "id"]
        count, last = store.db.execute("SELECT count(*), max(number) FROM episodes").fetchone()
        shifted = ", ".join("number + :by" if name == "number" else name for name in columns)
        names, first = ", ".join(columns), f"number <= {last}"
        copied = f"INSERT INTO episodes ({names}) SELECT {shifted} FROM episodes WHERE {first}"
        with store.db:
            for again in range(1, 30_000 // count + 1):
                store.db.execute(copied, {"by": again * (last + 1)})
        assert store.db.execute("SELECT count(*) FROM episodes").fetchone()[0] >= 30_000
    assert peak() < few + 100


def test_a_damaged_episode_is_an_error(store):
    run, _ = keep_all(store)
    store.db.execute("UPDATE episodes SET steps = x'00112233'")
    with pytest.raises(StoreError, match="damaged"):
        store.episodes(run)


def test_a_run_that_is_put_away_is_in_no_list_and_comes_back_until_it_is_purged(store):
    run = store.create_run({"robot": "sim"})
    store.set_marked(run, True)
    store.set_deleted(run, True)
    assert store.runs() == [] and store.run(run).deleted is not None
    store.set_deleted(run, False)
    assert [info.id for info in store.runs()] == [run] and store.runs()[0].marked
    store.set_deleted(run, True)
    deleted = store.run(run).deleted
    assert deleted is not None
    assert store.purge(deleted) == 0 and store.purge(deleted + 1) == 1
    with pytest.raises(StoreError):
        store.run(run)


def test_a_file_with_two_names_is_read_but_not_written(tmp_path):
    with Store(tmp_path / "runs.db") as store:
        run = store.create_run({})
    (tmp_path / "same.db").hardlink_to(tmp_path / "runs.db")
    for name in ("runs.db", "same.db"):
        with pytest.raises(StoreError, match="2 names"):
            Store(tmp_path / name)
        with Store(tmp_path / name, reading=True) as store:
            assert store.run(run).id == run
    shutil.copy(tmp_path / "runs.db", tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as store:
        assert store.create_run({}) == run + 1
