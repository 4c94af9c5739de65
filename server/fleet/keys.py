"""The keys of the robots: those of this machine, found by a robot's id wherever it is now."""

from pathlib import Path

from robot_agent.network.address import Address
from robot_agent.network.keyring import Keyring


class Keys:
    """The keyring of this machine, read anew each time: `robot-agent pair` writes it too."""

    def __init__(self, path: Path) -> None:
        """Read the file once, so that one that is damaged is reported here; raises KeyringError."""
        self.path = path
        Keyring(path)

    def token(self, number: str, address: Address) -> str:
        """Return the token for a robot of an id, else that of the address; empty where there is none.

        Of several for one robot it is the one of this address, else the newest.
        """
        kept = Keyring(self.path).all()
        here, own = kept.get(address.url), [one for one in kept.values() if one.robot == number]
        found = here if here in own or not own else own[-1]
        return found.token if found else ""

    def forget(self, number: str) -> None:
        """Forget the tokens of a robot; raises KeyringError."""
        keyring = Keyring(self.path)
        for url, one in keyring.all().items():
            if one.robot == number and number:
                keyring.forget(Address(url, ""))
