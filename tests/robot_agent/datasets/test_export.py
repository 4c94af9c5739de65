"""Kept episodes in the formats of other programs, read back by those programs' own readers."""

import csv
import errno
import json
import shutil

import cv2
import numpy as np
import pytest
from stored_runs import SMALL, keep_all, start

from robot_agent.build.driving import keep_pictures
from robot_agent.build.simulation import make_physics
from robot_agent.datasets import export as exporting
from robot_agent.datasets.export import FORMATS, Source, export, film_episode, find_format
from robot_agent.datasets.moves import kept_episodes
from robot_agent.datasets.way import reckon
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.runs.pictures import Pictures
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

ONE = {
    "seed": 3,
    "preset": "one",
    "simulator": {"rendered": True},
    "train": {"moves": 60, "evaluation_episodes": 10},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with a run of one robot that keeps its pictures, and one of a fleet, which has none."""
    with Store(tmp_path_factory.mktemp("data") / "runs.db") as store:
        trainer, run = start(store, ONE)
        said = []
        pictures = keep_pictures(load(None, ONE), trainer.environment, store, run, said.append)
        assert run == 1 and not said
        for _ in record(trainer, store, run, pictures=pictures):
            pass
        trainer.environment.close()
        keep_all(store, SMALL)
        yield store


@pytest.fixture
def episodes(store):
    return list(kept_episodes(store, 1, pictures=Pictures(store.path)))


def test_episodes_are_read_with_a_picture_for_each_sight(store, episodes):
    assert len(episodes) == store.run(1).episodes > 3
    for episode in episodes:
        assert len(episode.pictures) == len(episode.sights) == len(episode) + 1
        assert cv2.imdecode(np.frombuffer(episode.pictures[0], np.uint8), 1).shape == (240, 320, 3)
        assert episode.times[-1] == pytest.approx(episode.pulses[:, 2].sum(), rel=1e-5)
        assert sum(values.sum() for values in episode.terms.values()) == pytest.approx(
            episode.rewards.sum(), abs=1e-4
        )
        assert episode.action_names == ("curvature", "duration")
    assert all(not episode.pictures for episode in kept_episodes(store, 2))


def test_the_pictures_are_those_that_were_looked_at(store, episodes):
    """The target's red is where the sight says, in each of them."""
    for episode in episodes[:3]:
        for (x1, x2), picture in zip(episode.sights, episode.pictures, strict=True):
            frame = cv2.imdecode(np.frombuffer(picture, np.uint8), 1).astype(int)
            if x1 < 2 or x2 > 39:
                continue
            red = (frame[..., 2] > frame[..., 1] + 70) & (frame[..., 2] > frame[..., 0] + 70)
            columns = np.flatnonzero(red.sum(axis=0) > 8) * 42 / 320
            middle = np.median(columns)
            assert x1 - 1 <= middle <= x2 + 2


def test_csv_has_a_row_for_each_move(store, episodes, tmp_path):
    place = tmp_path / "a.csv"
    export("csv", place, Source(store, [1, 2], False))
    assert place.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(place.read_text("utf-8-sig").splitlines()))
    mine = [row for row in rows if row["run"] == "1"]
    assert len(mine) == sum(map(len, episodes)) and {row["run"] for row in rows} == {"1", "2"}
    first = episodes[0]
    assert [int(mine[0][name]) for name in ("x1", "x2")] == first.sights[0].tolist()
    assert float(mine[1]["time"]) == pytest.approx(first.pulses[0, 2], abs=1e-3)
    assert mine[len(first) - 1]["ending"] == first.ending and mine[0]["by"] == "policy"
    terms = [name for name in mine[0] if name.startswith("reward.")]
    assert float(mine[0]["reward"]) == pytest.approx(sum(float(mine[0][name]) for name in terms), abs=1e-4)


def test_minari_reads_its_dataset(store, episodes, tmp_path, monkeypatch):
    minari = pytest.importorskip("minari")
    export("minari", tmp_path / "mine", Source(store, [1], False))
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    dataset = minari.load_dataset("mine")
    assert dataset.total_episodes == len(episodes)
    for read, kept in zip(dataset.iterate_episodes(), episodes, strict=True):
        assert np.array_equal(read.observations, kept.observations)
        assert np.array_equal(read.actions, kept.actions)
        assert read.rewards == pytest.approx(kept.rewards)
        assert read.terminations[-1] == (kept.ending in ("reached", "lost")) != read.truncations[-1]
        assert np.array_equal(read.infos["sight"], kept.sights)


def test_mcap_is_decoded_with_the_schemas_in_the_file(store, episodes, tmp_path):
    from mcap.reader import make_reader
    from mcap_protobuf.decoder import DecoderFactory

    place = tmp_path / "a.mcap"
    export("mcap", place, Source(store, [1], True))
    found = {}
    with place.open("rb") as file:
        for schema, channel, message, decoded in make_reader(
            file, decoder_factories=[DecoderFactory()]
        ).iter_decoded_messages():
            found.setdefault(channel.topic, []).append((schema.name, message.log_time, decoded))
    assert {topic: messages[0][0] for topic, messages in found.items()} == {
        "/log": "foxglove.Log",
        "/sight": "robot_agent.Sight",
        "/pose": "foxglove.PoseInFrame",
        "/camera": "foxglove.CompressedImage",
        "/action": "robot_agent.Action",
        "/reward": "robot_agent.Reward",
    }
    first, total = episodes[0], sum(map(len, episodes))
    sights = [[one.x1, one.x2] for _, _, one in found["/sight"][: len(first) + 1]]
    assert sights == first.sights.tolist()
    assert [one.data for _, _, one in found["/camera"][: len(first) + 1]] == list(first.pictures)
    assert len(found["/action"]) == len(found["/reward"]) == total
    assert [one.seconds for _, _, one in found["/action"][:2]] == pytest.approx(first.pulses[:2, 2].tolist())
    assert (found["/sight"][1][1] - found["/sight"][0][1]) / 1e9 == pytest.approx(
        first.pulses[0, 2], abs=1e-6
    )


def test_lerobot_has_the_rows_the_films_and_what_describes_them(store, episodes, tmp_path):
    """The real package wants another PyTorch: tests/benchmarks/read_lerobot.py tries it."""
    import av
    from pyarrow import parquet

    place = tmp_path / "set"
    export("lerobot", place, Source(store, [1], True))
    info = json.loads((place / "meta" / "info.json").read_text())
    data = parquet.read_table(place / info["data_path"].format(chunk_index=0, file_index=0)).to_pydict()
    total = sum(map(len, episodes))
    assert (info["codebase_version"], info["total_frames"], info["total_episodes"]) == (
        "v3.0",
        total,
        len(episodes),
    )
    assert data["index"] == list(range(total)) and set(data) | {"observation.images.camera"} == set(
        info["features"]
    )
    assert np.array_equal(np.array(data["action"], np.float32), np.concatenate([e.actions for e in episodes]))
    assert data["observation.time"] == np.concatenate([e.times[:-1] for e in episodes]).tolist()
    assert data["timestamp"] == pytest.approx(
        [frame / info["fps"] for frame in data["frame_index"]], abs=1e-5
    )
    about = parquet.read_table(place / "meta" / "episodes" / "chunk-000" / "file-000.parquet").to_pylist()
    assert [one["length"] for one in about] == [len(episode) for episode in episodes]
    film = place / info["video_path"].format(
        video_key="observation.images.camera", chunk_index=0, file_index=0
    )
    with av.open(str(film)) as opened:
        frames = [frame.to_ndarray(format="bgr24") for frame in opened.decode(video=0)]
    assert len(frames) == total
    one = about[2]
    frame = frames[round(one["videos/observation.images.camera/from_timestamp"] * info["fps"])]
    ours = cv2.imdecode(np.frombuffer(episodes[2].pictures[0], np.uint8), 1)
    assert np.abs(frame.astype(int) - ours).mean() < 5
    statistics = json.loads((place / "meta" / "stats.json").read_text())
    rewards = np.concatenate([episode.rewards for episode in episodes])
    assert statistics["next.reward"]["mean"] == pytest.approx([rewards.mean()], abs=1e-5)
    assert statistics["next.reward"]["std"] == pytest.approx([rewards.std()], abs=1e-5)
    assert np.shape(statistics["observation.images.camera"]["mean"]) == (3, 1, 1)


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_leaves_nothing_in_the_place(store, tmp_path, monkeypatch, name):
    def full(episodes, stop):
        for number, episode in enumerate(episodes):
            if number == stop:
                raise OSError(errno.ENOSPC, "No space left on device")
            yield episode

    source = Source(store, [1], False)
    monkeypatch.setattr(exporting, "_again", lambda first, rest: full(rest, 2))
    with pytest.raises(OSError, match="No space"):
        export(name, tmp_path / "out", source)
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_has_its_own_error_for_a_full_disk_is_understood(store, tmp_path, monkeypatch):
    """As h5py raises it; any other failure stays what it is."""

    def fails(words):
        def write(place, source, episodes):
            place.write_text("half")
            raise RuntimeError(words)

        chosen = exporting.Format(write, ".csv")
        monkeypatch.setitem(exporting.FORMATS, "csv", chosen)

    fails("file write failed: errno = 28, error message = 'No space left on device'")
    with pytest.raises(OSError, match="No space left") as error:
        export("csv", tmp_path / "a.csv", Source(store, [1], False))
    assert error.value.filename == str(tmp_path / "a.csv")
    fails("something else")
    with pytest.raises(RuntimeError, match="something else"):
        export("csv", tmp_path / "a.csv", Source(store, [1], False))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_exported_is_one_sentence(store, tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="lerobot"):
        find_format("lerobt")
    monkeypatch.setattr(exporting.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'robot-agent\[data\]'"):
        find_format("mcap")
    monkeypatch.undo()
    with pytest.raises(RobotAgentError, match="leave out --pictures"):
        export("mcap", tmp_path / "a.mcap", Source(store, [2], True))
    for kind in ("csv", "minari"):
        with pytest.raises(SettingsError, match="holds no pictures; take lerobot or mcap"):
            export(kind, tmp_path / "a", Source(store, [1], True))
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(SettingsError, match="already something"):
        export("csv", tmp_path / "a.csv", Source(store, [1], False))
    assert (tmp_path / "a.csv").read_text() == "mine"
    with pytest.raises(RobotAgentError, match="No pictures of run 2 are kept"):
        film_episode(store, 2, None, tmp_path / "b.mp4")
    with pytest.raises(RobotAgentError, match="pictures of episode 999"):
        film_episode(store, 1, 999, tmp_path / "b.mp4")


def test_a_film_shows_each_move_as_long_as_it_took(store, episodes, tmp_path):
    import av

    from robot_agent.datasets.film import END_SECONDS, FPS

    number, place = film_episode(store, 1, episodes[1].number, tmp_path / "a.mp4")
    assert number == episodes[1].number
    with av.open(str(place)) as film:
        frames = [frame.to_ndarray(format="bgr24") for frame in film.decode(video=0)]
    seconds = float(episodes[1].times[-1]) + END_SECONDS
    assert len(frames) == pytest.approx(seconds * FPS, abs=len(episodes[1]) / 2 + 1)
    assert frames[0].shape == (536, 1120, 3)
    seen = cv2.resize(cv2.imdecode(np.frombuffer(episodes[1].pictures[0], np.uint8), 1), (640, 480))
    part = slice(60, 400), slice(0, 640)  # the sight is tinted: it is less than half of it
    assert np.median(np.abs(frames[0][part].astype(int) - seen[part])) < 8
    assert np.abs(frames[0][:480, 645:].astype(int) - frames[-1][:480, 645:]).max() > 100, (
        "the robot has moved"
    )


def test_the_way_is_reckoned_from_the_pulses():
    physics = make_physics(load(None, {}).simulator)
    poses = reckon(np.array([[1, 1, 1], [1, -1, 0.2], [0.5, 1, 0.4]], np.float32), physics)
    assert poses[1] == pytest.approx([0.35, 0, 0], abs=1e-6)
    assert poses[2] == pytest.approx([0.35, 0, -0.14 / 0.14], abs=1e-6)
    turn = 0.35 * 0.4 * 0.5 / 0.14
    radius = 0.35 * 0.4 * 0.75 / turn
    x = 0.35 + radius * (np.sin(-1 + turn) - np.sin(-1))
    assert poses[3] == pytest.approx([x, radius * (np.cos(-1) - np.cos(-1 + turn)), -1 + turn], abs=1e-6)


def test_killed_before_the_end_no_half_file_is_read(store, tmp_path):
    pictures = Pictures(store.path)
    copied = Pictures(tmp_path / "runs.db")
    shutil.copytree(pictures.folder, copied.folder)
    whole = copied.file(1, 1).read_bytes()
    copied.file(1, 1).with_suffix(".half").write_bytes(whole[:100])
    copied.file(1, 2).write_bytes(whole[: len(whole) // 2])
    assert len(copied.read(1, 1)) > 1 and copied.read(1, 2) == ()
    assert 1 in copied.episodes(1)
