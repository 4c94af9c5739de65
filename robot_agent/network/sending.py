"""Putting a policy on a robot on the network: it drives with it from then on."""

from urllib.parse import urlencode

from robot_agent.errors import SettingsError
from robot_agent.network.address import API, Address, is_address, parse_address
from robot_agent.network.api import request
from robot_agent.network.keyring import Keyring


def must_be_address(robot: str) -> Address:
    """Return the address of a robot that gets a policy; raises SettingsError where it has none."""
    if not is_address(robot):
        raise SettingsError(
            "--send puts a policy on a robot on the network; name it: --robot http://robot.local:8080."
        )
    return parse_address(robot)


def send_policy(address: Address, content: bytes, name: str, keyring: Keyring) -> None:
    """Put a plain policy on a robot, as a run with this name, and have it drive with that.

    Raises NetworkError: it is not reached, or refuses.
    """
    token = keyring.token(address)
    path = f"{API}/checkpoints/upload?{urlencode({'name': name[:80]})}"
    kept, _ = request(address, path, method="POST", token=token, body=content)
    request(address, f"{API}/checkpoints/{int(kept['checkpoint'])}/restore", method="POST", token=token)


def send_adapted(address: Address, content: bytes, action: str, keyring: Keyring) -> None:
    """Put a policy on a robot that is given what the robot knows of itself; the one before can return.

    Raises NetworkError: it is not reached, or refuses.
    """
    path = f"{API}/robot/policy?{urlencode({'action': action})}"
    request(address, path, method="PUT", token=keyring.token(address), body=content)
