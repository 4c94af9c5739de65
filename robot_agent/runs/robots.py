"""Knowledge of robots kept in the store between starts: estimates, logs, adapted policies.

The two tables are made when the first robot is remembered; a store without robots does not have them.
"""

import json
import sqlite3
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

from robot_agent.errors import StoreError
from robot_agent.identification.estimate import VERSION
from robot_agent.identification.hypotheses import Change, Knowledge
from robot_agent.identification.log import Log
from robot_agent.identification.trial import Trial
from robot_agent.runs.store import Store

SECONDS_OF_A_DAY = 86400.0

_TABLES = (
    "CREATE TABLE IF NOT EXISTS robots (name TEXT PRIMARY KEY, changed REAL NOT NULL, known BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS robot_policies (name TEXT NOT NULL, action TEXT NOT NULL, "
    "policy BLOB NOT NULL, "
    "before BLOB, trial TEXT NOT NULL, PRIMARY KEY (name, action))",
)


@dataclass(slots=True)
class Memory:
    """What is known of one robot."""

    knowledge: Knowledge = field(default_factory=Knowledge)
    log: Log = field(default_factory=Log)


@dataclass(slots=True)
class Adapted:
    """A policy that was adapted to one robot, and the one that it replaced."""

    policy: bytes
    """The policy as the content of a file, see `robot_agent.identification.policies`."""
    before: bytes | None
    """The policy that it replaced; None for the one that ships."""
    trial: Trial | None
    """The trial that compares its real episodes with the prediction; None after the policy was accepted."""


def robots(store: Store) -> list[str]:
    """Return the names of the robots that are remembered."""
    return [row[0] for row in _rows(store, "SELECT name FROM robots ORDER BY name")]


def recall(store: Store, name: str) -> Memory | None:
    """Return what is known about a robot; None if nothing is. The knowledge becomes less sure with each day.

    Raises:
        StoreError: the stored knowledge is of another version of this program, or damaged.
    """
    for changed, known in _rows(store, "SELECT changed, known FROM robots WHERE name = ?", name):
        cure = f"forget it with 'robot-agent adapt --forget --robot {name}' and let the robot drive anew"
        try:
            value = json.loads(zlib.decompress(known))
            if value["version"] != VERSION:
                raise StoreError(
                    f"What is known of the robot {name!r} is of another version of this program; {cure}."
                )
            memory = Memory(log=Log.from_json(value["log"]))
            memory.knowledge.restore(value["knowledge"])
            memory.knowledge.changes = [
                Change(move, (bool(w[0]), w[1], w[2]), gain, rewired)
                for move, w, gain, rewired in value["changes"]
            ]
        except (ValueError, KeyError, TypeError, IndexError, OverflowError, zlib.error) as error:
            raise StoreError(f"What is known of the robot {name!r} is damaged; {cure}.") from error
        memory.knowledge.rest(max(time.time() - changed, 0.0) / SECONDS_OF_A_DAY)
        return memory
    return None


def remember(store: Store, name: str, knowledge: Knowledge, log: Log) -> None:
    """Store what is known about a robot."""
    value = {
        "version": VERSION,
        "knowledge": knowledge.state(),
        "log": log.to_json(),
        "changes": [(c.move, c.wiring, c.gain, c.rewired) for c in knowledge.changes],
    }
    _write(
        store,
        "INSERT OR REPLACE INTO robots VALUES (?, ?, ?)",
        name,
        time.time(),
        zlib.compress(json.dumps(value).encode()),
    )


def forget(store: Store, name: str) -> bool:
    """Forget a robot and the policies that were adapted to it; return whether anything was known."""
    before = store.db.total_changes
    for table in ("robots", "robot_policies"):
        _write(store, f"DELETE FROM {table} WHERE name = ?", name)
    return store.db.total_changes > before


def adapted(store: Store, name: str, action: str) -> Adapted | None:
    """Return the policy that was adapted to a robot; None if there is none.

    Raises:
        StoreError: what the store has of it is damaged.
    """
    question = "SELECT policy, before, trial FROM robot_policies WHERE name = ? AND action = ?"
    for policy, before, trial in _rows(store, question, name, action):
        try:
            return Adapted(policy, before, _trial(json.loads(trial)))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(damaged_policy(name)) from error
    return None


def damaged_policy(name: str) -> str:
    """Return what to say of a robot whose adapted policy is damaged."""
    return (
        f"The policy that was adapted to the robot {name!r} is damaged; return to the one before with "
        f"'robot-agent adapt --revert --robot {name}'."
    )


def keep_adapted(store: Store, name: str, action: str, policy: Adapted) -> None:
    """Store a policy that was adapted to a robot, with the state of its trial."""
    trial = policy.trial
    value = None if trial is None else {"good": trial.good, "evidence": trial.evidence}
    _write(
        store,
        "INSERT OR REPLACE INTO robot_policies VALUES (?, ?, ?, ?, ?)",
        name,
        action,
        policy.policy,
        policy.before,
        json.dumps(value),
    )


def revert(store: Store, name: str, action: str) -> bool:
    """Return to the policy before the adapted one; return False if there is no adapted one."""
    question = "SELECT before FROM robot_policies WHERE name = ? AND action = ?"
    for (before,) in _rows(store, question, name, action):  # the present one may be damaged
        if before is None:
            _write(store, "DELETE FROM robot_policies WHERE name = ? AND action = ?", name, action)
        else:
            keep_adapted(store, name, action, Adapted(before, None, None))
        return True
    return False


def settle_trial(store: Store, name: str, action: str, reached: list[bool]) -> bool:
    """Let real episodes decide about an adapted policy that is on trial.

    Args:
        store: the store that keeps the policy.
        name: name of the robot.
        action: kind of action of the policy.
        reached: for each episode with this policy, whether it reached the goal.

    Returns:
        Whether the policy did worse than predicted and was replaced by the one before it.
    """
    own = adapted(store, name, action)
    if own is None or own.trial is None:
        return False
    for one in reached:
        kept = own.trial.episode(one)
        if kept is False:
            revert(store, name, action)
            return True
        if kept:
            own.trial = None
            break
    keep_adapted(store, name, action, own)
    return False


def _trial(value: dict[str, Any] | None) -> Trial | None:
    if value is None:
        return None
    trial = Trial(value["good"])
    trial.evidence = float(value["evidence"])
    return trial


def _rows(store: Store, question: str, *values: Any) -> list[Any]:
    try:
        return store.db.execute(question, values).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise


def _write(store: Store, statement: str, *values: Any) -> None:
    for table in _TABLES:
        store.db.execute(table)
    store.db.execute(statement, values)
