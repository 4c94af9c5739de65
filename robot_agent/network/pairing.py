"""Pairing with a robot on the network from the command line: a code is used once, then a key."""

import socket
from urllib.parse import quote

from robot_agent.network.address import API, Address
from robot_agent.network.api import NetworkError, check_robot, no_robot, request
from robot_agent.network.keyring import Keyring, Paired
from robot_agent.network.messages import plain


def ask_for_code(address: Address) -> bool:
    """Have the robot show a code in its terminal; return whether a code is needed.

    Raises NetworkError: the robot is not reached, or something else answers.
    """
    check_robot(address)
    pairing, _ = request(address, f"{API}/pair")
    if not isinstance(pairing, dict) or "needed" not in pairing:
        raise no_robot(address)
    return bool(pairing["needed"])


def _identity(address: Address) -> tuple[str, str]:
    """Return a robot's name and its lasting id, which is the same at any address; the id may be empty."""
    try:
        value, _ = request(address, f"{API}/identity")
    except NetworkError:
        return address.host, ""  # an older robot-agent
    known = value if isinstance(value, dict) else {}
    return plain(known.get("name"), 60) or address.host, plain(known.get("id"), 12)


def pair(address: Address, code: str, keyring: Keyring) -> None:
    """Pair with a robot by its code: have it make a key for this machine, and keep the key.

    Raises:
        NetworkError: the robot is not reached, something else answers, or the code is wrong.
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
        if cookie:  # undo the browser login that was needed to make the key
            browsers, _ = request(address, f"{API}/browsers", cookie=cookie)
            for one in browsers if isinstance(browsers, list) else []:
                if isinstance(one, dict) and one.get("mine"):
                    path = f"{API}/browsers/{quote(str(one.get('id')), safe='')}"
                    request(address, path, method="DELETE", cookie=cookie)
