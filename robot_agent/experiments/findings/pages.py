"""The texts: what each kind of finding is, how to see it, and how to write it instead."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
FAMILIES = {
    "graph": "The way from the loss back to the weights",
    "optimizer": "The weights and their steps",
    "loss": "The loss",
    "data": "The data and the mode",
    "numbers": "The numbers inside the network",
    "actions": "Actions learned from their reward",
    "by_hand": "Gradients written by hand",
}
"""The files of texts and their headings, in the order of the index."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is said of one kind of finding, or of several that are the same."""

    kinds: tuple[str, ...]
    """As rules name it; the first one names the page."""
    family: str
    title: str
    what: str
    """What it is, in a few sentences."""
    see: str
    """How to see it in one's own training."""
    wrong: str
    """The fault, in a few lines of code."""
    right: str
    """The same lines without it."""
    picture: str
    """The name of the experiment that is drawn."""

    def svg(self) -> str:
        """Return its picture."""
        return (HERE / "pictures" / f"{self.picture}.svg").read_text(encoding="utf-8")


@functools.cache
def pages() -> tuple[Page, ...]:
    """Return all pages, in the order of the index."""
    found = []
    for family in FAMILIES:
        entries = tomllib.loads((HERE / "texts" / f"{family}.toml").read_text(encoding="utf-8"))
        for kind, entry in entries.items():
            found.append(
                Page(
                    kinds=(kind, *entry.get("also", ())),
                    family=family,
                    title=entry["title"],
                    what=entry["what"],
                    see=entry["see"],
                    wrong=entry["wrong"].strip("\n"),
                    right=entry["right"].strip("\n"),
                    picture=entry.get("picture", kind),
                )
            )
    return tuple(found)


@functools.cache
def by_kind() -> Mapping[str, Page]:
    """Return the page of each kind."""
    return MappingProxyType({kind: page for page in pages() for kind in page.kinds})
