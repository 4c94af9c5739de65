"""Background tasks: what ends one is logged, reported, and the task is begun again after growing waits."""

import asyncio
import logging

import pytest

from server.service import watched
from server.service.watched import Watched


@pytest.mark.parametrize("failure", [OSError(24, "Too many open files"), ValueError(), asyncio.QueueFull()])
def test_a_task_that_fails_is_logged_reported_and_begun_again_until_it_ends(monkeypatch, caplog, failure):
    waits = []
    real_sleep = asyncio.sleep

    async def sleep(seconds):
        waits.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr(watched.asyncio, "sleep", sleep)
    reported, begun = [], []

    async def work():
        begun.append(True)
        if len(begun) < 8:
            raise failure

    async def run():
        tasks = Watched(reported.append)
        tasks.forever("the reader", work)
        while tasks._tasks:
            await real_sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert len(begun) == 8
    assert waits == [*watched.AGAIN_SECONDS, *watched.AGAIN_SECONDS[-1:] * 2]
    assert len(reported) == len(caplog.records) == 7
    assert reported[0].startswith("The reader failed (") and "()" not in reported[0]


def test_what_runs_once_is_not_begun_again_and_all_can_be_ended(caplog):
    reported, begun = [], []

    async def fails():
        begun.append(True)
        raise RuntimeError("broken")

    async def waits_for_ever():
        await asyncio.Event().wait()

    async def run():
        tasks = Watched(reported.append)
        tasks.once("the first look", fails)
        tasks.forever("the watcher", waits_for_ever)
        while len(tasks._tasks) > 1:
            await asyncio.sleep(0)
        tasks.cancel()
        while tasks._tasks:
            await asyncio.sleep(0)

    asyncio.run(run())
    assert begun == [True] and reported == ["The first look failed (broken)."]
