"""Somebody's own MODULE:FACTORY: found, called, and said in one sentence what is wrong with it."""

import sys
from textwrap import dedent

import pytest

from vision.factory import FactoryError, FactoryFailedError, import_factory, is_factory, open_factory


class Module:
    """Writes modules of somebody's own into a folder, which is the current one."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def __call__(self, text):
        self.count += 1
        name = f"theirs_{self.count}_{self.folder.name.replace('-', '_')}"
        (self.folder / f"{name}.py").write_text(dedent(text))
        return name


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return Module(tmp_path)


def test_a_function_in_the_current_folder_is_called(module):
    name = module("def build():\n    return {'made': 1}")
    assert open_factory(f"{name}:build", "robot") == {"made": 1}
    assert open_factory(f" ./{name}.py:build", "robot") == {"made": 1}


def test_a_file_elsewhere_and_a_method_will_do(module, tmp_path):
    folder = tmp_path / "else where"
    folder.mkdir()
    (folder / "far_away_eyes.py").write_text(
        "class Eye:\n    @classmethod\n    def build(cls):\n        return cls()"
    )
    made = open_factory(f"{folder}/far_away_eyes.py:Eye.build", "detector")
    assert type(made).__name__ == "Eye"


def test_a_class_with_defaults_is_a_factory(module):
    name = module("class Robot:\n    def __init__(self, port='/dev/null', *more, **others): self.port = port")
    assert open_factory(f"{name}:Robot", "robot").port == "/dev/null"


@pytest.mark.parametrize(
    "name", ["sim", "a", "a:", ":b", "a b:c", "usb:0", "pi:1", "http://a", "C:/x.png", "1a:b"]
)
def test_other_names_are_not_taken_for_one(name):
    assert not is_factory(name)
    with pytest.raises(FactoryError, match="MODULE:FACTORY"):
        import_factory(name, "robot")


NAMED = {
    "no module": ("nowhere_at_all:build", "", "no module 'nowhere_at_all'"),
    "no file": ("./nowhere.py:build", "", "no file './nowhere.py'"),
    "no function": ("{0}:biuld", "def build(): pass", "no factory 'biuld'.*Did you mean 'build'"),
    "no attribute of it": ("{0}:build.now", "def build(): pass", "no factory 'build.now'"),
    "an object": ("{0}:robot", "robot = 3", "no function but an object of type int"),
    "an argument": ("{0}:build", "def build(port, *, speed): pass", "needs port, speed"),
    "an argument of a class": ("{0}:Robot", "class Robot:\n def __init__(self, port): pass", "needs port"),
    "asynchronous": ("{0}:build", "async def build(): pass", "without `async`"),
    "the class itself": ("{0}:build", "class R: pass\ndef build(): return R", r"return R\(\)"),
    "nothing": ("{0}:build", "def build(): pass", "returned nothing, which lacks camera.read"),
    "half a robot": ("{0}:build", "class R: camera = motors = 3\nbuild = R", r"camera.read\(\): a robot has"),
    "a syntax error": ("{0}:build", "\ndef build(:\n  pass", r"SyntaxError: .* \(line 2 of {0}.py\)"),
    "an import that fails": (
        "{0}:build",
        "import os\nimport spidev_of_nobody",
        r"spidev_of_nobody.* \(line 2 of",
    ),
    "a module that fails": ("{0}:build", "\n\n1 / 0", r"ZeroDivisionError: division by zero \(line 3 of"),
    "a module that leaves": (
        "{0}:build",
        "import sys\nsys.exit(3)",
        r"ended the program \(exit 3\) \(line 2 of",
    ),
}
RAISED = {
    "a port": (
        "raise RuntimeError('could not open port /dev/ttyUSB0.')",
        "RuntimeError: could not open port",
    ),
    "a key": ("return {}['pins']", "KeyError: 'pins'"),
    "without words": ("raise ValueError", "failed: ValueError "),
    "many lines": ("raise ValueError('one\\n\\ntwo')", "ValueError: one two"),
    "the system": ("open('/nowhere/at/all')", "FileNotFoundError: .*'/nowhere/at/all'"),
    "a library": ("import json; json.loads('{')", "JSONDecodeError: Expecting"),
    "the end": ("import sys; sys.exit()", "ended the program"),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_wrong_name_is_said_in_one_sentence(case, module):
    name, text, words = NAMED[case]
    file = module(text)
    with pytest.raises(FactoryError, match=words.replace("{0}", file)) as caught:
        open_factory(name.format(file), "robot", methods=("camera.read", "motors.stop"))
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, FactoryFailedError)


@pytest.mark.parametrize("case", RAISED)
def test_what_it_raises_is_said_with_its_line(case, module):
    line, words = RAISED[case]
    file = module(f"def inner():\n    {line}\n\n\ndef build():\n    return inner()")
    with pytest.raises(FactoryFailedError, match=f"{words}.*line 2 of {file}.py.*correct it there") as caught:
        open_factory(f"{file}:build", "detector")
    assert "\n" not in str(caught.value)


def test_an_error_that_has_its_sentence_already_passes(module):
    file = module(
        """
        from vision.cameras.camera import CameraError
        def build():
            raise CameraError("Plug it in.")
        """
    )
    with pytest.raises(OSError, match=r"^Plug it in\.$"):
        open_factory(f"{file}:build", "camera")
