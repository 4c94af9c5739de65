"""Observes the script's threads, but not its child processes, and shows warnings at the script's own line."""

import functools
import os
import threading
import warnings
from typing import Any

from robot_agent.doctor.site import OWN, Site, here

Patches = Any  # of a later module


def install(patches: "Patches") -> None:
    """Patch threads, fork and warnings."""
    observer = patches.observer

    def bootstrap(original: Any) -> Any:
        @functools.wraps(original)
        def wrapper(thread: Any) -> Any:
            if observer.closed:
                return original(thread)
            observer.look(True)
            try:
                return original(thread)
            finally:
                observer.look(False)

        return wrapper

    patches.replace(threading.Thread, "_bootstrap_inner", bootstrap)

    def child() -> None:
        if observer.process != os.getpid():
            observer.closed = True

    os.register_at_fork(after_in_child=child)

    def show(original: Any) -> Any:
        def shown(message: Any, category: Any, filename: str, lineno: int, *rest: Any, **more: Any) -> Any:
            if filename.startswith(OWN) or filename.endswith("torch/overrides.py"):
                site: Site | None = here()
                if site is not None:
                    filename, lineno = site.file, site.line
            return original(message, category, filename, lineno, *rest, **more)

        return shown

    patches.replace(warnings, "showwarning", show)
