"""Workers that are processes of this machine: each does one job after the other, with one thread."""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import IO

from robot_agent.errors import RobotAgentError
from robot_agent.sweep.job import Job
from robot_agent.sweep.workers import WAIT_SECONDS, Ended

CHUNK = 1 << 16


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Process:
    """One process, and the job that it is doing."""

    def __init__(self) -> None:
        """Start the process; raise OSError if the system has no processes or files left."""
        self.job: Job | None = None
        self._heard = b""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
        # In its own session, so that Ctrl-C reaches only the command, which then ends this process.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "robot_agent.sweep.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def fileno(self) -> int:
        """Return the file descriptor from which the answers are read."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def begin(self, job: Job) -> None:
        """Send the process a job."""
        self.job = job
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # the process has died; `hear` notices that
            self._process.stdin.write(json.dumps(job.to_json()).encode() + b"\n")
            self._process.stdin.flush()

    def hear(self) -> Ended | None:
        """Read from the process; return its job if that has ended, None if not yet."""
        chunk = os.read(self.fileno(), CHUNK)
        self._heard += chunk
        job = self.job
        if chunk and not self._heard.endswith(b"\n"):
            return None
        self.job = None
        if not chunk:
            why = self._last_words()
            self.end()
            return Ended(job, None, why) if job is not None else None
        heard, self._heard = self._heard, b""
        assert job is not None
        return Ended(job, json.loads(heard))

    @property
    def lives(self) -> bool:
        """Whether the process is alive."""
        return self._process.returncode is None

    def end(self) -> None:
        """Kill the process, and all processes that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        for file in filter(None, (self._process.stdin, self._process.stdout, self._errors)):
            with suppress(OSError):
                file.close()

    def _last_words(self) -> str:
        """Return how the process ended, with the last line that it wrote to standard error."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        if code is not None and code < 0:
            with suppress(ValueError):
                return f"it was ended by {signal.Signals(-code).name}"
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"it ended with code {code}" + (f": {last}" if last else "")


class Processes:
    """Workers that are up to `number` processes, each started when it is needed."""

    def __init__(self, number: int) -> None:
        """Store the number; no process is started yet.

        Args:
            number: largest number of processes, and so of jobs at once.
        """
        self._number = number
        self._all: list[Process] = []
        self._selector = selectors.DefaultSelector()

    def places(self) -> int:
        """Return the largest number of processes."""
        return self._number

    def pids(self) -> list[int]:
        """Return the process ids of the running processes."""
        return [process.pid for process in self._all]

    def submit(self, job: Job) -> None:
        """Begin a job in a free process, or in a new one if none is free.

        Raises:
            RobotAgentError: no process is free, and no further one can be started.
        """
        process = next((one for one in self._all if one.job is None), None)
        if process is None:
            try:
                process = Process()
            except OSError as error:
                raise RobotAgentError(
                    f"No further process can be started ({error.strerror}); give fewer --processes."
                ) from error
            self._all.append(process)
            self._selector.register(process.fileno(), selectors.EVENT_READ, process)
        process.begin(job)

    def wait(self) -> list[Ended]:
        """Return the jobs that have ended, see `Workers`."""
        ended = []
        for key, _ in self._selector.select(WAIT_SECONDS):
            process: Process = key.data
            one = process.hear()
            if not process.lives:
                self._selector.unregister(key.fileobj)
                self._all.remove(process)
            if one is not None:
                ended.append(one)
        return ended

    def close(self) -> None:
        """End all processes."""
        while self._all:
            process = self._all.pop()
            self._selector.unregister(process.fileno())
            process.end()
        self._selector.close()
