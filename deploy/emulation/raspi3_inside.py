"""Inside of the emulated Raspberry Pi: does what `raspi3_outside.py` says over the serial line.

One JSON list a line, `[number, name, arguments...]`; the answer is `[number, value]`. What it says by
itself has the number 0.
"""

import http.client
import http.cookiejar
import json
import os
import re
import sqlite3
import subprocess
import sys
import termios
import threading
import time
import traceback
import tty
import urllib.request
from pathlib import Path
from typing import Any

LINE = "/dev/ttyAMA0"
STORE = "file:/var/lib/robot-agent/runs.db?mode=ro"
AT = "http://127.0.0.1:8080"
MARK = 26
"""A pin that nobody else has: raised right before a kill, so that both are seen from outside in one place."""

EPISODES = "SELECT count(*) FROM episodes WHERE run = (SELECT max(id) FROM runs)"

jar = http.cookiejar.MozillaCookieJar("/root/jar")
if Path("/root/jar").exists():
    jar.load(ignore_discard=True, ignore_expires=True)
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
lock = threading.Lock()
line = os.open(LINE, os.O_RDWR | os.O_NOCTTY)
tty.setraw(line, termios.TCSANOW)
chip = None


def say(message: Any) -> None:
    """Send a line, whole."""
    data = json.dumps(message).encode() + b"\n"
    with lock:
        while data:
            data = data[os.write(line, data) :]


def run(*command: str, seconds: float = 600.0) -> list[Any]:
    """Run a command; return its code and what it said."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds
    )
    return [done.returncode, done.stdout[-20000:]]


def api(method: str, path: str, body: Any = None) -> list[Any]:
    """Ask the server; return its status and its answer."""
    request = urllib.request.Request(
        AT + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with opener.open(request, timeout=60) as answer:
            text = answer.read().decode()
            code = answer.status
        jar.save(ignore_discard=True, ignore_expires=True)
    except urllib.error.HTTPError as error:
        text, code = error.read().decode(), error.code
    except (OSError, http.client.HTTPException) as error:
        text, code = str(error), 0
    try:
        return [code, json.loads(text)]
    except ValueError:
        return [code, text]


def pair() -> list[Any]:
    """Pair with the code in the journal."""
    said = run("journalctl", "-b", "-u", "robot-agent", "-o", "cat", "--no-pager")[1]
    codes = re.findall(r"with the code (\S+)", said)
    return api("POST", "/api/v1/pair", {"code": codes[-1].rstrip(".")}) if codes else [0, "no code"]


def processes() -> dict[str, list[int]]:
    """Return the service's processes by what they are; of the guard's two the watchdog is the parent."""
    found: dict[str, list[int]] = {"server": [], "trainer": [], "watchdog": [], "guard": [], "all": []}
    guards = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if "/opt/robot-agent/" not in command or stat[0] == "Z":
            continue
        pid = int(entry.name)
        found["all"].append(pid)
        if "-m robot_agent.guard " in command:
            guards[pid] = int(stat[1])
        elif "-m server.worker" in command:
            found["trainer"].append(pid)
        elif "bin/robot-server" in command:
            found["server"].append(pid)
    for pid, parent in guards.items():
        found["guard" if parent in guards else "watchdog"].append(pid)
    return found


def send(which: str, number: int) -> list[int]:
    """Send a signal to processes, right after the mark went high; return which."""
    global chip
    import lgpio

    if chip is None:
        chip = lgpio.gpiochip_open(0)
        lgpio.gpio_claim_output(chip, MARK, 0)
    pids = []
    for one in which.split("+"):
        pids += processes()[one]
    lgpio.gpio_write(chip, MARK, 1)
    for pid in pids:
        os.kill(pid, number)
    return pids


def unmark() -> None:
    """Let the mark fall."""
    import lgpio

    if chip is not None:
        lgpio.gpio_write(chip, MARK, 0)


def write(path: str, text: str) -> None:
    """Write a file."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def kept() -> int:
    """Return how many episodes of the last run the store has."""
    with sqlite3.connect(STORE, uri=True, timeout=30) as store:
        return int(store.execute(EPISODES).fetchone()[0])


def integrity() -> str:
    """Return what SQLite says of the store."""
    with sqlite3.connect(STORE, uri=True, timeout=30) as store:
        return str(store.execute("PRAGMA integrity_check").fetchone()[0])


def uptime() -> float:
    """Return the seconds since the start."""
    return float(Path("/proc/uptime").read_text().split()[0])


def tick() -> None:
    """Tell again and again what the store has."""
    last = -1
    while True:
        time.sleep(0.3)
        try:
            now = kept()
        except sqlite3.Error:
            continue
        if now != last:
            say([0, {"kept": now}])
            last = now


COMMANDS = {
    one.__name__: one for one in (run, api, pair, processes, send, unmark, write, kept, integrity, uptime)
}


def obey(text: str) -> None:
    """Do what a line says."""
    number, name, *arguments = json.loads(text)
    try:
        say([number, COMMANDS[name](*arguments)])
    except Exception:
        say([number, {"error": traceback.format_exc()[-2000:]}])


def main() -> None:
    """Listen for ever."""
    threading.Thread(target=tick, daemon=True).start()
    say([0, {"hello": uptime()}])
    rest = b""
    while True:
        *lines, rest = (rest + os.read(line, 4096)).split(b"\n")
        for one in lines:
            try:
                obey(one.decode())
            except ValueError:
                print("not understood:", one, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
