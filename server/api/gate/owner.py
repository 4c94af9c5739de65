"""Whose program on this machine is at the other end of a connection."""

import socket
import struct
import sys
from pathlib import Path

GONE = -1
"""The user of a program that has closed the connection: the kernel no longer says whose it was."""

_SOCK_DIAG = 4
_BY_FAMILY, _REQUEST, _ANSWER_BYTES = 20, 1, 4096
_HEADER, _ASKED, _ENDS, _ANYTHING = "=IHHII", "=BBBBI", "!HH16s16s", b"\0" * 4 + b"\xff" * 8
_USER_AND_INODE = struct.Struct("=II")

Address = tuple[str, int | None]


def owner_of(client: Address | None, server: Address | None) -> int | None:
    """Return the user whose program on this machine has connected.

    `GONE` if that program has closed the connection, and None on another system than Linux, or if one of the
    addresses is none of IPv4.
    """
    try:
        ends = [(socket.inet_aton(host), int(port or 0)) for host, port in filter(None, (client, server))]
        if len(ends) != 2:
            return None
        (host, port), (own, own_port) = ends
    except (OSError, ValueError, TypeError):
        return None
    try:
        return _ask(struct.pack(_ENDS, port, own_port, host, own))
    except (OSError, AttributeError, struct.error):
        return _read(f"{_hexadecimal(host)}:{port:04X}", f"{_hexadecimal(own)}:{own_port:04X}")


def _ask(ends: bytes) -> int:
    """Ask the kernel for this one connection (sock_diag(7)): the whole table takes it ten milliseconds.

    Raises:
        OSError: it does not answer that, or knows no such connection.
    """
    asked = struct.pack(_ASKED, socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends + _ANYTHING
    size = struct.calcsize(_HEADER)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:
        kernel.settimeout(0.1)
        kernel.send(struct.pack(_HEADER, size + len(asked), _BY_FAMILY, _REQUEST, 1, 0) + asked)
        answer = kernel.recv(_ANSWER_BYTES)
    if struct.unpack_from(_HEADER, answer)[1] != _BY_FAMILY:
        raise OSError("The kernel knows no such connection.")
    return _user(*_USER_AND_INODE.unpack_from(answer, size + 4 + 48 + 12))


def _read(client: str, server: str) -> int | None:
    """Look for the connection in the kernel's table."""
    try:
        for line in Path("/proc/net/tcp").read_text().splitlines():
            fields = line.split()
            if fields[1:3] == [client, server]:
                return _user(int(fields[7]), int(fields[9]))
    except (OSError, ValueError, IndexError):
        return None
    return GONE


def _user(user: int, inode: int) -> int:
    """Return the user, which the kernel gives as 0 once the program has closed the connection."""
    return user if inode else GONE


def _hexadecimal(host: bytes) -> str:
    return f"{int.from_bytes(host, sys.byteorder):08X}"
