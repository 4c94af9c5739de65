"""The dashboard in a real browser against a real robot-server whose motor pins are recorded."""

import json
import os
import re
import time
import urllib.request
import zipfile
from contextlib import suppress
from pathlib import Path

import browser as tools
import numpy as np
import pytest
import servers
from browser import HALTS, LOOKS, ON_A_DESKTOP, PHONE, ROOT, SIZES, VIEWS, WIDE, Wire, eventually
from recording_pins import Record

from robot_agent.identification.fleet import ModelRobot
from robot_agent.identification.parameters import MEAN, NAMES
from robot_agent.identification.pilot import KnowingPilot
from robot_agent.identification.wirings import matrix
from robot_agent.network.api import NetworkError
from robot_agent.network.keyring import Keyring
from robot_agent.network.robot import NetworkRobot
from robot_agent.runs.robots import recall, remember
from robot_agent.runs.store import Store
from vision.training import recorded

pytest.importorskip("playwright", reason="The browser tests need playwright; install '.[dev]'.")
pytestmark = pytest.mark.skipif(
    tools.chromium() is None, reason="The browser tests need Chromium; apt-get install chromium."
)

STATIC = ROOT / "server" / "static"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
LEASE = 0.4


@pytest.fixture(scope="module")
def chrome():
    with tools.browser() as running:
        yield running


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A server that has learned something, at rest."""
    with tools.server(tmp_path_factory.mktemp("trained")) as running:
        running.ask("/training/start", {"robot": "sim", "preset": "fleet", "moves": 60_000, "seed": 0})
        eventually(lambda: any(run["status"] == "finished" for run in running.ask("/runs")), 120)
        running.reset()
        yield running


@pytest.fixture
def idle(trained):
    """The server at rest, with the run by which it has learned and none that another test has left."""
    trained.reset()
    _, *others = sorted(run["id"] for run in trained.ask("/runs"))
    for run in others:
        trained.ask(f"/runs/{run}", method="DELETE")
    return trained


@pytest.fixture
def visit(chrome):
    """Open pages; after the test nothing was asked of another host and nothing went wrong in the console."""
    contexts, foreign, wrong = [], [], []

    def go(url, view="see", size=WIDE, scheme="light", tolerant=False, **options):
        context = chrome.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            has_touch=size == PHONE,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: foreign.append(request.url) if ours(request.url, url) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if not tolerant:
            page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        page.goto(f"{url}/#{view}")
        page.wait_for_selector("body[data-age=fresh]")
        page.wait_for_selector(f"#view-{view}:not([hidden])")
        return page

    def ours(asked, url):
        return not re.sub("^(ws|blob:http)", "http", asked).startswith((url, "data:"))

    yield go
    for context in contexts:
        context.close()
    assert not foreign
    assert not wrong


LOADED = {
    "see": "#see-figures:has-text('%')",
    "learn": "#view-learn .chart .reading:has-text('%')",
    "understand": "#view-understand table tbody tr",
    "drive": "#lease:has-text('Hold the knob')",
    "keep": "#view-keep .item",
    "health": "#view-health .finding",
}
"""What a view shows last, of a server that has learned something."""


def word(page):
    return page.inner_text("#state-word")


@ON_A_DESKTOP
def test_trains_to_success_from_an_empty_store(tmp_path, visit, size):
    with tools.server(tmp_path) as running:
        page = visit(running.url, size=size)
        page.click("#see-empty a")
        page.wait_for_selector("#view-learn:not([hidden])")
        page.click("#view-learn summary")
        page.fill("#moves", "80000")
        page.fill("#seed", "1")
        page.click("#view-learn button[type=submit]")
        eventually(lambda: word(page) == "Training", 30)
        eventually(lambda: any(run["status"] == "finished" for run in running.ask("/runs")), 120)
        eventually(lambda: success(page.inner_text("#view-learn .chart .reading")) >= 95)
        page.click(".tabs a[href='#see']")
        eventually(lambda: success(page.inner_text("#see-figures")) >= 95)
        page.click(".tabs a[href='#understand']")
        page.wait_for_selector("#view-understand table tbody tr")
        assert "reach the goal" in page.inner_text("#u-at")
        page.context.close()


def success(words):
    found = re.search(r"([\d.]+) %", words)
    return float(found[1]) if found else 0.0


@HALTS
def test_halt_is_confirmed_and_reset_on_purpose(idle, visit, size, how):
    idle.ask("/drive/start", {})
    page = visit(idle.url, view="keep", size=size)
    pins = Record(idle.pins)
    eventually(pins.high, 30)
    if how == "escape":
        page.keyboard.press("Escape")
    elif size == PHONE:
        page.tap("#halt")
    else:
        page.click("#halt")
    page.wait_for_selector("#halted:not([hidden])")
    eventually(lambda: "pins are low" in page.inner_text("#halted"))
    assert not pins.high()
    assert word(page) == "Halted"
    assert "At " in page.inner_text("#halted-words")
    assert page.inner_text("#alarm") == ""
    assert not page.is_visible("#reset-yes")
    page.click("#reset")
    assert idle.state == "halted"
    page.click("#reset-yes")
    page.wait_for_selector("#halted", state="hidden")
    eventually(lambda: idle.state == "idle")  # its trainer is told of the halt after the guard
    assert not pins.high()


def test_a_stop_that_is_not_confirmed_is_said_loudly(idle, visit):
    wire = Wire(idle.port)
    try:
        page = visit(f"http://127.0.0.1:{wire.port}", tolerant=True)
        wire.silent = True
        page.keyboard.press("Escape")
        page.wait_for_selector("#alarm:not(:empty)")
        assert "NOT confirmed" in page.inner_text("#alarm")
        assert float(page.get_attribute("#alarm", "data-after")) >= 0.3
        wire.cut()
        wire.silent = False
        eventually(lambda: "pins are low" in page.inner_text("#halted"))
        assert page.inner_text("#alarm") == ""
    finally:
        wire.close()


def take_the_wheels(page, pins):
    """Hold the keys until the wheels turn."""
    eventually(lambda: "Hold the knob" in page.inner_text("#lease"))
    page.keyboard.down("w")

    def driving():
        words = page.inner_text("#lease")
        if "answer" in words:  # a slow machine: the lease has run out, as it should; hold them again
            page.keyboard.up("w")
            page.keyboard.down("w")
        return "You are driving" in words and pins.high()

    eventually(driving, 60)


def stopped_in_time(pins, since, wire=None, grace=0.3):
    """Wait until all pins are low, and say how long that took; the lease runs from the last command."""
    eventually(lambda: not pins.high(), 5)
    took = (pins.last_low() - max(since, wire.last if wire else 0)) / 1e9
    assert took < LEASE + grace
    time.sleep(0.3)
    assert not pins.high()
    return took


ENDINGS = {
    "released": lambda page, wire: page.keyboard.up("w"),
    "the network is lost": lambda page, wire: page.context.set_offline(True),
    "the network swallows everything": lambda page, wire: setattr(wire, "silent", True),
    "the socket is killed": lambda page, wire: wire.cut(),
    "the tab is hidden": lambda page, wire: page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    ),
    "the page hangs": lambda page, wire: page.evaluate(
        "void setTimeout(() => { const end = Date.now() + 3000; while (Date.now() < end); })"
    ),
    "another window has the keys": lambda page, wire: page.evaluate("dispatchEvent(new Event('blur'))"),
    "the page is closed": lambda page, wire: page.close(),
    "another view is chosen": lambda page, wire: page.evaluate("location.hash = 'see'"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_ends_driving_by_hand_stops_the_wheels_within_the_lease(idle, visit, ending):
    pins, wire = Record(idle.pins), Wire(idle.port)
    try:
        page = visit(f"http://127.0.0.1:{wire.port}", view="drive", tolerant=True)
        take_the_wheels(page, pins)
        since = time.monotonic_ns()
        ENDINGS[ending](page, wire)
        stopped_in_time(pins, since, wire)
        if ending in ("released", "the network is lost", "the socket is killed", "the tab is hidden"):
            eventually(lambda: "You are driving" not in page.inner_text("#lease"))
            assert page.inner_text("#lease")
    finally:
        wire.silent = False
        wire.close()
        eventually(lambda: idle.state == "idle")


def test_a_finger_drives_too(idle, visit):
    page = visit(idle.url, view="drive", size=PHONE)
    pins = Record(idle.pins)
    eventually(lambda: "Hold the knob" in page.inner_text("#lease"))
    box = page.locator("#stick").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 60}]})
    eventually(pins.high)
    since = time.monotonic_ns()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    stopped_in_time(pins, since)
    assert "let go" in page.inner_text("#lease")


def in_view(running, page):
    """Return the first and last slice that the page tells, of at most half of the picture.

    A test before this one may have driven the target out of view, or right in front of the camera.
    """

    def told():
        words = page.inner_text("#sight-words")
        page.wait_for_timeout(500)  # the robot may be coming to rest
        sight = words == page.inner_text("#sight-words") and re.search(r"slices (\d+) to (\d+)", words)
        if not sight:
            return None
        first, last = int(sight[1]), int(sight[2])
        return (first, last) if last - first < 21 else None

    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(AssertionError):
            return eventually(told, 3)
        running.ask("/drive/start", {})  # an episode begins with the target in view
        eventually(lambda: running.state == "driving")
        running.reset()
    return eventually(told)


@SIZES
def test_a_click_learns_a_colour(idle, visit, size):
    page = visit(idle.url, size=size)
    page.wait_for_selector("#picture-blank", state="hidden")
    first, last = in_view(idle, page)
    middle = (first + last + 1) / 2 / 42
    if size == WIDE:
        box = page.locator("#picture").bounding_box()
        page.mouse.click(box["x"] + middle * box["width"], box["y"] + 0.52 * box["height"])
        page.click("#picked-yes")
    else:  # with the keys, four pixels each time
        page.click("#pick")
        for _ in range(abs(round((middle - 0.5) * 320 / 4))):
            page.keyboard.press("ArrowRight" if middle > 0.5 else "ArrowLeft")
        page.keyboard.press("Enter")
    page.wait_for_selector(".toast")
    assert "Learned" in page.inner_text(".toast")
    assert not page.is_visible("#picked")


@pytest.fixture
def back_to_color(idle):
    yield
    idle.reset()
    idle.ask("/detector", {"name": "color"})


HIGH_BARS = """() => {
  const bars = document.getElementById("slices-bars"), c = bars.getContext("2d"), high = [], inks = new Set();
  for (let s = 0; s < 42; s++) {
    const at = (share) => c.getImageData((s + 0.5) * bars.width / 42, share * bars.height, 1, 1).data;
    const [r, g, b] = at(0.9); // the top of a bar of half the height has a thinner ink
    const ink = `#${[r, g, b].map((v) => v.toString(16).padStart(2, "0")).join("")}`;
    if (at(0.5)[3]) high.push(s) && inks.add(ink);
  }
  return [high, [...inks], getComputedStyle(document.documentElement).getPropertyValue("--accent").trim()];
}"""


def test_a_view_that_is_loaded_after_the_facts_has_its_choices(idle, visit):
    page = visit(idle.url, view="keep")
    held = []
    page.route("**/see.js*", lambda route: held.append(route))
    page.goto(f"{idle.url}/#see")
    with page.expect_response("**/options"):
        page.reload(wait_until="commit")
    eventually(lambda: page.wait_for_timeout(100) or held)
    held[-1].continue_()
    eventually(lambda: page.locator("#detector option").count() > 2)


@LOOKS
def test_the_slice_network_shows_its_probabilities_under_the_picture(
    idle, visit, back_to_color, size, scheme
):
    page = visit(idle.url, size=size, scheme=scheme, tolerant=True)  # of the detector that is refused
    page.wait_for_selector("#picture-blank", state="hidden")
    assert not page.is_visible("#slices")
    page.select_option("#detector", "slices")
    page.wait_for_selector("#slices:not([hidden])")
    eventually(lambda: "slices" in page.inner_text(".toast"))
    first, last = in_view(idle, page)
    high, inks, accent = eventually(lambda: (bars := page.evaluate(HIGH_BARS)) and bars[0] and bars)
    assert high == list(range(first, last + 1)) and inks == [accent]
    said = page.get_attribute("#slices-bars", "aria-label")
    assert f"seen in slices {first} to {last}." in said and said.count(". ") == 0
    strip, picture = (page.locator(one).bounding_box() for one in ("#slices-bars", "#picture"))
    assert (strip["x"], strip["width"]) == (picture["x"], picture["width"])
    assert 0 <= strip["y"] - (picture["y"] + picture["height"]) < 8
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))")
    assert not found
    # What is refused is told with its cure, and the old one is shown and stays.
    page.select_option("#detector", "objects")
    page.wait_for_selector(".toast.error")
    assert "set vision.objects.model" in page.inner_text(".toast.error")
    assert page.input_value("#detector") == "slices" and page.is_visible("#slices")
    page.select_option("#detector", "color")
    page.wait_for_selector("#slices", state="hidden")


@SIZES
def test_boxes_are_drawn_and_downloaded_for_a_target_of_ones_own(idle, visit, size, tmp_path):
    page = visit(idle.url, size=size)
    page.wait_for_selector("#picture-blank", state="hidden")
    page.click("#own summary")
    page.click("text=Take a picture")
    eventually(lambda: page.inner_text("#picture-stale") == "stands still")
    assert page.evaluate("scrollX") == 0
    page.locator("#picture").scroll_into_view_if_needed()
    box = page.locator("#picture").bounding_box()
    at = [
        (box["x"] + x * box["width"] / 320, box["y"] + y * box["height"] / 240)
        for x, y in ((200.5, 150.5), (80.5, 60.5))
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()
    drawn = [int(page.input_value(f"#own-{side}")) for side in ("left", "right", "top", "bottom")]
    assert drawn == pytest.approx([80, 200, 60, 150], abs=1)
    page.fill("#own-right", "9")
    assert page.is_disabled("text=Keep it")  # the right end is left of the left one
    page.fill("#own-right", "210")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))")
    assert not found
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Keep it")
    page.click("text=Take a picture")
    page.click("text=It is not in this picture")
    with page.expect_download() as coming:
        page.click("text=Download 2 pictures")
    coming.value.save_as(tmp_path / "target.zip")
    with zipfile.ZipFile(tmp_path / "target.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path)
    one, none = recorded.read(tmp_path / "target")
    assert (one.label.columns, one.label.rows) == ((drawn[0], 210), (drawn[2], drawn[3]))
    assert none.label.columns is None
    assert one.frame.shape == none.frame.shape == (240, 320, 3) and one.frame.std() > 10


def test_a_checkpoint_is_restored_and_drives(idle, visit):
    page = visit(idle.url, view="keep")
    page.click(".item button[aria-expanded]")
    page.click(".checkpoints button >> nth=0")
    page.wait_for_selector(".toast")
    assert "is the one that drives" in page.inner_text(".toast")
    best = idle.ask("/status")["checkpoint"]
    assert best
    page.click(".toast button:has-text('Drive now')")
    eventually(lambda: word(page) == "Driving", 30)
    eventually(lambda: idle.ask("/status")["checkpoint"] == best, 10)


def test_a_run_is_named_marked_deleted_and_brought_back(idle, visit):
    page = visit(idle.url, view="keep")
    before = len(idle.ask("/runs"))
    page.click(".item button[aria-expanded]")
    page.fill(".open input", "<b>mine</b>")
    idle.ask(f"/runs/{idle.ask('/runs')[0]['id']}", {"name": "another"}, method="PATCH")
    page.evaluate("import('./keep.js').then((keep) => keep.show())")  # as when another run is told of
    page.wait_for_selector(".item .title:has-text('another')")
    assert page.input_value(".open input") == "<b>mine</b>", "what is typed outlives what is drawn anew"
    page.click(".open button[type=submit]")
    eventually(lambda: "<b>mine</b>" in page.inner_text(".item .title"))
    assert page.locator(".item b:text-is('mine')").count() == 0, "it is text, not markup"
    page.click(".star")
    page.wait_for_selector(".star[aria-pressed=true]")
    page.click(".open .danger")
    eventually(lambda: len(idle.ask("/runs")) == before - 1)
    page.click(".toast button:has-text('Undo')")
    eventually(lambda: len(idle.ask("/runs")) == before)


@pytest.mark.parametrize(
    ("view", "button"),
    [("keep", ".item button[aria-expanded]"), ("learn", "button:has-text('Drive what was learned')")],
)
def test_a_button_is_not_replaced_while_it_is_pressed(idle, visit, view, button):
    page = visit(idle.url, view=view)
    page.wait_for_selector(LOADED[view])
    eventually(lambda: page.evaluate("import('./connection.js').then((all) => Boolean(all.model.facts))"))

    def refresh():
        with page.expect_response("**/api/v1/runs"):
            page.evaluate("import('./connection.js').then((all) => all.emit('runs'))")
        page.wait_for_timeout(200)

    refresh()
    pressed = page.wait_for_selector(button)
    refresh()
    assert pressed.is_visible()


def test_a_training_is_paused_goes_on_and_is_stopped(idle, visit):
    page = visit(idle.url, view="learn")
    page.click("#view-learn summary")
    page.fill("#moves", "3000000")
    page.click("#view-learn button[type=submit]")
    eventually(lambda: word(page) == "Training", 30)
    page.click("button:has-text('Pause')")
    eventually(lambda: word(page) == "Paused")
    stood = idle.ask("/status")["moves"]
    time.sleep(0.5)
    assert idle.ask("/status")["moves"] == stood, "nothing is learned meanwhile"
    page.click("button:has-text('Resume')")
    eventually(lambda: idle.ask("/status")["moves"] > stood)
    eventually(lambda: word(page) == "Training")
    page.click("button:has-text('Stop and keep it')")
    eventually(lambda: idle.state == "idle")
    run = idle.ask("/runs")[0]
    assert run["moves"] >= stood


@SIZES
def test_the_page_says_who_drives_from_another_machine_and_takes_it_back(idle, visit, size, tmp_path):
    robot = NetworkRobot(idle.url, Keyring(tmp_path / "keys"))
    try:
        robot.read()
        page = visit(idle.url, view="learn", size=size)
        eventually(lambda: word(page) == "Lent")
        assert "drives it from another machine" in page.inner_text("#view-learn h3 >> nth=0")
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/lent-{size[0]}.png")
        page.click("button:has-text('Take the robot back')")
        eventually(lambda: word(page) == "Idle")
        with pytest.raises(NetworkError, match="taken back"):
            robot.pulse(0.2, 0.2, 0.1)
    finally:
        robot.close()


def test_a_training_begins_from_the_best_checkpoint_of_a_run(idle, visit):
    page = visit(idle.url, view="learn")
    run = min(run["id"] for run in idle.ask("/runs"))
    best = next(c for c in idle.ask(f"/checkpoints?run={run}") if "best" in c["marks"])
    page.select_option("#from", str(run))
    page.click("#view-learn summary")
    page.fill("#moves", "6000")
    page.click("#view-learn button[type=submit]")
    new = eventually(lambda: next((r["id"] for r in idle.ask("/runs") if r["id"] > run), None))
    eventually(lambda: idle.ask(f"/runs/{new}")["status"] == "finished", 60)
    first = idle.ask(f"/runs/{new}")["evaluations"][0]
    assert (first["moves"], first["success_rate"]) == (0, pytest.approx(best["success_rate"], abs=0.02))


def test_curves_are_read_under_the_pointer_and_zoomed(idle, visit):
    page = visit(idle.url, view="learn")
    chart = page.locator("#view-learn .chart").first
    eventually(lambda: "%" in chart.locator(".reading").inner_text())
    box = chart.locator("canvas").bounding_box()
    left, right = box["x"] + 48, box["x"] + box["width"] - 10
    middle = box["y"] + box["height"] / 2

    def reading(share):
        page.mouse.move(left + share * (right - left), middle)
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        words = [e.inner_text() for e in page.locator("#view-learn .chart .where").all()]
        assert len(set(words)) >= 1 and all(words), "every chart tells of the same place"
        return int(re.sub("[^0-9]", "", words[0])), success(chart.locator(".reading").inner_text())

    early, late = reading(0.02), reading(0.98)
    assert early[0] < late[0] and early[1] < late[1]
    page.mouse.move(left + 0.5 * (right - left), middle)
    page.mouse.down()
    page.mouse.move(left + 0.9 * (right - left), middle, steps=5)
    page.mouse.up()
    page.wait_for_selector("button:has-text('Show all moves'):visible")
    assert reading(0.02)[0] > early[0], "the left end is another one now"
    page.click("button:has-text('Show all moves')")
    assert reading(0.02)[0] == early[0]


@SIZES
def test_a_policy_is_downloaded_uploaded_and_compared(idle, visit, size, tmp_path):
    page = visit(idle.url, view="keep", size=size, tolerant=True)  # of the file that is refused
    before = {run["id"] for run in idle.ask("/runs")}
    first = min(before)
    page.click(f"[data-key=open-{first}]")
    with page.expect_download() as coming:
        page.click(".checkpoints a:has-text('Download') >> nth=0")
    file = tmp_path / "mine.safetensors"
    coming.value.save_as(file)
    page.set_input_files("#upload", file)
    eventually(lambda: "is kept as a run of its own" in page.inner_text("body"))
    (new,) = {run["id"] for run in idle.ask("/runs")} - before
    page.check(f"[data-key=box-{first}]")
    page.check(f"[data-key=box-{new}]")
    page.wait_for_selector("#h-compare:visible")
    heads = page.locator("#view-keep .chart .reading").first
    eventually(lambda: "%" in heads.inner_text())
    worthless = tmp_path / "worthless.safetensors"
    worthless.write_bytes(b"\x80\x04pickle")
    page.set_input_files("#upload", worthless)
    eventually(lambda: "safetensors" in page.locator(".toast.error").inner_text())


@pytest.fixture(scope="module")
def knowing(tmp_path_factory):
    """A server whose robot has driven before, with its wires swapped."""
    folder = tmp_path_factory.mktemp("knowing")
    theta = np.where(np.array(NAMES) == "ratio", -0.3, MEAN)
    robot, pilot = ModelRobot(theta, 1, wires=matrix((True, 1, 1))), KnowingPilot.shipped("wheels")
    while pilot.knowledge.moves < 30:
        robot.reset()
        pilot.episode(robot)
    with Store(folder / "runs.db") as store:
        remember(store, "sim", pilot.knowledge, pilot.log)
    with tools.server(folder) as running:
        yield running, folder / "runs.db"


@LOOKS
def test_what_the_robot_knows_of_itself_is_seen(knowing, visit, size, scheme):
    page = visit(knowing[0].url, view="learn", size=size, scheme=scheme, tolerant=True)  # of what is refused
    page.wait_for_selector(".known li:has-text('The left wheel is')")
    assert "the motors are wired in another way" in page.inner_text(".known .lead")
    page.click(".known summary")
    page.wait_for_selector(".bands figure >> nth=7")
    assert page.locator(".bands line.change").count() >= 8, "the moment of the change is drawn"
    assert page.locator(".way rect.seen").count() > 10 and page.locator(".way rect.expected").count() > 10
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.evaluate(AXE.read_text())
    violations = "axe.run('.known').then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
    assert page.evaluate(violations) == []
    page.click(".known button:has-text('Return to the one before')")
    page.wait_for_selector(".toast:has-text('nothing to return to')")


def test_it_learns_from_every_move_and_keeps_that(knowing):
    server, file = knowing
    before = server.ask("/robot")["moves"]
    assert server.ask("/drive/start", {"known": True}) == {"run": 0, "checkpoint": 0}
    eventually(lambda: server.ask("/robot")["moves"] >= before + 2, 60)
    server.ask("/drive/stop", {})
    moves = eventually(lambda: server.state == "idle" and server.ask("/robot")["moves"])
    with Store(file, reading=True) as store:
        assert recall(store, "sim").knowledge.moves == moves


def test_the_policy_is_adapted_while_the_page_goes_on(knowing, visit):
    server, _ = knowing
    page = visit(server.url, view="learn", tolerant=True)
    assert server.ask("/robot/adaptation")["words"] == ""
    page.click(".known button:has-text('Adapt the policy to it')")
    page.wait_for_selector(".known button:has-text('Adapting')")
    assert server.ask("/status")["adaptation"]["under_way"]
    with pytest.raises(urllib.error.HTTPError, match="409"):
        server.ask("/robot/adapt", {})
    page.wait_for_selector(".toast:has-text('better')", timeout=90_000)
    page.wait_for_selector(".known button:has-text('Adapt the policy to it'):enabled")
    outcome = server.ask("/robot/adaptation")
    assert not outcome["under_way"] and outcome["promoted"] in (True, False)


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        (WIDE, "light"),
        *(
            pytest.param(*look, marks=pytest.mark.slow)
            for look in ((PHONE, "dark"), (WIDE, "dark"), (PHONE, "light"))
        ),
    ],
)
def test_no_view_has_an_axe_violation(idle, visit, size, scheme):
    page = visit(idle.url, size=size, scheme=scheme)
    page.evaluate(AXE.read_text())
    found = {}
    for view in VIEWS:
        page.click(f".tabs a[href='#{view}']")
        page.wait_for_selector(LOADED[view])
        if view == "keep":
            page.click(".item button[aria-expanded=false]")
            page.wait_for_selector(".checkpoints button")
        page.wait_for_timeout(200)  # a picture or two more
        found[view] = page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
            "v => `${v.id}: ${v.nodes.map(n => n.html).slice(0, 3)}`))"
        )
    page.keyboard.press("Escape")
    page.click("#reset")
    found["halted"] = page.evaluate("axe.run(document).then(r => r.violations.map(v => v.id))")
    assert not any(found.values()), found


REPORT = {
    "script": "größe.py",
    "steps": 1200,
    "steps_looked_at": 40,
    "findings": [
        {
            "kind": "not-zeroed",
            "file": "/home/me/größe.py",
            "line": 9,
            "column": 17,  # in bytes, as Python counts them
            "end_column": 35,
            "source": "\t'ä'; größe = verlust.backward()",
            "label": "adds up",
            "seen": "Gradients add up.",
            "means": "Each step follows the sum.",
            "cure": "Call optimizer.zero_grad().",
            "sure": 0.96,
            "notes": ["the loss: line 8"],
            "follows": ["rate-too-high", "no-such-kind"],
        },
        {
            "kind": "<img src=x onerror=alert(1)>",
            "seen": "<b>bold</b>" + "x" * 300,
            "sure": None,
            "line": "no",
        },
    ],
    "not_checked": ["a second thread"],
}
DROP = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));  // of bytes, or a number of zeros
  const at = document.querySelector("#view-health h2");
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
    if (at.dispatchEvent(event)) throw new Error(`the browser would open the file: ${type}`);
  }
}"""


@LOOKS
def test_a_report_of_ones_own_script_is_read_and_explained(idle, visit, size, scheme):
    page = visit(idle.url, "health", size=size, scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.post_data)))
    page.set_input_files(".script input", [{"name": "r.json", "mimeType": "", "buffer": dumped(REPORT)}])
    page.wait_for_selector(".told")
    assert page.inner_text(".script [role=status]") == (
        "2 findings in größe.py. 1,200 training steps watched, 40 of them call by call."
    )
    first = page.locator(".told").first
    assert first.locator("mark").inner_text() == "verlust.backward()"
    words = first.inner_text()
    for part in ("/home/me/größe.py:9", "adds up", "Gradients add up.", "the sum.", "96 % sure", "line 8"):
        assert part in words
    assert "rate too high" not in words
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "rate too high" in first.inner_text()
    assert page.evaluate("document.querySelectorAll('.script img, .script b').length") == 0
    links = "[...document.querySelectorAll('.told .what:not([hidden])')].map(a => a.getAttribute('href'))"
    eventually(lambda: page.evaluate(links) == ["./explain/not-zeroed", "./explain/rate-too-high"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE.read_text())
    violations = "axe.run(document).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
    assert page.evaluate(violations.replace("document", "'.script'")) == []
    assert {method for method, _ in asked} <= {"GET"} and not any(body for _, body in asked)
    with page.context.expect_page() as opened:
        page.click(".told .what >> nth=0")
    explained = opened.value
    explained.wait_for_selector("svg polyline")
    assert explained.inner_text("h1") == "The gradients are never set to zero"
    assert explained.evaluate("document.documentElement.scrollWidth <= innerWidth")
    explained.evaluate(AXE.read_text())
    assert explained.evaluate(violations) == []
    explained.click("text=All findings")
    explained.wait_for_selector(".many")
    explained.evaluate(AXE.read_text())
    assert explained.evaluate(violations) == []


def dumped(report, code="utf-8"):
    return json.dumps(report, ensure_ascii=False).encode(code)


def test_what_is_no_report_is_refused_and_odd_reports_are_read(idle, visit):
    page = visit(idle.url, "health")
    page.wait_for_selector(".script")
    healthy = REPORT | {"findings": [], "steps": 1, "steps_looked_at": 1, "not_checked": None}
    for good in (
        dumped(healthy, "utf-16"),
        b"\xef\xbb\xbf" + dumped(healthy),
        b"epoch 1: {3}\r\n" + dumped(healthy) + b"\r\n",
    ):
        page.evaluate(DROP, ["report.json", list(good)])
        words = "Nothing was found in größe.py. 1 training step watched."
        eventually(lambda words=words: page.inner_text(".script [role=status]") == words)
        page.evaluate(DROP, ["other.txt", list(b"hello")])
        eventually(lambda: "other.txt" in page.inner_text(".script [role=status].error"))
    bad = [
        b"",
        b"null",
        b"{}",
        b"[1]",
        b"7",
        b'{"findings": {}}',
        b'{"findings": [null]}',
        b"\x89PNG\r\n\0\xff",
    ]
    bad += [b'{"findings": [{"kind": 3, "seen": "x"}]}', b'{"findings": [{"kind": "x"}]}', b'{"findings": [']
    for number, content in enumerate(bad):
        page.evaluate(DROP, [f"{number}.json", list(content)])
        eventually(
            lambda number=number: page.inner_text(".script [role=status]").startswith(f"{number}.json is no")
        )
        assert "make one with: robot-agent doctor" in page.inner_text(".script .error")
        assert page.locator(".script li").count() == 0
    page.evaluate(DROP, ["large.json", 8 * 1024 * 1024 + 1])
    eventually(lambda: "is too large" in page.inner_text(".script .error"))


@ON_A_DESKTOP
def test_who_may_steer_is_listed_and_turned_out(tmp_path, visit, size):
    lan = servers.Server(tmp_path, "--lan")
    try:

        def paired(size, view):
            page = visit(f"http://127.0.0.1:{lan.port}", view=view, size=size, tolerant=True)
            page.wait_for_selector("#pairing[open]")
            page.fill("#code", lan.hear(r"with the code (\S{7})"))
            page.click("#pairing-form .primary")
            page.wait_for_selector("#pairing:not([open])", state="attached")
            page.wait_for_selector("body[data-age=fresh]")
            return page

        phone = paired(PHONE, "drive")
        page = paired(size, "keep")
        keys = page.locator(".key")
        eventually(lambda: keys.count() == 2)
        assert [", this one" in words for words in keys.all_inner_texts()] == [False, True]

        page.fill("#token-name", "lesson plan")
        page.click("text=Make a token")
        token = page.input_value("#token")
        bearer = {"Authorization": f"Bearer {token}"}
        assert lan.get("/status", headers=bearer).status_code == 200
        page.evaluate(AXE.read_text())
        assert page.evaluate("axe.run(document).then(r => r.violations.map(v => v.id))") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.click("[aria-label='Revoke lesson plan']")
        eventually(lambda: keys.count() == 2)
        assert lan.get("/status", headers=bearer).status_code == 401

        page.locator(".key button").first.click()
        phone.wait_for_selector("#pairing[open]")
        eventually(lambda: keys.count() == 1)
        page.click("text=Unpair")
        page.wait_for_selector("#pairing[open]")
        page.wait_for_selector("#h-access", state="hidden")
    finally:
        lan.close()


def test_where_nobody_has_to_pair_nobody_is_listed(idle, visit):
    page = visit(idle.url, view="keep")
    page.wait_for_timeout(500)
    assert page.locator("#h-access").is_hidden()


@pytest.mark.parametrize("view", VIEWS)
def test_a_phone_sees_the_picture_and_halt_at_once_and_never_scrolls_sideways(idle, visit, view):
    page = visit(idle.url, view=view, size=PHONE)
    page.wait_for_selector(LOADED[view])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    halt = page.locator("#halt").bounding_box()
    assert halt["y"] >= 0 and halt["width"] >= 120 and halt["height"] >= 48
    if view == "see":
        picture = page.locator("#picture").bounding_box()
        assert picture["y"] + picture["height"] < PHONE[1] - 80
    page.evaluate("scrollTo(0, 99999)")
    assert page.locator("#halt").bounding_box()["y"] == halt["y"]


def test_the_theme_follows_the_system_and_the_button(idle, visit):
    page = visit(idle.url, scheme="dark")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "light"
    page.reload()
    assert page.get_attribute("html", "data-theme") == "light"


def test_what_is_shown_is_the_same_with_the_keys_alone(idle, visit):
    page = visit(idle.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.hash"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert {"#learn", "#health", "theme", "halt"} <= seen


def test_the_page_is_light_plain_and_its_own():
    files = list(STATIC.iterdir())
    assert sum(file.stat().st_size for file in files) < 220_000
    for file in files:
        words = file.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", words), file
        assert not re.search(r"https?://(?!www\.w3\.org/)", words), file
    page = (STATIC / "index.html").read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! type=\"module\" src)", page)


def test_the_policy_on_content_is_strict(idle):
    with urllib.request.urlopen(idle.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert re.search(r"script-src 'self'(;|$)", policy) or "default-src 'self'" in policy


def test_the_arcs_that_are_drawn_are_those_of_the_geometry(visit, idle):
    """A calibrated robot's ways are drawn with its own speed and wheel base."""
    from robot_agent.simulator.kinematics import arc, drive

    page = visit(idle.url)
    for physics in ({"full_speed": 0.35, "wheel_base": 0.14}, {"full_speed": 0.8, "wheel_base": 0.22}):
        for left, right, seconds in ((1, 1, 1), (1, 0.2, 0.7), (-0.3, 0.9, 0.4), (0.5, -0.5, 1)):
            ahead, aside, turned = page.evaluate(
                "async ([physics, ...pulse]) => (await import('./policy_map.js')).move(physics, ...pulse)",
                [physics, left, right, seconds],
            )
            way = physics["full_speed"] * seconds
            length, turn = arc(left * way, right * way, physics["wheel_base"])
            # The geometry's places have right as positive.
            assert abs(drive(complex(ahead, -aside), length, turn)) < 1e-6
            assert turned == pytest.approx(float(turn))
    facts = page.evaluate("async () => (await import('./connection.js')).model.facts")
    assert (facts["lease_seconds"], facts["slices"]) == (LEASE, 42)


GAMEPAD = """
  const pad = { connected: true, axes: [0, 0], buttons: [], timestamp: 0 };
  window.pad = pad;
  navigator.getGamepads = () => [pad.connected ? pad : null];
"""


@ON_A_DESKTOP
def test_a_gamepad_takes_the_wheel_of_a_training_and_gives_it_back(idle, visit, size):
    pins = Record(idle.pins)
    settings = {"simulator.rendered": True, "task.max_moves": 10, "train.episodes_per_update": 2}
    run = idle.ask("/training/start", {"robot": "sim", "seed": 1, "moves": 4000, "settings": settings})["run"]
    page = visit(idle.url, view="drive", size=size)
    page.evaluate(GAMEPAD)
    page.evaluate("dispatchEvent(new Event('gamepadconnected'))")
    eventually(lambda: "goes on from where you bring the robot" in page.inner_text("#lease"))
    assert not page.is_visible("#give-back")
    page.evaluate("pad.axes = [0.1, -0.9]")  # ahead; so little to the side is none
    eventually(lambda: "You are driving" in page.inner_text("#lease"))
    page.wait_for_timeout(700)
    page.evaluate("pad.axes = [0.02, 0.01]")  # let go: sticks never stand exactly in the middle
    eventually(lambda: "You let go" in page.inner_text("#lease"))
    page.wait_for_selector("#give-back:not([hidden])")
    eventually(lambda: not pins.high(), 5)
    page.click("#give-back")
    eventually(lambda: idle.state == "training", 60)
    page.evaluate("pad.axes = [0, -1]")
    eventually(lambda: "You are driving" in page.inner_text("#lease"))
    since = time.monotonic_ns()
    page.evaluate("pad.connected = false; dispatchEvent(new Event('gamepaddisconnected'))")  # unplugged
    stopped_in_time(pins, since)
    assert "gamepad is gone" in page.inner_text("#lease")
    page.click("#give-back")

    def by_hand():
        kept = idle.ask(f"/runs/{run}/episodes?limit=200")
        return [
            step
            for one in kept
            for step in idle.ask(f"/runs/{run}/episodes/{one['number']}")["steps"]
            if step["by_hand"]
        ]

    moves = eventually(by_hand, 60)  # one at least: what they drive may end the episode
    assert any(step["left"] == pytest.approx(step["right"]) and step["left"] > 0.3 for step in moves)
