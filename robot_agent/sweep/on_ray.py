"""Jobs on a Ray cluster, or with Ray on this machine: each is a Ray task of one core.

Every machine of the cluster must have the same version of robot-agent installed. Machines may come and go: a
job on a machine that is lost is done again on another one.
"""

import importlib.util
import io
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from typing import Any

from robot_agent import __version__
from robot_agent.errors import RobotAgentError, SettingsError
from robot_agent.sweep.job import Job, perform
from robot_agent.sweep.workers import WAIT_SECONDS, Ended

LOOK_SECONDS = 1.0
"""Seconds between two checks of how many cores the cluster has."""

CONNECT_SECONDS = 5.0
"""Seconds in which a cluster must answer; Ray itself would try for a minute and then end the program."""

USUAL_PORT = 6379
"""Port of a Ray cluster, if none is named."""


class ClusterError(RobotAgentError, ConnectionError):
    """The Ray cluster cannot be reached, or has other versions of Ray, Python or robot-agent."""


def perform_there(version: str, job: dict[str, Any]) -> dict[str, Any]:
    """Do a job in a process of Ray, unless robot-agent has another version there.

    Returns JSON values as `perform` does, with the version as `version`.
    """
    if version != __version__:
        return {"version": __version__}
    return {"version": __version__} | perform(Job(**job))


class RayWorkers:
    """Workers that do the jobs with Ray, on a cluster or on this machine."""

    def __init__(self, address: str = "", number: int | None = None) -> None:
        """Connect to Ray.

        Args:
            address: HOST or HOST:PORT of the cluster's head, `auto` for the one this machine is part of, or
                empty: Ray is started on this machine.
            number: number of jobs at once; the number of cores if not given.

        Raises:
            SettingsError: Ray is not installed.
            ClusterError: no cluster answers there, or it has another version of Ray or Python.
        """
        if importlib.util.find_spec("ray") is None:
            raise SettingsError("Ray is not installed; install it with: pip install 'robot-agent[ray]'")
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # Ray's default niceness of 15 would leave the trainings no time on a machine that others use too.
        os.environ.setdefault("RAY_worker_niceness", "0")
        import ray

        self._ray: Any = ray
        self._number = number
        self._under_way: dict[Any, Job] = {}
        self._looked, self._cores = -LOOK_SECONDS, 0
        self._open = ExitStack()
        # Ray would print news of its nodes to standard output, which must hold only the results.
        self._open.enter_context(redirect_stdout(io.StringIO()))
        try:
            self._connect(address)
        except BaseException:
            self.close()
            raise
        self._remote = ray.remote(num_cpus=1, max_retries=0)(perform_there)

    def _connect(self, address: str) -> None:
        if address not in ("", "auto"):
            address = _reachable(address)
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
        signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            if address:
                self._ray.init(address=address, **quiet)
            else:
                with _own_path():
                    self._ray.init(num_cpus=self._number, include_dashboard=False, **quiet)
        except ConnectionError as error:
            raise ClusterError(
                "No Ray cluster runs on this machine; start one with: ray start --head, or name its address, "
                f"as in --on ray:HOST:{USUAL_PORT}."
                if address == "auto"
                else f"The Ray cluster at {address} refuses: {_first_line(error)}; check it with: ray status."
            ) from error
        except RuntimeError as error:
            raise ClusterError(_refusal(str(error), address or "this machine")) from error
        finally:
            for number, handler in signals.items():  # Ray's handlers would end the program at once
                with suppress(ValueError):
                    signal.signal(number, handler)

    def places(self) -> int:
        """Return the number of cores of the present machines, at most the number asked for."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._cores = int(self._ray.cluster_resources().get("CPU", 0))
        return self._cores if self._number is None else min(self._cores, self._number)

    def submit(self, job: Job) -> None:
        """Begin a job."""
        self._under_way[self._remote.remote(__version__, job.to_json())] = job

    def wait(self) -> list[Ended]:
        """Return the jobs that have ended, see `Workers`.

        Raises:
            ClusterError: a machine of the cluster has no robot-agent, or another version.
        """
        waiting = list(self._under_way)
        if not waiting:
            threading.Event().wait(WAIT_SECONDS)  # wait for a machine to join
            return []
        done, _ = self._ray.wait(waiting, num_returns=1, timeout=WAIT_SECONDS)
        if done and len(waiting) > 1:
            done, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        return [self._ended(one) for one in done]

    def _ended(self, reference: Any) -> Ended:
        job = self._under_way.pop(reference)
        errors = self._ray.exceptions
        try:
            result: dict[str, Any] = self._ray.get(reference)
        except (errors.NodeDiedError, errors.LocalRayletDiedError, errors.ObjectLostError) as error:
            return Ended(job, None, _first_line(error), of_the_node=True)
        except errors.RayTaskError as error:
            raise ClusterError(
                f"A machine of the cluster cannot use robot-agent ({_last_line(error)}); install version "
                f"{__version__} on all of them."
            ) from error
        except errors.RayError as error:
            return Ended(job, None, _first_line(error))
        version = result.pop("version")
        if version != __version__:
            raise ClusterError(
                f"A machine of the cluster has robot-agent {version}, this one {__version__}; install the "
                "same on all of them."
            )
        return Ended(job, result)

    def close(self) -> None:
        """Leave the cluster; the jobs that are still running there are ended."""
        with suppress(Exception):
            self._ray.shutdown()
        self._open.close()


@contextmanager
def _own_path() -> Iterator[None]:
    """Let processes that are started inside this context find the same modules as this process."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _reachable(address: str) -> str:
    """Return HOST:PORT of a cluster's head after it has answered; raise ClusterError or SettingsError."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host:
        host, port = port, str(USUAL_PORT)
    if not port.isdecimal() or not 0 < int(port) < 2**16 or not host:
        raise SettingsError(f"{address!r} is no address of a Ray cluster; write HOST:{USUAL_PORT}.")
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        raise ClusterError(
            f"No Ray cluster answers at {host}:{port} ({getattr(error, 'strerror', None) or error}); check "
            f"the address, and that it runs: ray start --head --port {port}."
        ) from error
    return f"{host}:{port}"


def _refusal(text: str, address: str) -> str:
    """Return the sentence to show for Ray's own message when it cannot connect."""
    versions = re.findall(r"(Ray|Python): ([^\s]+)", text)
    if "ersion mismatch" in text and len(versions) == 4:
        there, here = (f"Ray {a[1]} and Python {b[1]}" for a, b in (versions[:2], versions[2:]))
        return (
            f"The cluster at {address} has {there}, this program {here}; both must be the same: install them "
            "here, or start the cluster with those of here."
        )
    return f"Ray does not work with {address}: {text.strip().partition(chr(10))[0]}"


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
