"""The page's view of a sweep under way: a real one, beside a real server, in a real browser."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import browser as tools
import pytest
from browser import PHONE, WIDE, eventually

ROOT = tools.ROOT
AXE = Path(__file__).parent / "vendor" / "axe.min.js"

pytest.importorskip("optuna", reason="Optuna is not installed: pip install 'robot-agent[sweep]'")
pytest.importorskip("playwright", reason="The browser tests need playwright; install '.[dev]'.")
pytestmark = pytest.mark.skipif(
    tools.chromium() is None, reason="The browser tests need Chromium; apt-get install chromium."
)

SPACE = """
preset = "quick"

[train]
moves = 4000
robots = 32
episodes_per_update = 32
evaluate_every = 1000
evaluation_episodes = 60

[sweep]
trials = 500
seeds = 2

[space]
"learner.learning_rate" = {low = 0.003, high = 0.3, log = true}
"network.hidden" = {choices = [[8], [16], [8, 8]]}
"""


@contextmanager
def sweeping(folder):
    """Begin a sweep in a folder with what is no report, and a server whose store is there."""
    (folder / "my space.toml").write_text(SPACE)
    (folder / "broken.sweep.json").write_text('{"sweep": ')
    (folder / "other.sweep.json").write_text('{"sweep": "x", "state": "running", "changed": 1}')
    command = [sys.executable, "-m", "robot_agent", "sweep", "my space.toml", "--processes", "1"]
    sweep = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with tools.server(folder) as running:
            eventually(lambda: any(one["complete"] for one in running.ask("/sweeps")), 120)
            yield running, sweep, folder
    finally:
        sweep.kill()
        sweep.wait()


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    with sweeping(tmp_path_factory.mktemp("sweeps")) as begun:
        yield begun


def test_the_api_says_how_far_it_is(beside):
    (one,) = beside[0].ask("/sweeps")
    assert one["sweep"] == "my space.toml"
    assert one["state"] == "running"
    assert one["wanted"] == 500
    assert one["best"]["settings"].keys() == {"learner.learning_rate", "network.hidden"}
    assert len(one["curve"]) >= one["complete"]
    assert "trials" not in one


@pytest.mark.parametrize("size", [pytest.param(WIDE, marks=pytest.mark.slow), PHONE], ids=["wide", "phone"])
def test_the_page_shows_it_and_it_moves(beside, size):
    with tools.browser() as chrome:
        page = chrome.new_page(viewport={"width": size[0], "height": size[1]})
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{beside[0].url}/#learn")
        page.wait_for_selector(".sweeps h4:has-text('my space.toml')")
        page.wait_for_selector(".sweeps .lead:has-text('under way')")
        before = page.inner_text(".sweeps .lead")
        assert " of 500 trials" in before
        assert "The best so far is trial" in page.inner_text(".sweeps")
        assert "learner.learning_rate" in page.inner_text(".sweeps .figures")
        tools.eventually(lambda: page.inner_text(".sweeps .lead") != before)
        assert "trials" in page.get_attribute(".sweeps canvas", "aria-label")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.evaluate(AXE.read_text())
        violations = "axe.run('.sweeps').then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
        assert page.evaluate(violations) == []
        assert said == []


@pytest.mark.slow
def test_one_that_was_killed_is_stopped(tmp_path):
    with sweeping(tmp_path) as (server, sweep, folder):
        sweep.kill()
        sweep.wait()
        assert server.ask("/sweeps")[0]["state"] == "stopped"
        assert json.loads((folder / "my space.sweep.json").read_text())["state"] == "running"
