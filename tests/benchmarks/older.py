"""An older version's `vision` beside this one's, in one process, to compare the two picture by picture."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any


class Older:
    """The package `vision` of another checkout, as `git worktree add --detach ../older COMMIT` makes one."""

    def __init__(self, folder: Path) -> None:
        """Import nothing yet. Raises FileNotFoundError where the folder holds no such package."""
        if not (folder / "vision" / "__init__.py").is_file():
            raise FileNotFoundError(
                f"There is no folder vision in {folder}: make a checkout with git worktree add."
            )
        self.folder = folder.resolve()
        self._modules: dict[str, ModuleType] = {}

    @contextmanager
    def vision(self) -> Iterator[Any]:
        """Give the older package; within the block, what it imports comes from its own checkout."""
        ours = _taken()
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self.folder))
        try:
            yield importlib.import_module("vision")
        finally:
            sys.path.remove(str(self.folder))
            self._modules = _taken()
            sys.modules.update(ours)


def _taken() -> dict[str, ModuleType]:
    """Take the modules of `vision` out of those that are imported."""
    names = [name for name in sys.modules if name.partition(".")[0] == "vision"]
    return {name: sys.modules.pop(name) for name in names}


def color_detector() -> Any:
    """Return the class of the colour detector of the version that is imported from just now."""
    try:
        return importlib.import_module("vision.detectors.color").ColorDetector
    except ModuleNotFoundError:  # until 33a0270
        return importlib.import_module("vision.color").ColorDetector
