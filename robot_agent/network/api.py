"""Requests to the API of a robot on the network, with errors that say what to do."""

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from typing import Any

from robot_agent.errors import RobotAgentError
from robot_agent.network.address import Address
from robot_agent.network.messages import plain

SECONDS = 8.0
"""Longest time to wait for a robot's answer, s."""

LARGEST = 4_000_000
"""Largest answer that is read, bytes."""


class NetworkError(RobotAgentError, ConnectionError):
    """A robot on the network does not answer or refuses, or something else answers."""

    def __init__(self, text: str, status: int | None = None) -> None:
        """Create the error; `status` is the HTTP status if a robot refused."""
        super().__init__(text)
        self.status = status


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect, so that a key is never sent to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def not_reached(address: Address, error: object) -> NetworkError:
    """Return the error for a robot that cannot be reached."""
    return NetworkError(
        f"{address.url} does not answer ({error}); is the robot on, in this network, and its server started "
        "with --lan?"
    )


def no_robot(address: Address) -> NetworkError:
    """Return the error for an address at which something else than a robot answers."""
    return NetworkError(f"{address.url} answers, but is no robot-agent; look at the address and the port.")


def not_paired(address: Address, *, known: bool) -> NetworkError:
    """Return the error for a robot that does not accept this machine; `known`: this machine sent a key."""
    if known:
        text = f"{address.url} does not accept this machine's key; it was revoked, or is another robot's."
    else:
        text = f"{address.url} does not know this machine yet."
    return NetworkError(f"{text} Pair with it: robot-agent pair {address.url}", 401)


def request(
    address: Address,
    path: str,
    *,
    method: str = "GET",
    token: str | None = None,
    cookie: str = "",
    body: Any = None,
    seconds: float = SECONDS,
) -> tuple[Any, HTTPMessage]:
    """Send a request to a robot, and return its JSON and the headers of its answer.

    Args:
        address: the robot's address.
        path: path below that address.
        method: the HTTP method.
        token: a key.
        cookie: a browser's cookie, instead of a key.
        body: bytes; anything else is sent as JSON.
        seconds: longest time to wait for the answer.

    Raises:
        NetworkError: the robot is not reached, something else answers, or the robot refuses; then the
            error has the status.
    """
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if cookie:
        headers["Cookie"] = cookie
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    if data is not None:
        headers["Content-Type"] = (
            "application/octet-stream" if isinstance(body, bytes) else "application/json"
        )
    asked = urllib.request.Request(address.url + path, data, headers, method=method)
    try:
        with _OPENER.open(asked, timeout=seconds) as answer:
            return _json(_read(answer, seconds), address), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, address, known=token is not None) from None
    except urllib.error.URLError as error:
        raise not_reached(address, error.reason) from None
    except (OSError, HTTPException, ValueError) as error:
        raise not_reached(address, error or type(error).__name__) from None


def _read(answer: Any, seconds: float) -> bytes:
    """Return the whole answer; raise TimeoutError if it takes longer than `seconds`, or OSError."""
    until, data = time.monotonic() + seconds, b""
    while chunk := answer.read1(65536):
        data += chunk
        if time.monotonic() > until or len(data) > LARGEST:
            raise TimeoutError("its answer has no end")
    return data


def _refusal(error: urllib.error.HTTPError, address: Address, *, known: bool) -> NetworkError:
    if error.code == 401:
        return not_paired(address, known=known)
    if error.headers.get_content_type() == "application/problem+json":
        said = _json(_read(error, SECONDS), address)
        detail = plain(said.get("detail") if isinstance(said, dict) else None, 500)
        return NetworkError(f"{address.host} refuses: {detail or error.code}", error.code)
    return no_robot(address)


def _json(data: bytes, address: Address) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise no_robot(address) from None


def check_robot(address: Address) -> None:
    """Raise NetworkError if no robot-agent answers at this address, or if it refuses requests from here."""
    try:
        with _OPENER.open(address.url + "/healthz", timeout=SECONDS) as answer:
            data = _read(answer, SECONDS)
    except urllib.error.HTTPError as error:  # while the robot starts, its answer is 503 with the same JSON
        with error:
            data = _read(error, SECONDS)
    except urllib.error.URLError as error:
        raise not_reached(address, error.reason) from None
    except (OSError, HTTPException, ValueError) as error:
        raise not_reached(address, error or type(error).__name__) from None
    health = _json(data, address)
    if isinstance(health, dict) and isinstance(health.get("detail"), str):
        raise NetworkError(f"{address.host} refuses: {plain(health['detail'], 500)}", 403)
    if not isinstance(health, dict) or not {"guard", "trainer"} <= health.keys():
        raise no_robot(address)
