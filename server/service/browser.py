"""Opening a browser on this machine's screen, where it has one."""

import os
import subprocess
import sys
from contextlib import suppress


def has_screen() -> bool:
    """Say whether a browser with a window can be opened: not over ssh, nor on a Pi without a desktop."""
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


opened: list["subprocess.Popen[bytes]"] = []
"""The browsers that were opened, which go on by themselves."""


def open_browser(address: str) -> None:
    """Open `address` where there is a screen; returns at once.

    In a process and a session of its own, without the terminal: a browser for the terminal would take it
    over, and hold the server until it is left.
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
