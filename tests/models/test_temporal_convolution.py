"""The temporal convolutional network: causal, as far-sighted as it says, and as PyTorch's."""

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError
from pellucid.models import MODELS, TCN
from pellucid.models.temporal_convolution import CausalConvolution


def series(samples=4, steps=20, features=3):
    return np.random.default_rng(0).normal(size=(samples, steps, features))


@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 5])
def test_a_causal_convolution_is_its_sum(kernel, dilation):
    layer = CausalConvolution(3, 2, kernel, dilation, dtype=np.float64, rng=0)
    x = series(steps=11)
    y = layer(x).data
    weight, bias = layer.taps.weight.data.reshape(kernel, 3, 2), layer.taps.bias.data
    for t in range(11):
        expected = np.tile(bias, (4, 1)).astype(np.float64)
        for j in range(kernel):
            if t - j * dilation >= 0:
                expected += x[:, t - j * dilation] @ weight[kernel - 1 - j]
        np.testing.assert_allclose(y[:, t], expected, atol=1e-12)


@pytest.mark.parametrize(("blocks", "kernel"), [(1, 2), (2, 2), (2, 3), (3, 2)])
def test_the_answer_depends_on_the_receptive_field_alone(blocks, kernel):
    net = TCN(1, 2, 8, blocks, kernel, dtype=np.float64, rng=1)
    x = series(1, 40, 1)
    before = net(x).data
    reaching = []
    for step in range(40):
        changed = x.copy()
        changed[:, step] += 1
        reaching.append(not np.array_equal(net(changed).data, before))
    field = net.receptive_field
    assert field == 1 + 2 * (kernel - 1) * (2**blocks - 1)
    assert not any(reaching[: 40 - field])
    assert reaching[40 - field]
    assert reaching[-1]


@pytest.mark.parametrize("normalize", [True, False])
def test_gradients(normalize):
    net = TCN(2, 3, 4, 2, 2, normalize=normalize, dtype=np.float64, rng=2)
    x = pl.Tensor(series(2, 5, 2), requires_grad=True)
    values = [x, *net.parameters()]
    y = net(x)
    (y * y).sum().backward()
    for value in values:
        gradient = value.grad.copy()
        for place in list(np.ndindex(value.shape))[:3]:
            kept = value.data[place]
            sums = []
            for step in (1e-6, -1e-6):
                value.data[place] = kept + step
                sums.append(float(np.square(net(x.data).data).sum()))
            value.data[place] = kept
            assert gradient[place] == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-5, abs=1e-6)


def test_dtype_dropout_and_seed():
    x = series(features=1)
    net, again = TCN(1, 2, dropout=0.5, rng=3), TCN(1, 2, dropout=0.5, rng=3)
    first = net(x).data
    assert first.dtype == np.float32
    assert np.array_equal(first, again(x).data)
    assert not np.array_equal(first, net(x).data)  # other values are left out each time
    net.eval()
    assert np.array_equal(net(x).data, net(x).data)
    assert TCN(1, 2, dtype="float64")(x).dtype == np.float64


def test_weight_normalisation_starts_as_the_plain_network():
    plain, normalized = TCN(1, 2, normalize=False, rng=4), TCN(1, 2, normalize=True, rng=4)
    x = series(features=1)
    np.testing.assert_allclose(plain(x).data, normalized(x).data, atol=1e-5)
    assert any("weight_norm" in path for path, _ in normalized.named_parameters())
    assert not any("weight_norm" in path for path, _ in plain.named_parameters())


def test_it_learns_what_was_five_steps_ago():
    draw = np.random.default_rng(5)
    x = draw.normal(size=(512, 8, 1)).astype(np.float32)
    y = x[:, -6]
    net = TCN(1, 1, 8, 2, 2, rng=0)  # it sees 7 steps
    loader = pl.data.Loader((x, y), 32, rng=0)
    history = pl.fit(net, loader, loss="mse", epochs=15, lr=0.01)
    assert history["loss"][-1] < 0.1 * history["loss"][0]


def test_by_name():
    net = MODELS["tcn"]((24, 2), 12, channels=8, blocks=2, rng=0)
    assert isinstance(net, nn.Module)
    assert net(np.zeros((3, 24, 2))).shape == (3, 12)
    with pytest.raises(DataError, match=r"series of shape \(steps, features\).*\(784,\)"):
        MODELS["tcn"]((784,), 10)


@pytest.mark.parametrize("size", ["features", "channels", "blocks", "kernel"])
def test_wrong_sizes(size):
    sizes = {"features": 1, "outputs": 1} | {size: 0}
    with pytest.raises(DataError, match=f"{size} of a TCN is a whole number ≥ 1, got 0"):
        TCN(**sizes)


@pytest.mark.parametrize("shape", [(4, 20), (4, 20, 2), (4, 0, 1)])
def test_wrong_shapes(shape):
    with pytest.raises(ShapeError, match=r"\(N, T, 1\) with T ≥ 1, got"):
        TCN(1, 2)(np.zeros(shape))


@pytest.mark.parity
def test_parity():
    torch = pytest.importorskip("torch")
    net = TCN(3, 2, 5, 3, 3, normalize=False, dtype=np.float64, rng=6)
    x = pl.Tensor(series(), requires_grad=True)
    ours = net(x)
    (ours * ours).sum().backward()
    theirs = {
        path: torch.tensor(value.data, requires_grad=True) for path, value in net.named_parameters()
    }

    def conv(h, path, dilation):
        size = h.shape[1]
        weight = theirs[f"{path}.taps.weight"].reshape(3, size, 5).permute(2, 1, 0)  # (out, in, k)
        h = torch.nn.functional.pad(h, (2 * dilation, 0))
        return torch.nn.functional.conv1d(h, weight, theirs[f"{path}.taps.bias"], dilation=dilation)

    inputs = torch.tensor(x.data, requires_grad=True)
    h = inputs.transpose(1, 2)  # (N, T, C) → (N, C, T)
    for block in range(3):
        path = f"blocks.{block}"
        inner = h
        for place in (0, 2):
            inner = torch.relu(conv(inner, f"{path}.layers.{place}", 2**block))
        skip = theirs.get(f"{path}.skip.weight")
        around = (
            h
            if skip is None
            else (torch.einsum("nct,cd->ndt", h, skip) + theirs[f"{path}.skip.bias"][:, None])
        )
        h = torch.relu(around + inner)
    answer = h[:, :, -1] @ theirs["head.weight"] + theirs["head.bias"]
    np.testing.assert_allclose(ours.data, answer.detach().numpy(), atol=1e-12)
    answer.square().sum().backward()
    np.testing.assert_allclose(x.grad, inputs.grad.numpy(), atol=1e-11)
    for path, value in net.named_parameters():
        np.testing.assert_allclose(value.grad, theirs[path].grad.numpy(), atol=1e-10, err_msg=path)
