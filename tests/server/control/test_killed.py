"""Kill -9 of the worker, of the server, of both: the wheels stop, the store is whole, and it goes on."""

import os
import random
import resource
import signal
import time

import pytest
from servers import QUICK, Server, children, eventually, is_alive

from robot_agent.runs.store import Store

MOMENTS = random.Random(20)
"""Moments of the kill: anywhere in what is under way, and the same ones each time."""


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A server of these tests alone; `server` is it at rest."""
    server = Server(tmp_path_factory.mktemp("killed"), "--seed", 5).await_ready()
    yield server
    server.close()


def test_the_worker_is_killed_while_it_drives(server):
    server.post("/drive/start", {"checkpoint": server.policy()})
    eventually(server.record.high, 60)
    time.sleep(MOMENTS.uniform(0, 0.3))
    worker = server.worker()
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: not server.record.high(), 5)
    failed = server.await_state("failed")
    assert "SIGKILL" in failed["reason"]
    assert server.await_state("driving", seconds=60)["reason"] == ""
    assert server.worker() != worker
    # What was paused does not begin to move by itself.
    server.post("/training/pause")
    os.kill(server.worker(), signal.SIGKILL)
    server.await_state("failed")
    assert server.await_state("paused", seconds=60)["activity"] == "driving"
    assert not server.record.high()
    server.post("/drive/stop")
    server.await_state("idle")


def test_the_worker_is_killed_while_it_trains_and_the_run_goes_on(server):
    run = server.run(moves=250_000)
    server.await_state("training")
    time.sleep(MOMENTS.uniform(0.1, 0.8))
    os.kill(server.worker(), signal.SIGKILL)
    server.await_state("failed")
    eventually(lambda: server.get(f"/runs/{run}").json()["status"] == "finished", 90)
    shown = server.get(f"/runs/{run}").json()
    assert [row["number"] for row in shown["updates"]] == list(range(1, shown["updates_made"] + 1))
    assert "robot_agent_worker_restarts_total" in server.http.get("/metrics").text


def test_the_guard_is_killed_and_a_halt_outlives_it(server):
    eventually(lambda: server.http.get("/healthz").status_code == 200, 60)
    server.post("/halt")
    os.kill(server.guard(), signal.SIGKILL)
    eventually(lambda: server.http.get("/healthz").json()["guard"] is False)
    eventually(lambda: server.http.get("/healthz").status_code == 200, 30)
    assert server.state()["state"] == "halted" and not server.record.high()
    with server.socket() as page:
        page.say("drive", left=1, right=1, seq=1)
        assert not page.hear("lease")["held"]
    server.post("/halt/reset", {"confirm": True})
    server.await_state("idle")


@pytest.fixture(scope="module")
def poor(tmp_path_factory):
    """Another server: a trainer that has just failed many times in a row begins no job again."""
    server = Server(tmp_path_factory.mktemp("poor"), "--seed", 5).await_ready()
    yield server
    server.close()


@pytest.mark.parametrize("what", ["worker", "guard"])
def test_no_files_left_for_three_seconds_do_not_end_anything_for_ever(poor, what):
    """At the wrong moment: when what has ended is to be started again."""
    server = poor
    server.at_rest()
    before = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        os.kill(getattr(server, what)(), signal.SIGKILL)
        time.sleep(3.0)  # as long as nothing can be opened
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, before)
    eventually(lambda: server.http.get("/healthz").status_code == 200, 60)
    server.await_state("idle", "halted")
    server.at_rest()


FORKS = """
import os
import time

def build():
    if os.fork() == 0:
        os.setsid()
        time.sleep(30)  # longer than the end of the worker may stay unknown
        os._exit(0)
    from guarded_robot import build
    return build()
"""


def test_the_end_of_the_worker_is_known_though_a_child_of_it_holds_the_pipe(tmp_path):
    (tmp_path / "forks.py").write_text(FORKS)
    server = Server(tmp_path, "--robot", "forks:build", settings=(*QUICK, "task.max_seconds=0.04"))
    try:
        server.await_ready()
        assert server.post("/training/start", {"robot": "robot", "moves": 5000}).status_code == 200
        server.await_state("training")
        worker = server.worker()
        os.kill(worker, signal.SIGKILL)
        assert "SIGKILL" in server.await_state("failed")["reason"]
        server.await_state("training", seconds=60)
        assert server.worker() != worker
    finally:
        server.close()


@pytest.mark.parametrize("how", ["request", "socket", "socket that is closed"])
@pytest.mark.parametrize("which", ["guard", "guard and keeper"])
def test_a_halt_is_latched_though_the_guard_hangs(server, which, how):
    server.at_rest()
    with server.socket() as hand:
        for sequence in range(1, 20):
            hand.say("drive", left=0.5, right=0.5, seq=sequence)
            hand.hear("lease")
            if server.record.high():
                break
        keeper = server.guard()
        processes = children(keeper) + ([keeper] if which != "guard" else [])
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        pressed = time.monotonic_ns()
        if how == "request":
            assert server.post("/halt").status_code == 200
        else:
            with server.socket() as page:
                page.say("halt")
                if how == "socket":
                    page.hear("halted")
        for more in range(100):  # whoever drives goes on to ask for it
            hand.say("drive", left=0.5, right=0.5, seq=sequence + 1 + more)
            hand.hear("lease")
            time.sleep(0.02)
    assert server.state()["state"] == "halted"
    eventually(lambda: not server.record.high())
    driven = [moment for moment, _, level in server.record.lines() if level and moment > pressed]
    assert not driven, f"{(driven[0] - pressed) / 1e6:.0f} ms after the halt"
    eventually(lambda: server.http.get("/healthz").status_code == 200)


def end_of(server, *, worker):
    """Kill the server, and its worker too if it is to be; returns when all that it had started has ended."""
    processes = server.worker(), server.guard()
    if worker:
        os.kill(processes[0], signal.SIGKILL)
    server.process.kill()
    eventually(lambda: not any(map(is_alive, processes)), 20)
    server.close()


def test_the_server_is_killed_while_it_drives_and_both_while_they_train(tmp_path):
    first = Server(tmp_path, "--seed", 6).await_ready()
    first.post("/drive/start", {"checkpoint": first.policy()})
    eventually(first.record.high)
    end_of(first, worker=False)
    assert not first.record.high()

    second = Server(tmp_path, "--seed", 6).await_ready()
    run = second.run(moves=400_000)
    with second.socket() as page:
        page.hear("update")
        end_of(second, worker=True)
    with Store(second.store) as store:
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.run(run).status == "training"

    third = Server(tmp_path, "--seed", 6)
    try:
        assert third.await_state("training", seconds=60)["run"] == run
        with third.socket() as page:
            assert page.hear("update")["run"] == run
        assert third.post("/halt").json()["stopped"]
    finally:
        third.close()
