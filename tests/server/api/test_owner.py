"""Whose program has connected: the kernel says it, and a program that has gone counts as a stranger's."""

import os
import socket
import subprocess
import sys

import pytest

from server.api.gate import owner
from server.api.gate.caller import is_foreign
from server.api.gate.owner import GONE, owner_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says whose a connection is")


@pytest.fixture(params=["asked", "read"])
def kernel(request, monkeypatch):
    """The kernel, which can be asked, or has only its table."""
    if request.param == "read":
        monkeypatch.setattr(owner, "_SOCK_DIAG", 999)
    else:
        monkeypatch.setattr(owner, "_read", lambda client, server: GONE)


def connected(listener):
    """Connect from this process; return both ends and their addresses."""
    client = socket.create_connection(listener.getsockname())
    accepted, address = listener.accept()
    return client, accepted, address, accepted.getsockname()


def scope_of(client, server):
    headers = [(b"host", f"127.0.0.1:{server[1]}".encode())]
    return {"type": "http", "http_version": "1.1", "headers": headers, "client": client, "server": server}


def test_the_user_is_known_while_the_connection_is_open_and_not_afterwards(kernel):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client, accepted, *ends = connected(listener)
        with accepted:
            assert owner_of(*ends) == os.getuid()
            assert not is_foreign(scope_of(*ends))
            client.sendall(b"POST /api/v1/training/start HTTP/1.1\r\n\r\n")
            client.shutdown(socket.SHUT_WR)  # it still waits for the answer
            assert owner_of(*ends) == os.getuid()
            client.close()
            assert owner_of(*ends) == GONE
            assert is_foreign(scope_of(*ends))
        assert owner_of(*ends) == GONE


SERVICE = """
import os, socket, sys
os.setuid(33)
with socket.socket() as client:
    client.connect(("127.0.0.1", int(sys.argv[1])))
    sys.stdin.read()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root may run a program as a service does")
def test_a_program_of_a_service_is_a_stranger(kernel):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-c", SERVICE, str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as service:
            accepted, client = listener.accept()
            with accepted:
                assert owner_of(client, accepted.getsockname()) == 33
                assert is_foreign(scope_of(client, accepted.getsockname()))
            service.communicate()


@pytest.mark.parametrize(
    "ends",
    [(None, None), (("127.0.0.1", 5), None), (("::1", 5), ("::1", 80)), (("", 5), ("127.0.0.1", 80)),
     (("127.0.0.1", 5), ("/run/socket", None)), (("testclient", 50_000), ("testserver", 80))],
)  # fmt: skip
def test_what_has_no_address_of_ipv4_is_not_known(ends):
    assert owner_of(*ends) is None
