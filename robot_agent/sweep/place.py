"""The choice of where jobs are done, `--on`: processes of this machine, or Ray."""

from robot_agent.errors import SettingsError
from robot_agent.sweep.processes import Processes, cores
from robot_agent.sweep.workers import Workers
from vision.names import did_you_mean


def open_workers(place: str | None, processes: int | None) -> Workers:
    """Open the workers that do the jobs.

    Args:
        place: None for processes of this machine, `ray` for Ray on this machine, `ray:ADDRESS` for a cluster.
        processes: number of jobs at once; the number of cores if not given.

    Raises:
        SettingsError: there is no such place, or Ray is not installed.
        ClusterError: no cluster answers there, or its version of Ray, Python or robot-agent is another.
    """
    if place is None:
        return Processes(processes or cores())
    kind, _, address = place.strip().partition(":")
    if kind != "ray":
        raise SettingsError(
            f"There is no place {place!r}.{did_you_mean(kind, ['ray'])} Write ray for Ray on this machine, "
            "or ray:HOST:6379 for a cluster."
        )
    from robot_agent.sweep.on_ray import RayWorkers

    return RayWorkers(address, processes or (None if address else cores()))
