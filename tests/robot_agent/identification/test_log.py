"""The log of a robot's moves: read, written, learned from, and refused where it is none."""

import json

import pytest

from robot_agent.identification.hypotheses import Knowledge
from robot_agent.identification.log import LONGEST, Log, read_log
from robot_agent.motors.motors import Pulse

LINE = {
    "episode": 1,
    "move": 1,
    "before": [10, 14],
    "x1": 9,
    "x2": 14,
    "left": 0.5,
    "right": 0.6,
    "seconds": 0.4,
}


def lines(*changes: dict) -> list[str]:
    return [json.dumps(LINE | change) for change in changes]


def test_a_log_is_learned_from_as_the_robot_did_and_survives_json() -> None:
    log, knowledge = Log(), Knowledge()
    knowledge.begin((15, 22))
    log.add(None, (15, 22))
    for pulse, ends in ((Pulse(0.8, 0.7, 0.4), (15, 24)), (Pulse(0.5, 0.5, 0.2), None)):
        knowledge.observe(pulse, ends)
        log.add(pulse, ends)
    again, from_log = Log.from_json(json.loads(json.dumps(log.to_json()))), Knowledge()
    assert again == log
    again.replay(from_log)
    assert (from_log.estimate.mean == knowledge.estimate.mean).all()


def test_it_grows_no_longer_than_it_may() -> None:
    log = Log()
    for number in range(LONGEST + 50):
        log.add(None if number % 5 == 0 else Pulse(0.5, 0.5, 0.1), (10, 20))
    assert len(log) <= LONGEST


def test_where_the_robot_moved_while_nobody_recorded_an_episode_begins() -> None:
    log, gaps = read_log(
        lines(
            {},
            {"move": 2, "before": [9, 14], "x1": 9, "x2": 15},
            {"move": 3, "before": [30, 34]},  # somebody has turned it
            {"move": 7, "before": [9, 14]},  # three moves are missing
            {"episode": 2, "x1": -1, "x2": -1},
        ),
        "moves.jsonl",
    )
    assert gaps == 2
    assert [len(episode.moves) for episode in log.episodes] == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "line 1 is no move"),
        ("[1, 2]", "no JSON object"),
        ("{}", "'left' is missing"),
        (json.dumps(LINE).replace("0.5", "NaN"), "not a number"),
        (json.dumps(LINE | {"left": 1.5}), "line 1 is no move"),
        (json.dumps(LINE | {"x2": 42}), "not from 0 to 41"),
        (json.dumps(LINE | {"x1": 20}), "in order"),
        (json.dumps(LINE | {"seconds": "long"}), "line 1 is no move"),
        ("", "holds no moves"),
    ],
)
def test_what_is_no_log_is_refused_with_its_line_and_the_cure(text: str, words: str) -> None:
    with pytest.raises(ValueError, match="drive --json") as refused:
        read_log([text], "moves.jsonl")
    assert words in str(refused.value)
