"""A card that is full: learning stops and says so, the rest goes on; with space again so does learning."""

import os
import subprocess

import pytest
from servers import Server, eventually


@pytest.fixture
def card(tmp_path):
    """A small disk of its own."""
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", tmp_path], capture_output=True
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def test_learning_stops_and_tells_and_goes_on_when_there_is_space(card):
    server = Server(card, "--seed", 3).await_ready()
    try:
        with server.socket() as page:
            run = server.run(moves=50_000_000)
            server.await_state("training")
            with (card / "photographs").open("wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError:
                    pass  # it is full
            while (notice := page.hear("notice", 60))["level"] != "error":
                pass
            assert "the disk is full" in notice["text"]
            server.await_state("idle")
            assert server.http.get("/healthz").status_code == 200
            # The wheels can be halted and driven as before.
            assert server.post("/halt").json()["stopped"]
            assert server.post("/halt/reset", {"confirm": True}).status_code == 200
            (card / "photographs").unlink()
            assert server.post("/training/resume").status_code == 200
            moves = server.get(f"/runs/{run}").json()["moves"]
            eventually(lambda: server.get(f"/runs/{run}").json()["moves"] > moves, 60)
    finally:
        server.close()
