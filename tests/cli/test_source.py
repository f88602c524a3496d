"""``pellucid source``: programs of runs, data sets and models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

MLP = ("mlp", "--inputs", 2, "--outputs", 2, "--hidden", "3")


def test_a_model_is_printed_as_a_script_that_runs(run):
    text = run("source", *MLP).out
    assert "z1 = x @ W1 + b1" in text
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("loss: 0.")
    assert run("source", *MLP).out == text, "the same words, the same program"


def test_a_run_is_written_with_its_numbers_beside_it(run):
    assert run("train", "digits", "--epochs", 1, "--hidden", 32).code == 0
    outcome = run("source", "runs/digits", "-o", "step.py", "--graph", "step.svg")
    assert "step.py and step.npz" in outcome.out
    done = subprocess.run([sys.executable, "step.py"], capture_output=True, text=True, check=True)
    assert float(done.stdout.removeprefix("loss: ")) > 0
    assert Path("step.svg").read_text("utf-8").startswith("<svg")
    run("source", "runs/digits", "--forward-only", "-o", "predictor.py")
    space: dict = {}
    exec(Path("predictor.py").read_text("utf-8"), space)
    from pellucid.training import load_run

    x = np.random.default_rng(0).normal(size=(3, 64)).astype(np.float32)
    np.testing.assert_array_equal(space["predict"](x), load_run("runs/digits").net(x).data)


def test_what_would_be_trained_on_a_data_set(run):
    text = run("source", "xor", "--hidden", "3", "--optimizer", "sgd").out
    assert "W1 = W1 - lr * dW1" in text


@pytest.mark.parametrize(
    "words",
    [
        ("gan", "--inputs", 16),
        ("gpt", "--inputs", 8, "--outputs", 12),
        ("lstm-classifier", "--inputs", 6, "--outputs", 12),
        ("autoencoder", "--inputs", 12),
        ("vae", "--inputs", 12),
        ("tcn", "--inputs", "12x1", "--outputs", 1),
        ("cnn", "--inputs", "1x12x12", "--outputs", 3),
    ],
    ids=lambda words: words[0],
)
def test_models_of_every_kind(run, words):
    result = run("source", *words, "--json").json
    compile(result["source"], "program.py", "exec")
    assert result["instructions"] > 20


def test_cost(run):
    assert "FLOPs" in run("source", *MLP, "--cost").out
    values = run("source", *MLP, "--cost", "--json").json
    assert values["phases"]["forward"]["flops"] > 0


def test_refusals(run):
    assert "say --inputs and --outputs" in run("source", "mlp").err
    assert "are for a model" in run("source", "xor", "--inputs", 2).err
    assert "unknown data set" in run("source", "nope").err
    assert "a .py file" in run("source", *MLP, "-o", "step.txt").err
