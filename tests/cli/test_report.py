"""``pellucid report`` and ``pellucid compare``."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def two_runs(run):
    for name, hidden in (("small", "4"), ("large", "16")):
        words = ("train", "xor", "--epochs", 3, "--hidden", hidden, "--out", name)
        assert run(*words).code == 0


def test_a_report_is_written_into_the_run_folder(with_curves, run, two_runs):
    outcome = run("report", "small")
    assert "small/report.html: " in outcome.out
    assert "mlp on xor" in Path("small/report.html").read_text("utf-8")
    assert run("report", "small", "-o", "x.html", "--json").json["report"] == "x.html"


def test_runs_side_by_side(with_curves, run, two_runs):
    outcome = run("compare", "small", "large", "--html", "both.html", "--picture", "both.png")
    lines = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines()}
    assert lines["hidden"] == ["4", "16"]
    assert lines["parameters"] == ["22", "82"]
    assert Path("both.html").stat().st_size > 5_000
    assert Path("both.png").read_bytes().startswith(b"\x89PNG")
    assert run("compare", "small", "large", "--json").json["settings"]["hidden"] == [[4], [16]]


def test_refusals(run, two_runs):
    assert "is not a run folder" in run("report", "nowhere").err
    assert "at least two runs, got 1" in run("compare", "small").err
    assert "is not a run folder" in run("compare", "small", "nowhere").err
