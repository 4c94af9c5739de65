"""Make the README's picture: the dashboard in a real browser, with the policy of a whole training driving.

`python tests/dashboard_pictures.py` writes dashboard.jpg beside the README. With `--all FOLDER` it writes
every view, in both themes and sizes, into a folder instead, for a person to check. With `--original` it
writes findings.jpg: the findings while the preset `original` trains.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
for folder in ("server", "robot_agent"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

from browser import PHONE, VIEWS, WIDE, Server, browser, eventually, server  # noqa: E402


def visit(chrome: Any, running: Server, view: str, size: tuple[int, int], scheme: str) -> Any:
    """Open a view and wait until it has something to show."""
    page = chrome.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, has_touch=size == PHONE
    )
    page.goto(f"{running.url}/#{view}")
    page.wait_for_selector("body[data-age=fresh]")
    page.wait_for_timeout(2500)
    return page


def half_way(page: Any) -> None:
    """Wait until the robot is on its way and the target well in view."""

    def good() -> bool:
        words = page.inner_text("#sight-words")
        numbers = [int(word) for word in words.split() if word.isdigit()]
        return len(numbers) == 2 and 9 <= numbers[1] - numbers[0] <= 15 and numbers[0] >= 6

    eventually(good, 120)
    page.wait_for_timeout(60)


def findings_of_the_original(chrome: Any, folder: Path) -> None:
    """Train the network as it was asked about, and picture what is found meanwhile."""
    with server(folder, "--train", "--seed", "0", "--set", "preset=original") as running:
        eventually(lambda: any(found["level"] == "fault" for found in running.ask("/health")["findings"]), 60)
        page = visit(chrome, running, "health", (WIDE[0], 1400), "light")
        assert running.state == "training"
        page.locator("section[aria-labelledby=part-health]").screenshot(
            path=ROOT / "findings.jpg", type="jpeg", quality=88
        )


def main() -> None:
    """Train, drive, and take the pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of the dashboard.")
    parser.add_argument("--all", type=Path, help="a folder for every view in both themes and sizes")
    parser.add_argument("--original", action="store_true", help="what is found of the preset 'original'")
    options = parser.parse_args()
    if options.original:
        with tempfile.TemporaryDirectory() as folder, browser() as chrome:
            findings_of_the_original(chrome, Path(folder) / "it")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        server(Path(folder) / "it", "--train", "--seed", "0") as running,
        browser() as chrome,
    ):
        eventually(lambda: running.state == "driving", 180)
        time.sleep(8)  # some episodes to look back at
        if options.all is None:
            page = visit(chrome, running, "see", (WIDE[0], 830), "light")
            half_way(page)
            page.screenshot(path=ROOT / "dashboard.jpg", type="jpeg", quality=88)
            return
        options.all.mkdir(parents=True, exist_ok=True)
        for size, name in ((WIDE, "wide"), (PHONE, "phone")):
            for scheme in ("light", "dark"):
                for view in VIEWS:
                    page = visit(chrome, running, view, size, scheme)
                    page.screenshot(path=options.all / f"{view}-{name}-{scheme}.png")
                    page.close()


if __name__ == "__main__":
    main()
