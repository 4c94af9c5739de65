"""Runs a user's script under observation, without any change for the script."""

import runpy
import signal
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

from robot_agent.doctor.notebook import is_notebook, place_in_words, script_of
from robot_agent.doctor.pace import Enough
from robot_agent.doctor.report import Report
from robot_agent.doctor.site import OWN
from robot_agent.errors import RobotAgentError


def run(
    script: str,
    arguments: list[str],
    *,
    module: bool = False,
    seconds: float | None = None,
    steps: int | None = None,
) -> tuple[Report, int]:
    """Run a script or module under observation.

    Args:
        script: path of a file, or the name of a module.
        arguments: the script's own arguments.
        module: whether to run it as `python -m` does.
        seconds: stop the script after this time; None lets it run to its end.
        steps: stop the script after this number of calls of backward().

    Returns:
        The report, and the exit code of the script itself.

    Raises:
        RobotAgentError: the file does not exist, or is not Python.
    """
    from robot_agent.doctor.arrays import watched
    from robot_agent.doctor.session import Session

    code, globals_ = (_module if module else _file)(script)
    session = Session(steps=steps)
    code = watched(code, globals_, session.observer)
    kept_argv, kept_path, kept_main = sys.argv, list(sys.path), sys.modules["__main__"]
    sys.argv = [globals_["__file__"], *arguments]
    sys.path[0:1] = [str(Path.cwd()) if module else str(Path(script).resolve().parent)]
    main = types.ModuleType("__main__")
    main.__dict__.update(globals_)
    sys.modules["__main__"] = main
    error: BaseException | None = None
    _alarm(seconds)
    session.begin()
    try:
        exec(code, main.__dict__)
    except BaseException as raised:
        error = raised
    finally:
        _alarm(None)
        session.end(error)
        sys.argv, sys.path[:], sys.modules["__main__"] = kept_argv, kept_path, kept_main
    exit_code = exit_code_of(error)
    if isinstance(error, Enough) and not session.observer.record.interrupted:
        session.observer.record.interrupted = f"after {seconds:g} seconds"
    report = session.report(script)
    session.forget()
    main.__dict__.clear()
    return report, exit_code


def run_by_hand(script: str, arguments: list[str]) -> tuple[Report, int]:
    """Run a script that trains with NumPy alone, and check its gradients against its loss; see `by_hand`."""
    from robot_agent.doctor.by_hand import ByHand

    code, globals_ = _file(script)
    reader = ByHand()
    kept_argv, kept_path, kept_main = sys.argv, list(sys.path), sys.modules["__main__"]
    sys.argv = [script, *arguments]
    sys.path[0:1] = [str(Path(script).resolve().parent)]
    main = types.ModuleType("__main__")
    main.__dict__.update(globals_)
    sys.modules["__main__"] = main
    error: BaseException | None = None
    begun = time.perf_counter()
    reader.begin()
    try:
        exec(code, main.__dict__)
    except BaseException as raised:
        error = raised
    finally:
        reader.end()
        sys.argv, sys.path[:], sys.modules["__main__"] = kept_argv, kept_path, kept_main
    seconds = time.perf_counter() - begun
    exit_code = exit_code_of(error)
    found = reader.findings(main.__dict__, code.co_filename)
    unseen = (
        ()
        if reader.calls
        else (
            "nothing was trained: there is neither a PyTorch backward() nor a function "
            "gradients(parameters, ...) that "
            "answers a dictionary.",
        )
    )
    return (
        Report(tuple(found), script, reader.count, len(reader.calls), seconds, (*unseen, *reader.unseen)),
        exit_code,
    )


def uses_torch(script: str) -> bool:
    """Return whether a script may use PyTorch; False for a file with own gradients and no word "torch"."""
    try:
        source = Path(script).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    if "torch" in source:
        return True
    from robot_agent.doctor.by_hand import GRADIENTS

    return not any(f"def {name}(" in source for name in GRADIENTS)


def _file(script: str) -> tuple[types.CodeType, dict[str, Any]]:
    path = Path(script)
    if path.is_dir() and (path / "__main__.py").exists():
        path = path / "__main__.py"
    try:
        source = path.read_bytes()
    except OSError as error:
        raise RobotAgentError(f"There is no file {script!r} that can be read; check the path.") from error
    name = str(path.resolve())
    text = script_of(name, source) if is_notebook(name, source) else source
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        where = ""
        if isinstance(error, SyntaxError) and error.lineno:
            where = " " + place_in_words(name, error.lineno)
        raise RobotAgentError(
            f"{script}{where} is not valid Python ({error.args[0]}); mend that first."
        ) from error
    return code, {
        "__name__": "__main__",
        "__file__": str(path),
        "__builtins__": __builtins__,
        "__doc__": None,
        "__package__": None,
        "__spec__": None,
        "__cached__": None,
    }


def _module(name: str) -> tuple[types.CodeType, dict[str, Any]]:
    sys.path.insert(0, str(Path.cwd()))
    try:
        _, spec, code = runpy._get_module_details(name)  # type: ignore[attr-defined]
    except Exception as error:
        raise RobotAgentError(f"There is no module {name!r} to run: {error}") from error
    finally:
        del sys.path[0]
    return code, {
        "__name__": "__main__",
        "__file__": spec.origin,
        "__builtins__": __builtins__,
        "__doc__": None,
        "__package__": spec.parent,
        "__spec__": spec,
        "__loader__": spec.loader,
        "__cached__": spec.cached,
    }


def _alarm(seconds: float | None) -> None:
    """Stop the script after some seconds, at its next line of Python; None switches the alarm off."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return
    if seconds is None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return

    def enough(*_: object) -> None:
        raise Enough

    signal.signal(signal.SIGALRM, enough)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def exit_code_of(error: BaseException | None) -> int:
    """Return the exit code that Python itself would have, and print the traceback that it would print."""
    if error is None or isinstance(error, Enough):
        return 0
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    if isinstance(error, KeyboardInterrupt):
        return 0
    todo, seen = [error], set()
    while todo:  # what it was raised from is shown too
        each = todo.pop()
        if id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = _without_us(each.__traceback__)
            inner = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
            todo += [other for other in (each.__cause__, each.__context__, *inner) if other is not None]
    sys.excepthook(type(error), error, error.__traceback__)
    return 1


def _without_us(trace: types.TracebackType | None) -> types.TracebackType | None:
    """Return a traceback as it would be without the doctor's own frames."""
    kept: list[types.TracebackType] = []
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith("torch/overrides.py") and kept:
            if (
                "_torch_function" not in kept[-1].tb_frame.f_code.co_name
                and kept[-1].tb_frame.f_code.co_filename.find("/torch/") >= 0
            ):
                kept.pop()
        elif not file.startswith(OWN):
            kept.append(trace)
        trace = trace.tb_next
    following: types.TracebackType | None = None
    for each in reversed(kept):
        following = types.TracebackType(following, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return following
