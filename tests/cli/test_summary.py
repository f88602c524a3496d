"""``pellucid summary``: what it says of models, and its options."""

from __future__ import annotations

CNN = ("resnet20", "--inputs", "3x32x32", "--outputs", 10)


def test_a_tree_with_depth(run):
    deep = run("summary", *CNN).out.splitlines()
    flat = run("summary", *CNN, "--depth", 1).out.splitlines()
    assert any(line.startswith("    ") for line in deep)
    assert not any(line.startswith("  ") for line in flat)
    assert len(flat) < len(deep)
    assert deep[-4:-1] == flat[-4:-1], "the totals are those of the whole network"


def test_memory_grows_with_the_batch(run):
    words = ("mlp", "--inputs", 10, "--outputs", 3, "--hidden", "20", "--json")
    one = run("summary", *words).json["memory"]
    many = run("summary", *words, "--batch-size", 64).json["memory"]
    assert one["batch_size"] == 1
    assert many["activations"] == 64 * one["activations"] == 64 * 4 * (20 + 20 + 3)
    assert many["parameters"] == one["parameters"] == 4 * (10 * 20 + 20 + 20 * 3 + 3)


def test_flops_of_a_model(run):
    words = ("mlp", "--inputs", 10, "--outputs", 3, "--hidden", "20")
    result = run("summary", *words, "--json").json
    assert result["multiply_adds"] == 10 * 20 + 20 * 3
    assert result["flops"] == 2 * 260 + 20 + 20 + 3  # biases, ReLU, biases
    assert "563 FLOPs forward for each sample" in run("summary", *words).out


def test_recurrent_cells_are_shown(run):
    words = ("lstm-forecaster", "--inputs", "24x1", "--outputs", 1)
    result = run("summary", *words, "--json").json
    cells = [layer for layer in result["layers"] if layer["kind"] == "LSTMCell"]
    assert cells
    assert all(cell["parameters"] > 0 for cell in cells)


def test_refusals(run):
    outcome = run("summary", *CNN, "--depth", "deep")
    assert outcome.code == 2
    assert "--depth" in outcome.err
