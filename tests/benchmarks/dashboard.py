"""Measure the dashboard: its size, the time to the first data on a slow phone, and to stop the wheels."""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "robot_agent"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from browser import PHONE, ROOT, WIDE, Wire, browser, chromium, eventually, server
from recording_pins import Record

from tests.benchmarks.table import table

SLOWER, MEGABITS, LATENCY = 4, 10, 20
"""How many times slower the processor is, the network's rate, and its milliseconds to and fro."""

WATCH = """
(() => {
  const seen = (window.firsts = {});
  const tests = {
    state: () => document.body?.dataset.state,
    picture: () => document.getElementById('picture-blank')?.hidden,
    curve: () => document.querySelector('#see-chart canvas')?.getAttribute('aria-label')?.includes('after'),
  };
  const look = () => {
    for (const [name, test] of Object.entries(tests)) {
      if (!(name in seen) && test()) seen[name] = performance.now();
    }
    if (Object.keys(seen).length < 3) requestAnimationFrame(look);
  };
  look();
})();
"""


def load(chrome: Any, url: str, scale: float) -> dict[str, float]:
    """Open the page with nothing in the cache; return bytes and milliseconds."""
    context = chrome.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    rate = MEGABITS * 1e6 / 8
    network = {"offline": False, "latency": LATENCY, "downloadThroughput": rate, "uploadThroughput": rate}
    client.send("Network.emulateNetworkConditions", network)
    client.send("Emulation.setCPUThrottlingRate", {"rate": scale})
    received: list[float] = []
    client.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(url)
    seen: dict[str, float] = eventually(lambda: len(f := page.evaluate("window.firsts")) == 3 and f, 60)
    context.close()
    return {**seen, "bytes": sum(received)}


def stop(chrome: Any, it: Any, ending: Any) -> float:
    """Drive by hand, let something end it, and return milliseconds until all pins are low."""
    it.reset()
    pins, wire = Record(it.pins), Wire(it.port)
    context = chrome.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{wire.port}/#drive")
        page.wait_for_selector("#lease:has-text('Hold the knob')")
        page.keyboard.down("w")
        eventually(pins.high)
        time.sleep(0.25)
        since = time.monotonic_ns()
        ending(page, wire)
        eventually(lambda: not pins.high())
        return (pins.last_low() - since) / 1e6
    finally:
        wire.silent = False
        context.close()
        wire.close()
        eventually(lambda: it.state in ("idle", "halted"))


def stops(chrome: Any, it: Any, repetitions: int) -> str:
    """Measure all that ends driving by hand."""
    from test_dashboard import ENDINGS

    endings = {"HALT": lambda page, wire: page.keyboard.press("Escape"), **ENDINGS}
    rows = []
    for name, ending in endings.items():
        took = sorted(stop(chrome, it, ending) for _ in range(repetitions))
        rows.append([name, f"{statistics.median(took):.0f} ms", f"{took[-1]:.0f} ms"])
    return table(["driving by hand, ended by", "pins low after, median", "worst"], rows)


def report(quick: bool = False) -> str:
    """Measure against a server that has a whole training in its store and drives."""
    if chromium() is None:
        return "Not measured: there is no Chromium; apt-get install chromium."
    weight = sum(file.stat().st_size for file in (ROOT / "server" / "static").iterdir())
    repetitions = 5 if quick else 15
    rows = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "it", "--train", "--seed", "0") as it:
        eventually(lambda: it.state == "driving", 180)
        with browser() as chrome:
            load(chrome, it.url, 1)
            for scale in (1, SLOWER):
                runs = [load(chrome, it.url, scale) for _ in range(repetitions)]
                median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
                worst = max(run["state"] for run in runs)
                rows.append(
                    [
                        f"{scale} x slower",
                        f"{median['bytes'] / 1000:.0f} kB",
                        f"{median['state']:.0f} ms",
                        f"{worst:.0f} ms",
                        f"{median['picture']:.0f} ms",
                        f"{median['curve']:.0f} ms",
                    ]
                )
            by_hand = stops(chrome, it, 3 if quick else 10)
    head = ["processor", "received", "first state, median", "worst", "first picture", "first curve"]
    return (
        f"All files together: {weight / 1000:.0f} kB uncompressed. {MEGABITS} Mbit/s, {LATENCY} ms, "
        f"{repetitions} loads with an empty cache.\n\n{table(head, rows)}\n\n{by_hand}"
    )


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
