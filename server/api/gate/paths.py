"""Paths that the gate treats differently."""

from robot_agent.network.address import API

UPLOAD = f"{API}/checkpoints/upload"
HALT = ("POST", f"{API}/halt")
FOR_EVERYONE = {
    ("GET", f"{API}/identity"),
    ("GET", f"{API}/pair"),
    ("POST", f"{API}/pair"),
    HALT,
    ("GET", "/healthz"),
}
"""What needs no pairing; halting never does."""
KEYS = (f"{API}/tokens", f"{API}/browsers")
"""What those who only watch do not see."""


def is_api(path: str) -> bool:
    """Say whether the API answers a path, not the files of the page."""
    return path.startswith("/api/") or path in ("/metrics", "/healthz")
