"""GPT: the same network written in PyTorch, causality, caches and initial weights."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from pellucid import losses, models, optim
from pellucid.errors import DataError, ShapeError, UnknownNameError

V, T, D, LAYERS, HEADS = 11, 6, 8, 2, 2
TOKENS = np.random.default_rng(0).integers(0, V, (3, T))
POSITIONS = ("learned", "sinusoidal", "rotary", "alibi")


def gpt(**options: Any) -> models.GPT:
    options = {"context": T, "width": D, "layers": LAYERS, "heads": HEADS, "rng": 0, **options}
    return models.GPT(V, **options)


def torch_gpt(torch: Any, p: dict[str, Any], tokens: Any) -> Any:
    """The network of nanoGPT, from our parameters by their paths."""
    f = torch.nn.functional

    def norm(x: Any, name: str) -> Any:
        return f.layer_norm(x, (D,), p[f"{name}.weight"], p.get(f"{name}.bias"))

    def dense(x: Any, name: str) -> Any:
        bias = p.get(f"{name}.bias")
        return f.linear(x, p[f"{name}.weight"].T, bias)

    x = f.embedding(tokens, p["tokens.weight"]) + p["positions.weight"][: tokens.shape[1]]
    for i in range(LAYERS):
        name = f"encoder.layers.{i}"
        y = norm(x, f"{name}.attention_norm")
        q, k, v = (
            dense(y, f"{name}.attention.{part}").unflatten(2, (HEADS, -1)).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(D // HEADS)
        future = torch.triu(torch.ones(scores.shape[-2:], dtype=bool), 1)
        y = scores.masked_fill(future, -torch.inf).softmax(-1) @ v
        x = x + dense(y.transpose(1, 2).flatten(2), f"{name}.attention.out")
        y = norm(x, f"{name}.feed_forward_norm")
        y = f.gelu(dense(y, f"{name}.feed_forward.up"))
        x = x + dense(y, f"{name}.feed_forward.down")
    head = p.get("head.weight")
    return norm(x, "encoder.norm") @ (p["tokens.weight"].T if head is None else head)


@pytest.mark.parity
@pytest.mark.parametrize(("bias", "tied"), list(itertools.product((True, False), (True, False))))
def test_logits_and_all_gradients_are_those_of_pytorch(bias: bool, tied: bool) -> None:
    torch = pytest.importorskip("torch")
    net = gpt(bias=bias, tied=tied, dtype="float64")
    for i, parameter in enumerate(net.parameters()):
        parameter.data += 0.2 * np.random.default_rng(i).normal(size=parameter.shape)
    p = {k: torch.tensor(v, requires_grad=True) for k, v in net.state_dict().items()}
    expected = torch_gpt(torch, p, torch.tensor(TOKENS[:, :-1]))
    logits = net(TOKENS[:, :-1])
    np.testing.assert_allclose(logits.data, expected.detach().numpy(), rtol=1e-10, atol=1e-12)

    wanted = TOKENS[:, 1:].reshape(-1)
    loss = losses.cross_entropy(logits.reshape(-1, V), wanted)
    loss.backward()
    theirs = torch.nn.functional.cross_entropy(expected.flatten(0, 1), torch.tensor(wanted))
    theirs.backward()
    np.testing.assert_allclose(loss.item(), theirs.item(), rtol=1e-12)
    assert dict(net.named_parameters()).keys() == p.keys()
    for path, parameter in net.named_parameters():
        np.testing.assert_allclose(
            parameter.grad, p[path].grad.numpy(), rtol=1e-9, atol=1e-12, err_msg=path
        )


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_later_token_never_changes_earlier_logits(positions: str) -> None:
    net = gpt(positions=positions)
    before = net(TOKENS).data
    for t in range(1, T):
        changed = TOKENS.copy()
        changed[:, t:] = (changed[:, t:] + 1) % V
        after = net(changed).data
        np.testing.assert_array_equal(after[:, :t], before[:, :t])
        assert (after[:, t] != before[:, t]).any()


@pytest.mark.parametrize("steps", [(1,) * T, (4, 1, 1)])
@pytest.mark.parametrize(
    "options", [*({"positions": p} for p in POSITIONS), {"heads": 4, "num_kv_heads": 2}]
)
def test_steps_with_the_cache_are_recomputation(
    options: dict[str, Any], steps: tuple[int, ...]
) -> None:
    net = gpt(**options)
    cache, start = net.new_cache(3), 0
    for n in steps:
        logits, cache = net.generate_step(TOKENS[:, start : start + n], cache)
        start += n
        assert not logits.requires_grad
        np.testing.assert_allclose(logits.data, net(TOKENS[:, :start]).data[:, -1], atol=1e-6)


def test_initial_weights() -> None:
    net = models.GPT(200, context=64, width=128, layers=3, heads=4, rng=0)
    for path, parameter in net.named_parameters():
        if path.endswith("bias"):
            assert not parameter.data.any(), path
        elif "norm" in path:
            assert (parameter.data == 1).all(), path
        else:
            ends = path.endswith(("attention.out.weight", "down.weight"))
            std = 0.02 / math.sqrt(6) if ends else 0.02
            assert abs(parameter.data.std() / std - 1) < 0.03, path
    start = net(np.random.default_rng(0).integers(0, 200, (4, 64))).data
    assert abs(np.log(np.exp(start).mean()) - start.mean()) < 0.1  # nearly even


def test_size_and_tied_weights() -> None:
    net = models.GPT(65, context=64, width=128, layers=4, heads=4, bias=False)
    # nanoGPT prints 0.80M for this setting: it leaves the 64 × 128 positions out.
    assert net.num_parameters() == 65 * 128 + 64 * 128 + 4 * (12 * 128**2 + 2 * 128) + 128
    assert net.num_parameters() - 64 * 128 == 795_904
    untied = models.GPT(65, context=64, width=128, layers=4, heads=4, bias=False, tied=False)
    assert untied.num_parameters() == net.num_parameters() + 65 * 128


def test_weight_decay_reaches_matrices_alone() -> None:
    net = gpt()
    groups = net.parameter_groups(0.5)
    assert sum(len(g["params"]) for g in groups) == len(net.parameters())
    assert {q.ndim for q in groups[0]["params"]} == {2}
    assert {q.ndim for q in groups[1]["params"]} == {1}
    optimizer = optim.AdamW(groups, lr=0.1)
    before = net.state_dict()
    for parameter in net.parameters():
        parameter.grad = np.zeros_like(parameter.data)
    optimizer.step()
    for path, parameter in net.named_parameters():
        factor = 0.95 if parameter.ndim > 1 else 1.0
        np.testing.assert_allclose(parameter.data, factor * before[path], rtol=1e-6)


def test_it_learns_a_sequence_by_heart() -> None:
    net = gpt()
    optimizer = optim.AdamW(net.parameter_groups(0.0), lr=1e-2)
    for _ in range(60):
        loss = losses.cross_entropy(net(TOKENS[:1, :-1]).reshape(-1, V), TOKENS[0, 1:])
        net.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    prompt = TOKENS[0, :1]
    np.testing.assert_array_equal(models.generate(net, prompt, T - 1, temperature=0), TOKENS[0])


def test_dropout_in_training_alone() -> None:
    net = gpt(dropout=0.3)
    assert (net(TOKENS).data != net(TOKENS).data).any()
    net.eval()
    np.testing.assert_array_equal(net(TOKENS).data, net(TOKENS).data)


def test_made_by_name() -> None:
    options = {"width": D, "layers": 1, "heads": 2, "rng": 1}
    net = models.find_model("gpt").build((T,), V, options)
    assert isinstance(net, models.GPT)
    assert net.context == T
    assert net(TOKENS).shape == (3, T, V)
    other = gpt(layers=1, bias=False, rng=5)
    other.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(other(TOKENS).data, net(TOKENS).data)


def test_messages() -> None:
    net = gpt()
    with pytest.raises(ShapeError) as caught:
        net(np.zeros((1, 7), int))
    assert str(caught.value) == (
        "expected tokens of shape (samples, length), up to 6 in length, got (1, 7)"
    )
    cache = net.new_cache()
    net.generate_step(TOKENS[:1], cache)
    with pytest.raises(ShapeError) as full:
        net.generate_step(TOKENS[:1, :1], cache)
    assert str(full.value) == (
        "expected tokens of shape (samples, length), up to 6 in length, got (1, 1) after 6 in the "
        "cache"
    )
    with pytest.raises(DataError) as empty:
        gpt(context=0)
    assert str(empty.value) == "the context is at least 1 token, got 0"
    with pytest.raises(UnknownNameError):
        gpt(positions="sinusoid")
