"""A process whose end the kernel reports; the end of a pipe would not do, as a child may hold it open."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

POLL_SECONDS = 0.1
"""Time between two looks whether it lives, where the kernel cannot report it (before Linux 5.3)."""


class ChildProcess:
    """A process in a session of its own; the processes that it has started are killed when it ends."""

    def __init__(self, command: Sequence[str], *, pass_fds: Sequence[int], env: dict[str, str]) -> None:
        """Start the process; raise OSError if the system has no process or file left.

        Args:
            command: the program and its arguments.
            pass_fds: numbers of the open files that the process gets.
            env: the environment variables of the process.
        """
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        # In a session of its own: Ctrl-C is for the server, which then ends this process.
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, pass_fds=pass_fds, env=env, start_new_session=True
        )
        try:
            watched = os.pidfd_open(self._process.pid)
        except (AttributeError, OSError):
            self._poll()
        else:
            self._loop.add_reader(watched, self._reap, watched)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, as in `subprocess`; None while the process lives."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until the process has ended; return its exit code, as in `subprocess`."""
        return await asyncio.shield(self._ended)

    def kill(self) -> None:
        """Kill the process at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def _reap(self, watched: int) -> None:
        self._loop.remove_reader(watched)
        os.close(watched)
        self._end()

    def _poll(self) -> None:
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            self._loop.call_later(POLL_SECONDS, self._poll)
        else:
            self._end()

    def _end(self) -> None:
        # Kill its children before its process id can be given to another process: they may hold the camera.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        if not self._ended.done():
            self._ended.set_result(code)
