"""Cameras that give one picture for each web request, and error sentences for other answers."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
import threading
import time
import urllib.error
import urllib.request
import zlib
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import numpy as np

from vision.cameras.address import public
from vision.cameras.camera import CameraError
from vision.cameras.decoding import as_frame, decode_picture, starts_picture
from vision.cameras.live import Light, Shot

_PAUSE = 0.1
"""Seconds between a picture and the next request: a small camera cannot make more pictures."""

_NEAR = (".local", ".lan", ".home", ".internal", ".home.arpa", ".fritz.box")
"""Endings of names in one's own network."""

_LARGEST = 30_000_000
"""Largest picture, bytes; more is a stream without an end."""


class Snapshots:
    """A `vision.cameras.live.Source` that requests one picture after the other."""

    def __init__(self, address: str, patience: float) -> None:
        """Take pictures from an http or https address, waiting at most `patience` seconds for each."""
        self._address, self._patience = address, patience
        self._over = threading.Event()
        self._first = True

    def grab(self) -> Shot | None:
        """Request a picture; return None for an incomplete one, raise CameraError if the server refuses."""
        if not self._first:
            self._over.wait(_PAUSE)
        self._first = False
        asked = time.monotonic()
        kind, data = fetch(self._address, self._patience)
        if data is None:
            raise CameraError(_refusal(self._address, kind) or "The camera has sent no picture.")
        frame = decode_picture(np.frombuffer(data, np.uint8))
        # It was taken after the request at the earliest; a live camera may hand out no older one.
        return None if frame is None else Shot(as_frame(frame), time.monotonic() - asked)

    def hold_light(self, light: Light | None) -> Light | None:
        """Return None: a web server has no control of exposure."""
        return None

    def release(self) -> None:
        """Do nothing: no connection stays open between two requests."""
        self._over.set()


def gives_pictures(address: str, patience: float) -> bool:
    """Return whether an address answers with one whole picture."""
    try:
        return fetch(address, patience)[1] is not None
    except CameraError:
        return False


def refusal(address: str, patience: float) -> str | None:
    """Return a sentence on an answer that is neither a picture nor a stream; None if it is unknown."""
    try:
        kind, data = fetch(address, patience)
    except CameraError as error:
        return str(error) if error.__cause__ is not None and error.args else None
    return None if data is not None else _refusal(address, kind)


def fetch(address: str, patience: float) -> tuple[str, bytes | None]:
    """Return the content type of a web server's answer, and the picture; None if it is no picture.

    Raises CameraError, with the cure, when it refuses; without a sentence of its own when nobody answers.
    """
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        passwords.add_password(None, plain, unquote(parts.username), unquote(parts.password or ""))
    basic = urllib.request.HTTPBasicAuthHandler(passwords)
    secure = urllib.request.HTTPSHandler(context=_context(parts.hostname or ""))
    try:
        try:
            return _answer(urllib.request.build_opener(secure, basic, _Digest(passwords)), plain, patience)
        except ValueError:  # a digest that is not known: perhaps it takes the password itself as well
            return _answer(urllib.request.build_opener(secure, basic), plain, patience)
    except urllib.error.HTTPError as error:
        error.close()
        raise CameraError(_status(address, error.code)) from error
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
            raise CameraError(
                f"{public(address)} has a certificate that cannot be trusted: give the camera's address "
                "in your own network, such as https://192.168.1.20/, where it may have made its own."
            ) from error
        raise CameraError(
            f"{public(address)} does not answer: check its host and port, that it is switched on, and that "
            "the two devices are on one network."
        ) from error


def _context(host: str) -> ssl.SSLContext:
    """Return how the certificate of a host is checked: in one's own network a camera has made its own."""
    try:
        near = ipaddress.ip_address(host).is_private
    except ValueError:
        near = "." not in host or host.endswith(_NEAR)
    return ssl._create_unverified_context() if near else ssl.create_default_context()


class _Digest(urllib.request.HTTPDigestAuthHandler):
    """Digest authentication with SHA-256 as well (RFC 7616), which newer cameras want."""

    def get_algorithm_impls(self, algorithm: str) -> Any:
        if algorithm.upper() != "SHA-256":
            return super().get_algorithm_impls(algorithm)

        def digest(text: str) -> str:
            return hashlib.sha256(text.encode()).hexdigest()

        return digest, lambda secret, data: digest(f"{secret}:{data}")


def _answer(opener: urllib.request.OpenerDirector, address: str, patience: float) -> tuple[str, bytes | None]:
    """Return the content type and the picture that a server answers with; the first bytes count, too."""
    with opener.open(address, timeout=patience) as answer:
        kind = (answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        if kind.startswith(("multipart/", "video/")):
            return kind, None
        start = answer.read(64)
        if start.lstrip().startswith(b"<") and not kind.startswith("image/"):
            return "text/html", None
        if kind.startswith("text/") and not starts_picture(start):
            return kind, None
        data = start + answer.read(_LARGEST)
    if data.startswith(b"\x1f\x8b"):
        data = zlib.decompressobj(31).decompress(data, _LARGEST)
    return kind, data if kind.startswith("image/") or starts_picture(data[:64]) else None


def _status(address: str, code: int) -> str:
    """Return the sentence for an HTTP status."""
    name = f"The stream {public(address)}"
    if code in (401, 403):
        scheme = address.split("://", 1)[0]
        given = urlsplit(address).username is not None
        return (
            f"{name} wants {'another user or' if given else 'a user and a'} password: write them into the "
            f"address, {scheme}://USER:PASSWORD@HOST/..., "
            "with %23 for #, %2F for /, %3F for ? and %40 for @."
        )
    if code in (404, 410):
        return f"{name} cannot be opened (404, not found): check the path after the host in a browser."
    if code == 503:
        return (
            f"{name} cannot be opened (503): check the address in a browser, and close other programs that "
            "watch it, as many cameras serve only one."
        )
    return f"{name} cannot be opened (HTTP status {code}): check the address in a browser."


def _refusal(address: str, kind: str) -> str | None:
    if kind in ("text/html", "text/plain", "application/xhtml+xml"):
        return (
            f"The stream {public(address)} is a web page, not a picture: open it in a browser, and take the "
            "address of the picture in it (right click, copy image address)."
        )
    return None
