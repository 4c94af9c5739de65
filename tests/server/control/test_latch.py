"""What is not known counts as halted; and a halt that could not be written is said at once."""

import json
import os
import resource

import pytest
from servers import Server

from server.control.control import Control
from server.control.server_settings import ServerSettings
from server.protocol.page import HaltState
from server.service.persisted import Persisted

HALTED = {"halted": True, "what": "driving was stopped", "why": "Somebody pressed halt", "at": 5.0}


def control(path):
    """Put a server's parts together, over what it has kept in a file."""
    return Control(ServerSettings(None, {"store": str(path.parent / "runs.db")}), Persisted(path),
                   settings_file=path.parent / "robot.toml")  # fmt: skip


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "\0" * 100,
        '{"halt": 5}',
        '{"halt": {"halted": "no"}}',
        '{"halt": null}',
        '{"halt": {"halted": true, "what": "", "why": "", "at": 1.0}, "halt": {"halted": false}}',
        "[" * 100_000,
        "a folder",
        "a pipe",
        "a link to nowhere",
        b"\xff",
        b" " * 2_000_000,
    ],
    ids=lambda damage: repr(damage[:30]),
)
def test_a_file_that_cannot_be_read_counts_as_halted(tmp_path, damage):
    path = tmp_path / "kept.json"
    if damage == "a folder":
        path.mkdir()
    elif damage == "a pipe":
        os.mkfifo(path)
    elif damage == "a link to nowhere":
        path.symlink_to("/nowhere/else")
    elif isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        path.write_text(damage)
    halt = control(path).state.halt
    assert halt.halted and "not known" in halt.why


def test_a_pipe_in_the_way_of_what_is_written_holds_nothing_up(tmp_path):
    os.mkfifo(tmp_path / ".kept.json.new")
    persisted = Persisted(tmp_path / "kept.json")
    persisted.set(halt=HALTED)
    assert not persisted.kept and Persisted(tmp_path / "kept.json").damage


def test_what_was_kept_is_as_it_was(tmp_path):
    path = tmp_path / "kept.json"
    assert control(path).state.halt == HaltState()  # nothing was kept yet
    path.write_text(json.dumps({"halt": HALTED}))
    assert control(path).state.halt == HaltState(**HALTED)
    Persisted(path).set(halt={"halted": False, "what": "", "why": "", "at": None})
    assert control(path).state.halt == HaltState()


def test_what_could_not_be_written_counts_as_halted_until_it_is(tmp_path):
    path, kept = tmp_path / "kept.json", None
    (tmp_path / ".kept.json.new").mkdir()  # so that writing fails, as on a disk that is full
    kept = Persisted(path)
    kept.set(halt=HALTED)
    assert not kept.kept
    assert control(path).state.halt.halted
    (tmp_path / ".kept.json.new").rmdir()
    kept.set(run=3)
    assert kept.kept and control(path).state.halt == HaltState(**HALTED)


def test_that_nothing_could_be_written_is_remembered_without_a_free_descriptor(tmp_path):
    path = tmp_path / "kept.json"
    kept, before = Persisted(path), resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        kept.set(halt=HALTED)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not kept.kept
    assert control(path).state.halt.halted


def test_a_halt_outlives_the_server_also_when_its_file_is_emptied_and_is_said_when_it_is_not_written(
    tmp_path,
):
    server = Server(tmp_path).await_ready()
    try:
        new = tmp_path / ".runs.db.server.json.new"
        new.mkdir()
        with server.socket() as page:
            assert server.post("/halt").json()["stopped"]
            assert "could not be written" in page.hear("notice")["text"]
        new.rmdir()
    finally:
        server.close()
    (tmp_path / "runs.db.server.json").write_text("")
    again = Server(tmp_path).await_ready()
    try:
        assert again.state()["halt"]["halted"]
        assert again.post("/drive/start").status_code == 409
        again.post("/halt/reset", {"confirm": True})
        again.await_state("idle")
    finally:
        again.close()
