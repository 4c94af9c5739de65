"""The connection to a borrowed robot: each order is carried out once, even if the network fails."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

from pydantic import BaseModel
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from robot_agent import __version__
from robot_agent.errors import Halted, RobotFailedError
from robot_agent.network.address import Address
from robot_agent.network.api import NetworkError
from robot_agent.network.borrowing import RobotTaken, open_loan
from robot_agent.network.keyring import Keyring
from robot_agent.network.messages import (
    BEAT_SECONDS,
    FRESH_SECONDS,
    Beat,
    Done,
    Echo,
    GiveBack,
    Lent,
    NoMessage,
    Order,
    PictureHead,
    StopOrder,
    TakenBack,
    from_robot,
    unpack,
)
from vision.cameras.camera import CameraFault

SILENT_SECONDS = 2.5
"""Seconds without a message from the robot after which the connection counts as lost."""

RETRY_SECONDS = 0.3
"""Seconds between two attempts to connect."""

PATIENCE_SECONDS = 3.0
"""Seconds that an order waits for a lost connection; then the robot counts as out of reach."""

GIVE_BACK_SECONDS = 2.0
"""Longest time to wait until the robot confirms that it has been given back, s."""

LOST_TIMES = 5
"""Number of lost connections after which an order is given up."""

log = logging.getLogger("robot-agent")


def now() -> float:
    """Return a time in seconds that also counts while this machine sleeps, if the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


Answer = Done | tuple[PictureHead, bytes]


class OutOfReach(CameraFault):
    """The robot on the network cannot be reached at present: it stands still and gives no pictures."""

    def __init__(self, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message, kind="lost")


class Connection:
    """A loan of a robot. A lost connection is made again; until then the robot's wheels stand still."""

    def __init__(
        self, address: Address, keyring: Keyring, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Borrow the robot; raises what `open_loan` raises.

        Args:
            address: the robot's address.
            keyring: the keyring with the robot's key.
            sleep: waits for a number of seconds.
        """
        self.address, self._token, self._sleep = address, keyring.token(address), sleep
        self._desktop, self._loan = keyring.desktop, secrets.token_hex(16)
        self._changed = threading.Condition()
        """Guards the attributes below; notified when an answer comes and when the connection ends."""
        self._socket: ClientConnection | None = None
        self._entered = ExitStack()
        """Closes the socket."""
        self._beat, self._heard = 0.0, now()
        self._silence, self._asked, self._answered = 0.0, now(), now()
        """End of the last long silence, time of the newest order, and time of the order answered last."""
        self._broken = False
        """Whether the robot has sent something that is no message."""
        self._said = ""
        """What orders wait for, as last reported in the log."""
        self._number = 0
        self._answers: dict[int, Answer] = {}
        self._ended: TakenBack | None = None
        self.lent = self._connect()

    # The connection

    def _connect(self) -> Lent:
        loan = open_loan(self.address, self._token, desktop=self._desktop, loan=self._loan)
        with self._changed:
            self._socket, self._entered = loan.socket, loan.entered
            self._hear()
        threading.Thread(target=self._receive, args=(loan.socket,), name="robot", daemon=True).start()
        return loan.lent

    def _receive(self, opened: ClientConnection) -> None:
        """Receive the robot's messages until the connection ends; runs in its own thread."""
        try:
            for data in opened:
                with self._changed:
                    self._hear()
                if isinstance(data, bytes):
                    head, jpeg = unpack(data)
                    self._take(head.number, (head, jpeg))
                    continue
                match message := from_robot(data):
                    case Beat():
                        with self._changed:
                            self._beat = message.at
                            self._changed.notify_all()
                        opened.send(Echo(beat=message.at).model_dump_json())
                        self._say(message.waits)
                    case Done():
                        self._take(message.number, message)
                    case TakenBack():
                        with self._changed:
                            self._ended = message
                            self._changed.notify_all()
        except NoMessage:
            self._broken = True
        except (ConnectionClosed, OSError):
            pass
        self._lose(opened)

    def _hear(self) -> None:
        """Note the time of a message, and the end of a silence if it was longer than FRESH_SECONDS."""
        before, self._heard = self._heard, now()
        if self._heard - before > FRESH_SECONDS:
            self._silence = self._heard

    def _take(self, number: int, answer: Answer) -> None:
        with self._changed:
            if number == self._number:
                self._answers = {number: answer}
                self._answered = self._asked
                self._changed.notify_all()

    def _say(self, waits: str) -> None:
        """Log once what orders wait for, and once that they wait no longer."""
        if waits != self._said:
            self._said = waits
            log.warning("%s: %s", self.address.host, waits or "It goes on.")

    def _lose(self, opened: ClientConnection) -> None:
        with self._changed:
            if self._socket is opened:
                self._socket = None
            self._changed.notify_all()
        with suppress(OSError):
            opened.socket.close()  # at once: a goodbye might wait for a network that is gone

    # Orders

    def order(self, make: Callable[[int, float], Order]) -> Answer:
        """Have an order carried out, once, and return its result.

        Args:
            make: builds the order from its number and the newest beat.

        Raises:
            OutOfReach: the robot is out of reach, or was so during the order; then it stands still.
            Halted: the robot is halted.
            NetworkError: the robot has ended the loan.
        """
        with self._changed:
            self._number += 1
            self._asked = now()
            order = make(self._number, self._beat)
        until = time.monotonic() + PATIENCE_SECONDS
        for _ in range(LOST_TIMES):
            self.must_go_on()
            opened = self._socket
            if opened is None:
                opened = self._connect_again(until)
            if self._send(opened, order) and (answer := self._wait(opened, order.number)) is not None:
                return answer
            until = max(until, time.monotonic() + PATIENCE_SECONDS)
        self.must_go_on()
        raise OutOfReach(
            f"The connection to {self.address.host} is lost again and again; its wheels stand still."
        )

    @property
    def is_fresh(self) -> bool:
        """Whether there was no long silence since the order was made that was answered last.

        In a silence the network was gone, or this program or machine stood still. Nobody should drive by a
        picture from before that.
        """
        with self._changed:
            return self._silence <= self._answered and now() - self._heard <= FRESH_SECONDS

    def await_beat(self) -> None:
        """Wait until the robot sends a newer beat, but not longer than two beats."""
        with self._changed:
            before = self._beat
            self._changed.wait_for(lambda: self._beat != before or self._ended is not None, 2 * BEAT_SECONDS)

    def must_go_on(self) -> None:
        """Raise if the loan has ended, or the robot sends what cannot be read."""
        if self._broken:
            raise NetworkError(
                f"What {self.address.host} sends cannot be read here; install robot-agent {__version__} "
                "there, as is on this machine."
            )
        if (ended := self._ended) is None:
            return
        if ended.how == "halted":
            raise Halted(ended.why)
        if ended.how == "failed":
            raise RobotFailedError(ended.why)
        raise NetworkError(ended.why)

    def _connect_again(self, until: float) -> ClientConnection:
        while True:
            try:
                self._connect()
            except NetworkError as error:
                if error.status is not None or isinstance(error, RobotTaken):
                    raise  # a robot that refuses will refuse again
                if time.monotonic() > until:
                    raise OutOfReach(
                        f"{self.address.host} cannot be reached: its wheels stand still, and this goes on "
                        "when it is in the network again."
                    ) from error
                self._sleep(RETRY_SECONDS)
            else:
                with self._changed:
                    if self._socket is not None:
                        return self._socket

    def _send(self, opened: ClientConnection, message: BaseModel) -> bool:
        try:
            opened.send(message.model_dump_json())
        except (ConnectionClosed, OSError):
            self._lose(opened)
            return False
        return True

    def _wait(self, opened: ClientConnection, number: int) -> Answer | None:
        """Wait for the answer to an order; return None if the connection is lost first."""
        with self._changed:
            while True:
                if (answer := self._answers.pop(number, None)) is not None:
                    return answer
                if self._socket is not opened or self._ended is not None:
                    return None
                silent = now() - self._heard
                if silent > SILENT_SECONDS:
                    break
                self._changed.wait(SILENT_SECONDS - silent + 0.01)
        self._lose(opened)
        return None

    def stop(self) -> None:
        """Stop the wheels at once, from any thread; without a connection the robot has stopped by itself."""
        if (opened := self._socket) is not None:
            with suppress(ConnectionClosed, OSError):
                opened.send(StopOrder().model_dump_json())

    def close(self) -> None:
        """Give the robot back."""
        if (opened := self._socket) is not None:
            with suppress(ConnectionClosed, OSError):
                opened.send(GiveBack().model_dump_json())
                with self._changed:  # wait until others can borrow the robot
                    self._changed.wait_for(
                        lambda: self._ended is not None or self._socket is not opened, GIVE_BACK_SECONDS
                    )
                self._entered.close()
            self._lose(opened)
