"""Outside of the emulated Raspberry Pi: boots it, reads its pins in QEMU's memory, kills, hangs, cuts.

Started by `raspi3.sh`, with the folder of the card and the names of the steps.
"""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

STEPS = ("boot", "kills", "hangs", "watchdog", "cuts", "real")
LEVELS = "xp /1wx 0x3f200034"
"""QEMU's monitor: GPLEV0, the levels of the pins 0 to 31 of a BCM2837."""
MARK = 1 << 26
WHEELS = 1 << 17 | 1 << 18 | 1 << 22 | 1 << 23
"""The inputs of a drv8833, see the pins of `robot_agent.motors.boards`."""
STILL = 0.3
"""Seconds without any of the wheels' pins high after which they count as low: a PWM of 100 Hz has gaps."""
EPISODES = "SELECT count(*) FROM episodes WHERE run = (SELECT max(id) FROM runs)"

begun = time.monotonic()
failures: list[str] = []


def tell(words: str) -> None:
    """Print a line, at once."""
    print(words, flush=True)


def saw(words: str, is_so: Any) -> bool:
    """Tell whether something is so."""
    tell(f"   {'seen' if is_so else 'NOT SEEN'}: {words}")
    if not is_so:
        failures.append(words)
    return bool(is_so)


class Gone(Exception):
    """The machine does not answer."""


class Levels(threading.Thread):
    """Reads the pins as often as QEMU answers, and keeps every change."""

    def __init__(self, path: Path) -> None:
        """Ask the monitor at `path`."""
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rwb")
        self._file.readline()
        self.ask("qmp_capabilities")
        self.changes: list[tuple[float, int]] = []
        self.reads, self.worst, self.now = 0, 0.0, 0
        self._ended, self._high = False, 0.0

    def ask(self, command: str, **arguments: Any) -> Any:
        """Ask QEMU."""
        self._file.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline() or b'{"return": null}')
            if "return" in answer or "error" in answer:
                return answer.get("return")

    def run(self) -> None:
        """Read until the end."""
        last = time.monotonic()
        with suppress(OSError, ValueError):
            while not self._ended:
                said = self.ask("human-monitor-command", **{"command-line": LEVELS})
                if not said:
                    return
                now = time.monotonic()
                self.now = int(said.split(":")[1], 16)
                self.reads += 1
                self.worst = max(self.worst, now - last)
                last = now
                if self.turning:
                    self._high = now
                known = self.now & (WHEELS | MARK)
                if not self.changes or self.changes[-1][1] != known:
                    self.changes.append((now, known))
                time.sleep(0.0005)

    def end(self) -> None:
        """Read no more."""
        self._ended = True

    @property
    def turning(self) -> bool:
        """Whether a wheel's pin is high now."""
        return bool(self.now & WHEELS)

    def last_high(self) -> float:
        """Return when a wheel's pin was high last."""
        return self._high

    def low_after(self, moment: float) -> float | None:
        """Return how long after `moment` the wheels' pins were low and stayed so; None while they are not."""
        high_until = moment
        for at, until in self._highs():
            if until <= moment:
                continue
            if at - high_until >= STILL:
                break
            high_until = until
        return high_until - moment if time.monotonic() - high_until >= STILL else None

    def high_at(self, moment: float) -> bool:
        """Whether a wheel's pin was high at a moment, or not long before: a PWM has gaps."""
        return any(at <= moment and until >= moment - 0.03 for at, until in self._highs())

    def _highs(self) -> list[tuple[float, float]]:
        """Return from when to when a wheel's pin was high."""
        changes = [*self.changes, (time.monotonic(), 0)]
        return [(at, until) for (at, level), (until, _) in pairwise(changes) if level & WHEELS]

    def marked(self) -> float | None:
        """Return when the mark rose last."""
        before = 0
        found = None
        for at, level in self.changes:
            if level & MARK and not before & MARK:
                found = at
            before = level
        return found


class Machine:
    """The emulated Raspberry Pi."""

    def __init__(self, folder: Path, more: str = "") -> None:
        """Switch it on, with `more` words for its kernel."""
        self.folder = folder
        self._sockets = Path(tempfile.mkdtemp(prefix="raspi3-"))
        self.begun = time.monotonic()
        self.kept = self.kept_at = -1.0
        self._answers: dict[int, Any] = {}
        self._number = 0
        self._changed = threading.Condition()
        self.hello: float | None = None
        words = (
            f"console=ttyS1,115200 loglevel=5 mitigations=off audit=0 nokaslr systemd.show_status=0 {more}"
        )
        command = [
            *(
                "qemu-system-aarch64",
                "-M",
                "raspi3b",
                "-accel",
                "tcg,thread=multi,tb-size=512",
                "-display",
                "none",
            ),
            *(
                "-kernel",
                f"{folder}/kernel.image",
                "-dtb",
                f"{folder}/pi3.dtb",
                "-initrd",
                f"{folder}/first.cpio",
            ),
            *("-append", words, "-no-reboot"),
            # What QEMU has written is this machine's and outlives its kill, so that the card has exactly what
            # was sent to it, down to half a request; what was only in the guest's memory is lost. A true card
            # may have a cache of its own, or lose more of itself.
            *("-drive", f"if=sd,format=raw,file={folder}/card.img,cache=writeback"),
            *(
                "-serial",
                f"unix:{self._sockets}/line,server=on,wait=off",
                "-serial",
                f"file:{folder}/console",
            ),
            *("-qmp", f"unix:{self._sockets}/qmp,server=on,wait=off"),
        ]
        with (folder / "qemu.log").open("ab") as log:
            self.qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for name in ("line", "qmp"):
            for _ in range(200):
                if (self._sockets / name).exists():
                    break
                time.sleep(0.05)
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(self._sockets / "line"))
        self.levels = Levels(self._sockets / "qmp")
        self.levels.start()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        rest = b""
        with suppress(OSError):
            while data := self._line.recv(65536):
                *lines, rest = (rest + data).split(b"\n")
                for one in lines:
                    with suppress(ValueError):
                        number, value = json.loads(one)
                        with self._changed:
                            if number:
                                self._answers[number] = value
                            elif "hello" in value:
                                self.hello = value["hello"]
                            elif "kept" in value:
                                self.kept, self.kept_at = value["kept"], time.monotonic()
                            self._changed.notify_all()

    @property
    def age(self) -> float:
        """Seconds since it was switched on."""
        return time.monotonic() - self.begun

    def do(self, name: str, *arguments: Any, seconds: float = 300.0) -> Any:
        """Have the inside do something."""
        with self._changed:
            self._number += 1
            number = self._number
        self._line.sendall(json.dumps([number, name, *arguments]).encode() + b"\n")
        with self._changed:
            if not self._changed.wait_for(lambda: number in self._answers, seconds):
                raise Gone(f"{name} was not answered in {seconds:.0f} s")
            value = self._answers.pop(number)
        if isinstance(value, dict) and set(value) == {"error"}:
            raise Gone(f"{name}: {value['error']}")
        return value

    def run(self, *command: str, seconds: float = 300.0) -> str:
        """Run a command inside, and return what it said."""
        return str(self.do("run", *command, seconds=seconds)[1])

    def booted(self, seconds: float = 600.0) -> bool:
        """Wait until the inside says hello."""
        with self._changed:
            return self._changed.wait_for(lambda: self.hello is not None, seconds)

    def status(self) -> dict[str, Any]:
        """Return the server's state; empty while there is none."""
        code, said = self.do("api", "GET", "/api/v1/status")
        return said if code == 200 else {}

    def state(self) -> str:
        """Return what the server says it does."""
        return str(self.status().get("state", ""))

    def healthy(self) -> bool:
        """Whether guard and trainer are there."""
        return bool(self.do("api", "GET", "/healthz")[0] == 200)

    def shown(self, name: str) -> str:
        """Return a property of the unit."""
        return self.run("systemctl", "show", "-P", name, "robot-agent").strip()

    def cut(self) -> None:
        """Take the power away."""
        self.levels.end()
        self.qemu.send_signal(signal.SIGKILL)
        self.qemu.wait()
        with suppress(OSError):
            self._line.close()
        shutil.rmtree(self._sockets, ignore_errors=True)


def within(seconds: float, words: str, is_so: Callable[[], Any], pause: float = 0.5) -> float | None:
    """Wait until something is so, and tell after how long."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        if is_so():
            passed = time.monotonic() - since
            tell(f"   seen: {words}, after {passed:.1f} s")
            return passed
        time.sleep(pause)
    saw(f"{words}, within {seconds:.0f} s", False)
    return None


def start(folder: Path, more: str = "") -> Machine:
    """Switch the machine on, and wait for the service."""
    machine = Machine(folder, more)
    if not machine.booted():
        machine.cut()
        raise Gone("it did not boot; see the file console")
    tell(f"   the inside answers {machine.age:.0f} s after the power came")
    return machine


def boot(folder: Path) -> None:
    """It starts by itself; the levels are read from outside."""
    machine = start(folder)
    try:
        for level in (1, 0, 1, 0):
            machine.run("gpioset", "-c", "gpiochip0", "-t0", f"26={level}")
            time.sleep(0.2)
            saw(
                f"gpioset 26={level} inside is read as {bool(machine.levels.now & MARK):d} outside",
                bool(machine.levels.now & MARK) == bool(level),
            )
        tell(f"   {machine.levels.reads} reads, at most {1000 * machine.levels.worst:.0f} ms between two")
        within(600, "the service is active", lambda: machine.shown("ActiveState") == "active", 2.0)
        tell(f"   {machine.age:.0f} s after the power came")
        within(600, "guard and trainer are there", machine.healthy, 2.0)
        tell(machine.run("systemd-analyze", "blame").strip()[:1500])
        tell(
            machine.run("journalctl", "-b", "-u", "robot-agent", "-o", "short-monotonic", "--no-pager")[
                -5000:
            ]
        )
        tell(str(machine.do("pair")))
        tell(json.dumps(machine.status())[:1500])
    finally:
        machine.run("systemctl", "stop", "robot-agent")
        machine.run("sync")
        machine.cut()


def ready(folder: Path) -> Machine:
    """Switch the machine on, and have the simulated robot train with the true pins."""
    machine = start(folder)
    within(600, "guard and trainer are there", machine.healthy, 2.0)
    if machine.do("api", "GET", "/api/v1/tokens")[0] != 200:
        saw("the outside pairs with the code in the journal", machine.do("pair")[0] == 200)
    if machine.state() != "training":
        machine.do("api", "POST", "/api/v1/training/start", {"robot": "robot", "moves": 1000000})
        within(120, "it trains", lambda: machine.state() == "training")
    on(machine, machine.do("kept"))
    return machine


def on(machine: Machine, before: int, seconds: float = 600.0) -> None:
    """Wait until the training has kept another episode."""
    within(seconds, f"the run goes on (it had {before} episodes)", lambda: machine.do("kept") > before, 1.0)


def while_turning(
    machine: Machine, which: str, number: signal.Signals, patience: float = 300.0
) -> float | None:
    """Send a signal as soon as a wheel turns; return the seconds from there until the pins are low."""
    levels = machine.levels
    machine.do("unmark")
    until = time.monotonic() + 120
    while time.monotonic() < until and time.monotonic() - levels.last_high() < 0.2:
        time.sleep(0.01)
    while time.monotonic() < until and not levels.turning:
        time.sleep(0.0005)
    pids = machine.do("send", which, int(number))
    time.sleep(0.05)
    mark = levels.marked()
    if not pids or mark is None:
        tell(f"   {which}: no such process, or no mark")
        return None
    turned = levels.high_at(mark)
    frozen = bin(levels.now & WHEELS).count("1")
    until = time.monotonic() + patience
    while (low := levels.low_after(mark)) is None and time.monotonic() < until:
        time.sleep(0.05)
    tell(
        f"   {number.name} of {which}: low after {'never' if low is None else f'{1000 * low:.0f} ms'}"
        f"{'' if turned else ' (the wheels had just stopped)'}; 50 ms later {frozen} pins were high"
    )
    return low if turned else None


def another(machine: Machine, server: str) -> bool:
    """Whether there is another server, with guard and trainer."""
    return machine.shown("MainPID") not in (server, "0") and machine.healthy()


def recovered(machine: Machine, which: str, before: int, server: str) -> None:
    """Wait until all goes on after a kill, with a person's help where that is needed."""
    if which in ("guard", "watchdog", "guard+watchdog"):
        within(300, "the training stands still", lambda: machine.state() == "idle")
        within(
            300,
            "there is a guard again",
            lambda: len(machine.do("processes")["guard"]) == 1 and machine.healthy(),
        )
        machine.do("api", "POST", "/api/v1/training/resume", {})
    elif which != "trainer":
        within(900, "there is another server, healthy", lambda: another(machine, server), 1.0)
    on(machine, before)


def kills(folder: Path) -> None:
    """Kill -9 of each process while a wheel turns."""
    machine = ready(folder)
    times: dict[str, list[float]] = {}
    try:
        for which, often in (
            ("trainer", 3),
            ("guard", 5),
            ("watchdog", 5),
            ("guard+watchdog", 2),
            ("server", 3),
            ("all", 4),
        ):
            for _ in range(often):
                machine.run("systemctl", "reset-failed", "robot-agent")
                before, server = machine.do("kept"), machine.shown("MainPID")
                low = while_turning(machine, which, signal.SIGKILL)
                if low is not None:
                    times.setdefault(which, []).append(low)
                recovered(machine, which, before, server)
        for which, lows in times.items():
            tell(f"   kill -9 of {which}: low after {min(lows):.3f} to {max(lows):.3f} s, {len(lows)} times")
    finally:
        tell(
            f"   {machine.levels.reads} reads of the levels, "
            f"at most {1000 * machine.levels.worst:.0f} ms between two"
        )
        (folder / "journal").write_text(
            machine.run("journalctl", "-b", "-u", "robot-agent", "-o", "short-monotonic", "--no-pager")
        )
        machine.run("systemctl", "stop", "robot-agent")
        machine.run("sync")
        machine.cut()


def hangs(folder: Path) -> None:
    """SIGSTOP of the guard, of its watchdog, of both, and of the server."""
    machine = ready(folder)
    try:
        for which in ("guard", "watchdog", "guard+watchdog", "trainer", "server"):
            machine.run("systemctl", "reset-failed", "robot-agent")
            before, server = machine.do("kept"), machine.shown("MainPID")
            since = machine.do("uptime")
            while_turning(machine, which, signal.SIGSTOP)
            if which == "watchdog":  # nothing is wrong that anybody would see: the pulses end by themselves
                time.sleep(20)
                tell(f"   server: {machine.state()}; {before} episodes before, now {machine.do('kept')}")
                machine.do("send", which, int(signal.SIGCONT))
                continue
            if which == "trainer":
                tell("   (a trainer that hangs is killed after five minutes)")
            recovered(machine, which, before, server)
            said = machine.run("journalctl", "-b", "-u", "robot-agent", "-o", "short-monotonic", "--no-pager")
            for line in said.splitlines():
                with suppress(ValueError, IndexError):
                    at = float(line.split("]")[0].lstrip("[ "))
                    if at >= since and any(
                        w in line
                        for w in ("watchdog", "atchdog", "silent", "gone", "low", "Started", "Scheduled")
                    ):
                        tell(f"      +{at - since:6.1f} s {line.split('robot ', 1)[-1][:150]}")
    finally:
        machine.run("systemctl", "stop", "robot-agent")
        machine.run("sync")
        machine.cut()


def on_card(folder: Path) -> dict[str, Any]:
    """Look at a copy of the card, as a person would with a card reader: the file system, the store."""
    copy = folder / "copy.img"
    subprocess.run(["cp", "--sparse=always", f"{folder}/card.img", str(copy)], check=True)
    checked = subprocess.run(["e2fsck", "-fp", str(copy)], capture_output=True, text=True)
    found: dict[str, Any] = {"e2fsck": checked.returncode, "said": (checked.stdout + checked.stderr).strip()}
    with tempfile.TemporaryDirectory() as place:
        for name in ("runs.db", "runs.db-wal"):
            subprocess.run(
                ["debugfs", "-R", f"dump /var/lib/robot-agent/{name} {place}/{name}", str(copy)],
                capture_output=True,
                check=True,
            )
        with sqlite3.connect(f"{place}/runs.db") as store:
            found["integrity"] = store.execute("PRAGMA integrity_check").fetchone()[0]
            found["kept"] = store.execute(EPISODES).fetchone()[0]
    copy.unlink()
    return found


def cuts(folder: Path) -> None:
    """The power is cut again and again, at a random moment of a training."""
    chance = random.Random(7)
    times = int(os.environ.get("CUTS", "20"))
    machine = ready(folder)
    lost = 0
    tell("       | wheels | episodes seen, on the card | e2fsck -fp, store | then: ext4, service, run, store")
    for number in range(1, times + 1):
        time.sleep(chance.uniform(2, 40))
        turning = time.monotonic() - machine.levels.last_high() < 0.1
        seen = int(machine.kept)
        machine.cut()
        card = on_card(folder)
        lost = max(lost, seen - card["kept"])
        row = f"   {number:3} | {'turning' if turning else 'still'} | {seen}, {card['kept']} "
        row += f"| {card['e2fsck']}, {card['integrity']} |"
        try:
            machine = start_quietly(folder)
        except Gone as gone:
            tell(f"{row} {gone}")
            failures.append(f"cut {number}")
            return
        healthy_at = on_at = 0.0
        while machine.age < 600 and not on_at:
            if not healthy_at and machine.healthy():
                healthy_at = machine.age
            if healthy_at and machine.kept > card["kept"]:
                on_at = machine.age
            time.sleep(1)
        console = (folder / "console").read_text(errors="replace")
        kernel = "journal replayed" if "recovery complete" in console else "no word"
        kernel += ", errors" if "EXT4-fs error" in console else ""
        store = machine.do("integrity")
        tell(f"{row} {kernel}, {healthy_at:.0f} s, {f'on after {on_at:.0f} s' if on_at else 'NOT'}, {store}")
        good = (
            card["integrity"] == store == "ok" and seen <= card["kept"] and on_at and "errors" not in kernel
        )
        if not good or card["e2fsck"] > 1:
            failures.append(f"cut {number}")
    tell(f"   of the episodes that were seen at most {lost} were lost, in {times} cuts")
    machine.run("systemctl", "stop", "robot-agent")
    machine.run("sync")
    machine.cut()


def start_quietly(folder: Path) -> Machine:
    """Switch the machine on."""
    machine = Machine(folder)
    if not machine.booted():
        machine.cut()
        raise Gone("it did not boot")
    return machine


def watchdog(folder: Path) -> None:
    """Try the hardware's watchdog, then the kernel's softdog, which stands in for it."""
    machine = start(folder)
    try:
        within(600, "guard and trainer are there", machine.healthy, 2.0)
        tell(
            "   bcm2835_wdt: "
            + machine.run(
                "sh",
                "-c",
                "modprobe bcm2835_wdt; sleep 2; cat /sys/class/watchdog/watchdog0/identity",
            ).replace("\n", " ")
        )
        machine.do("write", "/run/systemd/system.conf.d/watchdog.conf", "[Manager]\nRuntimeWatchdogSec=15\n")
        since = time.monotonic()
        with suppress(Gone):
            machine.do("run", "systemctl", "daemon-reexec", seconds=20)
        with suppress(subprocess.TimeoutExpired):
            machine.qemu.wait(60)
        if machine.qemu.poll() is not None:
            tell(
                f"   systemd opens it: a reset in {time.monotonic() - since:.1f} s: QEMU does so"
                " when the watchdog is started, and has no timer; so a hung kernel cannot be shown"
            )
        else:
            tell(
                "   systemd has it: "
                + machine.run("sh", "-c", "journalctl -b -o cat _PID=1 | grep -i watchdog | tail -n 3")
            )
            machine.do("run", "kill", "-SEGV", "1")
            since = time.monotonic()
            with suppress(subprocess.TimeoutExpired):
                machine.qemu.wait(120)
            saw(
                f"systemd crashes and is silent: the machine is reset after {time.monotonic() - since:.0f} s",
                machine.qemu.poll() is not None,
            )
    finally:
        machine.cut()
    tell("   the kernel's softdog in its place")
    machine = ready(folder)
    try:
        machine.run("sh", "-c", "modprobe softdog; sleep 2")
        found = machine.run("sh", "-c", "grep -l Software /sys/class/watchdog/*/identity").split("/")
        if not saw("the kernel has a softdog", len(found) > 4):
            return
        settings = f"[Manager]\nRuntimeWatchdogSec=15\nWatchdogDevice=/dev/{found[4]}\n"
        machine.do("write", "/run/systemd/system.conf.d/watchdog.conf", settings)
        machine.run("systemctl", "daemon-reexec")
        time.sleep(5)
        tell(
            "   "
            + machine.run("sh", "-c", "journalctl -b -o cat _PID=1 | grep -i watchdog | tail -n 3")
            .strip()
            .replace("\n", "; ")
        )
        machine.do("run", "kill", "-SEGV", "1")
        since = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            machine.qemu.wait(180)
        saw(
            f"process 1 has crashed, and the machine is reset after {time.monotonic() - since:.0f} s",
            machine.qemu.poll() is not None,
        )
    finally:
        machine.cut()


def real(folder: Path) -> None:
    """Check that after a power cut `robot = "pi"`, with pictures as its camera, waits for a person."""
    machine = start(folder)
    within(600, "guard and trainer are there", machine.healthy, 2.0)
    machine.run("systemctl", "stop", "robot-agent")
    machine.run(
        "sh",
        "-ec",
        "cd /var/lib/robot-agent; cp -a robot.toml /root/sim.toml; cat /root/pi.toml >robot.toml;"
        " cd pictures; i=0; while [ $i -lt 3000 ]; do ln -f /root/target.png $i.png; i=$((i+1)); done;"
        " chown -R robot-agent: .; chmod 644 /root/target.png; systemctl reset-failed robot-agent; sync",
    )
    machine.run("systemctl", "start", "robot-agent", seconds=1800)
    within(600, "guard and trainer are there", machine.healthy, 2.0)
    if machine.do("api", "GET", "/api/v1/tokens")[0] != 200:
        saw("the outside pairs with the code in the journal", machine.do("pair")[0] == 200)
    machine.do("api", "POST", "/api/v1/training/start", {"robot": "robot", "moves": 1000})
    within(300, "it asks a person to put the robot at its start", lambda: machine.state() == "paused")
    tell(f"   it says: {machine.status().get('reason')}")
    machine.do("api", "POST", "/api/v1/training/resume", {})
    within(300, "a wheel turns", lambda: machine.levels.turning, 0.001)
    machine.cut()
    card = on_card(folder)
    tell(f"   the power is cut: e2fsck {card['e2fsck']}, store {card['integrity']}, {card['kept']} episodes")
    machine = start(folder)
    try:
        within(600, "guard and trainer are there", machine.healthy, 2.0)
        time.sleep(60)
        saw(
            f"it stands still: {machine.state()}, {machine.status().get('reason')}",
            machine.state() in ("idle", "paused"),
        )
        saw(
            "no wheel's pin was high since the power came",
            not any(level & WHEELS for _, level in machine.levels.changes),
        )
        machine.do("api", "POST", "/api/v1/training/resume", {})
        within(120, "a person resumes: it asks to be put at its start", lambda: machine.state() == "paused")
        machine.do("api", "POST", "/api/v1/training/resume", {})
        within(300, "a wheel turns", lambda: machine.levels.turning, 0.001)
        while_turning(machine, "all", signal.SIGKILL)
    finally:
        machine.run(
            "sh",
            "-c",
            "systemctl stop robot-agent; cat /root/sim.toml >/var/lib/robot-agent/robot.toml; sync",
        )
        machine.cut()


def main() -> int:
    """Go through the steps."""
    folder, *steps = sys.argv[1:]
    steps = steps or list(STEPS)
    for step in steps:
        tell(f"== {step}")
        globals()[step](Path(folder))
    tell(f"== {time.monotonic() - begun:.0f} s in all, {len(failures)} not seen")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
