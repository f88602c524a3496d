"""What a program says: names, phases, gradients, costs, its source and its drawing."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import run_scripts, same_bits
from networks import NETWORKS, ROWS, dense, floats, labels

import pellucid as pl
from pellucid import nn
from pellucid.errors import CheckpointError, DataError, UnknownNameError, UnsupportedError
from pellucid.models import MODELS
from pellucid.program.named_number import named


def test_the_names_of_the_textbooks() -> None:
    program = pl.trace(dense(), ROWS, optimizer="sgd")
    assert [v.name for v in program.starting("parameter")] == ["W1", "b1", "W2", "b2"]
    assert [v.name for v in program.computed("forward")] == ["z1", "a1", "z2"]
    backward = [v.name for v in program.computed("backward")]
    for name in ("dloss", "dz2", "dW2", "db2", "da1", "dz1", "dW1", "db1"):
        assert name in backward
    assert [v.name for v in program.variables if v.replaces] == [
        "W1_new", "b1_new", "W2_new", "b2_new",
    ]  # fmt: skip


def test_deep_networks_are_named_by_their_paths() -> None:
    make, batch, loss = NETWORKS["GPT"]
    program = pl.trace(make(), batch, loss=loss)
    names = [v.name for v in program.variables]
    assert len(set(names)) == len(names)
    assert "encoder_layers_0_attention_query_W" in names
    assert program["encoder_layers_0_attention_query_W"].shape == (128, 128)
    assert all(name.isidentifier() for name in names)


def test_each_instruction_knows_phase_and_module() -> None:
    program = pl.trace(dense(), ROWS, optimizer="adam")
    phases = [i.phase for i in program.instructions]
    assert phases == sorted(phases, key=["forward", "loss", "backward", "update"].index)
    assert [i.path for i in program.of_phase("forward")] == ["0", "1", "2"]
    assert {i.path for i in program.of_phase("backward")} == {"", "0", "1", "2"}
    back = [i for i in program.of_phase("backward") if i.output.name == "dz1"]
    assert back[0].origin is program.of_phase("forward")[1]
    assert isinstance(back[0].module, nn.Tanh)


def test_gradients_are_those_of_the_tape() -> None:
    net = dense()
    program = pl.trace(net, ROWS)
    pl.losses.cross_entropy(net(ROWS[0]), ROWS[1]).backward()
    for name, parameter in zip(("W1", "b1", "W2", "b2"), net.parameters(), strict=True):
        gradient = program.gradient(name)
        assert gradient is not None
        assert same_bits(gradient.value, parameter.grad)


def test_a_trace_changes_nothing() -> None:
    make, batch, loss = NETWORKS["dropout"]
    net = make()
    twin = copy.deepcopy(net)
    optimizer = pl.optim.Adam(net.parameters())
    pl.seed(3)
    before = pl.random.default_generator().bit_generator.state
    pl.trace(net, batch, loss=loss, optimizer=optimizer)
    assert pl.random.default_generator().bit_generator.state == before
    assert all(p.grad is None and type(p.data) is np.ndarray for p in net.parameters())
    assert optimizer.state_dict()["arrays"] == {}
    np.testing.assert_array_equal(net(batch[0]).data, twin(batch[0]).data)  # the same stream
    forward = type(net[0]).__call__
    assert forward is nn.Module.__call__
    assert not isinstance(pl.primitives.add(np.ones(2), 1), pl.Tensor)


def test_an_error_within_a_trace_leaves_everything_as_it_was() -> None:
    net = dense()
    with pytest.raises(pl.errors.ShapeError):
        pl.trace(net, (floats(6, 4), labels(6, 3)))
    assert all(type(p.data) is np.ndarray for p in net.parameters())
    pl.trace(net, ROWS)


def test_sample_weights_and_parts() -> None:
    net = dense()
    weights = np.arange(6.0)
    program = pl.trace(net, (*ROWS, weights))
    expected = pl.losses.cross_entropy(net(ROWS[0]), ROWS[1], sample_weight=weights)
    assert program.results["loss"].value == np.float32(expected.data)
    assert program["sample_weight"].role == "weight"
    part = pl.data.Part(*ROWS)
    assert pl.trace(net, part).results["loss"].value == pl.losses.cross_entropy(
        net(ROWS[0]), ROWS[1]
    )


def test_what_cannot_be_traced_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="L-BFGS evaluates the loss as often"):
        pl.trace(dense(), ROWS, optimizer="lbfgs")
    with pytest.raises(DataError, match=r"needs a batch.*np\.trace"):
        pl.trace(np.eye(2))  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match=r"variable 'W3'.*did you mean"):
        pl.trace(dense(), ROWS)["W3"]


# --- the source -----------------------------------------------------------------------------------


def test_the_source_of_a_small_network_reads_like_a_tutorial() -> None:
    text = pl.trace(dense(), ROWS, loss="cross_entropy", optimizer="sgd", lr=0.1).source()
    for line in (
        "z1 = x @ W1 + b1",
        "a1 = np.tanh(z1)",
        "z2 = a1 @ W2 + b2",
        "dW2 = a1.T @ dz2",
        "db2 = np.sum(dz2, axis=0)",
        "da1 = dz2 @ W2.T",
        "lr = 0.1",
        "W1 = W1 - lr * dW1",
    ):
        assert line in text.splitlines(), line
    assert "pellucid" not in text.lower()


def test_the_predictor(tmp_path: Path) -> None:
    net = dense()
    text = pl.trace(net, ROWS[0]).source(forward_only=True)
    found = run_scripts({"predictor": text + "\nresult = predict(np.ones((2, 5), np.float32))\n"},
                        tmp_path)["predictor"]  # fmt: skip
    assert isinstance(found, dict), found
    np.testing.assert_array_equal(found["result"], net(np.ones((2, 5), np.float32)).data)


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        (nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.Flatten(), nn.Linear(72, 3, rng=1)),
         (1, 8, 8)),
        (nn.TransformerEncoderLayer(8, 2, rng=0), (5, 8)),
        (MODELS["lstm-forecaster"].build((6, 1), 1, {"rng": 0}), (6, 1)),
    ],
    ids=["flatten", "attention", "recurrent"],
)  # fmt: skip
def test_the_predictor_takes_any_number_of_samples(
    net: nn.Module, shape: tuple[int, ...], tmp_path: Path
) -> None:
    net.eval()
    text = pl.trace(net, floats(4, *shape), loss=None).source(forward_only=True)
    assert f"inputs N × {' × '.join(map(str, shape))}." in text
    x = floats(7, *shape)
    numbers = f"np.array({x.tolist()}, np.float32)"
    found = run_scripts({"predictor": f"{text}\nresult = predict({numbers})\n"}, tmp_path)
    assert isinstance(found["predictor"], dict), found
    np.testing.assert_allclose(found["predictor"]["result"], net(x).data, rtol=1e-5, atol=1e-6)


def test_a_predictor_for_one_number_of_samples_says_so() -> None:
    class First(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 2, rng=0)

        def forward(self, x: Any) -> Any:
            return self.linear(x) + np.arange(len(x), dtype=np.float32)[:, None]

    text = pl.trace(First(), floats(4, 3), loss=None).source(forward_only=True)
    assert "for inputs 4 × 3." in text
    assert "The number of samples, 4, is a part of it." in text


def test_scripts_have_no_long_lines_of_code() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1, rng=0), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32, 3, rng=1),
    )  # fmt: skip
    text = pl.trace(net, (floats(4, 1, 8, 8), labels(4, 3)), optimizer="nadam").source()
    code = text[text.index("# --- Forward") :]
    assert max(map(len, code.splitlines())) <= 88
    assert "def convolution_bias(x, weight, bias, *, stride, padding, dilation, groups):" in text


def test_adam_reads_as_it_is_written_in_books() -> None:
    text = pl.trace(dense(), ROWS, optimizer="adam").source()
    update = text[text.index("# --- Update") :]
    assert "m_W1 = beta1 * m_W1 + (1 - beta1) * dW1" in update
    assert "product" not in update


def test_many_numbers_go_into_a_file_beside_the_script(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(64, 64, rng=0), nn.ReLU(), nn.Linear(64, 3, rng=1))
    program = pl.trace(net, (floats(4, 64), labels(4, 3)), optimizer="adam")
    files = program.save(tmp_path / "step.py")
    assert [file.name for file in files] == ["step.py", "step.npz"]
    assert files[0].stat().st_size < 10_000
    found = run_scripts({"step": files[0].read_text("utf-8")}, tmp_path)["step"]
    assert isinstance(found, dict), found
    assert same_bits(found["loss"], program.results["loss"].value)
    assert [file.name for file in pl.trace(dense(), ROWS).save(tmp_path / "small.py")] == [
        "small.py"
    ]


def test_where_a_program_cannot_be_written(tmp_path: Path) -> None:
    program = pl.trace(dense(), ROWS)
    with pytest.raises(DataError, match=r"a \.py file, got .*step\.txt"):
        program.save(tmp_path / "step.txt")
    with pytest.raises(CheckpointError, match="cannot write"):
        program.save(tmp_path / "missing" / "step.py")
    with pytest.raises(CheckpointError, match="cannot write"):
        program.graph(tmp_path / "missing" / "step.svg")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda a, b: 1 - a, "1 - a"),
        (lambda a, b: a * (1 - b), "a * (1 - b)"),
        (lambda a, b: (1 - b**2) ** 0.5 / a, "(1 - b ** 2) ** 0.5 / a"),
        (lambda a, b: a / (a / b), "a / (a / b)"),
        (lambda a, b: a - (b - 2), "a - (b - 2)"),
        (lambda a, b: -a * b, "-a * b"),
        (lambda a, b: (a**b) ** 2, "(a ** b) ** 2"),
        (lambda a, b: a * -2.0, "a * (-2.0)"),
    ],
)
def test_numbers_that_remember_their_formula(formula: Any, text: str) -> None:
    a, b = 0.9, 0.5
    found = formula(named(a, "a"), named(b, "b"))
    assert found.text == text
    assert float(found) == formula(a, b) == eval(found.text, {"a": a, "b": b})


# --- cost and drawing -----------------------------------------------------------------------------


def test_cost_of_a_dense_layer_by_hand() -> None:
    program = pl.trace(nn.Sequential(nn.Linear(5, 4, rng=0)), (floats(6, 5), labels(6, 4)))
    rows = {row.instruction.output.name: row for row in program.cost().rows}
    assert rows["z1"].flops == 2 * 6 * 5 * 4 + 6 * 4
    assert rows["z1"].bytes_read == 4 * (6 * 5 + 5 * 4 + 4)
    assert rows["z1"].bytes_written == 4 * 6 * 4
    assert rows["dW1"].flops == 2 * 5 * 6 * 4
    assert rows["db1"].flops == 6 * 4


def test_backward_costs_about_twice_as_much_as_forward() -> None:
    make, batch, loss = NETWORKS["GPT"]
    phases = pl.trace(make(), batch, loss=loss).cost().by_phase()
    assert phases["backward"][0] / phases["forward"][0] == pytest.approx(2, rel=0.02)


def test_cost_as_text_and_as_plain_values() -> None:
    cost = pl.trace(dense(), ROWS).cost()
    assert f"{cost.flops:,} FLOPs" in str(cost)
    values = cost.to_dict()
    assert values["flops"] == sum(row["flops"] for row in values["instructions"])
    assert sum(flops for flops, _ in cost.by_module().values()) == cost.flops


@pytest.mark.parametrize("name", ["2-3-1", "ResNet with batch norm"])
def test_the_drawing_is_well_formed_and_its_boxes_lie_apart(name: str, tmp_path: Path) -> None:
    make, batch, loss = NETWORKS[name]
    path = tmp_path / "graph.svg"
    program = pl.trace(make(), batch, loss=loss, optimizer="adam")
    root = ET.fromstring(program.graph(path))
    assert path.read_text("utf-8").startswith("<svg")
    boxes = [
        (float(box.attrib["x"]), float(box.attrib["y"]))
        for box in root.iter("{http://www.w3.org/2000/svg}rect")
        if "rx" in box.attrib
    ]
    assert len(set(boxes)) == len(boxes) > 10
    titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
    for parameter in program.starting("parameter"):
        assert any(title.startswith(f"{parameter.name}:") for title in titles)
