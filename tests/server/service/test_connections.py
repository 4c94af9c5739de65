"""Connections are bounded, in all and for each address; who never reads is let go of; a halt has a place."""

import asyncio
import http.client
import os
import resource
import socket
import time
from contextlib import ExitStack

import pytest
from servers import eventually

from server.service import bounded, connections, pace
from server.service.connections import MAX_OF_ADDRESS, Connections, raise_file_limit
from server.service.running import NEW_TURNS, listen

STRANGER = "127.0.0.2"
"""Another address of this machine, which counts as another machine does."""


def ask(server, method, path, source=STRANGER, **headers):
    """Send one request on a connection of its own; returns its status, or 0 when it is not answered."""
    ours = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20, source_address=(source, 0))
    try:
        ours.request(method, f"/api/v1{path}", headers=headers)
        return ours.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        ours.close()


FORWARDED = {"X-Forwarded-For": "192.0.2.1"}
"""Makes a request that of a stranger, wherever it comes from."""


def test_a_stranger_who_takes_all_places_takes_none_of_a_halt(server):
    whole = f"GET /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    with ExitStack() as opened:
        for _ in range(MAX_OF_ADDRESS):
            one = opened.enter_context(
                socket.create_connection(("127.0.0.1", server.port), 20, (STRANGER, 0))
            )
            one.sendall(whole.replace(b"\r\n\r\n", b"\r\nVia: x\r\n\r\n"))  # and reads nothing
        eventually(lambda: ask(server, "GET", "/pair", **FORWARDED) == 503)
        assert ask(server, "POST", "/halt", **FORWARDED) == 200
        assert ask(server, "GET", "/pair", source="127.0.0.3", **FORWARDED) == 200
        # Whoever may control everything gets a place, and a stranger loses one.
        assert ask(server, "GET", "/status") == 200
    eventually(lambda: ask(server, "GET", "/pair", **FORWARDED) == 200)


class _Writer(asyncio.Protocol):
    """Writes more than its client ever reads."""

    def __init__(self, counted):
        self.counted = counted

    def connection_made(self, transport):
        self.client = transport.get_extra_info("peername")
        self.counted.add(transport, self.client)
        transport.write(b"x" * 8_000_000)
        transport.close()  # which waits until all is written

    def connection_lost(self, error):
        self.counted.remove(self.client)


def in_a_loop(most, during):
    """Run `during(counted, address)` beside a listener whose connections are counted."""

    async def run():
        counted = Connections(most=most)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Writer(counted), "127.0.0.1", 0)
        try:
            await loop.run_in_executor(None, during, counted, server.sockets[0].getsockname())
        finally:
            server.close()

    asyncio.run(run())


def test_who_never_reads_is_disconnected_and_who_reads_slowly_is_not(monkeypatch):
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.5)
    monkeypatch.setattr(connections, "SWEEP_SECONDS", 0.05)

    def during(counted, address):
        with socket.create_connection(address) as reader, socket.create_connection(address):
            eventually(lambda: len(counted) == 2)
            read = 0
            while len(counted) > 1:
                read += len(reader.recv(4096))
                time.sleep(0.001)  # a slow reader
            assert 0 < read < 8_000_000
            while data := reader.recv(1_000_000):
                read += len(data)
            assert read == 8_000_000
        eventually(lambda: len(counted) == 0)

    in_a_loop(100, during)


def test_all_together_have_a_bound_whatever_their_addresses():
    def during(counted, address):
        with ExitStack() as opened:
            for number in range(100):
                source = (f"127.0.1.{1 + number}", 0)
                opened.enter_context(socket.create_connection(address, source_address=source))
            eventually(lambda: len(counted) == 8 + connections.RESERVE)
        eventually(lambda: len(counted) == 0)

    in_a_loop(8, during)


class _Open:
    """A transport that only knows whether it was closed."""

    aborted = False

    def abort(self):
        self.aborted = True

    def get_write_buffer_size(self):
        return 0


def test_no_connection_that_halts_or_may_be_about_to_is_closed_for_another_one(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(connections.time, "monotonic", lambda: now[0])

    async def run():
        counted, opened = Connections(most=8), {}

        def open_one(number, host="127.0.0.1"):
            opened[number] = _Open()
            counted.add(opened[number], (host, number))
            return (host, number)

        halting, silent, asking = [open_one(number) for number in range(3)]
        for number in range(3, 8):
            counted.admits(open_one(number), trusted=True, halts=False)
        counted.admits(halting, trusted=False, halts=True)
        counted.admits(asking, trusted=False, halts=False)
        with counted.halting(halting):
            now[0] += 0.5
            assert counted.admits(open_one(10), trusted=True, halts=False)  # has to be given a place
            assert [number for number, one in opened.items() if one.aborted] == [asking[1]]
            counted.remove(asking)
            assert not counted.admits(open_one(11), trusted=True, halts=False), "nobody's place may be taken"
            now[0] += 1.0
            assert counted.admits(open_one(12), trusted=True, halts=False)
            assert opened[silent[1]].aborted and not opened[halting[1]].aborted
            counted.remove(silent)
        # The same in the reserve, from an address that may have few places there.
        first = open_one(20, "192.0.2.1")
        with counted.halting(first):
            for number in range(21, 21 + connections.MAX_RESERVE_OF_ADDRESS):
                open_one(number, "192.0.2.1")
            assert not opened[20].aborted and opened[21].aborted

    asyncio.run(run())


def test_where_no_file_can_be_opened_a_strangers_connection_makes_room():
    counted = Connections()

    async def open_all():
        for number in range(3):
            counted.add(_Open(), ("127.0.0.1", number))
        counted.admits(("127.0.0.1", 0), trusted=True, halts=False)
        stranger = counted._all["127.0.0.1", 2].transport
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        with (
            listen("127.0.0.1", 0) as listener,
            socket.create_connection(listener.getsockname()),
            counted.halting(("127.0.0.1", 1)),
        ):
            listener.setblocking(False)
            listener.make_room = counted.make_room
            os.close(next_file := os.dup(0))
            resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, limits[1]))
            try:
                with pytest.raises(BlockingIOError):
                    listener.accept()
                assert stranger.aborted and len(counted) == 2
                with pytest.raises(OSError, match="Too many open files"):
                    listener.accept()  # who halts, and who may control everything, stay
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            connection, _ = listener.accept()
            connection.close()
            with socket.create_connection(listener.getsockname()):
                os.close(next_file := os.dup(0))
                resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, limits[1]))
                try:
                    for _ in range(NEW_TURNS):  # the one that was accepted last is not known yet
                        with pytest.raises(BlockingIOError):
                            listener.accept()
                    with pytest.raises(OSError, match="Too many open files"):
                        listener.accept()
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    asyncio.run(open_all())


def test_a_flood_of_new_connections_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(connections.time, "monotonic", lambda: 7.0)
    counted = Connections()
    assert sum(counted.expects("192.0.2.1") for _ in range(1000)) == connections.MAX_NEW_PER_SECOND
    assert counted.expects("192.0.2.2") and all(counted.expects("127.0.0.1") for _ in range(1000))  # a proxy
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as one:
        listener.setblocking(False)
        listener.expects = lambda host: False
        with pytest.raises(BlockingIOError):
            listener.accept()
        assert one.recv(1) == b""


@pytest.mark.parametrize(
    ("limits", "raised"), [((256, 100_000), 4096), ((256, 1000), 1000), ((9000, 9000), 9000)]
)
def test_the_soft_limit_of_files_is_raised(monkeypatch, limits, raised):
    became = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda which, both: became.append(both))
    assert raise_file_limit() == raised
    assert became == ([] if raised == limits[0] else [(raised, limits[1])])


def test_strangers_of_one_address_have_a_share_of_the_time_and_others_their_own():
    now = [100.0]
    shared = pace.Pace(lambda: now[0])
    assert shared.wait("192.0.2.1", pace.BURST_SECONDS) == 0.0
    assert shared.wait("192.0.2.1", 0.01) == pytest.approx(0.01 / pace.SHARE)
    assert shared.wait("192.0.2.1", 0.01) == pytest.approx(0.02 / pace.SHARE)  # one after the other
    assert shared.wait("192.0.2.2", 0.01) == 0.0
    now[0] += 1000.0
    assert shared.wait("192.0.2.1", 0.01) == 0.0


class _Reader(bounded._Paced):
    """Counts what it gets at once."""

    def __init__(self, counted):
        self.counted, self.sizes = counted, []

    def connection_made(self, transport):
        self.client = transport.get_extra_info("peername")
        self.transport = pace.PacedTransport(transport, asyncio.get_running_loop())
        self.counted.add(transport, self.client)
        self.counted.took = lambda client, seconds: 0.001  # each piece has to wait

    def data_received(self, data):
        self.sizes.append(len(data))


def test_what_a_stranger_sends_at_once_is_read_in_pieces_and_all_of_it():
    async def run():
        reader = _Reader(Connections())
        server = await asyncio.get_running_loop().create_server(lambda: reader, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"x" * 200_000)
        await writer.drain()
        while sum(reader.sizes) < 200_000:
            await asyncio.sleep(0.001)
        assert max(reader.sizes) == pace.PIECE
        reader.transport.pause_reading()  # as uvicorn does
        reader.transport.wait(0.0)
        await asyncio.sleep(0.01)
        assert not reader.transport.is_reading()
        reader.transport.resume_reading()
        assert reader.transport.is_reading()
        writer.close()
        server.close()

    asyncio.run(run())
