"""Proving that a program is the training step: run its script elsewhere, and the step itself here."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import pellucid as pl
from pellucid.program import Program

BLOCK_IMPORT = """
import sys
class _Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pellucid":
            raise ImportError("this process has no pellucid")
sys.meta_path.insert(0, _Without())
"""


def run_script(source: str, folder: Path) -> dict[str, np.ndarray]:
    """Run a script in a process without Pellucid; return every array that it ends with."""
    path = folder / "program.py"
    path.write_text(source, "utf-8")
    runner = folder / "runner.py"
    runner.write_text(
        BLOCK_IMPORT
        + """
import runpy
import numpy as np
space = runpy.run_path("program.py")
arrays = {k: v for k, v in space.items() if isinstance(v, (np.ndarray, np.generic))}
np.savez("values.npz", **arrays)
""",
        "utf-8",
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "runner.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(folder / "values.npz") as values:
        return {name: values[name] for name in values.files}


def same_bits(a: Any, b: Any) -> bool:
    """Tell whether two arrays are equal to the last bit, NaN included."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def check_script(program: Program, folder: Path) -> int:
    """Compare every variable that the script still has at its end; return how many there were."""
    found = run_script(program.source(), folder)
    compared = 0
    updated = {v.replaces.name: v for v in program.variables if v.replaces is not None}
    for variable in program.variables:
        name = variable.name
        if name in updated and name in found:
            later = updated[name]
            assert same_bits(found[name], later.value) or same_bits(found[name], variable.value), name
            compared += 1
        elif name in found:
            assert same_bits(found[name], variable.value), name
            compared += 1
    for result in program.results.values():
        assert result.name in found
    for old in program.starting("parameter"):
        later = updated.get(old.name)
        if later is not None:
            assert same_bits(found.get(old.name), later.value), f"{old.name} after the update"
    return compared


def check_step(program: Program, net: Any, batch: Any, loss: Any, optimizer: Any) -> None:
    """Compare gradients, updated weights and buffers with those of a step of real training."""
    from pellucid.training import Trainer

    twin, other = copy.deepcopy((net, optimizer))
    trainer = Trainer(twin, batch, loss=loss, optimizer=other, batch_size=len(batch[0]), epochs=1,
                      progress="none")
    part = trainer.loader.part
    twin.train(net.training)
    outputs = twin(part.x)
    value = trainer.objective.function(outputs, part.y)
    value.backward()
    assert same_bits(value.data, program.results["loss"].value)
    gradients = {path: parameter.grad for path, parameter in twin.named_parameters()}
    trainer.optimizer.step()
    after = {path: parameter.data for path, parameter in twin.named_parameters()}
    updated = {v.replaces.path: v for v in program.variables if v.replaces is not None
               and v.replaces.role == "parameter"}
    for old in program.starting("parameter"):
        if gradients[old.path] is None:
            continue
        assert same_bits(program.gradient(old.name).value, gradients[old.path]), old.path
        assert same_bits(updated[old.path].value, after[old.path]), f"{old.path} after the update"
    buffers = dict(twin.named_buffers())
    for variable in program.variables:
        if variable.replaces is not None and variable.replaces.role == "buffer":
            assert same_bits(variable.value, buffers[variable.replaces.path]), variable.name


__all__ = ["check_script", "check_step", "pl", "run_script", "same_bits"]
