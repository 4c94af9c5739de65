"""Robots that announce themselves are found, and are gone when they say so; the network is this machine's."""

import asyncio
import socket
import sys
from contextlib import suppress

import pytest

from robot_agent.errors import SettingsError
from server.fleet.found import SERVICE, Finder

pytest.importorskip("zeroconf", reason="Finding robots needs zeroconf; install '.[dev]'.")


async def until(true, seconds=20.0):
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


def info(port, path="/"):
    from zeroconf import ServiceInfo

    return ServiceInfo(
        SERVICE,
        f"robot-agent on a test.{SERVICE}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=port,
        properties={"id": "0123456789ab", "name": "a test", "version": "1", "path": path},
        server="a-test-of-robot-agent.local.",
    )


def test_a_robot_that_announces_itself_is_found_and_followed():
    from zeroconf.asyncio import AsyncZeroconf

    async def try_it():
        came, left = [], []
        announcer = AsyncZeroconf(interfaces=["127.0.0.1"])
        try:
            await announcer.async_register_service(info(8123))
            async with Finder(came.append, left.append):
                await until(lambda: came)
                assert {one.url for one in came} == {"http://127.0.0.1:8123"} and not left
                await announcer.async_update_service(info(8124, "/robot"))
                await until(lambda: came[-1].url == "http://127.0.0.1:8124/robot")
                assert left[-1].url == "http://127.0.0.1:8123"
                await announcer.async_unregister_service(info(8124, "/robot"))
                await until(lambda: left[-1].url == "http://127.0.0.1:8124/robot")
        finally:
            with suppress(OSError):
                await announcer.async_close()

    asyncio.run(try_it())


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    with pytest.raises(SettingsError, match=r"pip install 'robot-agent\[fleet\]'; or name them"):
        Finder(print, print)
