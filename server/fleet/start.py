"""Starting the hub: `robot-server --fleet`."""

import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from robot_agent.network.keyring import usual_path
from robot_agent.runs.hold import SERVER, hold
from server.api.auth import Auth
from server.fleet.app import make_app
from server.fleet.hub import Hub
from server.fleet.keys import Keys
from server.fleet.listed import read_list
from server.service.browser import open_browser
from server.service.connections import Connections, raise_file_limit
from server.service.persisted import Persisted
from server.service.qr_code import qr_code
from server.service.running import listen, own_address, run, server_of

log = logging.getLogger("robot-server")

KEPT = "fleet.json"
"""File of what the hub keeps: which robots and which browsers it knows."""


def serve_fleet(
    robots: Sequence[str],
    *,
    find: bool,
    lan: bool,
    port: int,
    folder: Path,
    names: Sequence[str],
    browser: bool,
    as_json: bool,
) -> None:
    """Show a room full of robots until the process is to end; opens no pins and loads no trainer.

    Args:
        robots: their addresses, or TOML files with them; they are looked for in the network if none is given.
        find: look for more of them.
        lan: let other machines in, which pair first.
        port: where to listen; 0 takes a free one.
        folder: keeps what the hub knows.
        names: by which this machine is called too.
        browser: open one, where there is a screen.
        as_json: log JSON.
    """
    listed = read_list(robots)
    holding = ExitStack()
    holding.enter_context(hold(folder / KEPT, SERVER))
    persisted = Persisted(folder / KEPT)
    hub = Hub(persisted, Keys(usual_path()), listed, find=find or not listed)
    listener = listen("0.0.0.0" if lan else "127.0.0.1", port)
    port = listener.getsockname()[1]
    address = f"http://{own_address() if lan else 'localhost'}:{port}"
    say = log.warning if as_json else lambda words: print(words, flush=True)
    terminal = lan and not as_json and sys.stdout.isatty()
    auth = Auth(
        persisted,
        needed=lan,
        say=say,
        draw=(lambda code: qr_code(f"{address}/#pair={code}")) if terminal else None,
    )

    def opened() -> None:
        say(f"The robots are at {address}")
        if lan or names:
            auth.show_code()
        if browser:
            open_browser(address)

    failed: list[Exception] = []

    def fail(error: Exception) -> None:
        failed.append(error)
        server.should_exit = True

    connections = Connections(raise_file_limit())
    app = make_app(hub, auth, connections, lan=lan, port=port, names=names, on_open=opened, on_fail=fail)
    server = server_of(app, connections, lambda: None)
    run(server, listener, holding, failed)
