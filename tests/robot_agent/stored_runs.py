"""Runs in a store, for its tests: small ones, and what older versions of the program wrote."""

import zlib

import numpy as np

from robot_agent.build.training import make_trainer
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load

SMALL = {
    "seed": 5,
    "train": {"moves": 12_000, "robots": 32, "episodes_per_update": 32, "evaluation_episodes": 50},
}


def start(store: Store, flags=SMALL):
    config = load(None, flags)
    return make_trainer(config), store.create_run(config.model_dump(mode="json"))


def keep_all(store: Store, flags=SMALL) -> tuple[int, dict]:
    trainer, run = start(store, flags)
    for _ in record(trainer, store, run, checkpoint_seconds=0):
        pass
    return run, trainer.learner.get_state()


def same(one, other) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in one)


def make_older(store: Store, version: int) -> None:
    """Turn a store into what an older version of the program would have written."""
    store.db.create_function("inflated", 1, zlib.decompress)
    store.db.execute("UPDATE episodes SET steps = inflated(steps)")
    store.db.execute("UPDATE checkpoints SET tensors = inflated(tensors)")
    store.db.execute("ALTER TABLE progress ADD COLUMN tensors BLOB NOT NULL DEFAULT x''")
    if version == 1:
        for column in ("name", "marked", "deleted"):
            store.db.execute(f"ALTER TABLE runs DROP COLUMN {column}")
    store.db.execute(f"PRAGMA user_version={version}")
