"""Opens a browser on this machine's screen, if it has one."""

import os
import subprocess
import sys
from contextlib import suppress


def has_screen() -> bool:
    """Return whether a browser window can be opened: not over ssh, and not on a Pi without a desktop."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


opened: list["subprocess.Popen[bytes]"] = []
"""The processes that have opened browsers; nobody waits for them."""


def open_browser(address: str) -> None:
    """Open `address` in a browser if there is a screen; return at once.

    The browser runs in a process and a session of its own, without the terminal: a text browser would take
    over the terminal, and the server would wait until somebody quits it.
    """
    if not has_screen():
        return
    with suppress(OSError):
        opened.append(
            subprocess.Popen(
                [sys.executable, "-m", "webbrowser", address],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
