"""Paths that the gate treats differently."""

from robot_agent.network.address import API

LARGE = {f"{API}/checkpoints/upload", f"{API}/robot/policy", f"{API}/robot/fit"}
"""Paths whose body is a policy, or what is known of a robot."""
HALT = ("POST", f"{API}/halt")
FOR_EVERYONE = {
    ("GET", f"{API}/identity"),
    ("GET", f"{API}/pair"),
    ("POST", f"{API}/pair"),
    HALT,
    ("GET", "/healthz"),
}
"""Requests that need no pairing; a halt is one of them."""
KEYS = (f"{API}/tokens", f"{API}/browsers")
"""Beginnings of the paths that guests, who may only watch, do not get."""


def is_api(path: str) -> bool:
    """Return whether the API answers this path; if not, the files of the page do."""
    return path.startswith("/api/") or path in ("/metrics", "/healthz")
