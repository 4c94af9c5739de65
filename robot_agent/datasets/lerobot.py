"""A LeRobotDataset, version 3.0: Parquet, MP4 and `meta/`, as https://huggingface.co/docs/lerobot describes.

The format has one frame rate, but moves have different lengths. A row is a move; its `timestamp` counts rows
at the frame rate, which is the mean rate of the moves, and its true time is in `observation.time`, seconds of
driving since the episode began. Nothing is resampled, so no row is made up.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.datasets.moves import KeptEpisode
from robot_agent.datasets.video import Video, decode

VERSION = "v3.0"
CAMERA = "observation.images.camera"
FILE = "chunk-{chunk:03d}/file-{file:03d}"
VIDEO_BYTES = 200_000_000
"""Size from which on a video file takes no further episode."""
ROWS = 5000
"""Number of rows that are written at once."""
QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
PICTURES_JUDGED = 5
"""Number of pictures of an episode from which its statistics are computed."""

Columns = dict[str, NDArray[Any]]


def write_lerobot(place: Path, episodes: Iterable[KeptEpisode], *, fps: int, robot: str, task: str) -> None:
    """Write a folder that `LeRobotDataset(..., root=place)` opens.

    Args:
        place: the folder, which is made.
        episodes: the episodes to write, at least one; either all of them have pictures, or none.
        fps: rows per second of the dataset, see above.
        robot: name of the robot.
        task: the robot's task, in a sentence.
    """
    writer = _Writer(place, fps)
    for index, episode in enumerate(episodes):
        writer.add(index, episode, task)
    writer.close(robot, task)


def columns(episode: KeptEpisode) -> Columns:
    """Return the columns of an episode by their names in the dataset, arrays of shape (T,) or (T, n)."""
    length = len(episode)
    last = np.arange(length) == length - 1
    return {
        "observation.state": episode.observations[:-1],
        "observation.sight": episode.sights[:-1],
        "observation.time": episode.times[:-1],
        "action": episode.actions,
        "pulse": episode.pulses,
        "by_hand": np.array([author == "person" for author in episode.authors]),
        "next.reward": episode.rewards,
        "next.done": last,
        "next.success": last & (episode.ending == "reached"),
    }


def features(episode: KeptEpisode) -> dict[str, dict[str, Any]]:
    """Return the description of the columns, as in `meta/info.json`."""
    names = {
        "observation.state": [f"state_{i}" for i in range(episode.observations.shape[1])],
        "observation.sight": ["x1", "x2"],
        "action": list(episode.action_names),
        "pulse": ["left", "right", "seconds"],
    }
    described = {
        name: {
            "dtype": str(values.dtype),
            "shape": list(values.shape[1:]) or [1],
            "names": names.get(name),
        }
        for name, values in columns(episode).items()
    }
    counters = ("frame_index", "episode_index", "index", "task_index")
    described["timestamp"] = {"dtype": "float32", "shape": [1], "names": None}
    return described | {name: {"dtype": "int64", "shape": [1], "names": None} for name in counters}


@dataclass
class _Sums:
    """Sums over the episodes, from which the statistics of the whole dataset are computed."""

    parts: list[dict[str, Any]] = field(default_factory=list)

    def together(self) -> dict[str, list[Any]]:
        counts = np.array([part["count"][0] for part in self.parts], np.float64)
        weights = (counts / counts.sum()).reshape(-1, *([1] * np.ndim(self.parts[0]["mean"])))
        of = {name: np.array([part[name] for part in self.parts], np.float64) for name in self.parts[0]}
        mean = (of["mean"] * weights).sum(axis=0)
        variance = ((of["std"] ** 2 + (of["mean"] - mean) ** 2) * weights).sum(axis=0)
        together = {
            "min": of["min"].min(axis=0),
            "max": of["max"].max(axis=0),
            "mean": mean,
            "std": np.sqrt(variance),
            "count": np.array([counts.sum()], np.int64),
        }
        together |= {name: (of[name] * weights).sum(axis=0) for name in QUANTILES}
        return {name: values.tolist() for name, values in together.items()}


class _Writer:
    """Writes the files of one dataset, episode by episode."""

    def __init__(self, place: Path, fps: int) -> None:
        self.place, self.fps = place, fps
        self.index = self.episodes = 0
        self.features: dict[str, dict[str, Any]] = {}
        self.sums: dict[str, _Sums] = {}
        self.rows: list[Columns] = []
        self.data: Any = None
        self.about: list[dict[str, Any]] = []
        self.video: Video | None = None
        self.video_file = -1
        place.mkdir()

    def add(self, number: int, episode: KeptEpisode, task: str) -> None:
        """Append an episode."""
        self.features = self.features or features(episode)
        length = len(episode)
        own = columns(episode)
        own["timestamp"] = (np.arange(length) / self.fps).astype(np.float32)
        own["frame_index"] = np.arange(length)
        own["episode_index"] = np.full(length, number)
        own["index"] = np.arange(self.index, self.index + length)
        own["task_index"] = np.zeros(length, np.int64)
        self.rows.append(own)
        about: dict[str, Any] = {
            "episode_index": number,
            "tasks": [task],
            "length": length,
            "data/chunk_index": 0,
            "data/file_index": 0,
            "dataset_from_index": self.index,
            "dataset_to_index": self.index + length,
        }
        found = {name: _statistics(values) for name, values in own.items()}
        if episode.pictures:
            about |= self._film(episode)
            found[CAMERA] = _picture_statistics(episode)
        for name, values in found.items():
            self.sums.setdefault(name, _Sums()).parts.append(values)
            about |= {f"stats/{name}/{key}": value for key, value in values.items()}
        self.about.append(about | {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0})
        self.index += length
        self.episodes += 1
        if sum(len(part["index"]) for part in self.rows) >= ROWS:
            self._flush()

    def _film(self, episode: KeptEpisode) -> dict[str, Any]:
        """Append the pictures before each move to the video; return where in the video they are."""
        path = self._video_path()
        if self.video is None or (path.exists() and path.stat().st_size >= VIDEO_BYTES):
            if self.video is not None:
                self.video.close()
            self.video_file += 1
            path = self._video_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            self.video = Video(path, self.fps)
        first = self.video.frames
        for frame in decode(episode.pictures[:-1]):
            self.video.add(frame)
        return {
            f"videos/{CAMERA}/chunk_index": 0,
            f"videos/{CAMERA}/file_index": self.video_file,
            f"videos/{CAMERA}/from_timestamp": first / self.fps,
            f"videos/{CAMERA}/to_timestamp": self.video.frames / self.fps,
        }

    def _video_path(self) -> Path:
        return self.place / "videos" / CAMERA / (FILE.format(chunk=0, file=max(self.video_file, 0)) + ".mp4")

    def _flush(self) -> None:
        """Write the rows that have been gathered."""
        import pyarrow
        from pyarrow import parquet

        arrays = {}
        for name in self.rows[0] if self.rows else ():
            values = np.concatenate([part[name] for part in self.rows])
            flat = pyarrow.array(values.ravel())
            if values.ndim == 2:
                flat = pyarrow.FixedSizeListArray.from_arrays(flat, values.shape[1])
            arrays[name] = flat
        if not arrays:
            return
        table = pyarrow.table(arrays)
        if self.data is None:
            path = self.place / "data" / (FILE.format(chunk=0, file=0) + ".parquet")
            path.parent.mkdir(parents=True)
            self.data = parquet.ParquetWriter(path, table.schema, compression="snappy")
        self.data.write_table(table)
        self.rows = []

    def close(self, robot: str, task: str) -> None:
        """Write the remaining rows, and the files that describe the dataset."""
        import pyarrow
        from pyarrow import parquet

        self._flush()
        self.data.close()
        if self.video is not None:
            self.video.close()
            width, height = self.video.size
            self.features[CAMERA] = {
                "dtype": "video",
                "shape": [height, width, 3],
                "names": ["height", "width", "channels"],
                "info": {
                    "video.height": height,
                    "video.width": width,
                    "video.codec": "h264",
                    "video.pix_fmt": "yuv420p",
                    "video.is_depth_map": False,
                    "video.fps": self.fps,
                    "video.channels": 3,
                    "has_audio": False,
                },
            }
        meta = self.place / "meta"
        episodes = meta / "episodes" / (FILE.format(chunk=0, file=0) + ".parquet")
        episodes.parent.mkdir(parents=True)
        parquet.write_table(pyarrow.Table.from_pylist(self.about), episodes)
        parquet.write_table(_tasks(task), meta / "tasks.parquet")
        statistics = {name: sums.together() for name, sums in self.sums.items()}
        (meta / "stats.json").write_text(json.dumps(statistics, indent=2), "utf-8")
        info = {
            "codebase_version": VERSION,
            "robot_type": robot,
            "total_episodes": self.episodes,
            "total_frames": self.index,
            "total_tasks": 1,
            "chunks_size": 1000,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": self.fps,
            "splits": {"train": f"0:{self.episodes}"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
            "features": self.features,
        }
        (meta / "info.json").write_text(json.dumps(info, indent=2), "utf-8")


def _tasks(task: str) -> Any:
    """Return the table of tasks for pandas, with the sentences as its index, as LeRobot reads it."""
    import pyarrow

    index = "task"
    described = {
        "index_columns": [index],
        "column_indexes": [],
        "columns": [
            {"name": "task_index", "field_name": "task_index", "pandas_type": "int64",
             "numpy_type": "int64", "metadata": None},
            {"name": index, "field_name": index, "pandas_type": "unicode",
             "numpy_type": "object", "metadata": None},
        ],
        "pandas_version": "2.2.0",
    }  # fmt: skip
    table = pyarrow.table({"task_index": [0], index: [task]})
    return table.replace_schema_metadata({"pandas": json.dumps(described)})


def _statistics(values: NDArray[Any]) -> dict[str, Any]:
    """Return the statistics of one column of one episode, with a number for each part of the column."""
    wide = values.reshape(len(values), -1).astype(np.float64)
    found = {
        "min": wide.min(axis=0),
        "max": wide.max(axis=0),
        "mean": wide.mean(axis=0),
        "std": wide.std(axis=0),
    }
    found |= {name: np.quantile(wide, share, axis=0) for name, share in QUANTILES.items()}
    return {name: value.tolist() for name, value in found.items()} | {"count": [len(values)]}


def _picture_statistics(episode: KeptEpisode) -> dict[str, Any]:
    """Return the statistics of an episode's pictures, red, green and blue in [0, 1], shape (3, 1, 1)."""
    chosen = np.unique(np.linspace(0, len(episode) - 1, PICTURES_JUDGED).astype(int))
    frames = decode([episode.pictures[i] for i in chosen])
    pixels = np.concatenate([frame[::4, ::4, ::-1].reshape(-1, 3) / 255 for frame in frames])
    found = _statistics(pixels)
    shaped = {name: np.reshape(value, (3, 1, 1)).tolist() for name, value in found.items() if name != "count"}
    return shaped | {"count": [len(chosen)]}
