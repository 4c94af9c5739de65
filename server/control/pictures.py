"""The pictures of the last episodes, kept in memory: what the robot saw before and after each move."""

from collections import OrderedDict

EPISODES_KEPT = 12
"""Number of episodes whose pictures are kept."""


class Pictures:
    """The kept JPEGs, by run, episode and number of the picture in the episode."""

    def __init__(self) -> None:
        """Begin with none."""
        self._episodes: OrderedDict[tuple[int, int], dict[int, bytes]] = OrderedDict()
        self.newest: bytes | None = None
        """The last picture that came, of any episode or none."""

    def add(self, jpeg: bytes, run: int, look: tuple[int, int] | None) -> None:
        """Keep a picture.

        Args:
            jpeg: the picture.
            run: the run under way.
            look: episode and number of a picture that decided a move; None for another picture, which is kept
                only as `newest`.
        """
        self.newest = jpeg
        if look is None:
            return
        episode, number = look
        key = run, episode
        if number == 0:
            self._episodes.pop(key, None)
        self._episodes.setdefault(key, {})[number] = jpeg
        while len(self._episodes) > EPISODES_KEPT:
            self._episodes.popitem(last=False)

    def of(self, run: int, episode: int) -> dict[int, bytes]:
        """Return the pictures of an episode by their numbers; picture 0 is before the first move."""
        return self._episodes.get((run, episode), {})
