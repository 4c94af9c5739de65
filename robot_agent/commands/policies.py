"""Finding the policy that a command names: an exported file, or a run of the store."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from robot_agent.errors import SettingsError
from robot_agent.learning.tensors import below
from robot_agent.pilot import build_policy
from robot_agent.runs.policy_file import load_for_policy, read_policy
from robot_agent.runs.store import RunInfo, Store
from robot_agent.settings.config import Config, load

if TYPE_CHECKING:
    from robot_agent.learning.gaussian import GaussianActor

Tensors = dict[str, NDArray[Any]]


def open_store(path: Path) -> Store:
    """Open a store that exists; SettingsError if there is none."""
    if not path.exists():
        raise SettingsError(
            f"There is no store {str(path)!r} yet; train first, or name another one with --store."
        )
    return Store(path)


def find_run(store: Store, run: int | None) -> RunInfo:
    """Return a run of the store, the newest if no number is given; SettingsError if there is none yet."""
    if run is not None:
        return store.run(run)
    if not (runs := store.runs()):
        raise SettingsError(f"There is no run in {store.path} yet; train first.")
    return runs[0]


def find_policy(name: str, store: Store | None) -> tuple[Tensors, dict[str, Any]]:
    """Return the parameters and settings of a policy.

    Args:
        name: a file, a run's number, or RUN:CHECKPOINT, where the checkpoint is `best` (when left
            out), `last` or a number.
        store: where runs are looked up.
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
    name: str | None, config: Path | None, flags: Mapping[str, Any]
) -> "tuple[GaussianActor, Config, dict[str, Any]]":
    """Build the policy that a command names; if it names none, the best of the newest run.

    Returns the policy, the settings to use it under, and those it was trained with.
    """
    from_file = name is not None and (Path(name).exists() or not name.partition(":")[0].isdigit())
    if name is not None and from_file:
        tensors, own = find_policy(name, None)
    else:
        place = load(config, {key: value for key, value in flags.items() if key == "store"}).store
        with open_store(place) as store:
            if name is None:
                name = str(find_run(store, None).id)
            tensors, own = find_policy(name, store)
    settings = load_for_policy(own, config, flags, from_file=from_file)
    return build_policy(tensors, settings, name), settings, own
