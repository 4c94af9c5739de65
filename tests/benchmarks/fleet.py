"""Measure a room full of robots: twenty simulated robots that drive, one hub, one page in a real browser."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "robot_agent"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from browser import PHONE, ROOT, WIDE, browser, chromium
from hubs import Hub
from servers import Server, eventually

from tests.benchmarks.table import table

AXE = ROOT / "tests/server/vendor/axe.min.js"

COUNT = """
(() => {
  window.drawn = 0;
  window.turns = 0;
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...parts) {
    window.drawn++;
    return draw.apply(this, parts);
  };
  const turn = () => { window.turns++; requestAnimationFrame(turn); };
  requestAnimationFrame(turn);
})();
"""
"""Counts what is drawn, and how often the page could be."""


def cpu_seconds(process: int) -> float:
    """Return the processor's time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Return the memory of a process alone and its share of what it shares, MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def start(stack: ExitStack, folder: Path, count: int) -> list[Server]:
    """Start robots, one after the other, that have recorded pins."""
    robots = []
    for number in range(1, count + 1):
        (folder / f"robot-{number}").mkdir()
        robot = Server(folder / f"robot-{number}", "--seed", str(number))
        stack.callback(robot.close)
        robots.append(robot.await_ready())
    return robots


def drive(hub: Hub, robots: list[Server]) -> None:
    """Have all robots drive, and wait until the wheels of each have turned."""
    halted = [one["id"] for one in hub.robots() if one["halted"]]
    if halted:
        assert all(one["done"] for one in hub.post("/halt/reset", {"robots": halted, "confirm": True}).json())
    lines = [len(robot.record.lines()) for robot in robots]
    for robot in robots:
        assert robot.post("/drive/start", {"known": True}).status_code == 200
    for robot, before in zip(robots, lines, strict=True):
        eventually(lambda robot=robot, before=before: len(robot.record.lines()) > before + 2, 60)


def watch(chrome: Any, hub: Hub, size: tuple[int, int], seconds: float) -> list[str]:
    """Look at the page for a while, and return what was measured, for a row."""
    page = chrome.new_page(viewport={"width": size[0], "height": size[1]})
    page.add_init_script(COUNT)
    page.goto(hub.url)
    eventually(lambda: page.evaluate("drawn") > 20, 60)
    page.wait_for_timeout(2000)
    before, cpu = page.evaluate("[drawn, turns, performance.now()]"), cpu_seconds(hub.process.pid)
    page.wait_for_timeout(1000 * seconds)
    after, cpu = page.evaluate("[drawn, turns, performance.now()]"), cpu_seconds(hub.process.pid) - cpu
    took = (after[2] - before[2]) / 1000
    inside = "(one) => { const b = one.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; }"
    seen = page.evaluate(f"[...document.querySelectorAll('.tile')].filter({inside}).length")
    drawn = (after[0] - before[0]) / took
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document).then(r => r.violations.map(v => v.id))")
    page.close()
    return [
        f"{size[0]} x {size[1]}",
        str(seen),
        f"{drawn:.0f}",
        f"{drawn / seen:.1f}",
        f"{(after[1] - before[1]) / took:.0f}",
        f"{100 * cpu / took:.0f} %",
        f"{memory(hub.process.pid):.0f} MB",
        ", ".join(found) or "clean",
    ]


def record(robot: Server, file: Path, pictures: int = 60) -> None:
    """Keep what a robot that drives says at its WebSocket."""
    found = 0
    with robot.socket() as page, file.open("wb") as kept:
        while found < pictures:
            message = page.socket.recv(timeout=20)
            data = message.encode() if isinstance(message, str) else message
            found += not isinstance(message, str)
            kept.write(len(data).to_bytes(4, "big") + data)


def of_senders(chrome: Any, folder: Path, robot: Server, count: int, seconds: float) -> list[list[str]]:
    """Measure hub and page alone, with robots that need hardly any of the processor."""
    record(robot, folder / "said")
    command = [sys.executable, str(ROOT / "tests/server/senders.py"), str(folder / "said"), str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ports = process.stdout.readline().split()
        hub = Hub(folder / "hub of senders", *[f"127.0.0.1:{port}" for port in ports])
        try:
            for port in ports:
                hub.await_link(port, "connected")
            return [watch(chrome, hub, size, seconds) for size in (WIDE, PHONE)]
        finally:
            hub.close()
    finally:
        process.kill()
        process.communicate()


def halts(chrome: Any, hub: Hub, robots: list[Server], tries: int) -> str:
    """Press HALT ALL again and again while all drive."""
    page = chrome.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
    page.goto(hub.url)
    low: list[float] = []
    latched: list[float] = []
    confirmed = 0
    for _ in range(tries):
        drive(hub, robots)
        eventually(lambda: page.inner_text("#count") == f"{len(robots)} of {len(robots)} connected", 60)
        eventually(lambda: sum(robot.record.high() for robot in robots) >= len(robots) // 4, 60)
        since = time.monotonic_ns()
        page.keyboard.press("Escape")
        eventually(lambda: page.locator(".tile[data-state=halted]").count() == len(robots))
        latched.append((time.monotonic_ns() - since) / 1e6)
        assert not any(robot.record.high() for robot in robots)
        low.append(max(max(0, robot.record.last_low() - since) for robot in robots) / 1e6)
        confirmed += all(robot.state()["halt"]["halted"] for robot in robots)
    page.close()

    def row(name: str, values: list[float]) -> list[str]:
        ordered = sorted(values)
        last = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
        return [name, f"{statistics.median(ordered):.0f} ms", f"{last:.0f} ms"]

    rows = [row("last wheel low", low), row("page shows all as halted", latched)]
    title = f"HALT ALL, {tries} times, from the key; all halted {confirmed} of {tries} times"
    return table([title, "p50", "p99"], rows)


def comes_back(hub: Hub, robots: list[Server]) -> str:
    """Kill a robot, start it again, and return how long the hub took to notice each."""
    lost = robots[-1]
    number = hub.at(lost.port)["id"]
    since = time.monotonic()
    lost.process.kill()
    hub.await_link(lost.port, "away")
    away = time.monotonic() - since
    lost.close()
    since = time.monotonic()
    robots[-1] = Server(lost.folder, "--port", str(lost.port))
    answers = time.monotonic() - since
    back = hub.await_link(lost.port, "connected")
    took = time.monotonic() - since
    assert back["id"] == number
    return (
        f"A robot killed: shown as away after {away:.1f} s; the same one again {took:.1f} s after its "
        f"start, {took - answers:.1f} s after its server was there."
    )


def report(quick: bool = False) -> str:
    """Measure with twenty robots on this machine, which all share its processor with hub and browser."""
    if chromium() is None:
        return "Not measured: there is no Chromium; apt-get install chromium."
    count, seconds, tries = (5, 5.0, 5) if quick else (20, 15.0, 20)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        robots = start(stack, Path(name), count)
        stack.callback(lambda: robots[-1].close())  # another one, once it was killed
        hub = Hub(Path(name) / "hub", *[f"127.0.0.1:{robot.port}" for robot in robots])
        stack.callback(hub.close)
        for robot in robots:
            hub.await_link(robot.port, "connected")
        with browser() as chrome:
            idle = [watch(chrome, hub, size, seconds) for size in (WIDE, PHONE)]
            robots[0].post("/drive/start", {"known": True})
            alone = of_senders(chrome, Path(name), robots[0], count, seconds)
            drive(hub, robots)
            driving = [watch(chrome, hub, size, seconds) for size in (WIDE, PHONE)]
            stops = halts(chrome, hub, robots, tries)
        back = comes_back(hub, robots)
        busy = os.getloadavg()[0]
    head = ["page", "robots in view", "pictures/s", "of each", "frames/s", "hub CPU", "hub memory", "axe"]
    rows = [[f"{row[0]}, recorded", *row[1:]] for row in alone]
    rows += [[f"{row[0]}, standing", *row[1:]] for row in idle]
    rows += [[f"{row[0]}, driving", *row[1:]] for row in driving]
    return (
        f"{count} simulated robots with rendered pictures, each with its server, trainer and guard, one hub "
        f"and one headless Chromium, all on this machine (load {busy:.0f} at the end). "
        "Recorded: the same messages from a process that only sends what a robot has sent.\n\n"
        f"{table(head, rows)}\n\n{stops}\n\n{back}"
    )


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
