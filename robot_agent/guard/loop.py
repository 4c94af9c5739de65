"""The guard's loop: it serves the connections and their roles, and changes the wheels in time."""

import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from robot_agent.errors import GuardBusy, GuardError, Halted
from robot_agent.guard.controller import RAMP_SECONDS, Controller, Wheels, halted
from robot_agent.guard.lease import check_age
from robot_agent.guard.peer import Peer
from robot_agent.guard.wire import Event, Message

BEAT_SECONDS = 0.1
"""Longest time between two turns of the loop, seconds."""

LONELY_SECONDS = 20.0
"""Seconds without any client after which a guard ends, unless it is `standing`."""

EVENTS = 300
"""Number of latest events that are kept."""

SOCKET_SECONDS = 1.0
"""Time between two looks whether the socket is still there: the system removes the folder of a user who has
logged out."""

MAX_PEERS = 32
"""Greatest number of connections."""


class Guard:
    """The guard: one thread that turns the wheels for its driver, and stops them in any case."""

    def __init__(
        self,
        wheels: Wheels,
        listener: socket.socket,
        *,
        halt_file: Path,
        ramp_seconds: float = RAMP_SECONDS,
        standing: bool = False,
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Guard `wheels` for the clients that connect to `listener`.

        Args:
            wheels: open wheels with all pins low, used by nothing else.
            listener: a listening Unix socket.
            halt_file: see `Controller`.
            ramp_seconds: seconds from no power to full power.
            standing: whether the guard keeps running without clients.
            log: is called with a line for each event.
        """
        self._wheels, self._listener, self._standing, self._log = wheels, listener, standing, log
        self._controller = Controller(wheels, halt_file=halt_file, note=self._note, ramp_seconds=ramp_seconds)
        # The only selector that can wait for less than a millisecond.
        self._selector = selectors.SelectSelector()
        listener.setblocking(False)
        self.watch(listener.fileno(), self._accept)
        self._peers: list[Peer] = []
        self._driver: Peer | None = None
        self._supervisor: Peer | None = None
        self._asking = 0
        """Id of the process whose request is being answered; 0 for none."""
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._end: tuple[str, str] | None = None
        self._visited = False
        self._lonely_from = self._looked = time.monotonic()

    def end(self, why: str, detail: str = "") -> None:
        """Let the loop stop the wheels and end at its next turn; may be called by a signal handler."""
        self._end = self._end or (why, detail)

    def watch(self, file: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` whenever `file` is readable."""
        self._selector.register(file, selectors.EVENT_READ, on_readable)

    def run(self, beat: Callable[[], None] = lambda: None) -> str:
        """Run the loop until the guard must end; return why. The pins are low then in any case.

        `beat` is called at every turn of the loop.
        """
        try:
            halted, detail = self._controller.halted, self._controller.why or self._controller.not_kept
            self._note("opened", "halted" if halted else "start", who=os.getpid(), detail=detail)
            while self._end is None:
                self._turn()
                try:
                    beat()
                except BrokenPipeError:
                    self.end("watchdog", "its watchdog has died")
            why, detail = self._end
            self._controller.stop(why)
            self._note("ended", why, detail=detail)
            return why
        except BaseException as error:
            self._controller.stop("exception")
            self._note("ended", "exception", detail=f"{type(error).__name__}: {error}")
            raise
        finally:
            self._wheels.off()
            for peer in self._peers:
                peer.close()
            self._controller.close()
            self._selector.close()

    def _turn(self) -> None:
        self._controller.move()
        now = time.monotonic()
        wake = min(self._controller.wake() or now + BEAT_SECONDS, now + BEAT_SECONDS)
        ready = self._selector.select(max(0.0, wake - now))
        self._controller.move()
        for key, _ in ready:
            key.data()
        requests = [(peer, request) for peer in self._peers for request in peer.take()]
        for peer, request in requests:
            if _is_urgent(peer, request):
                self._answer(peer, request)
        self._drop_lost()
        for peer, request in requests:
            if not peer.lost and not _is_urgent(peer, request):
                self._answer(peer, request)
                self._controller.move()
        self._drop_lost()
        if self._supervisor is not None and time.monotonic() - self._looked > SOCKET_SECONDS:
            self._looked = time.monotonic()
            if not (self._controller.moving or os.path.lexists(self._listener.getsockname())):
                self.end("socket", "its socket was removed")  # whoever supervises it starts another one
        if self._peers or self._standing:
            self._lonely_from = time.monotonic()
        elif self._visited or time.monotonic() - self._lonely_from > LONELY_SECONDS:
            self.end("alone", "its last client has gone" if self._visited else "nobody came")

    def _note(self, what: str, why: str, /, **more: Any) -> None:
        if what in ("started", "stopped") and self._driver is not None:
            more["who"] = self._driver.pid
        event = Event(what, why, time.time(), time.monotonic(), **{"who": self._asking, **more})
        self._events.append(event)
        with suppress(OSError):  # nobody reads the log any more
            self._log(str(event))
        if self._supervisor is not None:
            self._supervisor.send({"event": event.to_message()})

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has gone again
        if len(self._peers) >= MAX_PEERS:
            return connection.close()
        peer = Peer(connection)
        self._visited = True
        self._peers.append(peer)
        for file in peer.files:
            self.watch(file, lambda file=file: peer.on_readable(file))  # type: ignore[misc]
        self._note("connected", "", who=peer.pid)
        if peer.lost:
            peer.take_all()

    def _drop_lost(self) -> None:
        for peer in [peer for peer in self._peers if peer.lost]:
            self._drop(peer)

    def _drop(self, peer: Peer) -> None:
        if peer is self._driver:
            self._controller.stop(peer.lost)
            self._driver = None
        if peer is self._supervisor:
            self._supervisor = None
        for file in peer.files:
            self._selector.unregister(file)
        self._peers.remove(peer)
        peer.close()
        self._note("disconnected", peer.lost, who=peer.pid)

    def _answer(self, peer: Peer, request: Message) -> None:
        do, number = request.get("do"), request.get("id")
        self._asking = peer.pid
        try:
            handler = _REQUESTS.get(do) if isinstance(do, str) else None
            if handler is None:
                raise ValueError(f"There is no request {do!r}; there are {', '.join(_REQUESTS)}.")
            answer = handler(self, peer, request)
        except (ValueError, Halted, GuardError) as error:
            self._note("refused", type(error).__name__, detail=str(error))
            answer = _refusal(error)
        finally:
            self._asking = 0
        if answer is not None:
            peer.send({"id": number, **answer})

    def _pulse(self, peer: Peer, request: Message) -> None:
        self._must_drive(peer)
        check_age(_number(request, "at"))

        def ended(why: str, seconds: float) -> None:
            answer: Message = {"why": why, "seconds": seconds}
            if why == "halt":
                answer |= _refusal(halted())
            elif why not in ("deadline", "stop"):
                answer |= _refusal(GuardError(f"The wheels were stopped before the pulse was over ({why})."))
            peer.send({"id": request.get("id"), **answer})

        self._controller.pulse(
            _number(request, "left"), _number(request, "right"), _number(request, "seconds"), ended
        )

    def _drive(self, peer: Peer, request: Message) -> Message:
        self._must_drive(peer)
        check_age(_number(request, "at"))
        self._controller.drive(_number(request, "left"), _number(request, "right"))
        return {}

    def _must_drive(self, peer: Peer) -> None:
        if peer is not self._driver:
            raise GuardError("This connection does not drive; it has to ask for the driver's role first.")

    def _stop(self, peer: Peer, request: Message) -> Message:
        self._controller.stop("stop")
        return {}

    def _halt(self, peer: Peer, request: Message) -> Message:
        self._controller.halt()
        return {"not_kept": self._controller.not_kept}

    def _reset(self, peer: Peer, request: Message) -> Message:
        if peer is not self._supervisor:
            raise GuardError("Only the supervisor may reset a halt.")
        self._controller.reset()
        return {}

    def _role(self, peer: Peer, request: Message) -> Message:
        role = request.get("role")
        if role not in ("driver", "supervisor"):
            raise ValueError(f"There is no role {role!r}; there are driver and supervisor.")
        holder = self._driver if role == "driver" else self._supervisor
        if holder is not None and holder is not peer:
            raise GuardBusy(f"The guard has a {role} already, process {holder.pid}; end that one first.")
        if role == "driver":
            self._driver = peer
        else:
            self._supervisor = peer
        return {}

    def _status(self, peer: Peer, request: Message) -> Message:
        status = {
            "halted": self._controller.halted,
            "why": self._controller.why,
            "not_kept": self._controller.not_kept,
            "driver": self._driver.pid if self._driver is not None else None,
            "supervisor": self._supervisor.pid if self._supervisor is not None else None,
            "moving": self._controller.moving,
            "powers": self._controller.powers,
            "process": os.getpid(),
            "real_time": os.sched_getscheduler(0) != os.SCHED_OTHER,
        }
        return {"status": status}

    def _history(self, peer: Peer, request: Message) -> Message:
        return {"events": [event.to_message() for event in self._events]}


_REQUESTS: dict[str, Callable[[Guard, Peer, Message], Message | None]] = {
    "pulse": Guard._pulse,
    "drive": Guard._drive,
    "stop": Guard._stop,
    "halt": Guard._halt,
    "reset": Guard._reset,
    "role": Guard._role,
    "status": Guard._status,
    "events": Guard._history,
}


def _is_urgent(peer: Peer, request: Message) -> bool:
    """A halt comes before everything else; of a client that has gone, only halts and stops count."""
    return request.get("do") in (("halt", "stop") if peer.lost else ("halt",))


def _number(request: Message, name: str) -> float:
    value = request.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"The request needs a number as {name!r}, not {value!r}.")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"The number {name!r} of the request is far too large.") from error


def _refusal(error: Exception) -> Message:
    return {"error": str(error), "kind": type(error).__name__}
