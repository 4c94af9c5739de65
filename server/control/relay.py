"""From the worker to the page: what it says is kept as the state, and passed on to who watches."""

from collections.abc import Callable

from server.control.clients import Clients
from server.control.pictures import EPISODES, Pictures
from server.control.state import State
from server.protocol import Message
from server.service.persisted import Memory


class Relay:
    """Takes what the worker says."""

    def __init__(
        self, state: State, clients: Clients, memory: Memory, *, on_ended: Callable[[Message], None]
    ) -> None:
        """Keep `state`, tell `clients`, remember the run under way, and say when an activity has ended."""
        self._state, self._clients, self._memory, self._on_ended = state, clients, memory, on_ended
        self.pictures = Pictures()
        self.driven: dict[int, Message] = {}
        """The last episodes that were driven and not trained, by their numbers; in memory alone."""
        self._moves: list[Message] = []

    def on_message(self, message: Message) -> bool:
        """Take a message; returns whether the state has changed."""
        kind, state = message.get("type"), self._state
        if kind == "status":
            state.activity, state.paused = message["activity"], message["paused"]
            state.reason, state.progress = message["reason"], message
            if state.activity == "training":
                self._memory.set(run=message.get("run"), last_run=message.get("run"))
            return True
        if kind == "ended":
            self._on_ended(message)
        elif kind == "findings":
            state.findings = message["findings"]
        elif kind in ("update", "pose"):
            self._clients.newest(message)
        elif kind in ("evaluation", "episode", "move", "told", "checkpoint"):
            if state.activity == "driving":
                self._keep_driven(message)
            self._clients.tell(message)
        return False

    def _keep_driven(self, message: Message) -> None:
        if message["type"] == "move":
            if message["number"] == 1:
                self._moves = []
            self._moves.append(message)
        elif message["type"] == "episode":
            self.driven[message["number"]] = message | {"steps": self._moves}
            self._moves = []
            while len(self.driven) > EPISODES:
                del self.driven[min(self.driven)]

    def on_picture(self, header: Message, jpeg: bytes, data: bytes) -> None:
        """Take a picture; those of what is driven are of run 0."""
        run = self._state.progress.get("run") if self._state.activity == "training" else 0
        look = header.get("look")
        self.pictures.take(jpeg, run or 0, tuple(look) if look else None)
        self._state.saw_picture()
        self._clients.picture(data)
