"""Proving that a program is the training step: its script run elsewhere, the step itself here."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.program import Program

RUNNER = """
import contextlib, io, runpy, sys
import numpy as np

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pellucid":
            raise ImportError("this process has no pellucid")

sys.meta_path.insert(0, Without())
for name in sys.argv[1:]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            space = runpy.run_path(name + ".py")
        kept = {k: v for k, v in space.items() if isinstance(v, (np.ndarray, np.generic))}
        np.savez(name + ".npz", **kept)
    except Exception as error:
        with open(name + ".err", "w", encoding="utf-8") as file:
            file.write(f"{type(error).__name__}: {error}")
"""


def run_scripts(sources: dict[str, str], folder: Path) -> dict[str, dict[str, np.ndarray] | str]:
    """Run scripts in one process without Pellucid.

    Returns for each its arrays at the end, or the error that it ended with.
    """
    (folder / "runner.py").write_text(RUNNER, "utf-8")
    numbered = {name: f"program{i}" for i, name in enumerate(sources)}
    for name, source in sources.items():
        (folder / f"{numbered[name]}.py").write_text(source, "utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "runner.py", *numbered.values()],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, np.ndarray] | str] = {}
    for name, stem in numbered.items():
        failed = folder / f"{stem}.err"
        if failed.exists():
            found[name] = failed.read_text("utf-8")
            continue
        with np.load(folder / f"{stem}.npz") as values:
            found[name] = {key: values[key] for key in values.files}
    return found


def same_bits(a: Any, b: Any) -> bool:
    """Tell whether two arrays are equal to the last bit, NaN included."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def differences(program: Program, found: dict[str, np.ndarray] | str) -> list[str]:
    """Return what differs between a program and the arrays that its script ended with.

    A name that an update wrote to again stands for its last value.
    """
    if isinstance(found, str):
        return [found]
    wrong = []
    later = {v.replaces.name: v for v in program.variables if v.replaces is not None}
    for variable in program.variables:
        name = variable.name
        if name not in found:
            continue
        new = later.get(name)
        accepted = [variable] if new is None else [new, variable]
        if variable.role == "parameter" and new is not None:
            accepted = [new]
        if not any(same_bits(found[name], v.value) for v in accepted):
            wrong.append(name)
    expected = [v.name for v in program.results.values()]
    expected += [v.name for v in program.variables if v.gradient_of is not None]
    return wrong + [f"{name} is missing" for name in expected if name not in found]


def check_scripts(programs: dict[str, Program], folder: Path) -> int:
    """Demand that every script computes the bits of its program; return how many were compared."""
    found = run_scripts({name: each.source() for name, each in programs.items()}, folder)
    wrong = {
        name: problems
        for name, each in programs.items()
        if (problems := differences(each, found[name]))
    }
    assert not wrong, wrong
    return sum(len(values) for values in found.values() if not isinstance(values, str))


def check_step(program: Program, net: Any, batch: Any, loss: Any, optimizer: Any) -> None:
    """Compare gradients, updated weights and buffers with those of a step of real training."""
    from pellucid.training import Trainer

    twin, other = copy.deepcopy((net, optimizer))
    trainer = Trainer(
        twin, batch, loss=loss, optimizer=other, batch_size=len(batch[0]), epochs=1, progress="none"
    )
    part = trainer.loader.part
    twin.train(net.training)
    outputs = twin(part.x)
    value = trainer.objective.function(outputs, part.y)
    value.backward()
    assert same_bits(value.data, program.results["loss"].value)
    gradients = {path: parameter.grad for path, parameter in twin.named_parameters()}
    trainer.optimizer.step()
    after = {path: parameter.data for path, parameter in twin.named_parameters()}
    updated = {
        v.replaces.path: v
        for v in program.variables
        if v.replaces is not None and v.replaces.role == "parameter"
    }
    for old in program.starting("parameter"):
        if gradients[old.path] is None:
            continue
        assert same_bits(program.gradient(old.name).value, gradients[old.path]), old.path
        assert same_bits(updated[old.path].value, after[old.path]), f"{old.path} after the update"
    buffers = dict(twin.named_buffers())
    for variable in program.variables:
        if variable.replaces is not None and variable.replaces.role == "buffer":
            assert same_bits(variable.value, buffers[variable.replaces.path]), variable.name


__all__ = ["check_scripts", "check_step", "differences", "run_scripts", "same_bits"]
