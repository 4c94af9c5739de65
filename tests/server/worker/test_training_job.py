"""What the worker says of a training that has ended, besides what it learned."""

from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

from robot_agent.settings.config import load
from server.codec import decode
from server.protocol.from_worker import Findings
from server.worker.outbox import Outbox
from server.worker.training_job import train


def findings_of(settings: dict) -> list[dict]:
    """The newest findings of a whole training."""
    ours, theirs = Pipe(duplex=False)
    received: list[bytes] = []

    def receive() -> None:
        while data := ours.recv_bytes():
            received.append(data)

    reader = Thread(target=receive)
    reader.start()
    for _ in train(load(None, settings), Outbox(theirs)):
        pass
    theirs.send_bytes(b"")
    reader.join(30)
    messages = [decode(data, {"findings": Findings}) for data in received]
    return [message for message in messages if isinstance(message, Findings)][-1].findings


def test_a_task_that_the_oracle_fails_too_is_said_to_be_impossible(tmp_path: Path) -> None:
    hopeless = {
        "preset": "quick",
        "seed": 1,
        "store": tmp_path / "runs.db",
        "task": {"max_moves": 1},
        "train": {"moves": 6000, "evaluation_episodes": 20},
    }
    found = findings_of(hopeless)
    assert found[0].name == "task-impossible"
    assert "task.max_moves=1" in found[0].cure


def test_a_run_that_has_only_begun_says_so(tmp_path: Path) -> None:
    short = {
        "preset": "quick",
        "seed": 1,
        "store": tmp_path / "runs.db",
        "train": {"moves": 600, "evaluation_episodes": 20},
    }
    assert "too-short" in [one.name for one in findings_of(short)]
