"""A QR code in the terminal of a server with --lan: a phone that is held to it opens the page, paired."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import browser
import cv2
import numpy as np
import pytest
from servers import PINS, QUICK, ROOT

INK = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}


def picture(text):
    """Return what a phone sees of the half blocks on a terminal: white ones on black."""
    lines = re.findall(r"\x1b\[97;40m(.*?)\x1b\[0m", text)
    width = max(map(len, lines))
    dots = np.array(
        [[INK[c] for c in line.ljust(width)] for line in lines], np.uint8
    )  # rows, columns, halves
    image = dots.transpose(0, 2, 1).reshape(-1, width) * 255
    image = cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    return cv2.copyMakeBorder(image, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=255)


@pytest.fixture
def terminal(tmp_path):
    """A server whose output is a terminal; yields what stood there when the QR code was whole."""
    outside, inside = pty.openpty()
    command = [
        sys.executable,
        "-P",
        "-m",
        "server",
        "--lan",
        "--port",
        "0",
        "--store",
        str(tmp_path / "runs.db"),
    ]
    for setting in (*PINS, *QUICK):
        command += ["--set", setting]
    pins = ROOT / "tests/robot_agent"
    path = os.pathsep.join(map(str, (ROOT, pins, pins / "recorded_mock")))
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "RECORDED_PINS": str(tmp_path / "pins"),
        "COLUMNS": "100",
    }
    process = subprocess.Popen(command, cwd=tmp_path, stdout=inside, stderr=inside, env=environment)
    os.close(inside)
    said, until = b"", time.monotonic() + 90
    while said.count(b"\x1b[0m") < 17:
        assert select.select([outside], [], [], max(until - time.monotonic(), 0))[0], said
        said += os.read(outside, 65536)
    yield said.decode()
    process.terminate()
    process.wait(20)
    os.close(outside)


def test_a_phone_that_reads_it_opens_the_page_paired(terminal):
    code = re.search(r"with the code (\w{3})-(\w{3})", terminal)
    address, *_ = cv2.QRCodeDetector().detectAndDecode(picture(terminal))
    shown = re.search(r"dashboard is at (http://\S+)", terminal)[1]
    assert address == f"{shown}/#pair={code[1]}{code[2]}"
    if browser.chromium() is None:
        pytest.skip("no Chromium")
    with browser.browser() as running:
        page = running.new_page(viewport={"width": 390, "height": 844})
        page.goto(address)
        cookies = page.context.request
        browser.eventually(lambda: cookies.get(f"{shown}/api/v1/pair").json()["paired"])
        page.wait_for_selector("#pairing", state="hidden")
        assert "pair=" not in page.url
        again = running.new_page()
        again.goto(address)  # the code is used up: a second phone is asked for another
        browser.eventually(lambda: again.inner_text("#pairing-error"))
        assert again.is_visible("#pairing")
