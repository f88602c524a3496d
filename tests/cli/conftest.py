"""What the tests of the command line share."""

from __future__ import annotations

import json
import sys
from inspect import signature
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rich")
testing = pytest.importorskip("click.testing")


@pytest.fixture
def with_curves():
    """Leave matplotlib in its place."""
    pytest.importorskip("matplotlib")


class Outcome:
    """What a command printed, and how it ended."""

    def __init__(self, result):
        self.code = result.exit_code
        self.out = result.stdout
        self.err = result.stderr
        self.exception = result.exception

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def run(tmp_path, monkeypatch, request):
    """Return a function that runs ``pellucid`` with these words, in an empty folder.

    Curves take longer to draw than small networks to train, so matplotlib is hidden unless the
    test asks for ``with_curves``.
    """
    if "with_curves" not in request.fixturenames:
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.chdir(tmp_path)
    return invoke


def invoke(*words, stdin=None):
    from pellucid.cli.app import cli

    # Older versions of click mix stderr into stdout unless told not to
    apart = {"mix_stderr": False} if "mix_stderr" in signature(testing.CliRunner).parameters else {}
    result = testing.CliRunner(**apart).invoke(
        cli, [str(word) for word in words], input=stdin, prog_name="pellucid"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result)


ROWS = 60


def write_table(path, target="colour", rows=ROWS):
    """Write a table in which the target follows from a number and a category."""
    draw = np.random.default_rng(0)
    lines = [f"size,shape,{target}"]
    for _ in range(rows):
        size, shape = draw.normal(), str(draw.choice(["round", "square"]))
        colour = "red" if size + (shape == "round") > 0.5 else "blue"
        value = {"colour": colour, "price": f"{3 * size + 100:.4f}"}[target]
        lines.append(f"{size:.5f},{shape},{value}")
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(name="write_table")
def write_table_fixture():
    """Return the function that writes a table to train on."""
    return write_table


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return run folders that are only read: a classifier and a regression of a table, and iris."""
    folder = tmp_path_factory.mktemp("trained")
    for name, target in (("things", "colour"), ("prices", "price")):
        file = write_table(folder / f"{name}.csv", target)
        outcome = invoke("train", file, "--target", target, "--out", folder / name, "-q")
        assert outcome.code == 0, outcome.err
    assert invoke("train", "iris", "--epochs", 20, "--out", folder / "iris", "-q").code == 0
    return folder
