"""Signs of life for systemd: READY, beats from the loop, none once guard or trainer is gone for too long."""

import asyncio
import os
import signal
import socket
import time
from contextlib import suppress

import pytest
from recording_pins import Record
from servers import Server, children, command_of, eventually, is_alive

from robot_agent.errors import PinError
from robot_agent.guard import client as guard_client
from server.control.clients import Clients
from server.control.guard_service import Wheels
from server.control.halt import Halts
from server.control.state import State
from server.control.worker_process import Link
from server.problems import Problem
from server.service import heartbeat
from server.service.heartbeat import Heartbeat, beat_seconds, notify
from server.service.persisted import Memory


class Manager:
    """Where the words go: what systemd listens at."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)

    def heard(self):
        words = []
        while True:
            try:
                words.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return words


@pytest.fixture
def manager(tmp_path, monkeypatch):
    manager = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", manager.path)
    yield manager
    manager.socket.close()


def test_a_server_says_that_it_is_ready_beats_and_says_that_it_ends(manager, tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    server = Server(tmp_path)
    words = []

    def hear(word):
        words.extend(manager.heard())
        return word in words

    try:
        eventually(lambda: hear("READY=1"))
        server.await_ready()
        manager.heard()
        words.clear()
        eventually(lambda: hear("WATCHDOG=1") and words.count("WATCHDOG=1") >= 3)
        # A loop that hangs sends nothing, whatever its threads do.
        os.kill(server.process.pid, signal.SIGSTOP)
        time.sleep(0.5)
        manager.heard()
        time.sleep(1.0)
        assert manager.heard() == []
        os.kill(server.process.pid, signal.SIGCONT)
        words.clear()
        eventually(lambda: hear("WATCHDOG=1"))
        # systemd's stop goes to all of them at once: no other guard is started, and it ends well.
        for process in (server.worker(), server.guard(), server.process.pid):
            os.kill(process, signal.SIGTERM)
        assert server.process.wait(20) in (0, -signal.SIGTERM)
        assert hear("STOPPING=1")
    finally:
        server.close()


def test_nobody_who_listens_is_no_error(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nowhere"))
    notify("READY=1")


@pytest.mark.parametrize(
    ("allowed", "seconds"), [("30000000", 10.0), ("3000000", 1.0), ("", 10.0), ("x", 10.0)]
)
def test_it_beats_three_times_as_often_as_it_must(monkeypatch, allowed, seconds):
    monkeypatch.setenv("WATCHDOG_USEC", allowed)
    assert beat_seconds() == seconds


class Trainer(Link):
    """A trainer that is there, and answers or does not."""

    def __init__(self):
        super().__init__(
            on_message=lambda message: None, on_picture=lambda *picture: None, on_change=lambda: None
        )
        self.ready.set()
        self.killed = 0

    def say(self, do, **values):
        pass

    def kill(self):
        self.killed += 1


def beating(manager, monkeypatch, tmp_path, during):
    """Let a heart beat over a real guard while `during(trainer, guard's processes)` goes on."""
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    monkeypatch.setattr(heartbeat, "GUARD_SECONDS", 0.5)
    monkeypatch.setattr(heartbeat, "TRAINER_SECONDS", 0.5)
    monkeypatch.setattr(heartbeat, "HANG_SECONDS", 0.5)

    async def live():
        wheels = Wheels(
            {"board": "ryanteck", "pin_factory": "mock"},
            ramp_seconds=0,
            on_event=lambda event: None,
            on_lost=lambda why: None,
            on_ready=lambda: None,
        )
        await wheels.open()
        trainer = Trainer()
        heart = asyncio.create_task(Heartbeat(wheels, trainer).run())
        keeper = next(child for child in children(os.getpid()) if "robot_agent.guard" in command_of(child))
        try:
            await asyncio.sleep(0.4)
            assert "WATCHDOG=1" in manager.heard()
            await during(trainer, [keeper, *children(keeper)])
        finally:
            heart.cancel()
            await wheels.close()

    asyncio.run(live())


def test_without_a_guard_there_are_no_beats(manager, monkeypatch, tmp_path):
    async def lose_the_guard(trainer, processes):
        def fail(*_):
            raise PinError("The pins are gone.")

        monkeypatch.setattr("server.control.guard_service.OwnGuard", fail)
        for process in processes:
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(2.0)
        manager.heard()
        await asyncio.sleep(1.0)
        assert manager.heard() == []

    beating(manager, monkeypatch, tmp_path, lose_the_guard)


def test_a_guard_that_hangs_with_its_keeper_is_killed_and_another_one_started(monkeypatch, tmp_path):
    monkeypatch.setenv("RECORDED_PINS", str(tmp_path / "pins"))
    record = Record(tmp_path / "pins")
    made = []

    async def live():
        lost = []
        ready = asyncio.Event()
        wheels = Wheels(
            {"board": "ryanteck", "pin_factory": "recording_pins:make"},
            ramp_seconds=0,
            on_event=lambda event: None,
            on_lost=lost.append,
            on_ready=ready.set,
        )
        await wheels.open()

        def drive_low(pins):  # the kernel gives them to nobody else as long as one of the two is there
            eventually(lambda: not any(map(is_alive, processes)), 2.0)
            made.append(set(pins))

        monkeypatch.setattr(guard_client, "drive_low", drive_low)
        monkeypatch.setattr(wheels._own, "_wheels", {"board": "ryanteck"})  # as if the kernel had the pins
        keeper, guard = processes = wheels._own.process.pid, (await wheels.status())["process"]
        try:
            await wheels.drive(1.0, 1.0)
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            assert record.high()
            ready.clear()
            await asyncio.wait_for(ready.wait(), 15)
            assert made[0] == {17, 18, 22, 23}
            assert "has not answered" in lost[0], lost
            assert not record.high()
            assert (await wheels.status())["process"] not in processes
        finally:
            await wheels.close()

    asyncio.run(live())


@pytest.mark.parametrize("pause", [0.0, 0.0005, 0.002])
def test_a_halt_that_comes_while_one_is_reset_stays(tmp_path, pause):
    async def live():
        state = State()
        wheels = Wheels(
            {"board": "ryanteck", "pin_factory": "mock"},
            ramp_seconds=0,
            on_event=lambda event: halts.on_event(event),
            on_lost=lambda why: None,
            on_ready=lambda: None,
        )
        memory = Memory(tmp_path / "memory")
        halts = Halts(state, memory, Clients(), Trainer(), wheels, own_robot=False, on_latched=lambda: None)
        await wheels.open()
        try:
            for _ in range(10):
                await halts.halt("Somebody")
                reset = asyncio.create_task(halts.reset())
                await asyncio.sleep(pause)
                over = reset.done()
                await halts.halt("Somebody else")
                if over:
                    await reset
                else:
                    with suppress(Problem):  # or it was over before the halt came to its turn
                        await reset
                await asyncio.sleep(0.05)
                assert halts.latched and memory.get("halt")["halted"] and (await wheels.status())["halted"]
                await halts.reset()
        finally:
            await wheels.close()

    asyncio.run(live())


def test_a_trainer_that_hangs_is_killed_and_one_that_stays_away_ends_the_beats(
    manager, monkeypatch, tmp_path
):
    async def lose_the_trainer(trainer, processes):
        await asyncio.sleep(1.5)
        assert trainer.killed, "it never answered"
        assert "WATCHDOG=1" in manager.heard(), "another one is started, and all goes on"
        trainer.ready.clear()
        await asyncio.sleep(1.5)
        manager.heard()
        await asyncio.sleep(0.5)
        assert manager.heard() == []

    beating(manager, monkeypatch, tmp_path, lose_the_trainer)
