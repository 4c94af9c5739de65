"""A browser is opened where there is a screen, and holds nobody up."""

import os

import pytest
from servers import eventually

from server.service import browser as browsers
from server.service.browser import open_browser


@pytest.mark.parametrize("screen", [True, False])
def test_a_browser_that_does_not_end_holds_nobody_up(tmp_path, monkeypatch, screen):
    """A browser for the terminal is one."""
    opened, end = tmp_path / "opened", tmp_path / "end"
    os.mkfifo(end)
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new\nmv {opened}.new {opened}\ncat {end}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(name, ":7" if screen else "")
    open_browser("http://localhost:8080")
    if screen:
        assert eventually(lambda: opened.exists() and opened.read_text()) == "http://localhost:8080\n"
        end.write_text("")
        browsers.opened.pop().wait(20)
    assert opened.exists() == screen
