"""Pictures beside the store: behind the loop, in bounded space, and never at the cost of a move."""

import threading

import numpy as np
import pytest
from stored_runs import SMALL, start

from robot_agent.build.driving import keep_pictures
from robot_agent.runs import pictures as module
from robot_agent.runs.pictures import PictureKeeper, Pictures
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

RNG = np.random.default_rng(0)
ONE = {
    "seed": 3,
    "preset": "one",
    "simulator": {"rendered": True},
    "train": {"moves": 12, "evaluation_episodes": 5},
}


def frames(count):
    return [RNG.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(count)]


def keep(pictures, run, episodes, **more):
    keeper = PictureKeeper(pictures, run, more.pop("megabytes", 10), **more)
    for episode in episodes:
        for frame in frames(4):
            keeper.add(frame)
            with keeper._waiting:  # a robot is slower than this loop
                pass
        keeper.end(episode, 3)
    keeper.close()


def test_an_episode_has_a_picture_of_its_start_and_of_each_move(tmp_path):
    pictures = Pictures(tmp_path / "runs.db")
    keeper = PictureKeeper(pictures, 7, 10)
    for frame in frames(6):  # two of a search before the start, then four
        keeper.add(frame)
    keeper.end(1, 3)
    keeper.close()
    assert len(pictures.read(7, 1)) == 4 and pictures.episodes(7) == [1]
    assert pictures.read(7, 2) == pictures.read(8, 1) == ()


def test_what_a_person_drives_on_after_an_ending_is_of_the_next_episode(tmp_path):
    pictures, ahead = Pictures(tmp_path / "runs.db"), 2
    keeper = PictureKeeper(pictures, 7, 10, ahead=lambda: ahead)
    for frame in frames(6):  # of a start, three moves, and two that a person made after them
        keeper.add(frame)
    keeper.end(1, 3)
    ahead = 0
    keeper.end(2, 2)
    keeper.close()
    first, second = pictures.read(7, 1), pictures.read(7, 2)
    assert len(first) == 4 and len(second) == 3 and first[-1] == second[0]


def test_the_oldest_make_room_and_those_of_marked_runs_go_last(tmp_path):
    pictures = Pictures(tmp_path / "runs.db")
    keep(pictures, 1, [1, 2, 3])
    one = pictures.file(1, 1).stat().st_size
    keep(pictures, 2, [1, 2, 3, 4, 5], megabytes=5.5 * one / 1e6, spared={1})
    assert pictures.episodes(1) == [1, 2, 3] and pictures.episodes(2) == [4, 5]
    keep(pictures, 3, [1, 2, 3, 4, 5], megabytes=3.5 * one / 1e6)
    assert pictures.episodes(1) == pictures.episodes(2) == [] and pictures.episodes(3) == [3, 4, 5]


def test_a_full_disk_loses_pictures_and_no_moves_and_is_said_once(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with Store(tmp_path / "runs.db") as store:
        trainer, run = start(store, ONE)
        said = []
        pictures = keep_pictures(load(None, ONE), trainer.environment, store, run, said.append)
        monkeypatch.setattr(Pictures, "write", full)
        list(record(trainer, store, run, pictures=pictures))
        trainer.environment.close()
        assert store.run(run).moves >= 12 and len(said) == 1 and "No space left" in said[0]
        assert "pictures.megabytes = 0" in said[0]


def test_no_move_waits_for_a_picture(tmp_path, monkeypatch):
    """While the writer is stuck, pictures are left out: nothing piles up and nothing waits."""
    go_on = threading.Event()
    monkeypatch.setattr(module, "encoded", lambda frame: go_on.wait(30) and b"jpeg")
    pictures = Pictures(tmp_path / "runs.db")
    keeper = PictureKeeper(pictures, 1, 10)
    for frame in frames(50):
        keeper.add(frame)  # returns although nothing was written
    assert sum(look is not None for look in keeper._looks) == module.WAITING
    keeper.end(1, 40)
    go_on.set()
    keeper.close()
    assert pictures.episodes(1) == []


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (ONE, True),
        (ONE | {"pictures": {"megabytes": 0}}, False),
        (SMALL, False),
    ],
)
def test_who_keeps_pictures(tmp_path, settings, kept):
    with Store(tmp_path / "runs.db") as store:
        trainer, run = start(store, settings)
        keeper = keep_pictures(load(None, settings), trainer.environment, store, run, print)
        trainer.environment.close()
        assert (keeper is not None) == kept
        if keeper is not None:
            keeper.close()


def test_a_robot_on_a_memory_card_keeps_none_unless_asked(tmp_path):
    """A stand-in for the settings of robot = pi: its devices are not opened."""
    with Store(tmp_path / "runs.db") as store:
        trainer, run = start(store, ONE)
        config = load(None, ONE)
        on_a_pi = config.model_copy(update={"robot": "pi"})
        assert keep_pictures(on_a_pi, trainer.environment, store, run, print) is None
        asked = on_a_pi.model_copy(update={"pictures": config.pictures.model_copy(update={"megabytes": 5.0})})
        keeper = keep_pictures(asked, trainer.environment, store, run, print)
        assert keeper is not None
        keeper.close()
        trainer.environment.close()
