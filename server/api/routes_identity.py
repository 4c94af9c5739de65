"""Which robot this is, for programs that look after several; and that it knows a key, without sending one."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from robot_agent import __version__
from server.api.auth import Auth
from server.api.gate.caller import is_foreign
from server.protocol.base import SUBPROTOCOL
from server.service.identity import Identity

router = APIRouter(tags=["pairing"])


class Introduction(BaseModel):
    """Which robot this is."""

    program: str
    version: str
    protocol: str
    """Name of the protocol at the WebSocket."""
    id: str
    """Stays the same, whatever the robot's address."""
    name: str
    started: str
    """Another one at each start of the server."""
    needed: bool
    """Whether one has to pair."""
    proof: str | None = None
    """The challenge, signed with what is kept of the key; None when the key is not known here."""


@router.get("/identity", response_model=Introduction)
async def identity(
    request: Request,
    key: Annotated[str, Query(pattern="^([0-9a-f]{12})?$")] = "",
    challenge: Annotated[str, Query(max_length=64)] = "",
) -> Any:
    """Which robot this is. Needs no login.

    Who has a token of this robot, and finds the robot at a new address, need not send it there unseen: `key`
    is the beginning of the token's SHA-256, and `proof` the HMAC of the challenge under all of that.
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
