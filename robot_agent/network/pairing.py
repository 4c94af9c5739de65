"""Pairing with a robot on the network from the command line: a code once, and a key from then on."""

import socket
from urllib.parse import quote

from robot_agent.network.address import API, Address
from robot_agent.network.api import NetworkError, check_robot, no_robot, request
from robot_agent.network.keyring import Keyring, Paired
from robot_agent.network.messages import plain


def ask_for_code(address: Address) -> bool:
    """Have the robot show a code in its terminal; returns whether it wants one.

    Raises NetworkError: it is not reached, or is no robot.
    """
    check_robot(address)
    pairing, _ = request(address, f"{API}/pair")
    if not isinstance(pairing, dict) or "needed" not in pairing:
        raise no_robot(address)
    return bool(pairing["needed"])


def _identity(address: Address) -> tuple[str, str]:
    """Return a robot's name, and the number by which it is known under any address; empty if it has none."""
    try:
        value, _ = request(address, f"{API}/identity")
    except NetworkError:
        return address.host, ""  # an older one
    known = value if isinstance(value, dict) else {}
    return plain(known.get("name"), 60) or address.host, plain(known.get("id"), 12)


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
        if not isinstance(made, dict) or not isinstance(made.get("token"), str):
            raise no_robot(address)
        name, robot = _identity(address)
        keyring.keep(address, Paired(made["token"], name, robot))
    finally:
        if cookie:  # the browser that this was for a moment
            browsers, _ = request(address, f"{API}/browsers", cookie=cookie)
            for one in browsers if isinstance(browsers, list) else []:
                if isinstance(one, dict) and one.get("mine"):
                    path = f"{API}/browsers/{quote(str(one.get('id')), safe='')}"
                    request(address, path, method="DELETE", cookie=cookie)
