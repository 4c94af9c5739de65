"""`read_list` reads a list of robots: addresses on the command line, or TOML files that name each robot."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from robot_agent.errors import SettingsError
from robot_agent.files import read_small_text
from robot_agent.network.address import Address, parse_address
from robot_agent.network.messages import plain

EXAMPLE = 'write lines such as Ada = "robot-1.local" under [robots]'


def read_list(given: Iterable[str]) -> list[tuple[Address, str]]:
    """Return the addresses of robots, each with the name under which it is shown; the name may be empty.

    Args:
        given: addresses, and paths of TOML files.

    Raises:
        SettingsError: an address is not valid, a file cannot be read, or an address is listed twice.
    """
    found: dict[str, tuple[Address, str]] = {}
    for one in given:
        for address, name in _file(Path(one)) if one.endswith(".toml") else [(parse_address(one), "")]:
            if address.url in found:
                raise SettingsError(f"The robot {address.url} stands twice in the list; remove one of them.")
            found[address.url] = address, name
    return list(found.values())


def _file(path: Path) -> list[tuple[Address, str]]:
    try:
        values = tomllib.loads(read_small_text(path))
    except OSError as error:
        raise SettingsError(f"The list {path} cannot be read ({error.strerror}); {EXAMPLE} in it.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"The list {path} is no TOML ({error}); {EXAMPLE}.") from error
    if odd := sorted(values.keys() - {"robots"}):
        raise SettingsError(f"There is no {odd[0]!r} in a list of robots ({path}); {EXAMPLE}.")
    robots = values.get("robots")
    if not isinstance(robots, dict) or not robots:
        raise SettingsError(f"The list {path} names no robot; {EXAMPLE}.")
    listed = []
    for name, address in robots.items():
        if not isinstance(address, str):
            raise SettingsError(f"The robot {name!r} in {path} has no address; {EXAMPLE}.")
        listed.append((parse_address(address), plain(name, 60)))
    return listed
