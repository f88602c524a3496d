"""A network as blocks: what is drawn is what was computed, and arrows go where it went."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import nn
from pellucid.inspect.pictures.blocks import Block, _fewer, blocks_of
from pellucid.models import GPT


class Residual(nn.Module):
    """Two dense layers with a way past them, and an activation that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4, rng=0)
        self.second = nn.Linear(4, 4, rng=1)
        self.bend = nn.ReLU()

    def forward(self, x):
        hidden = self.bend(self.first(x))
        return self.bend(hidden + self.second(hidden))


def wiring(blocks: list[Block]) -> list[tuple[str, tuple[str, ...]]]:
    return [(b.path or b.kind, tuple(blocks[s].path or blocks[s].kind for s in b.sources))
            for b in blocks]  # fmt: skip


def test_arrows_go_where_the_numbers_went() -> None:
    assert wiring(blocks_of(Residual(), np.ones(3, np.float32))) == [
        ("input", ()),
        ("first", ("input",)),
        ("bend", ("first",)),
        ("second", ("bend",)),
        ("+", ("bend", "second")),
        ("bend", ("+",)),
    ]


def test_a_layer_that_is_called_twice_shows_both_calls() -> None:
    net, x = Residual(), np.ones(3, np.float32)
    blocks = blocks_of(net, x)
    hidden = np.maximum(x @ net.first.weight.data + net.first.bias.data, 0)
    after = np.maximum(hidden + hidden @ net.second.weight.data + net.second.bias.data, 0)
    np.testing.assert_allclose(blocks[2].values, hidden, rtol=1e-6)
    np.testing.assert_allclose(blocks[5].values, after, rtol=1e-5)
    assert [b.weights for b in blocks] == [0, 16, 0, 20, 0, 0]


def test_what_comes_after_the_last_layer_is_shown_too() -> None:
    net, tokens = GPT(12, layers=1, heads=2, width=8, context=8, rng=0), np.arange(8)
    last = blocks_of(net, tokens)[-1]  # its logits are products with the embedding
    assert last.kind == "output"
    np.testing.assert_array_equal(last.values, net(tokens[None]).data[0])


def test_layers_inside_of_others_are_put_together_where_there_are_too_many() -> None:
    net, tokens = GPT(12, layers=3, heads=2, width=8, context=8, rng=0), np.arange(8)
    assert len(blocks_of(net, tokens, 100)) > 30
    few = blocks_of(net, tokens, 8)
    assert [b.path for b in few if b.kind == "TransformerEncoderLayer"] == [
        f"encoder.layers.{k}" for k in range(3)
    ]
    whole = sum(parameter.data.size for parameter in net.parameters())
    assert sum(b.weights for b in few) == whole


def test_the_network_is_left_as_it_was() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Dropout(0.5)).train()
    before = net.state_dict()
    blocks_of(net, np.ones((1, 5, 5), np.float32))
    assert net.training
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("most", [3, 4, 6])
def test_blocks_in_the_middle_are_left_out(most: int) -> None:
    chain = [Block(str(k), "Linear", np.ones(1), 0, (k - 1,) if k else ()) for k in range(9)]
    few = _fewer(chain, most)
    assert len(few) == most
    assert f"… {9 - most + 1} more" in [b.kind for b in few]
    assert all(b.sources == ((k - 1,) if k else ()) for k, b in enumerate(few))
    assert _fewer(chain, 9) == chain
