"""From the worker to the page: the worker's messages change the state, and are passed on to the clients."""

from dataclasses import dataclass

from server.control.clients import Clients
from server.control.pictures import EPISODES_KEPT, Pictures
from server.control.state import ServerState
from server.protocol.from_worker import (
    Checkpoint,
    Episode,
    Evaluation,
    Findings,
    Known,
    Move,
    Notice,
    PictureHeader,
    Pose,
    Status,
    Update,
    WorkerMessage,
)
from server.service.persisted import Persisted


@dataclass(frozen=True, slots=True)
class DrivenEpisode:
    """An episode of driving, which is not part of a training."""

    episode: Episode
    moves: list[Move]


class Relay:
    """Receives the worker's messages and pictures, updates the state, and passes them on to the clients."""

    def __init__(self, state: ServerState, clients: Clients, persisted: Persisted) -> None:
        """Change `state`, pass messages on to `clients`, and keep the number of the run in `persisted`."""
        self._state, self._clients, self._persisted = state, clients, persisted
        self.pictures = Pictures()
        self.driven: dict[int, DrivenEpisode] = {}
        """The last episodes of driving, by their numbers; they are kept in memory only."""
        self._moves: list[Move] = []

    def take(self, message: WorkerMessage) -> None:
        """Use a message of the worker, and pass it on if the page needs it."""
        state = self._state
        match message:
            case Status():
                state.take_status(message)
                if state.activity == "training":
                    self._persisted.set(run=message.progress.run, last_run=message.progress.run)
                state.touch()
            case Findings():
                state.findings = message.findings
            case Known():
                state.known = message
                self._clients.send_newest(message)
            case Update() | Pose():
                self._clients.send_newest(message)
            case Move() | Episode() | Evaluation() | Checkpoint() | Notice():
                if state.activity == "driving":
                    self._keep_driven(message)
                self._clients.send(message)

    def _keep_driven(self, message: WorkerMessage) -> None:
        if isinstance(message, Move):
            if message.number == 1:
                self._moves = []
            self._moves.append(message)
        elif isinstance(message, Episode):
            self.driven[message.number] = DrivenEpisode(message, self._moves)
            self._moves = []
            while len(self.driven) > EPISODES_KEPT:
                del self.driven[min(self.driven)]

    def take_picture(self, header: PictureHeader, jpeg: bytes, data: bytes) -> None:
        """Keep a picture and send it on; pictures of driving belong to run 0.

        Args:
            header: what is known of the picture.
            jpeg: the picture.
            data: header and JPEG together, as the bytes that came.
        """
        run = self._state.progress.run if self._state.activity == "training" else 0
        self.pictures.add(jpeg, run or 0, header.look)
        self._state.count_picture()
        self._clients.send_picture(data)
