"""Tests that the README is true: its blocks that are marked as tested are run, word for word, in order."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"<!-- tested -->\n```(sh|python)\n(.*?)```", README, re.S)


def test_what_the_readme_shows_runs(tmp_path):
    assert len(BLOCKS) == 3
    for language, text in BLOCKS:
        commands = [line for line in text.splitlines() if line] if language == "sh" else [text]
        for command in commands:
            if language == "sh":
                program, *arguments = shlex.split(command, comments=True)
                assert program == "robot-agent"
                words = [sys.executable, "-m", "robot_agent", *arguments]
            else:
                words = [sys.executable, "-c", command]
            result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
            assert result.returncode == 0, f"{command}\n{result.stderr}"
    assert (tmp_path / "run.png").stat().st_size > 20_000


def test_every_command_the_readme_names_is_one(tmp_path):
    named = set(re.findall(r"robot-agent ([a-z]+)", README))
    listed = subprocess.run(
        [sys.executable, "-m", "robot_agent", "--help"], capture_output=True, text=True
    ).stdout
    assert named - {"train"} <= set(re.findall(r"[a-z]+", listed))
    assert {"train", "evaluate", "drive", "look", "runs", "export", "plot", "config"} <= named


@pytest.mark.parametrize("target", ["run", "test"])
def test_the_two_commands_are_targets(target):
    text = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "robot-server" in text or "pytest" in text


def test_every_link_of_the_readme_leads_somewhere():
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link


GUIDE = (ROOT / "deploy" / "README.md").read_text()
PROMPT = re.compile(r"(\[Y/n\]: |backwards\): )(.*)\n")


@pytest.mark.parametrize(
    ("kind", "number"), [("transcript", 6), pytest.param("long transcript", 2, marks=pytest.mark.slow)]
)
def test_the_transcripts_of_the_guide_are_what_the_commands_say(tmp_path, kind, number):
    """Word for word, but for what is different on every machine, which the guide leaves out with '...'."""
    blocks = re.findall(rf"<!-- {kind} -->\n```console\n(.*?)```", GUIDE, re.S)
    assert len(blocks) == number
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```(?:python|toml)\n(.*?)```", GUIDE, re.S):
        (tmp_path / name).write_text(text)
    for block in blocks:
        for call in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, expected = call.split("\n", 1)
            answers = "".join(answer + "\n" for _, answer in PROMPT.findall(expected))
            result = subprocess.run(
                [sys.executable, "-m", "robot_agent", *shlex.split(command)[1:]],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                input=answers,
                env=os.environ | {"COLUMNS": "200"},
            )
            pattern = re.escape(PROMPT.sub(r"\1", expected)).replace(r"\.\.\.", ".*")
            assert re.fullmatch(pattern, result.stdout), f"{command}\n{result.stdout}"
