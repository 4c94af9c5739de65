"""The page of the room in a real browser: every robot, HALT ALL, pairing, sending, comparing."""

import json
import os
import re
import signal

import browser as tools
import pytest
from browser import HALTS, LOOKS, PHONE, WIDE
from hubs import Hub
from servers import ROOT, Server, eventually

pytest.importorskip("playwright", reason="The browser tests need playwright; install '.[dev]'.")
pytestmark = pytest.mark.skipif(
    tools.chromium() is None, reason="The browser tests need Chromium; apt-get install chromium."
)

STATIC = ROOT / "server" / "static"
AXE = ROOT / "tests/server/vendor/axe.min.js"
CODE = r"with the code (\w{3}-\w{3})"


@pytest.fixture(scope="module")
def robots(tmp_path_factory):
    """Three robots, the last of which asks for a code."""
    made = [
        Server(tmp_path_factory.mktemp(f"robot-{n}"), *(["--lan"] if n == 3 else []), "--seed", n)
        for n in (1, 2, 3)
    ]
    for robot in made:
        robot.await_ready()
    for robot in made[:2]:
        robot.policy()
    yield made
    for robot in made:
        robot.close()


@pytest.fixture(scope="module")
def hub(robots, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    lines = [
        f'{name} = "127.0.0.1:{one.port}"' for name, one in zip(("Ada", "Grace", "Hedy"), robots, strict=True)
    ]
    (folder / "room.toml").write_text("\n".join(["[robots]", *lines, 'Nobody = "127.0.0.1:1"']))
    hub = Hub(folder, "room.toml")
    yield hub
    hub.close()


@pytest.fixture
def rest(hub, robots):
    """The two robots that need no code at rest."""
    for robot in robots[:2]:
        robot.at_rest()
        hub.await_link(robot.port, "connected")
    eventually(lambda: not any(one["halted"] for one in hub.robots()[:2]))


@pytest.fixture(scope="module")
def chrome():
    with tools.browser() as running:
        yield running


@pytest.fixture
def visit(chrome, hub, rest):
    """Open the page; nothing may be asked of another host, nor go wrong in the console."""
    contexts, foreign, wrong = [], [], []

    def go(size=WIDE, scheme="light", tolerant=False):
        viewport = {"width": size[0], "height": size[1]}
        context = chrome.new_context(viewport=viewport, color_scheme=scheme, has_touch=size == PHONE)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda asked: None if ours(asked.url) else foreign.append(asked.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if not tolerant:
            page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        page.goto(hub.url)
        page.wait_for_selector(".tile[data-link=connected] .blank[hidden]", state="attached")
        eventually(lambda: "of 4 connected" in page.inner_text("#count"))
        return page

    def ours(asked):
        return re.sub("^(ws|blob:http)", "http", asked).startswith((hub.url, "data:"))

    yield go
    for context in contexts:
        context.close()
    assert not foreign
    assert not wrong


def tile(page, name):
    return page.locator(".tile", has=page.locator(f"h2:text-is('{name}')"))


def state(page, name):
    return tile(page, name).locator(".word").inner_text()


def violations(page):
    page.evaluate(AXE.read_text())
    return page.evaluate("axe.run(document).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))")


@LOOKS
def test_every_robot_is_shown_and_the_page_is_for_everyone(visit, size, scheme, robots):
    robots[0].post("/drive/start", {"known": True})
    page = visit(size, scheme)
    for name, word in (("Ada", "Driving"), ("Grace", "Idle"), ("Nobody", "Away")):
        eventually(lambda name=name, word=word: state(page, name) == word)
    assert [one.inner_text() for one in page.locator(".tile h2").all()] == ["Ada", "Grace", "Hedy", "Nobody"]
    assert "Nothing answers" in tile(page, "Nobody").locator(".problem").inner_text()
    halt = page.locator("#halt").bounding_box()
    assert halt["x"] + halt["width"] <= size[0] and halt["height"] >= 44 and halt["width"] >= 120
    page.mouse.wheel(0, 2000)
    eventually(lambda: page.evaluate("scrollY") > 0 or size == WIDE)
    assert page.locator("#halt").bounding_box()["y"] == pytest.approx(halt["y"], abs=2)  # always in view
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    columns = len({round(one.bounding_box()["x"]) for one in page.locator(".tile").all()})
    assert columns == (1 if size == PHONE else 4)
    assert not violations(page)


@HALTS
def test_halt_all_stops_all_and_names_who_has_not_confirmed(visit, size, how, robots):
    for robot in robots[:2]:
        robot.post("/drive/start", {"known": True})
        eventually(robot.record.high, 30)
    page = visit(size, tolerant=True)
    if how == "escape":
        page.keyboard.press("Escape")
    elif size == PHONE:
        page.tap("#halt")
    else:
        page.click("#halt")
    for name in ("Ada", "Grace"):
        eventually(lambda name=name: state(page, name) == "Halted")
    assert not any(robot.record.high() for robot in robots)
    eventually(lambda: "NOT confirmed by Nobody" in page.inner_text("#alarm"))
    assert "Ada" not in page.inner_text("#alarm")
    # Both move again only after two steps.
    for name in ("Ada", "Grace"):
        tile(page, name).locator("input[type=checkbox]").check()
    page.click("#reset")
    assert "in the way of Ada, Grace?" in page.inner_text("#reset-words")
    assert robots[0].state()["halt"]["halted"]
    page.click("#reset-yes")
    eventually(lambda: state(page, "Ada") == state(page, "Grace") == "Idle")


def test_one_robot_is_halted_from_its_tile(visit, robots):
    for robot in robots[:2]:
        robot.post("/drive/start", {"known": True})
        eventually(robot.record.high, 30)
    page = visit()
    page.click("button[aria-label='HALT Grace']")
    eventually(lambda: state(page, "Grace") == "Halted")
    eventually(lambda: state(page, "Ada") == "Driving")
    page.click("button[aria-label='Reset Grace']")
    tile(page, "Grace").locator("text=Yes, let it move").click()
    eventually(lambda: state(page, "Grace") == "Idle")


def test_a_robot_that_hangs_is_named_and_then_is_not(visit, robots):
    page = visit(tolerant=True)
    os.kill(robots[1].process.pid, signal.SIGSTOP)
    try:
        page.click("#halt")
        eventually(
            lambda: "NOT confirmed by" in page.inner_text("#alarm") and "Grace" in page.inner_text("#alarm")
        )
        eventually(lambda: state(page, "Grace") == "Away")
    finally:
        os.kill(robots[1].process.pid, signal.SIGCONT)
    eventually(lambda: "Grace" not in page.inner_text("#alarm"))
    eventually(lambda: state(page, "Grace") == "Halted")


def test_a_policy_and_a_fit_are_sent_and_runs_compared(visit, robots, hub):
    page = visit()
    kept = len(robots[1].get("/runs").json())
    for name in ("Ada", "Grace"):
        tile(page, name).locator("input[type=checkbox]").check()
    page.click("#send")
    page.select_option("#source", label="Ada")
    page.click("#sending-yes")
    eventually(lambda: "one that drives" in page.inner_text("#sending-results"))
    assert len(robots[1].get("/runs").json()) == kept + 1
    assert not violations(page)
    page.check("input[value=file]")
    page.click("#sending-yes")
    assert "Choose a file" in page.inner_text("#sending-error")
    page.click("#sending-close")
    page.click("#compare")
    page.wait_for_selector("#compared:not([hidden])")
    assert page.locator("#compared-runs li").count() == 2
    reading = page.locator("#compared-success .reading")
    eventually(lambda: "Ada" in reading.inner_text())
    robots[1].policy()
    run = next(run["id"] for run in robots[1].get("/runs").json() if run["moves"])
    page.locator("#compared-runs select").nth(1).select_option(str(run))
    eventually(lambda: "Grace" in reading.inner_text())
    assert not violations(page)


def test_a_robot_is_paired_from_the_page_and_removed(visit, robots, hub):
    page = visit(tolerant=True)
    hedy = tile(page, "Hedy")
    eventually(lambda: state(page, "Hedy") == "Not paired")
    robots[2].get("/pair")
    code = robots[2].hear(CODE)
    hedy.locator("form input").fill("XXX-XXX")
    hedy.locator("form button").click()
    page.wait_for_selector(".toast.error")
    assert "not the code" in page.inner_text(".toast.error")
    hedy.locator("form input").fill(code)
    hedy.locator("form button").click()
    eventually(lambda: state(page, "Hedy") in ("Idle", "Halted"))
    hedy.scroll_into_view_if_needed()
    eventually(lambda: hedy.locator(".blank").is_hidden())
    key = next(iter(json.loads(hub.keys.read_text())["robots"].values()))["token"]
    assert key not in page.content()
    page.click("#add")
    page.fill("#address", "ftp://robot")
    page.press("#address", "Enter")
    eventually(lambda: "no address of a robot" in page.inner_text("#adding-error"))
    page.fill("#address", "127.0.0.1:2")
    page.press("#address", "Enter")
    eventually(lambda: tile(page, "127.0.0.1:2").count() == 1)
    page.click("button[aria-label='Remove 127.0.0.1:2']")
    eventually(lambda: tile(page, "127.0.0.1:2").count() == 0)


def test_the_page_says_when_the_hub_is_gone(visit, hub):
    page = visit(tolerant=True)
    os.kill(hub.process.pid, signal.SIGSTOP)
    try:
        eventually(lambda: page.inner_text("#count") == "Offline")
        page.click("#halt")
        eventually(lambda: "does not reach the hub" in page.inner_text("#alarm"))
    finally:
        os.kill(hub.process.pid, signal.SIGCONT)
    eventually(lambda: "connected" in page.inner_text("#count"))


def test_names_from_outside_are_text(robots, chrome, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    (tmp_path / "room.toml").write_text(f'[robots]\n"{name}" = "127.0.0.1:{robots[0].port}"\n')
    hub = Hub(tmp_path, "room.toml")
    try:
        page = chrome.new_page()
        page.goto(hub.url)
        page.wait_for_selector(".tile")
        assert page.inner_text(".tile h2") == name and page.locator(".tile h2 img").count() == 0
        page.close()
    finally:
        hub.close()


def test_the_page_is_plain():
    page = (STATIC / "fleet.html").read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page)
