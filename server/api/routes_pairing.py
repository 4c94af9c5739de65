"""Routes for pairing browsers and for tokens."""

from typing import Any

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse
from typing_extensions import Annotated  # noqa: UP035

from server.api.gate.caller import address_of, is_foreign
from server.api.pairing import COOKIE_SECONDS, Auth
from server.api.requests import Code, TokenName
from server.api.schemas import Browser, Done, NewToken, Pairing, Token
from server.control.clients import Clients

router = APIRouter(tags=["pairing"])


def _auth(request: Request) -> Auth:
    auth: Auth = request.app.state.auth
    return auth


def _needed(request: Request) -> bool:
    return _auth(request).needed or is_foreign(request.scope)


@router.get("/pair", response_model=Pairing)
async def who_am_i(request: Request) -> Any:
    """Whether this browser has to pair, and whether it has paired."""
    auth, role = _auth(request), request.scope["role"]
    if (needed := _needed(request)) and role != "control":
        auth.show_code()
    return {"needed": needed, "paired": role == "control", "guest": role == "guest"}


@router.post("/pair", response_model=Pairing)
async def pair(request: Request, code: Code) -> Any:
    """Pair this browser with the code in the terminal."""
    auth = _auth(request)
    needed = _needed(request)
    paired = {"needed": needed, "paired": True, "guest": False}
    if not needed:
        return paired
    answer = JSONResponse(paired)
    answer.set_cookie(
        request.app.state.cookie,
        auth.pair(code.code, request.headers.get("user-agent", ""), address_of(request.scope)),
        secure=request.headers.get("x-forwarded-proto", "") == "https",
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        path="/",
    )
    return answer


@router.get("/tokens", response_model=list[Token])
async def list_tokens(request: Request) -> Any:
    """The tokens that scripts use instead of pairing, without their secrets."""
    return _auth(request).tokens()


@router.post("/tokens", response_model=NewToken)
async def make_token(request: Request, name: TokenName) -> Any:
    """Make a token; its secret is shown only this once."""
    return _auth(request).issue(name.name)


@router.delete("/tokens/{token}", response_model=Done)
async def revoke_token(request: Request, token: Annotated[int, Path(ge=1, le=2**53)]) -> Any:
    """Revoke a token; clients that use it are disconnected at once."""
    clients: Clients = request.app.state.clients
    clients.turn_out(_auth(request).revoke(token))
    _auth(request).must_be_kept()
    return {}


@router.get("/browsers", response_model=list[Browser])
async def list_browsers(request: Request) -> Any:
    """The browsers that are paired."""
    return _auth(request).browsers(request.scope["key"])


@router.delete("/browsers/{browser}", response_model=Done)
async def unpair(request: Request, browser: Annotated[str, Path(pattern="^[0-9a-f]{12}$")]) -> Any:
    """Unpair a browser, such as that of a lost phone; it is disconnected at once."""
    clients: Clients = request.app.state.clients
    _auth(request).unpair(browser)
    clients.turn_out(browser)
    _auth(request).must_be_kept()
    return {}
