"""A training in a process that can be killed, quickly begun: torch is imported once, and then forked."""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["killed", "robot_agent.learning.torch_policy", "robot_agent.build.training", "robot_agent.runs.recorder"]
)


def train(path: Path, flags: dict[str, Any], run: int, sender: Connection) -> None:
    """Go on with a run until it is done; tells when it begins and when it ends."""
    from robot_agent.build.training import make_trainer
    from robot_agent.runs.recorder import record, restore
    from robot_agent.runs.store import Store
    from robot_agent.settings.config import load

    with Store(path) as store:
        trainer = make_trainer(load(None, flags))
        restore(trainer, store, run)
        sender.send("going")
        for _ in record(trainer, store, run, checkpoint_seconds=0.02):
            pass
        sender.send("done")
