"""HIPS/autograd's own tests, run on Pellucid from autograd's published source distribution.

They are not part of this repository: ``PELLUCID_AUTOGRAD_TESTS`` names the folder they lie in. A
stand-in for the package, made of Pellucid, takes their place of ``import autograd``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

pytestmark = pytest.mark.parity

STAND_IN = Path(__file__).parent / "autograd_stand_in"

ITS_OWN_MACHINERY = (
    "test_builtins.py",
    "test_core.py",
    "test_direct.py",
    "test_logic.py",
    "test_misc.py",
    "test_performance.py",
    "test_scipy.py",
    "test_tests.py",
    "test_vspaces.py",
    "test_wrappers.py",
)
"""Files about autograd's boxes, vector spaces, containers, and its wrappers of SciPy."""

CHOICES: dict[str, str] = {}
"""Tests that do not pass, each with the reason why it is not wanted."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Run the whole suite once; return the first line of what went wrong, by test."""
    folder = os.environ.get("PELLUCID_AUTOGRAD_TESTS", "")
    if not Path(folder, "test_systematic.py").is_file():
        pytest.skip("PELLUCID_AUTOGRAD_TESTS names no folder with autograd's tests")
    report = tmp_path_factory.mktemp("autograd") / "report.xml"
    ignored = [f"--ignore={name}" for name in ITS_OWN_MACHINERY]
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
            "--rootdir", ".", f"--junitxml={report}", *ignored, ".",
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(STAND_IN), *sys.path])},
        capture_output=True,
        check=False,
        timeout=600,
    )  # fmt: skip
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = [child for child in case if child.tag in ("failure", "error")]
        if any(child.tag == "skipped" for child in case):
            continue
        text = wrong[0].get("message", "").partition("\n")[0] if wrong else ""
        found[f"{case.get('classname')}::{case.get('name')}"] = text
    return found


def test_no_gradient_is_wrong(outcomes):
    wrong = {name: text for name, text in outcomes.items() if "differences" in text}
    assert not wrong


def test_what_does_not_pass_is_a_choice(outcomes):
    failed = {name: text for name, text in outcomes.items() if text}
    assert {name: failed[name] for name in failed.keys() - CHOICES.keys()} == {}
    assert not CHOICES.keys() - failed.keys(), "these pass now: take them out of the table"


def test_most_of_it_ran(outcomes):
    assert len(outcomes) > 400
