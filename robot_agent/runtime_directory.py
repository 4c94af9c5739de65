"""The folder for sockets and pipes of running processes, which only this user can open."""

import os
import stat
import tempfile
from pathlib import Path

from robot_agent.errors import GuardError


def runtime_directory() -> Path:
    """Return the folder: $RUNTIME_DIRECTORY (set by systemd), else $XDG_RUNTIME_DIR, else one in /tmp.

    Raises:
        GuardError: the folder in /tmp belongs to another user, or other users can open it.
    """
    for variable in ("RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
        path = Path(os.environ.get(variable, "").split(":")[0])  # systemd may name several
        if path.is_absolute() and os.access(path, os.W_OK | os.X_OK):
            return path
    path = Path(tempfile.gettempdir()) / f"robot-agent-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise GuardError(
            f"The folder {path} is not this user's alone, so no guard may listen in it; "
            "remove it, or set XDG_RUNTIME_DIR."
        )
    return path


def default_socket() -> Path:
    """Return the default socket path of a guard that runs as a service; raises as `runtime_directory`."""
    return runtime_directory() / "robot-agent-guard.sock"
