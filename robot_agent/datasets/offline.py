"""A Minari dataset, for offline reinforcement learning; https://minari.farama.org describes the format."""

from collections.abc import Iterable
from pathlib import Path

import gymnasium
import numpy as np

from robot_agent.datasets.moves import KeptEpisode


def write_minari(place: Path, episodes: Iterable[KeptEpisode]) -> None:
    """Write a folder that `minari.load_dataset` opens if MINARI_DATASETS_PATH is the folder above it.

    Observations and actions are the policy's; rewards and endings are the task's. The
    sights, the pulses and who made each move are in the infos.
    """
    from minari import __version__
    from minari.data_collector.episode_buffer import EpisodeBuffer
    from minari.dataset.minari_storage import MinariStorage

    storage, total = None, 0
    place = place.absolute()  # Minari joins relative paths twice
    place.mkdir()
    for number, episode in enumerate(episodes):
        length = len(episode)
        if storage is None:
            spaces = [
                gymnasium.spaces.Box(-np.inf, np.inf, values.shape[1:], np.float32)
                for values in (episode.observations, episode.actions)
            ]
            storage = MinariStorage.new(place / "data", *spaces, data_format="hdf5")
        last = np.arange(length) == length - 1
        terminated = episode.ending in ("reached", "lost")
        pulses = np.concatenate([episode.pulses, np.zeros((1, 3), np.float32)])
        people = [author == "person" for author in (*episode.authors, "policy")]
        buffer = EpisodeBuffer(
            id=number,
            observations=list(episode.observations),
            actions=list(episode.actions),
            rewards=episode.rewards.tolist(),
            terminations=(last & terminated).tolist(),
            truncations=(last & (not terminated)).tolist(),
            infos={"sight": list(episode.sights), "pulse": list(pulses), "by_hand": people},
        )
        storage.update_episodes([buffer])
        total += length
    assert storage is not None
    storage.update_metadata(
        {
            "dataset_id": place.name,
            "minari_version": __version__,
            "algorithm_name": "REINFORCE",
            "description": "Moves of a robot that learns to drive to what it sees; kept by robot-agent.",
            "dataset_size": round(sum(file.stat().st_size for file in place.rglob("*.*")) / 1e6, 1),
        }
    )
