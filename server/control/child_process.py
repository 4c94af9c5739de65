"""A process whose end is reported by the kernel, not by a pipe: its children may hold that open."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

POLL_SECONDS = 0.1
"""Time between two looks whether it lives, where the kernel cannot report it (before Linux 5.3)."""


class ChildProcess:
    """A process in a session of its own; what it has started and left behind ends with it."""

    def __init__(self, command: Sequence[str], *, pass_fds: Sequence[int], env: dict[str, str]) -> None:
        """Start it, with these files; raises OSError where there are no processes or files left."""
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
        """How it ended, as in `subprocess`; None while it lives."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until it has ended; returns how."""
        return await asyncio.shield(self._ended)

    def kill(self) -> None:
        """End it at once."""
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
        # Before its number can become another's: what it has started may hold its camera, or its robot.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        if not self._ended.done():
            self._ended.set_result(code)
