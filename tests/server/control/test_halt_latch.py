"""A halt that comes while one is reset stays, whatever their order."""

import asyncio
from contextlib import suppress

import pytest

from robot_agent.guard.client import Event
from server.control.clients import Clients
from server.control.guard_service import GuardService
from server.control.halt_latch import HaltLatch
from server.control.job import Job
from server.control.manual import ManualDriving
from server.control.server_settings import ServerSettings
from server.control.state import ServerState
from server.control.worker_process import WorkerProcess
from server.problems import Problem
from server.service.persisted import Persisted


async def hear(guard, latch, passed):
    """Pass on what the guard does, and count it."""
    async for news in guard.news():
        if isinstance(news, Event):
            latch.take_event(news)
            passed += [news.what] * (news.what in ("halted", "reset"))


@pytest.mark.parametrize("pause", [0.0, 0.0005, 0.002])
def test_a_halt_that_comes_while_one_is_reset_stays(tmp_path, pause):
    async def live():
        settings = ServerSettings(None, {})
        state, persisted = ServerState(settings), Persisted(tmp_path / "kept")
        guard = GuardService({"board": "ryanteck", "pin_factory": "mock"}, ramp_seconds=0)
        worker = WorkerProcess()
        manual = ManualDriving(state, worker, guard)
        job = Job(settings, state, persisted, worker, manual)
        latch = HaltLatch(state, persisted, Clients(), worker, guard, manual, job)
        await guard.open()
        passed = []
        hearing = asyncio.create_task(hear(guard, latch, passed))
        try:
            for _ in range(10):
                await latch.halt("Somebody")
                reset = asyncio.create_task(latch.reset())
                await asyncio.sleep(pause)
                over = reset.done()
                await latch.halt("Somebody else")
                if over:
                    await reset
                else:
                    with suppress(Problem):  # or it was over before the halt came to its turn
                        await reset
                happened = [event.what for event in guard._supervisor.history()]
                async with asyncio.timeout(60):  # until all that the guard did has been heard here
                    while len(passed) < sum(what in ("halted", "reset") for what in happened):
                        await asyncio.sleep(0.001)
                assert state.latched and persisted.get("halt")["halted"]
                assert (await guard.status())["halted"]
                await latch.reset()
        finally:
            hearing.cancel()
            await guard.close()

    asyncio.run(live())
