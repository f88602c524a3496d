"""`pl.summary`: counts against hand calculations, published numbers and PyTorch's."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError
from pellucid.inspect.summarizing.meter import array_bytes_kept
from pellucid.models import GPT, MODELS, VGG, CharRNN, MobileNet, ResNet
from pellucid.random import get_state


def row_of(summary, path):
    return next(row for row in summary.rows if row.path == path)


@pytest.fixture
def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def test_a_dense_network_by_hand(mlp) -> None:
    s = pl.summary(mlp, (64,))
    assert [(r.path, r.kind, r.output_shape, r.parameters) for r in s.rows] == [
        ("", "Sequential", (10,), 2410),
        ("0", "Linear", (32,), 64 * 32 + 32),
        ("1", "ReLU", (32,), 0),
        ("2", "Linear", (10,), 330),
    ]
    assert [r.flops for r in s.rows[1:]] == [2 * 64 * 32 + 32, 32, 2 * 320 + 10]
    assert s.flops == sum(r.flops for r in s.rows[1:])
    assert s.multiply_adds == 64 * 32 + 32 * 10


def test_memory_of_a_dense_network_by_hand(mlp) -> None:
    memory = pl.summary(mlp, (64,), batch_size=50).memory
    assert memory.parameters == memory.gradients == 4 * 2410
    assert memory.optimizer == 8 * 2410
    assert memory.buffers == 0
    # the tape keeps x W + b, its ReLU, and the logits
    assert memory.activations == 50 * 4 * (32 + 32 + 10)
    # at most the input, x W + b and its ReLU are alive together
    assert memory.inference == 50 * 4 * (64 + 32 + 32)


def test_the_tape_keeps_what_is_predicted(mlp) -> None:
    x = np.zeros((128, 64), np.float32)
    assert pl.summary(mlp, (64,), batch_size=128).memory.activations == array_bytes_kept(
        lambda: mlp(x)
    )


def test_arithmetic_does_not_depend_on_the_batch(mlp) -> None:
    assert pl.summary(mlp, (64,), batch_size=9).flops == pl.summary(mlp, (64,)).flops


def test_a_residual_block_counts_its_sum() -> None:
    net = nn.Residual(nn.Linear(6, 6))
    s = pl.summary(net, (6,))
    assert row_of(s, "module").flops == 2 * 36 + 6
    assert s.flops == 2 * 36 + 6 + 6
    assert row_of(s, "").output_shape == (6,)


def test_a_recurrent_layer_and_its_cells() -> None:
    net = nn.Sequential(nn.LSTM(3, 5, num_layers=2), nn.LastStep(), nn.Linear(5, 2))
    s = pl.summary(net, (7, 3))
    layer, cell = row_of(s, "0"), row_of(s, "0.layer1")
    assert layer.output_shape[0] == (7, 5)
    assert cell.calls == 0
    assert cell.output_shape is None
    assert cell.parameters == 5 * 20 + 5 * 20 + 20
    assert layer.parameters == (3 * 20 + 5 * 20 + 20) + cell.parameters
    assert layer.multiply_adds == 7 * (3 * 20 + 5 * 20) + 7 * (5 * 20 + 5 * 20)


def test_attention_counts_its_products() -> None:
    net = nn.MultiHeadAttention(8, 2)
    s = pl.summary(net, (5, 8))
    # four projections, and scores and sums over 5 × 5 pairs in 2 heads of width 4
    assert s.multiply_adds == 4 * 5 * 8 * 8 + 2 * (5 * 5 * 8)


def test_token_inputs_are_found() -> None:
    gpt = GPT(20, layers=1, heads=2, width=8, context=6)
    s = pl.summary(gpt, (6,))
    assert s.rows[0].output_shape == (6, 20)
    assert s.parameters == gpt.num_parameters()


def test_shared_parameters_count_once() -> None:
    shared = nn.Linear(4, 4)
    net = nn.Sequential(shared, nn.Tanh(), shared)
    s = pl.summary(net, (4,))
    assert s.parameters == 20
    assert row_of(s, "0").calls == 2
    assert row_of(s, "0").flops == 2 * (2 * 16 + 4)


def test_tied_weights_count_in_the_first() -> None:
    first, second = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
    second.weight = first.weight
    s = pl.summary(nn.Sequential(first, second), (4,))
    assert [row.parameters for row in s.rows] == [16, 16, 0]
    assert s.memory.parameters == 64


def test_frozen_parameters() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2)).freeze("0")
    s = pl.summary(net, (4,))
    assert (s.parameters, s.trainable) == (58, 18)
    assert s.memory.gradients == 4 * 18
    assert "40 of them frozen" in s.text()


def test_lazy_layers_are_resolved_in_a_copy() -> None:
    net = nn.Sequential(nn.Linear(None, 8), nn.ReLU(), nn.Linear(None, 3))
    before = get_state()
    s = pl.summary(net, (5,))
    assert s.parameters == 5 * 8 + 8 + 8 * 3 + 3
    assert net[0].weight.size == 0
    assert get_state() == before


def test_nothing_is_left_behind() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5, rng=1)
    )
    net[4].eval()
    net(np.random.default_rng(0).normal(size=(4, 1, 6, 6)).astype(np.float32))
    net[0].weight.grad = np.ones_like(net[0].weight.data)
    state, draws = net.state_dict(), get_state()
    modes = [module.training for module in net.modules()]
    pl.summary(net, (1, 6, 6))
    for path, values in net.state_dict().items():
        np.testing.assert_array_equal(values, state[path])
    assert get_state() == draws
    assert [module.training for module in net.modules()] == modes
    np.testing.assert_array_equal(net[0].weight.grad, np.ones_like(net[0].weight.data))
    assert net[1].weight.grad is None


def test_dropout_masks_are_kept_in_training() -> None:
    plain = nn.Sequential(nn.Linear(10, 100), nn.Linear(100, 1))
    dropped = nn.Sequential(nn.Linear(10, 100), nn.Dropout(0.5), nn.Linear(100, 1))
    more = [pl.summary(net, (10,), batch_size=8).memory.activations for net in (plain, dropped)]
    assert more[1] - more[0] >= 8 * 100 * 4


def test_several_inputs() -> None:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2)

        def forward(self, a, b):
            return self.layer(a) + b

    s = pl.summary(Both(), [(3,), (2,)])
    assert s.flops == 2 * 6 + 2 + 2
    assert s.input_shape == ((3,), (2,))


def test_text_shows_a_tree(mlp) -> None:
    net = nn.Sequential(nn.Residual(nn.Sequential(nn.Linear(4, 4), nn.ReLU())), nn.Linear(4, 2))
    lines = pl.summary(net, (4,)).text().splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "FLOPs"]
    assert lines[3].startswith("0: Residual")
    assert lines[4].startswith("  module: Sequential")
    assert lines[5].startswith("    0: Linear(4 → 4")
    assert "20" in lines[5].split()
    shallow = pl.summary(net, (4,)).text(depth=1)
    assert "module" not in shallow
    assert "0: Residual" in shallow


def test_html_escapes_and_holds_every_row(mlp) -> None:
    html = pl.summary(mlp, (64,))._repr_html_()
    assert html.count("<tr>") == 1 + 1 + 3
    assert "2,080" in html


def test_dict_is_plain_json(mlp) -> None:
    values = json.loads(json.dumps(pl.summary(mlp, (64,), batch_size=4).to_dict()))
    assert values["parameters"] == 2410
    assert [layer["path"] for layer in values["layers"]] == ["0", "1", "2"]
    assert values["memory"]["training_total"] == 4 * 4 * 2410 + 4 * 4 * 74


def test_a_single_layer_is_its_own_row() -> None:
    assert "Linear(3 → 2" in pl.summary(nn.Linear(3, 2), (3,)).text()


def test_refusals(mlp) -> None:
    with pytest.raises(DataError, match="batch_size is a whole number"):
        pl.summary(mlp, (64,), batch_size=0)
    with pytest.raises(ShapeError, match="64"):
        pl.summary(mlp, (63,))


PUBLISHED = {
    # He et al. (2016), table 1, give 1.8 and 3.8 billion multiply-adds; torchvision 1.814 and 4.089
    # (its stride is in the 3×3 of a bottleneck).
    "resnet18": (lambda: ResNet((3, 224, 224), 1000), 1.814e9, 11_689_512),
    "resnet50": (
        lambda: ResNet((3, 224, 224), 1000, (3, 4, 6, 3), bottleneck=True),
        4.089e9,
        25_557_032,
    ),
    # Howard et al. (2017), table 4: 569 million multiply-adds, 4.2 million parameters
    "mobilenet": (lambda: MobileNet((3, 224, 224), 1000), 0.569e9, 4_231_976),
    # Simonyan & Zisserman (2015): 138 million parameters; 15.47 billion multiply-adds
    "vgg16": (lambda: VGG((3, 224, 224), 1000, depth=16), 15.47e9, 138_357_544),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_numbers(name) -> None:
    make, multiply_adds, parameters = PUBLISHED[name]
    s = pl.summary(make(), (3, 224, 224))
    assert s.multiply_adds == pytest.approx(multiply_adds, rel=1e-3)
    assert s.parameters == parameters


@pytest.mark.parity
def test_products_as_pytorch_counts_them() -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 3, groups=4, dilation=2),
        torch.nn.ConvTranspose2d(8, 6, 4, stride=2),
        torch.nn.Flatten(),
        torch.nn.LazyLinear(10),
    )
    theirs(torch.zeros(1, 3, 20, 20))
    ours = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, groups=4, dilation=2),
        nn.ConvTranspose2d(8, 6, 4, stride=2),
        nn.Flatten(),
        nn.Linear(None, 10),
    )
    with FlopCounterMode(display=False) as counter:
        theirs(torch.zeros(1, 3, 20, 20))
    assert 2 * pl.summary(ours, (3, 20, 20)).multiply_adds == counter.get_total_flops()


@pytest.mark.parity
def test_an_encoder_as_pytorch_counts_it() -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    theirs = torch.nn.TransformerEncoderLayer(16, 4, 32, batch_first=True).train()
    with FlopCounterMode(display=False) as counter:
        theirs(torch.zeros(1, 9, 16))
    ours = nn.TransformerEncoderLayer(16, 4, 32)
    assert 2 * pl.summary(ours, (9, 16)).multiply_adds == counter.get_total_flops()


SAMPLES = {"rows": (12,), "images": (3, 32, 32), "series": (20, 3), "tokens": (8,)}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_summary(name) -> None:
    model = MODELS[name]
    shape = SAMPLES[model.takes]
    outputs = 2 if name == "perceptron" else 5
    options = {"vocabulary": 30} if "vocabulary" in model.options else {}
    net = model.build(shape, outputs, options)
    if model.makes == "samples" and hasattr(net, "generator"):
        net = net.generator
        shape = (net.latent + getattr(net, "classes", 0),) if hasattr(net, "latent") else None
        if shape is None:
            shape = next(p.shape[:1] for p in net.parameters() if p.ndim == 2)
    state = net.state_dict()
    s = pl.summary(net, shape)
    assert s.parameters == net.num_parameters()
    assert {row.path for row in s.rows} == {path for path, _ in net.named_modules()}
    assert s.flops > 2 * s.multiply_adds > 0
    for path, values in net.state_dict().items():
        np.testing.assert_array_equal(values, state[path])


@pytest.mark.parametrize("kind", ["cnn", "lstm", "gpt"])
def test_memory_is_that_of_a_larger_batch(kind) -> None:
    """Predicted from few samples, held against a measurement with 400."""
    if kind == "cnn":
        net = nn.Sequential(
            nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.MaxPool2d(2)
        )
        x = np.zeros((400, 1, 28, 28), np.float32)
    else:
        x = np.zeros((400, 30), int)
        net = (
            CharRNN(20, hidden=64, layers=1, rng=0)
            if kind == "lstm"
            else GPT(20, layers=1, heads=2, width=32, context=30, rng=0)
        )
    memory = pl.summary(net, x.shape[1:], batch_size=400).memory
    kept = array_bytes_kept(lambda: net(x))
    assert memory.activations == pytest.approx(kept, rel=0.01)
    net.eval()
    with pl.no_grad():
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        net(x)
        peak = tracemalloc.get_traced_memory()[1] - before + x.nbytes
        tracemalloc.stop()
    assert memory.inference == pytest.approx(peak, rel=0.1)


@pytest.mark.parametrize("width", [50, 60, 80])
def test_a_summary_fits_a_narrow_terminal(width) -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1, rng=0), nn.BatchNorm2d(16), nn.Flatten(),
        nn.Linear(1024, 10, rng=1),
    )  # fmt: skip
    s = pl.summary(net, (3, 8, 8), batch_size=64)
    lines = s.text(width=width).splitlines()
    assert max(map(len, lines)) <= width
    whole = " ".join(" ".join(lines).split())
    # Numbers stay whole, and beside their units.
    for cell in ("16 × 8 × 8", "10,250", "multiply-adds", f"{s.parameters:,} parameters"):
        assert cell in whole
    assert not any(line.split()[-1:] == ["kB"] and len(line.split()) == 1 for line in lines)
    assert s.text() == str(s)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((-1,), "whole numbers ≥ 0, got -1"),
        (("a",), "got 'a'"),
        ((2.5,), "got 2.5"),
        (None, "is the shape of one sample"),
        ("12", "is the shape of one sample"),
        ([(4,), (4,)], "does not take 2 inputs"),
        ([(4,), 3], r"whole numbers ≥ 0, got \(4,\)"),
    ],
)
def test_shapes_that_are_none_are_refused(shape, said) -> None:
    with pytest.raises(DataError, match=said):
        pl.summary(nn.Sequential(nn.Linear(4, 2, rng=0)), shape)


def test_a_number_is_the_shape_of_a_row() -> None:
    assert pl.summary(nn.Linear(4, 2, rng=0), 4).input_shape == (4,)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(DataError, match="takes a network, got str"):
        pl.summary("mlp", (4,))
