"""Addresses of cameras on the network: hiding their secrets, and checking their spelling."""

from __future__ import annotations

import re

from vision.cameras.camera import CameraError

_HARMLESS = {
    "action", "camera", "channel", "fps", "framerate", "height", "profile", "quality", "resolution", "size",
    "stream", "subtype", "topic", "type", "width",
}  # fmt: skip
"""Parameters of a query whose values may be shown; those of all others may be secret."""

_SECRET = re.compile(
    r"(?i)(user|usr|login|account|name|pass|password|passwd|pwd|pw|token|key|auth|secret)([=:_])([^&/;_?#]+)"
)
"""A secret within a path, as some RTSP cameras want it: /user=admin_password=secret_channel=1."""

_LISTENING = ("rtp", "srt", "tcp", "udp")
"""Protocols with which this computer may also wait for pictures, at an address without a host."""

_HOST = re.compile(r"(\[[^\]]*\]|[^:/?#@\[]*)(:\d*)?")


def public(source: object) -> str:
    """Return a camera's name without user, password, and other parts of an address that may be secret.

    This is the only place that decides it: every message, row and file name uses this function.
    """
    text = str(source)
    if "://" not in text:  # perhaps an address without its beginning
        return re.sub(r"[^/\s@]+:[^/\s@]*@", "", text)
    scheme, rest = text.split("://", 1)
    rest = rest[_user_ends(rest) :]
    place, mark, query = rest.partition("?")
    query, hash_mark, _ = query.partition("#")
    place = _SECRET.sub(r"\1\2***", place.partition("#")[0])
    place = re.sub(r"(?<=/)[^/:]+:[^/]+", "***", place)  # user and password within a path
    return f"{scheme}://{place}{mark}{'&'.join(map(_parameter, query.split('&'))) if query else ''}"


def _user_ends(rest: str) -> int:
    """Return where the host begins in the text after `://`: behind user and password, if there are any."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority or not _HOST.fullmatch(authority):
        return rest.rfind("@") + 1  # a password may contain / ? #
    path = rest.partition("?")[0]
    # A path may have an @; but `user:123/45@host` looks the same, and hides too much rather than too little.
    return path.rfind("@") + 1 if ":" in authority else 0


def _parameter(text: str) -> str:
    """Return one `name=value` of a query as it may be shown."""
    name, equals, value = text.partition("=")
    if not equals:
        return name if name.lower() in _HARMLESS or len(name) < 4 else "***"
    return text if name.lower() in _HARMLESS else f"{name}=***"


def check_address(address: str) -> None:
    """Raise CameraError, with the cure, for an address with a spelling that cannot be opened."""
    scheme, rest = address.split("://", 1)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, _, host = authority.rpartition("@")
    beyond = rest[len(authority) :]
    # A host has a dot or a port, so `ss` of `p@ss/1@host` is a part of the password.
    real = re.search(r"[.:\]]", host) is not None or host == "localhost"
    ends = beyond.startswith("#") or (not real if user else not _HOST.fullmatch(host))
    if ("@" in beyond and ends) or re.search(r"[\[\]]", user):
        place = rest[rest.rfind("@") + 1 :].partition("?")[0]
        raise CameraError(
            f"The password in the address of {scheme}://{place} has a character that ends it: "
            "write # as %23, / as %2F, ? as %3F, @ as %40, [ as %5B and ] as %5D in it."
        )
    listens = scheme.lower() in _LISTENING and re.fullmatch(r":\d+", host) is not None
    if not _HOST.fullmatch(host) or not (re.sub(r":\d*$", "", host) or listens):
        raise CameraError(
            f"The address {public(address)} has no host: write it as {scheme}://HOST:PORT/PATH."
        )
