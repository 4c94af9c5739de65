"""Signs of life for systemd: READY, beats from the loop, none once guard or trainer is gone for too long."""

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import pytest
from recording_pins import Record
from servers import Server, children, command_of, eventually, is_alive

from robot_agent.errors import PinError
from robot_agent.guard import client as guard_client
from server.control import heartbeat
from server.control.guard_service import GuardLost, GuardReady, GuardService
from server.control.heartbeat import Heartbeat, beat_seconds, notify
from server.control.worker_process import WorkerProcess


def state_of(process):
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


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
        eventually(lambda: state_of(server.process.pid) == "T")
        manager.heard()
        time.sleep(1.0)  # three beats that are not: what does not come cannot be waited for
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


class Trainer(WorkerProcess):
    """A trainer that is there, and answers nothing."""

    def __init__(self):
        super().__init__()
        self.ready.set()
        self.killed = asyncio.Event()

    def kill(self):
        self.killed.set()


def guard_of(**wheels):
    return GuardService({"board": "ryanteck", "pin_factory": "mock"} | wheels, ramp_seconds=0)


async def until(true, seconds=20.0):
    """Wait in a loop until `true()` is."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def beating(manager, monkeypatch, during):
    """Let a heart beat over a real guard while `during(beats, guard's processes)` goes on."""
    monkeypatch.setenv("WATCHDOG_USEC", "300000")

    async def live():
        guard = guard_of()
        await guard.open()
        heart = asyncio.create_task(Heartbeat(guard, Trainer()).run())
        own = next(child for child in children(os.getpid()) if "robot_agent.guard" in command_of(child))
        try:
            await until(lambda: "WATCHDOG=1" in manager.heard())
            await during([own, *children(own)])
        finally:
            heart.cancel()
            await guard.close()

    asyncio.run(live())


async def no_more_beats(manager, caplog):
    """Wait until the heart says that it beats no more, and see that it does not."""
    await until(lambda: "no more signs of life" in caplog.text)
    manager.heard()
    looks = []
    ask = GuardService.status

    async def look(self):
        looks.append(self)
        return await ask(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GuardService, "status", look)
        await until(lambda: len(looks) >= 3)  # beats that would have been
    assert manager.heard() == []


def test_without_a_guard_there_are_no_beats(manager, monkeypatch, caplog):
    monkeypatch.setattr(heartbeat, "GUARD_SECONDS", 0.5)

    async def lose_the_guard(processes):
        def fail(*_):
            raise PinError("The pins are gone.")

        monkeypatch.setattr("server.control.guard_service.OwnGuard", fail)
        for process in processes:
            os.kill(process, signal.SIGKILL)
        await no_more_beats(manager, caplog)

    beating(manager, monkeypatch, lose_the_guard)


def test_a_trainer_that_hangs_is_killed_and_one_that_stays_away_ends_the_beats(manager, monkeypatch, caplog):
    monkeypatch.setenv("WATCHDOG_USEC", "300000")
    monkeypatch.setattr(heartbeat, "HANG_SECONDS", 0.1)
    monkeypatch.setattr(heartbeat, "TRAINER_SECONDS", 0.5)

    async def live():
        guard, trainer = guard_of(), Trainer()
        await guard.open()
        heart = asyncio.create_task(Heartbeat(guard, trainer).run())
        try:
            async with asyncio.timeout(20):
                await trainer.killed.wait()
            manager.heard()
            await until(lambda: "WATCHDOG=1" in manager.heard())
            trainer.ready.clear()  # none comes instead of it
            await no_more_beats(manager, caplog)
        finally:
            heart.cancel()
            await guard.close()

    asyncio.run(live())


def test_a_guard_that_hangs_with_its_watchdog_is_killed_and_another_one_started(monkeypatch, tmp_path):
    monkeypatch.setenv("RECORDED_PINS", str(tmp_path / "pins"))
    record = Record(tmp_path / "pins")
    made = []

    async def live():
        guard = guard_of(pin_factory="recording_pins:make")
        await guard.open()
        news = guard.news()
        assert isinstance(await anext(news), GuardReady)

        def drive_low(pins):  # the kernel gives them to nobody else as long as one of the two is there
            eventually(lambda: not any(map(is_alive, processes)), 2.0)
            made.append(set(pins))

        monkeypatch.setattr(guard_client, "drive_low", drive_low)
        monkeypatch.setattr(guard._own, "_wheels", {"board": "ryanteck"})  # as if the kernel had the pins
        processes = guard._own.process.pid, (await guard.status())["process"]
        try:
            for _ in range(20):  # on a busy machine the lease may be over before they are stopped
                await guard.drive(1.0, 1.0, time.monotonic())
                for process in processes:
                    os.kill(process, signal.SIGSTOP)
                if record.high():
                    break
                for process in processes:
                    os.kill(process, signal.SIGCONT)
            assert record.high()
            async with asyncio.timeout(20):
                while not isinstance(lost := await anext(news), GuardLost):
                    pass
                while not isinstance(await anext(news), GuardReady):
                    pass
            assert made[0] == {17, 18, 22, 23}
            assert "has not answered" in lost.why
            assert not record.high()
            assert (await guard.status())["process"] not in processes
        finally:
            await guard.close()

    asyncio.run(live())
