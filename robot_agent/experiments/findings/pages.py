"""The pages on findings: what each kind is, how to see it, and the corrected code."""

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
"""Heading of each file of texts, in the order of the index."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page on one kind of finding, or on several kinds with the same cause."""

    kinds: tuple[str, ...]
    """The kinds of findings on this page; the first one names the page."""
    family: str
    title: str
    what: str
    """What the fault is, in a few sentences."""
    see: str
    """How to see the fault in your own training."""
    wrong: str
    """The fault, in a few lines of code."""
    right: str
    """The same lines without it."""
    picture: str
    """Name of the experiment that the picture shows."""

    def svg(self) -> str:
        """Return the picture of the page as SVG."""
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
