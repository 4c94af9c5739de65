"""How a robot is borrowed: a WebSocket to it is opened, and it lends itself or says why it does not."""

import getpass
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from robot_agent import __version__
from robot_agent.errors import Halted, RobotAgentError
from robot_agent.network.address import API, Address
from robot_agent.network.api import (
    NetworkError,
    check_robot,
    no_robot,
    not_paired,
    not_reached,
    request,
)
from robot_agent.network.messages import PATH, PROTOCOL, Borrow, Lent, NoMessage, Refused, from_robot

CONNECT_SECONDS = 5.0
"""Longest time to make a connection, s."""

LARGEST = 4_000_000
"""Largest message, bytes."""


class RobotTaken(NetworkError):
    """Somebody else has borrowed the robot."""


@dataclass(frozen=True, slots=True)
class Loan:
    """A robot that has lent itself."""

    socket: ClientConnection
    """The WebSocket to the robot."""
    entered: ExitStack
    """Closes the WebSocket."""
    lent: Lent
    """What the robot has said of itself."""


def open_loan(address: Address, token: str | None, *, desktop: str, loan: str) -> Loan:
    """Borrow a robot, or go on with a loan whose connection was lost.

    Args:
        address: the robot's address.
        token: the robot's key, if it is known.
        desktop: name of the desktop that borrows.
        loan: name of the loan, the same for all its connections.

    Raises:
        NetworkError: the robot is not reached, refuses, or has another version of the protocol; or
            something else answers.
        RobotTaken: somebody else has borrowed the robot.
        Halted: the robot is halted.
    """
    try:
        with ExitStack() as entered:
            opening = connect(
                address.websocket + PATH,
                sock=_reach(address),  # with our own socket no redirect is followed, so the key stays here
                additional_headers={"Authorization": f"Bearer {token}"} if token else {},
                open_timeout=CONNECT_SECONDS,
                close_timeout=0.5,
                ping_interval=None,  # the beats are the signs of life
                max_size=LARGEST,
                compression=None,
                proxy=None,
            )
            opened = entered.enter_context(opening)
            lent = _borrow(opened, address, token, desktop, loan)
            return Loan(opened, entered.pop_all(), lent)
    except (InvalidStatus, ValueError):  # the server refused, or redirected
        raise _why_refused(address, token) from None
    except TimeoutError:
        raise not_reached(address, "no answer in time") from None
    except RobotAgentError:
        raise
    except (OSError, WebSocketException) as error:
        check_robot(address)
        raise not_reached(address, error or type(error).__name__) from None


def _reach(address: Address) -> socket.socket:
    parts = urlsplit(address.origin)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    reached = socket.create_connection((address.host, port), CONNECT_SECONDS)
    reached.settimeout(None)
    return reached


def _borrow(opened: ClientConnection, address: Address, token: str | None, desktop: str, loan: str) -> Lent:
    try:
        who = f"{getpass.getuser()} at {socket.gethostname()}"
    except (OSError, KeyError):  # the user has no name
        who = f"somebody at {socket.gethostname()}"
    asked = Borrow(protocol=PROTOCOL, version=__version__, who=who[:80], desktop=desktop, loan=loan)
    try:
        opened.send(asked.model_dump_json())
        message = from_robot(opened.recv(timeout=CONNECT_SECONDS + 30.0))
    except NoMessage:
        raise no_robot(address) from None
    except ConnectionClosed:
        raise _why_refused(address, token) from None
    match message:
        case Lent():
            return message
        case Refused(kind="taken"):
            raise RobotTaken(message.why)
        case Refused(kind="halted"):
            raise Halted(message.why)
        case Refused():
            raise NetworkError(message.why)
    raise no_robot(address)


def _why_refused(address: Address, token: str | None) -> NetworkError:
    """Find out why a server refused our WebSocket; return the error."""
    try:
        check_robot(address)
        request(address, f"{API}/status", token=token)
    except NetworkError as error:
        return not_paired(address, known=token is not None) if error.status == 401 else error
    return NetworkError(
        f"The robot-agent at {address.url} is an older one, whose robot cannot be driven from here; "
        f"install robot-agent {__version__} there, as is on this machine."
    )
