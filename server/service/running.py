"""Runs uvicorn for the robot's server and for the hub: limited connections, and an orderly end on signals."""

import errno
import faulthandler
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from robot_agent.errors import SettingsError
from server.service.bounded import bounded
from server.service.connections import Connections

ACCEPTED_AT_ONCE, WAITING = 32, 1024
"""Number of connections that are accepted in one turn of the loop, and of connections that may wait."""


NEW_TURNS = 5
"""Turns of the loop after which a connection that was accepted is known to `Connections`."""


class Listener(socket.socket):
    """A socket that listens, and drops at once what comes too fast: all else about it takes longer."""

    expects: Callable[[str], bool] = staticmethod(lambda host: True)
    """Return whether another new connection from an address may still be accepted."""

    make_room: Callable[[], bool] = staticmethod(lambda: False)
    """Close a connection when no file can be opened for a new one; return whether one was closed."""

    _new = 0
    """Turns for which a connection that was accepted may not be known yet, and cannot make room."""

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection that is looked at."""
        for _ in range(WAITING):
            try:
                connection, address = super().accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE) and (self.make_room() or self._new):
                    self._new = max(0, self._new - 1)
                    raise BlockingIOError from error  # the next turn tries again; asyncio would wait
                raise
            if self.expects(address[0]):
                self._new = NEW_TURNS
                return connection, address
            connection.close()
        raise BlockingIOError  # what else is to be done comes before the next of them


class Server(uvicorn.Server):
    """Uvicorn's server, which calls a function before it closes its connections at the end."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        """Call `on_exit` before the connections are closed."""
        super().__init__(config)
        self._on_exit = on_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and let `WAITING` connections wait, more than uvicorn itself would."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Call `on_exit`, then end."""
        self._on_exit()
        super().handle_exit(sig, frame)


def server_of(app: ASGIApp, connections: Connections, on_exit: Callable[[], None]) -> Server:
    """Return a server for an app.

    Args:
        app: answers the requests.
        connections: counts and limits the connections.
        on_exit: is called when the server has to end, before it closes its connections.
    """
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores the end of the terminal
        signal.signal(signal.SIGHUP, lambda number, frame: signal.raise_signal(signal.SIGTERM))
    faulthandler.enable()  # if the loop hangs, systemd's watchdog ends it, and this prints where it hung
    return Server(
        uvicorn.Config(
            app,
            log_config=None,
            lifespan="on",
            **bounded(connections),
            backlog=ACCEPTED_AT_ONCE,
            ws_max_size=4096,
            ws_per_message_deflate=False,  # compression takes four times the processor time
            ws_ping_interval=5.0,
            ws_ping_timeout=5.0,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=2,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=32_768,
        ),
        on_exit,
    )


def listen(host: str, port: int) -> Listener:
    """Return a socket that listens; SettingsError when the port cannot be used."""
    # With the protocol given: only then asyncio sends answers at once, not up to 40 ms later.
    listener = Listener(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(WAITING)  # a browser can connect as soon as the address is shown
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} cannot be used ({error.strerror}); choose another one with --port."
        ) from error
    return listener


def own_address() -> str:
    """Return this machine's IP address in the network, or its name without one; nothing is sent for that."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def run(server: uvicorn.Server, listener: socket.socket, holding: ExitStack, failed: list[Exception]) -> None:
    """Run a server until it ends, then close everything.

    Args:
        server: the server that `server_of` returned.
        listener: the socket at which the server listens.
        holding: resources that are released at the end, such as the lock of the store.
        failed: errors that occurred while the server started; the first one is raised at the end.

    Raises:
        SettingsError: the server did not start.
    """
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        holding.close()
    for error in failed:
        raise error
    if not server.started:
        raise SettingsError("The server could not start; the reason stands above.")
