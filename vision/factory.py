"""A user's own robot, detector, camera, task or pins: an object made by a function of the user's module.

    open_factory("my_eyes:build", "detector", methods=("detect",))

imports `my_eyes`, calls `build()` and checks what it returned. Whatever is wrong, the error is one
sentence, with the file and the line of that module.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from vision.names import did_you_mean

_WRITTEN = re.compile(r"(?P<module>[^\W\d][\w.]*|.*\.py):(?P<factory>[^\W\d][\w.]*)")
"""A module's name or the path of its file, a colon, and the name of a function in it."""


class FactoryError(ValueError):
    """A user's module or function cannot be used; the message is one sentence with the cure."""


class FactoryFailedError(FactoryError):
    """A user's function was called and raised an error; the message names the line."""


def is_factory(name: object) -> bool:
    """Return whether a name is written as MODULE:FACTORY, or as FILE.py:FACTORY."""
    return _WRITTEN.fullmatch(str(name).strip()) is not None


def import_factory(name: str, what: str = "factory", given: Iterable[str] = ()) -> Callable[..., Any]:
    """Import FACTORY of MODULE; modules in the current folder are found as well.

    Args:
        name: `MODULE:FACTORY`, such as `my_robot:build`, or with a file, `./my_robot.py:build`.
        what: the kind of object that FACTORY makes, for the errors: robot, detector, camera, ...
        given: names of the arguments with which FACTORY is called.

    Raises:
        FactoryError: the name is not written like this, there is no such module or function, the module
            cannot be imported, or the function needs other arguments.
    """
    written = _WRITTEN.fullmatch(name.strip())
    if written is None:
        raise FactoryError(
            f"The {what} {name!r} is not known: write your own as MODULE:FACTORY, "
            "a module and a function in it that is called without arguments."
        )
    module = _import_module(written["module"], name, what)
    found: Any = module
    for part in written["factory"].split("."):
        if not hasattr(found, part):
            known = [one for one, value in vars(found).items() if callable(value) and not one.startswith("_")]
            raise FactoryError(
                f"The module {module.__name__!r} has no factory {written['factory']!r}: "
                f"name a function in it.{did_you_mean(part, known)}"
            )
        found = getattr(found, part)
    if not callable(found):
        raise FactoryError(
            f"{name!r} is no function but an object of type {type(found).__name__}: "
            f"name a function that returns the {what}."
        )
    needed = [argument for argument in _arguments(found) if argument not in given]
    if needed:
        called = f"with {', '.join(given)} alone" if given else "without arguments"
        raise FactoryError(
            f"The factory {name!r} is called {called}, but needs {', '.join(needed)}: "
            "give each a default, or name a function that passes them."
        )
    factory: Callable[..., Any] = found
    return factory


def open_factory(name: str, what: str, *, methods: Sequence[str] = (), **arguments: Any) -> Any:
    """Import FACTORY of MODULE, call it, and return its result.

    Args:
        name: as in `import_factory`.
        what: the kind of object, for the errors.
        methods: methods that the result must have, such as `detect` or `camera.read`.
        **arguments: keyword arguments for FACTORY.

    Raises:
        FactoryError: as in `import_factory`, or the result lacks a method.
        FactoryFailedError: the function raised an error; the message says which, and in which line.
    """
    factory = import_factory(name, what, arguments)
    try:
        made = factory(**arguments)
    except (Exception, SystemExit) as error:
        if _ready_to_read(error):
            raise
        raise FactoryFailedError(describe_failure(f"The factory {name!r} of the {what}", error)) from error
    if inspect.iscoroutine(made):
        made.close()
        raise FactoryError(f"The factory {name!r} is asynchronous: name a plain function, without `async`.")
    if inspect.isclass(made):
        raise FactoryError(
            f"The factory {name!r} returned the class {made.__name__}, not an object of it: "
            f"let it end in `return {made.__name__}()`."
        )
    for method in methods:
        owner = made
        for part in method.split("."):
            owner = getattr(owner, part, None)
        if not callable(owner):
            got = "nothing" if made is None else f"an object of type {type(made).__name__}"
            needed = " and ".join(f"{one}()" for one in methods)
            raise FactoryError(
                f"The factory {name!r} returned {got}, which lacks {method}(): a {what} has {needed}."
            )
    return made


def describe_failure(what: str, error: BaseException) -> str:
    """Return the sentence for an exception of a user's code: what failed, why, and in which line.

    Args:
        what: the subject of the sentence.
        error: the exception; the sentence names the deepest line of the user's own code.
    """
    if isinstance(error, SystemExit):
        why = f"ended the program (exit {error.code})"
    else:
        text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
        why = f"failed: {type(error).__name__}" + (f": {text.rstrip('.')}" if text else "")
    place = _place(error)
    return f"{what} {why}" + (f" ({place}); correct it there." if place else ".")


def _ready_to_read(error: BaseException) -> bool:
    """Return whether an error's text is already a sentence for people, as in this project's own errors."""
    return type(error).__module__.split(".")[0] in ("robot_agent", "vision")


def _import_module(name: str, whole: str, what: str) -> Any:
    """Import a module by its name or file, with the current folder on the path."""
    if name.endswith(".py") and (Path(name).is_file() or "/" in name or "\\" in name):
        file = Path(name).expanduser().resolve()
        if not file.is_file():
            raise FactoryError(
                f"There is no file {name!r} to take the {what} {whole!r} from: check the path."
            )
        _search(str(file.parent))
        name = file.stem
    # A file in the current folder is the usual place, as for `python -m`.
    _search("")
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
        if missing and (name == missing or name.startswith(f"{missing}.")):
            raise FactoryError(
                f"There is no module {missing!r} to take the {what} {whole!r} from: "
                "run from its folder, or install it."
            ) from error
        if _ready_to_read(error):
            raise
        raise FactoryError(describe_failure(f"Importing the module {name!r} of the {what}", error)) from error


def _search(folder: str) -> None:
    """Make Python search for modules in this folder first."""
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _arguments(function: Callable[..., Any]) -> list[str]:
    """Return the names of the arguments without which a function cannot be called."""
    try:
        parameters: Iterable[inspect.Parameter] = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # unknown for some built-in functions
        return []
    free = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is inspect.Parameter.empty and p.kind not in free]


def _place(error: BaseException) -> str:
    """Return `line 7 of my_robot.py`, or an empty text if no line of the user's code is involved."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return f"line {error.lineno} of {Path(error.filename).name}"
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    return f"line {own[-1].lineno} of {Path(own[-1].filename).name}" if own else ""


def _is_own(filename: str) -> bool:
    """Return whether a file is the user's: not of Python, an installed package, or this project."""
    path = Path(filename)
    if filename.startswith("<") or {"site-packages", "dist-packages"} & set(path.parts):
        return False
    project = Path(__file__).resolve().parents[1]
    ours = [project / package for package in ("vision", "robot_agent", "server")]
    python = Path(sysconfig.get_paths()["stdlib"])
    return not any(path.is_relative_to(folder) for folder in (*ours, python))
