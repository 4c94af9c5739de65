"""Finds the policy that a command names: an exported file, or a run of the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from robot_agent.commands.known import open_known, with_action
from robot_agent.commands.stores import find_run, open_store
from robot_agent.errors import SettingsError
from robot_agent.learning.tensors import below
from robot_agent.pilot import build_policy
from robot_agent.runs.policy_file import load_for_policy, read_policy
from robot_agent.runs.store import Store
from robot_agent.settings.config import Config, load
from robot_agent.settings.flags import Flags

if TYPE_CHECKING:
    from robot_agent.identification.pilot import KnowingPilot
    from robot_agent.learning.gaussian import GaussianActor

Tensors = dict[str, NDArray[Any]]


def find_policy(name: str, store: Store | None) -> tuple[Tensors, dict[str, Any]]:
    """Return the parameters and settings of a policy.

    Args:
        name: a file, a run's number, or RUN:CHECKPOINT, where the checkpoint is `best` (the default), `last`
            or a number.
        store: the store with the runs.
    """
    run, colon, which = name.partition(":")
    if run.isdigit() and not Path(name).exists():
        if store is None:
            raise SettingsError(f"There is no store to take run {run} from.")
        settings = store.run(int(run)).settings
        _, tensors = store.checkpoint(int(run), which if colon else "best")
        return below(tensors, "policy."), settings
    return read_policy(Path(name))


def open_policy(
    name: str | None, flags: Flags, **more: Any
) -> "tuple[GaussianActor, Config, dict[str, Any]]":
    """Build the policy that a command names, or else the best policy of the newest run.

    Returns the policy, the settings to use it with, and the settings of its training. `more` are the
    command's own flags, see `Flags.values`.
    """
    values = flags.values(**more)
    from_file = name is not None and (Path(name).exists() or not name.partition(":")[0].isdigit())
    if name is not None and from_file:
        tensors, own = find_policy(name, None)
    else:
        place = load(flags.config, {key: value for key, value in values.items() if key == "store"}).store
        with open_store(place) as store:
            if name is None:
                name = str(find_run(store, None).id)
            tensors, own = find_policy(name, store)
    settings = load_for_policy(own, flags.config, values, from_file=from_file)
    asked = values.get("learner", {}).get("backend")
    return build_policy(tensors, settings, name, asked or "numpy"), settings, own


def open_pilot(name: str | None, flags: Flags, **more: Any) -> "tuple[GaussianActor | KnowingPilot, Config]":
    """Build the policy that a command names, as `open_policy`, and return it with the settings to use.

    If no policy is named or stored, a robot that is not simulated gets the policy that uses what is known
    about its robot, see `robot_agent.commands.known`.
    """
    from robot_agent.identification.policies import is_conditioned, read_policy

    if name is not None and Path(name).is_file() and is_conditioned(Path(name)):
        _, trained, _ = read_policy(Path(name))
        settings = with_action(flags.load(**more), trained.action)
        return open_known(settings, Path(name).read_bytes()), settings
    settings = flags.load(**more)
    if name is not None or settings.robot == "sim" or settings.task.factory or _has_run(settings.store):
        policy, settings, _ = open_policy(name, flags, **more)
        return policy, settings
    settings = with_action(settings, "wheels")
    return open_known(settings), settings


def _has_run(place: Path) -> bool:
    if not place.exists():
        return False
    with Store(place) as store:
        return bool(store.runs())
