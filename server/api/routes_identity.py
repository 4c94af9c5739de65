"""The route by which a program with several robots learns which robot this is.

The robot can also prove that it knows the program's token, without the token being sent.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from robot_agent import __version__
from server.api.gate.caller import is_foreign
from server.api.pairing import Auth
from server.protocol.base import SUBPROTOCOL
from server.service.identity import Identity

router = APIRouter(tags=["pairing"])


class Introduction(BaseModel):
    """What a robot says of itself to anybody."""

    program: str
    version: str
    protocol: str
    """Name of the WebSocket's subprotocol."""
    id: str
    """Twelve hexadecimal digits that stay the same, whatever the robot's address."""
    name: str
    started: str
    """Random text that is new at each start of the server."""
    needed: bool
    """Whether the sender has to pair."""
    proof: str | None = None
    """HMAC-SHA-256 of the challenge under the token's SHA-256; null if this robot does not know the key."""


@router.get("/identity", response_model=Introduction)
async def identity(
    request: Request,
    key: Annotated[str, Query(pattern="^([0-9a-f]{12})?$")] = "",
    challenge: Annotated[str, Query(max_length=64)] = "",
) -> Any:
    """Which robot this is. Needs no login.

    A program that has a token of this robot can check that it really talks to this robot, before it sends
    the token: it sends the first twelve digits of the token's SHA-256 as `key`, and a random `challenge`.
    `proof` is the HMAC-SHA-256 of the challenge under the whole SHA-256.
    """
    who: Identity = request.app.state.identity
    auth: Auth = request.app.state.auth
    return {
        "program": "robot-agent",
        "version": __version__,
        "protocol": SUBPROTOCOL,
        "id": who.id,
        "name": who.name,
        "started": who.started,
        "needed": auth.needed or is_foreign(request.scope),
        "proof": auth.prove(key, challenge) if key and challenge else None,
    }
