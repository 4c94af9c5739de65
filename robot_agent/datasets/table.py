"""Export to a spreadsheet: a row for each move."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from robot_agent.datasets.moves import KeptEpisode


def write_csv(place: Path, episodes: Iterable[KeptEpisode]) -> None:
    """Write a CSV file (RFC 4180, UTF-8 with a byte order mark, as spreadsheets expect it).

    `x1` and `x2` are the sight before the move, `after_x1` and `after_x2` the sight after it, empty if
    nothing was seen; `time` is in seconds of driving. The columns of actions and reward terms are those of
    the first episode.
    """
    with place.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        header: list[str] = []
        for episode in episodes:
            if not header:
                terms = tuple(episode.terms)
                header = [
                    *("run", "episode", "move", "time", "by", "x1", "x2"),
                    *(f"action.{name}" for name in episode.action_names),
                    *("left", "right", "seconds", "after_x1", "after_x2", "reward"),
                    *(f"reward.{name}" for name in terms),
                    "ending",
                ]
                rows.writerow(header)
            for move in range(len(episode)):
                rows.writerow(
                    [
                        *(episode.run, episode.number, move + 1, round(float(episode.times[move]), 4)),
                        *(episode.authors[move], *_ends(episode.sights[move])),
                        *(_short(value) for value in episode.actions[move]),
                        *(_short(value) for value in episode.pulses[move]),
                        *_ends(episode.sights[move + 1]),
                        _short(episode.rewards[move]),
                        *(
                            _short(episode.terms[name][move]) if name in episode.terms else ""
                            for name in terms
                        ),
                        episode.ending if move == len(episode) - 1 else "",
                    ]
                )


def _short(value: Any) -> float:
    return round(float(value), 5) + 0.0  # + 0.0 turns -0.0 into 0.0


def _ends(sight: Iterable[int]) -> list[int | str]:
    return [int(end) if end >= 0 else "" for end in sight]
