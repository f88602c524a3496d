"""The process of its own in which a script is checked: limits, signals, what comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pellucid as pl
from pellucid.errors import DataError

SCRIPTS = Path(__file__).parent / "scripts"
POSIX = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_report_comes_back_whole(file) -> None:
    text = (SCRIPTS / "updated_too_early.py.txt").read_text(encoding="utf-8")
    report = pl.check_script(file(text + "\nprint('printed by the script')\n"))
    assert not report
    assert report.wrong == ("W1", "b1")
    assert report.causes[0].kind == "updated-first"
    assert "updated in line 16" in report.text()
    assert report.to_dict()["script"]["loss"]["computed"] is True


@POSIX
def test_endless_loop(file) -> None:
    begin = time.monotonic()
    with pytest.raises(DataError, match=r"line 2: `x = 1`\nstopped after 2 seconds"):
        pl.check_script(file("while True:\n    x = 1\n"), timeout=2)
    assert time.monotonic() - begin < 30


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nx = [np.ones((1000, 1000, 100)) for _ in range(100)]\n",
        "x = []\nwhile True:\n    x.append('a' * 10**7)\n",
        "x = 'a'\nwhile True:\n    x = x + x\n",
    ],
)
def test_memory(file, text: str) -> None:
    with pytest.raises(DataError, match="more than 1 GB of memory"):
        pl.check_script(file(text), memory=1)


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize(
    "text",
    [
        "try:\n    while 1:\n        pass\nexcept BaseException:\n    while 1:\n        pass\n",
        "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True:\n    pass\n",
    ],
)
def test_a_script_that_does_not_want_to_end(file, text: str) -> None:
    begin = time.monotonic()
    with pytest.raises(DataError, match=r"stopped"):
        pl.check_script(file(text), timeout=1)
    assert time.monotonic() - begin < 30


@pytest.mark.slow
def test_a_script_that_ends_the_process(file) -> None:
    with pytest.raises(DataError, match=r"the check failed"):
        pl.check_script(file("import os\nos._exit(3)\n"))


@pytest.mark.slow
@POSIX
def test_interrupt_ends_the_process_too(file, tmp_path) -> None:
    path = file("while True:\n    x = 1\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "pellucid", "check", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(5)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert not [line for line in running.stdout.splitlines() if str(tmp_path) in line]


@pytest.mark.parametrize("option", [{"timeout": 0}, {"memory": -1.0}, {"timeout": float("nan")}])
def test_limits_are_positive(file, option: dict) -> None:
    with pytest.raises(DataError, match="must be a positive number"):
        pl.check_script(file("x = 1\n"), **option)
