"""Measure the peak memory of each process, idle and in training, with both backends."""

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ("robot_agent", "server"):
    sys.path.insert(0, str(HERE.parent / folder))

from servers import PINS, Server, children  # noqa: E402


def megabytes(process, name):
    """Return a figure of /proc, MB: VmRSS now, or VmHWM at most."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1000
    return 0.0


def peaks(server):
    """Return the most memory that each process has had so far."""
    watchdog = server.guard()
    holder = children(watchdog)[0]
    processes = {
        "server": server.process.pid,
        "trainer": server.worker(),
        "guard": holder,
        "its watchdog": watchdog,
    }
    return {name: megabytes(process, "VmHWM") for name, process in processes.items()}


def report(quick=False):
    """Return the table."""
    rows = ["| peak memory, MB | server | trainer | guard | its watchdog | sum |\n|---|--:|--:|--:|--:|--:|"]
    for backend in ("torch", "numpy"):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(folder, "--seed", 1, settings=(*PINS, f"learner.backend={backend}")).await_ready()
            try:
                time.sleep(2.0)
                for what in ("idle", "training"):
                    if what == "training":
                        server.run(moves=10_000_000)
                        time.sleep(5.0 if quick else 15.0)
                    found = peaks(server)
                    cells = " | ".join(f"{value:.0f}" for value in [*found.values(), sum(found.values())])
                    rows.append(f"| {backend}, {what} | {cells} |")
            finally:
                server.close()
    return "\n".join(rows)
