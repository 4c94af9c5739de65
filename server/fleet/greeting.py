"""`greet` asks which robot is at an address, and whether it knows the hub's key."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from robot_agent import __version__
from robot_agent.network.address import Address
from robot_agent.network.messages import plain
from server.api.pairing import digest, proof_of
from server.fleet.http import NoAnswer, ask
from server.protocol.base import SUBPROTOCOL

Trouble = Literal["away", "nobody", "version", "key"]
"""away: nothing answers; nobody: no robot answers; version: the robot has another one; key: the robot does
not know the hub's key."""

SECONDS = 4.0
"""Time in which a robot has to answer."""


class NotGreeted(Exception):
    """Raised when no robot that the hub can use is at an address; the text says what to do."""

    def __init__(self, trouble: Trouble, sentence: str) -> None:
        """Make the error, with the trouble in one word and in a sentence."""
        super().__init__(sentence)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a robot says of itself to anybody, before pairing; see `GET /identity`."""

    id: str
    name: str
    version: str
    started: str
    needed: bool
    """Whether the hub has to pair with the robot."""
    proof: str | None


async def greet(address: Address, token: str = "") -> Greeting:
    """Ask the robot at an address who it is, and return its answer.

    With a `token`, the robot also has to prove that it knows this token, which is not sent: if it does,
    `proof` is set in the answer, else None.

    Raises:
        NotGreeted: there is no robot, or one of another version.
    """
    challenge = secrets.token_hex(16)
    kept = digest(token) if token else ""
    question = f"?key={kept[:12]}&challenge={challenge}" if token else ""
    try:
        answer = await ask(address, "GET", f"/identity{question}", seconds=SECONDS, largest=16_384)
    except NoAnswer as error:
        raise NotGreeted(
            "away",
            f"Nothing answers at {address.url} ({error}); see that the robot is on and in this network.",
        ) from None
    value = answer.json()
    if answer.status == 200 and isinstance(value, dict) and value.get("program") == "robot-agent":
        return _read(address, value, proof_of(kept, challenge) if token else None)
    await _must_not_be_older(address)
    raise NotGreeted(
        "nobody",
        f"What answers at {address.url} is no robot-agent; check the address, and the port after the colon.",
    )


async def _must_not_be_older(address: Address) -> None:
    """Raise NotGreeted if an older robot-agent is at the address, which does not know `GET /identity`."""
    try:
        answer = await ask(address, "GET", "/pair", seconds=SECONDS, largest=16_384)
    except NoAnswer:
        return
    value = answer.json()
    if isinstance(value, dict) and value.keys() >= {"needed", "paired"}:
        raise NotGreeted(
            "version",
            f"The robot at {address.url} runs an older robot-agent, which cannot say which robot it is; put "
            f"version {__version__} on it, as on this hub. HALT reaches it all the same.",
        )


def _read(address: Address, value: dict[str, Any], proof: str | None) -> Greeting:
    version, protocol = plain(value.get("version"), 40), plain(value.get("protocol"), 40)
    if protocol != SUBPROTOCOL:
        raise NotGreeted(
            "version",
            f"The robot at {address.url} runs robot-agent {version} and speaks {protocol}; this hub is "
            f"version {__version__} and goes together with those that speak {SUBPROTOCOL}: bring the older "
            "of the two up to date. HALT reaches it all the same.",
        )
    if not re.fullmatch("[0-9a-f]{12}", str(value.get("id"))):
        raise NotGreeted(
            "nobody", f"What answers at {address.url} does not say which robot it is; restart it."
        )
    given = value.get("proof")
    return Greeting(
        id=value["id"],
        name=plain(value.get("name"), 60) or address.url,
        version=version,
        started=plain(value.get("started"), 40),
        needed=value.get("needed") is not False,
        proof=given if proof and isinstance(given, str) and secrets.compare_digest(given, proof) else None,
    )


def place_id(address: Address) -> str:
    """Return the id that an address has on the page until its robot has said who it is."""
    return f"at-{hashlib.sha256(address.url.encode()).hexdigest()[:12]}"
