"""The keys of the robots, from this machine's keyring; a key is found by the robot's id or address."""

from pathlib import Path

from robot_agent.network.address import Address
from robot_agent.network.keyring import Keyring


class Keys:
    """The keyring of this machine; it is read at each call, because `robot-agent pair` also writes it."""

    def __init__(self, path: Path) -> None:
        """Read the file once, to raise KeyringError now if it is damaged."""
        self.path = path
        Keyring(path)

    def token(self, number: str, address: Address) -> str:
        """Return the token of the robot with this id, else that of this address; empty if there is none.

        If there are several tokens for the robot, take the one of this address, else the newest one.
        """
        kept = Keyring(self.path).all()
        here, own = kept.get(address.url), [one for one in kept.values() if one.robot == number]
        found = here if here in own or not own else own[-1]
        return found.token if found else ""

    def forget(self, number: str) -> None:
        """Delete all tokens of a robot; raise KeyringError."""
        keyring = Keyring(self.path)
        for url, one in keyring.all().items():
            if one.robot == number and number:
                keyring.forget(Address(url, ""))
