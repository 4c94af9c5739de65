"""Pairing with a robot on the network from the command line: a code once, and a key from then on."""

import socket
from urllib.parse import quote

from robot_agent.network.address import API, Address
from robot_agent.network.api import NetworkError, check_robot, request
from robot_agent.network.keyring import Keyring, Paired


def ask_for_code(address: Address) -> bool:
    """Have the robot show a code in its terminal; returns whether it wants one.

    Raises NetworkError: it is not reached, or is no robot.
    """
    check_robot(address)
    pairing, _ = request(address, f"{API}/pair")
    return bool(pairing["needed"])


def _identity(address: Address) -> tuple[str, str]:
    """Return a robot's name, and the number by which it is known under any address; empty if it has none."""
    try:
        value, _ = request(address, f"{API}/identity")
    except NetworkError:
        return address.host, ""  # an older one
    known = value if isinstance(value, dict) else {}
    return str(known.get("name") or address.host)[:60], str(known.get("id") or "")[:12]


def pair(address: Address, code: str, keyring: Keyring) -> None:
    """Pair with a robot by its code: make a key of this machine's own, and keep it.

    Raises:
        NetworkError: it is not reached, is no robot, or the code is wrong.
        KeyringError: the key cannot be kept.
    """
    try:
        _, headers = request(address, f"{API}/pair", method="POST", body={"code": code})
    except NetworkError as error:
        if error.status == 422:
            raise NetworkError("A code has six letters and digits, as in K7M-3PX.", 422) from None
        raise
    cookie = str(headers.get("Set-Cookie", "")).partition(";")[0]
    try:
        made, _ = request(
            address,
            f"{API}/tokens",
            method="POST",
            cookie=cookie,
            body={"name": f"robot-agent at {socket.gethostname()}"[:40]},
        )
        name, robot = _identity(address)
        keyring.keep(address, Paired(str(made["token"]), name, robot))
    finally:
        if cookie:  # the browser that this was for a moment
            mine = [one for one in request(address, f"{API}/browsers", cookie=cookie)[0] if one["mine"]]
            for one in mine:
                request(address, f"{API}/browsers/{quote(one['id'])}", method="DELETE", cookie=cookie)
