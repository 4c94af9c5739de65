"""Who may use the server: pairing with a short code, cookies, bearer tokens, and a limit on guessing."""

import hashlib
import hmac
import math
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from server.problems import Problem
from server.service.persisted import Persisted

Role = Literal["none", "guest", "control"]

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Letters and digits of a code: none that is easily misread, and no vowels, so that no words appear."""

CODE_LENGTH = 6
CODE_SECONDS = 600.0
"""Time for which a code is valid; it can be used only once."""

TRIES, TRY_SECONDS = 5, 60.0
"""Maximum number of wrong codes from one address within `TRY_SECONDS`; after that, it has to wait."""

MAX_ADDRESSES = 1000
"""Number of addresses whose wrong codes are counted; all others share one count.

There are 28**6 codes: nobody guesses one with so few tries.
"""

COOKIE_SECONDS = 30 * 24 * 3600
"""How long a pairing lasts, counted only while the server runs, because a Pi may not know the date."""

AGE_SECONDS = 3600.0
"""Time between two writes of how long the server has run, see `Auth.age`."""
MAX_COOKIES = 8
"""Maximum number of cookies of a request that are checked."""

MAX_KEYS = 200
"""Maximum number of paired browsers, and of tokens."""


BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
"""Words in a browser's User-Agent, and what they mean; the first that is found counts."""


def browser_name(agent: str) -> str:
    """Return a name for a browser that its owner recognises, such as "Firefox on Android"."""
    browser = next((name for word, name in BROWSERS.items() if word in agent), "A browser")
    system = next((f" on {name}" for word, name in SYSTEMS.items() if word in agent), "")
    return browser + system


@dataclass(frozen=True, slots=True)
class Who:
    """Who sent a request: the role, and the key of the browser or token."""

    role: Role
    key: str = ""
    """The first 12 digits of the digest of the cookie or token; empty if neither was used."""


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret, in hex; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def proof_of(kept: str, challenge: str) -> str:
    """Return the HMAC-SHA-256 of `challenge` under `kept`, a token's `digest`: the proof of knowing it."""
    return hmac.new(kept.encode(), challenge.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Limit:
    """A limit: at most `most` events within `seconds`."""

    most: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    moments: list[float] | None = None

    def recent(self) -> list[float]:
        """Return the times of the events that still count."""
        now = self.clock()
        self.moments = [moment for moment in self.moments or [] if now - moment < self.seconds]
        return self.moments

    def wait(self) -> float:
        """Return the seconds until another event is allowed; 0 if it is allowed now."""
        recent = self.recent()
        return 0.0 if len(recent) < self.most else recent[0] + self.seconds - self.clock()

    def count(self) -> None:
        """Count one event, at this moment."""
        self.moments = [*(self.moments or []), self.clock()]


class Auth:
    """Pairs browsers, issues tokens, and recognises both; only hashes of their secrets are stored."""

    def __init__(
        self,
        persisted: Persisted,
        *,
        needed: bool,
        guests: bool = False,
        say: Callable[[str], None] = print,
        draw: Callable[[str], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep hashes in `persisted`.

        Args:
            persisted: what the server keeps between its starts.
            needed: whether pairing is needed; not if the server listens on this machine only.
            guests: whether browsers that have not paired may watch.
            say: prints a sentence with a new code in the terminal.
            draw: returns a code as a picture of text, which is printed below the sentence.
            clock: returns seconds that only grow.
        """
        self.needed, self.guests = needed, guests
        self._persisted, self._say, self._draw, self._clock = persisted, say, draw, clock
        self._limits: dict[str, Limit] = {}
        self._forgot = -math.inf
        age = persisted.get("age", 0.0)
        self._age_before = float(age) if isinstance(age, int | float) and age > 0 else 0.0
        self._began = self._age_written = clock()
        self._code, self._code_until = "", 0.0
        self._used: dict[int, float] = {}

    @property
    def age(self) -> float:
        """Seconds for which the server has run, all its starts together: the clock by which pairings end."""
        return self._age_before + self._clock() - self._began

    def who(
        self, cookies: Sequence[str], bearer: str | None, *, foreign: Callable[[], bool] = lambda: False
    ) -> Who:
        """Return who sent a request, and with which role.

        Args:
            cookies: the values of the cookies with this server's name.
            bearer: the token that was sent; None if none was.
            foreign: returns whether the request may come from another machine, which always has to pair.

        Raises:
            Problem: the token is unknown or was revoked.
        """
        if self._clock() - self._age_written > AGE_SECONDS:
            self._age_written = self._clock()
            self._persisted.set(age=self.age)
        if bearer is not None:
            for token in self._tokens():
                if secrets.compare_digest(token["digest"], digest(bearer)):
                    self._used[token["id"]] = time.time()
                    return Who("control", _key(token))
            raise Problem(
                401, "This token is unknown or was revoked; make a new one.", {"WWW-Authenticate": "Bearer"}
            )
        if not self.needed and not foreign():
            return Who("control")
        for cookie in cookies[:MAX_COOKIES]:
            mine = digest(cookie)
            for browser in self._paired():
                if secrets.compare_digest(browser["digest"], mine):
                    return Who("control", _key(browser))
        return Who("guest" if self.guests else "none")

    def knows(self, key: str) -> bool:
        """Return whether a key of `who` is still valid; the empty key always is."""
        return not key or any(_key(one) == key for one in [*self._paired(), *self._tokens()])

    def prove(self, key: str, challenge: str) -> str | None:
        """Return the `proof_of` a challenge with the token of this key; None if there is no such token."""
        kept = next((token["digest"] for token in self._tokens() if _key(token) == key), None)
        return None if kept is None else proof_of(kept, challenge)

    def _paired(self) -> list[dict[str, Any]]:
        known = self._known("browsers", {"digest": str, "until": float})
        for one in known:
            if not isinstance(
                one.get("paired"), int | float
            ):  # by an older program, which looked at the time of day
                one["paired"], one["until"] = one["until"] - COOKIE_SECONDS, self.age + COOKIE_SECONDS
        return [one for one in known if one["until"] > self.age]

    def _tokens(self) -> list[dict[str, Any]]:
        return self._known("tokens", {"digest": str, "id": int, "name": str, "created": float})

    def _known(self, kind: str, parts: dict[str, type]) -> list[dict[str, Any]]:
        kept = self._persisted.get(kind, [])
        kept = kept if isinstance(kept, list) else []  # a damaged file lets nobody in
        kept = [one for one in kept if isinstance(one, dict)]
        return [one for one in kept if all(isinstance(one.get(name), of) for name, of in parts.items())]

    def show_code(self) -> None:
        """Make a new code and print it, unless the last one is still valid."""
        if self._clock() < self._code_until:
            return
        self._code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        self._code_until = self._clock() + CODE_SECONDS
        self._say(
            f"Pair a browser with the code {self._code[:3]}-{self._code[3:]} (good for 10 minutes, once)."
        )
        if self._draw is not None:
            self._say(self._draw(self._code))

    def pair(self, code: str, agent: str = "", host: str = "") -> str:
        """Pair a browser and return its cookie.

        Args:
            code: the code that the person has typed.
            agent: the browser's User-Agent.
            host: the browser's address.

        Raises:
            Problem: the code is wrong, or too many wrong ones came from this address.
        """
        if len(self._limits) >= MAX_ADDRESSES and self._clock() - self._forgot > 1.0:
            self._forgot = self._clock()
            self._limits = {name: limit for name, limit in self._limits.items() if limit.recent()}
        if host not in self._limits and len(self._limits) >= MAX_ADDRESSES:
            host = ""
        limit = self._limits.setdefault(host, Limit(TRIES, TRY_SECONDS, self._clock))
        if (seconds := limit.wait()) > 0:
            wait = {"Retry-After": str(int(seconds) + 1)}
            raise Problem(429, f"Too many wrong codes; wait {seconds:.0f} s, then try again.", wait)
        given = "".join(letter for letter in code.upper() if letter.isalnum())
        good = self._clock() < self._code_until and secrets.compare_digest(
            given.encode(), self._code.encode()
        )
        if not good:
            limit.count()
            self.show_code()
            raise Problem(403, "This is not the code; read it from the terminal that runs robot-server.")
        if len(self._paired()) >= MAX_KEYS:
            raise Problem(409, "There are too many paired browsers; unpair some in the view Keep.")
        self._code_until = 0.0
        cookie = secrets.token_urlsafe(32)
        new = {
            "digest": digest(cookie),
            "until": self.age + COOKIE_SECONDS,
            "paired": time.time(),
            "name": browser_name(agent),
        }
        self._persisted.set(browsers=[*self._paired(), new], age=self.age)
        return cookie

    def browsers(self, mine: str) -> list[dict[str, Any]]:
        """Return the paired browsers; the entry of the browser with the key `mine` says so."""
        return [
            {
                "id": _key(one),
                "name": one.get("name", browser_name("")),
                "paired": one["paired"],
                "mine": _key(one) == mine,
            }
            for one in self._paired()
        ]

    def unpair(self, key: str) -> None:
        """Forget a browser; raise Problem if there is none with this key."""
        paired = self._paired()
        left = [one for one in paired if _key(one) != key]
        if len(left) == len(paired):
            raise Problem(404, "There is no such browser; it may have been unpaired already.")
        self._persisted.set(browsers=left)

    def tokens(self) -> list[dict[str, Any]]:
        """Return the tokens, without their secrets."""
        return [
            {name: token[name] for name in ("id", "name", "created")} | {"used": self._used.get(token["id"])}
            for token in self._tokens()
        ]

    def issue(self, name: str) -> dict[str, Any]:
        """Make a token, and return it with its secret, which is never shown again; raise Problem."""
        known = self._tokens()
        if len(known) >= MAX_KEYS:
            raise Problem(409, "There are too many tokens; revoke some.")
        token = f"ra_{secrets.token_urlsafe(32)}"
        number = self._persisted.get("last_token", 0) + 1
        new = {"id": number, "name": name, "created": time.time(), "digest": digest(token)}
        self._persisted.set(tokens=[*known, new], last_token=number)
        return {"id": number, "name": name, "created": new["created"], "used": None, "token": token}

    def revoke(self, number: int) -> str:
        """Revoke a token and return its key; raise Problem if there is none with this number."""
        known = self._tokens()
        revoked = next((token for token in known if token["id"] == number), None)
        if revoked is None:
            raise Problem(404, f"There is no token {number}; it may be revoked already.")
        self._persisted.set(tokens=[token for token in known if token is not revoked])
        return _key(revoked)

    def must_be_kept(self) -> None:
        """Raise Problem if a revocation could not be written to the disk: a restart would undo it."""
        if not self._persisted.kept:
            raise Problem(
                503,
                "It is revoked, but that could not be written, so a restart brings it back; "
                "free some space on the disk, then revoke or pair anything else, which writes this too.",
            )


def _key(kept: dict[str, Any]) -> str:
    return str(kept["digest"])[:12]
