"""Make .venv in this folder and install robot-agent into it: python3 deploy/set_up.py EXTRA STAMP.

The Makefile calls this. It needs nothing but Python, of any version from 3.6 on, so that it can say when that
is too old.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
GOOD = f"import sys, pip; sys.exit(sys.version_info < {NEEDED})"


class Failed(Exception):
    """It cannot be done; the text says what to do."""


def dotted(version):
    """Return a version as people write it."""
    return ".".join(str(part) for part in version[:2])


def find_newer():
    """Return the path of a Python that is new enough; raises Failed when there is none."""
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return found
    raise Failed(
        f"robot-agent needs Python {dotted(NEEDED)} or newer, and this is {dotted(sys.version_info)}. "
        "Install a newer one (on Debian and Ubuntu: sudo apt install python3.11 python3.11-venv; on a Mac: "
        "brew install python@3.13), then try again; another name is given with make run PYTHON=..."
    )


def set_up(extra, stamp, run=subprocess.call):
    """Make .venv and install into it, unless that is done; a second one waits for the first."""
    folder = Path.cwd()
    if not os.access(str(folder), os.W_OK):
        raise Failed(
            f"{folder} cannot be written, and .venv has to stand in it; copy the folder to one of yours "
            "(cp -r . ~/robot-agent) and work there."
        )
    held = os.open(str(folder), os.O_RDONLY)
    try:
        hold(held)
        done = folder / ".venv" / stamp
        if done.exists() and done.stat().st_mtime >= (folder / "pyproject.toml").stat().st_mtime:
            return
        python = folder / ".venv" / "bin" / "python"
        # One of an older Python, or one whose making was interrupted, is made anew.
        good = python.exists() and not run([str(python), "-c", GOOD], stderr=subprocess.DEVNULL)
        if not good and run([sys.executable, "-m", "venv", "--clear", str(folder / ".venv")]):
            raise Failed(
                "No virtual environment could be made; the reason stands above. On Debian and Ubuntu: "
                "sudo apt install python3-venv"
            )
        if run([str(python), "-m", "pip", "install", "--no-compile", "-e", f".[{extra}]"]):
            raise Failed("The packages could not be installed; the reason stands above. Then try again.")
        # Pip compiles with one core, which takes a minute. What fails here is compiled when it is used.
        packages = [str(path) for path in (folder / ".venv").glob("lib/python*/site-packages")]
        run([str(python), "-m", "compileall", "-qq", "-j", "0", *packages])
        done.parent.mkdir(exist_ok=True)
        done.touch()
    finally:
        os.close(held)


def hold(file):
    """Wait until nobody else sets up this folder, where the system can tell."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("Another program is setting up this folder; this one waits for it.", flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)


def main(arguments):
    """Set up; an error is one sentence."""
    try:
        if sys.version_info < NEEDED:
            newer = find_newer()
            print(f"Python {dotted(sys.version_info)} is too old; {newer} is taken.", flush=True)
            os.execv(newer, [newer, *sys.argv])
        set_up(*arguments)
    except Failed as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; try again, and it goes on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
