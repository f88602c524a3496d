"""The program as a process: signals, pipes, what it imports, what is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pellucid
from pellucid.training import load_run

SOURCE = Path(pellucid.__file__).parents[1]


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    path = os.pathsep.join([str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **more}


def pellucid_command(*words):
    return [sys.executable, "-m", "pellucid", *map(str, words)]


def start(*words, folder):
    """Start the program, in a world without matplotlib: drawing takes longer than training."""
    hidden = folder / "hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "matplotlib.py").write_text("raise ImportError", encoding="utf-8")
    return subprocess.Popen(
        pellucid_command(*words),
        cwd=folder,
        env=environment(PYTHONPATH=os.pathsep.join([str(hidden), environment()["PYTHONPATH"]])),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout


def test_importing_pellucid_imports_neither_click_nor_rich():
    out = python(
        "import sys, pellucid, pellucid.cli\n"
        "print([m for m in ('click', 'rich', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    assert out.strip() == "[]"


def test_help_loads_no_data_training_or_plots():
    out = python(
        "import sys\nfrom pellucid.cli import main\n"
        "sys.argv = ['pellucid', '--help']\ncode = main()\n"
        "names = ('pellucid.training', 'pellucid.data', 'sklearn', 'matplotlib', 'scipy')\n"
        "print(code, [m for m in names if m in sys.modules])"
    )
    assert out.splitlines()[-1].startswith("0 ")
    loaded = out.splitlines()[-1]
    for name in ("sklearn", "matplotlib", "scipy"):
        assert name not in loaded


@pytest.mark.parametrize("package", ["click", "rich"])
def test_a_missing_extra_is_named(package):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.modules['{package}'] = None\n"
            "from pellucid.cli import main; sys.exit(main(['train', 'xor']))",
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: the command line needs the package '{package}', which is not installed; "
        "install it with: pip install 'pellucid[cli]'\n"
    )


def test_main_returns_the_exit_code(tmp_path, monkeypatch, capsys):
    from pellucid.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["models"]) == 0
    assert "mlp" in capsys.readouterr().out
    assert main(["train", "nothing"]) == 2
    assert "unknown data set" in capsys.readouterr().err


def test_a_pipe_gets_no_escape_codes(tmp_path):
    with start("train", "blobs", "--epochs", 3, "--progress", "auto", folder=tmp_path) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "test accuracy" in out
    assert "epoch 3/3" in err
    assert "\x1b" not in out + err
    assert "\r" not in out + err
    assert all(line == line.rstrip() for line in out.splitlines())


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_colours_in_a_terminal_and_not_with_no_color(tmp_path):
    import pty

    texts = {}
    for name, more in (("colour", {}), ("plain", {"NO_COLOR": "1"})):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            pellucid_command("models"),
            cwd=tmp_path,
            env=environment(TERM="xterm-256color", COLUMNS="200", **more),
            stdout=theirs,
            stderr=theirs,
            stdin=theirs,
        ) as process:
            process.wait(timeout=60)
        os.close(theirs)
        texts[name] = os.read(ours, 100_000).decode()
        os.close(ours)
    assert "\x1b[" in texts["colour"]
    for colour in range(30, 38):
        assert f"\x1b[{colour}m" not in texts["plain"]
    assert "Rosenblatt" in texts["plain"]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX pipes")
def test_a_closed_pipe_is_no_drama(tmp_path):
    read, write = os.pipe()
    os.close(read)  # as `| head -0` does
    done = subprocess.run(
        pellucid_command("datasets"),
        cwd=tmp_path,
        env=environment(),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.stderr == ""


def weights(folder):
    state = load_run(folder).net.state_dict()
    return {name: array.tobytes() for name, array in state.items()}


def wait_for(process, file, seconds=30):
    """Wait until a training has got so far as to save something."""
    end = time.monotonic() + seconds
    while not file.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    assert file.exists(), process.communicate()


LONG = ("moons", "--hidden", "16", "--epochs", "100", "--dropout", "0.1", "--progress", "lines")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the weights of the training that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    with start("train", *LONG, "--out", "run", folder=folder) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return weights(folder / "run")


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_an_interrupted_training_goes_on_with_the_same_bits(tmp_path, whole, kind):
    process = start("train", *LONG, "--out", "parts", "--checkpoint-every", 0.05, folder=tmp_path)
    wait_for(process, tmp_path / "parts/checkpoint.safetensors")
    process.send_signal(kind)
    _, err = process.communicate(timeout=30)
    if kind == signal.SIGINT:
        assert process.returncode == 130
        assert err.lower().count("interrupted in epoch") == 1
        assert "Everything is saved in parts" in err
        assert "pellucid train --resume parts" in err
        assert "Traceback" not in err
        assert (tmp_path / "parts/model.safetensors").exists()
    assert not (tmp_path / "parts/metrics.json").exists()
    with start("train", "--resume", "parts", folder=tmp_path) as again:
        _, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert "going on after epoch" in err
    assert weights(tmp_path / "parts") == whole
