"""Sending a policy to a robot on the network, which drives with this policy from then on."""

from urllib.parse import urlencode

from robot_agent.network.address import API, Address
from robot_agent.network.api import request
from robot_agent.network.keyring import Keyring


def send_policy(address: Address, content: bytes, name: str, keyring: Keyring) -> None:
    """Send a plain policy to a robot, which keeps it as a run called `name` and drives with it.

    Raises NetworkError: the robot is not reached, or refuses.
    """
    token = keyring.token(address)
    path = f"{API}/checkpoints/upload?{urlencode({'name': name[:80]})}"
    kept, _ = request(address, path, method="POST", token=token, body=content)
    request(address, f"{API}/checkpoints/{int(kept['checkpoint'])}/restore", method="POST", token=token)


def send_adapted(address: Address, content: bytes, action: str, keyring: Keyring) -> None:
    """Send a policy that uses what the robot knows about itself; the robot can go back to its last policy.

    Raises NetworkError: the robot is not reached, or refuses.
    """
    path = f"{API}/robot/policy?{urlencode({'action': action})}"
    request(address, path, method="PUT", token=keyring.token(address), body=content)
