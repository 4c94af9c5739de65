"""Each kind of finding has its page, and each page a picture that its experiment draws anew."""

import ast
import re

import pytest
from typer.testing import CliRunner

import robot_agent
from robot_agent.commands import app, experiment, settings  # noqa: F401, with one alone it has no name
from robot_agent.doctor.rules import ORDER
from robot_agent.experiments.findings import every
from robot_agent.experiments.findings.draw import draw
from robot_agent.experiments.findings.pages import FAMILIES, HERE, by_kind, pages

HOME = HERE.parents[1]
SOURCES = [
    *sorted((HOME / "doctor").rglob("*.py")),
    *(
        HOME / "health" / f"{name}.py"
        for name in ("network", "gradients", "training", "reward", "by_hand", "watch")
    ),
]
POSSIBLE = {"task-impossible", "too-short"}
"""What is said of a whole run by health/possible.py; its other kinds are of the robot itself."""
PICTURES = HERE / "pictures"
MADE_ANEW = (
    "graph-cut",
    "softmax-twice",
    "dead-relu",
    "broadcast",
    "symmetric",
    "wrong-step",
    "outside-bounds",
)


def named(file):
    """Return the kinds that a source file gives to findings."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Finding", "found") and node.args:
            found |= {
                each.value
                for each in ast.walk(node.args[0])
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return found


def points(svg):
    """Return the two curves of a picture: the mended one, and the one with the fault."""
    return [
        [tuple(map(float, pair.split(","))) for pair in line.split()]
        for line in re.findall(r'points="([^"]+)"', svg)
    ]


def close(one, other):
    return len(one) == len(other) and all(
        abs(a - c) <= 1 and abs(b - d) <= 3 for (a, b), (c, d) in zip(one, other, strict=True)
    )


def test_every_kind_that_a_rule_names_has_a_page_and_no_page_is_of_another():
    kinds = set(ORDER) | POSSIBLE | set().union(*map(named, SOURCES))
    assert len(kinds) > 60
    assert kinds == set(by_kind())
    assert named(HOME / "health" / "possible.py") >= POSSIBLE


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.kinds[0])
def test_a_page_is_short_and_whole(page):
    assert page.family in FAMILIES and page.title
    sentences = re.findall(r"[.:;](?:\s|$)", page.what)
    assert 3 <= len(sentences) <= 9 and len(page.what) < 700, len(page.what)
    assert page.see[-1] in ".?"
    assert page.wrong and page.right and page.wrong != page.right
    assert max(map(len, (page.wrong + "\n" + page.right).split("\n"))) <= 84


def test_every_page_has_its_picture_and_no_picture_is_left_over():
    shown = {page.picture for page in pages()}
    assert shown == {file.stem for file in PICTURES.iterdir()} == set(every.experiments())


@pytest.mark.parametrize("file", sorted(PICTURES.iterdir()), ids=lambda file: file.stem)
def test_a_picture_is_small_and_shows_the_fault(file):
    svg = file.read_text(encoding="utf-8")
    assert len(svg.encode()) < 4000
    assert not re.search(r"style|<script|href|#[0-9a-f]{6}(?!\))", svg)
    mended, faulty = points(svg)
    ends = faulty[-1][0] < mended[-1][0] - 10
    by_x = dict(faulty)
    assert ends or max(abs(y - by_x[x]) for x, y in mended if x in by_x) > 30


@pytest.mark.parametrize("name", MADE_ANEW)
def test_pictures_are_made_anew_from_their_seed(name):
    kept = points((PICTURES / f"{name}.svg").read_text(encoding="utf-8"))
    new = points(draw(every.experiments()[name]()))
    assert all(map(close, kept, new))


def test_the_command_draws_them(tmp_path, monkeypatch):
    monkeypatch.setattr(every, "MODULES", ("actions",))
    done = CliRunner().invoke(app, ["experiment", "findings", "--out", str(tmp_path / "new")])
    assert done.exit_code == 0, done.output
    files = list((tmp_path / "new").iterdir())
    assert len(files) > 10
    for file in files:
        kept = points((PICTURES / file.name).read_text(encoding="utf-8"))
        assert all(map(close, kept, points(file.read_text(encoding="utf-8")))), file.name


@pytest.mark.parametrize("given", [[], ["--out", robot_agent.__file__]])
def test_the_command_asks_for_a_folder(given):
    done = CliRunner().invoke(app, ["experiment", "findings", *given])
    assert "folder for the pictures" in str(done.exception)
