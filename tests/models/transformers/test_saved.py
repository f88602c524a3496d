"""Every transformer is saved, and made again from its file by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.models import find_model
from pellucid.training.model_file import load_model, save_model

TOKENS = np.array([[5, 3, 7, 0], [2, 2, 9, 4]])
SMALL: dict[str, Any] = {"width": 8, "layers": 1, "heads": 2}
KINDS: dict[str, tuple[tuple[int, ...], int, dict[str, Any], tuple[Any, ...]]] = {
    "gpt": ((4,), 10, {"positions": "rotary", "num_kv_heads": 1}, (TOKENS,)),
    "transformer-classifier": ((4,), 3, {"vocabulary": 10, "pooling": "cls"}, (TOKENS,)),
    "transformer-forecaster": ((4, 2), 3, {}, (np.ones((5, 4, 2), np.float32),)),
    "transformer": ((4,), 10, {"vocabulary": 10, "norm_first": True}, (TOKENS, TOKENS[:, :3])),
}


@pytest.mark.parametrize("name", KINDS)
def test_saved_and_made_again(name: str, tmp_path) -> None:
    shape, outputs, extra, inputs = KINDS[name]
    options = {**SMALL, **extra, "rng": 3}
    net = find_model(name).build(shape, outputs, options).eval()
    described = {
        "name": name, "input_shape": list(shape), "outputs": outputs, "options": options,
    }  # fmt: skip
    save_model(tmp_path / "model.safetensors", net, architecture=described)
    again = load_model(tmp_path / "model.safetensors").net.eval()
    assert type(again) is type(net)
    np.testing.assert_array_equal(again(*inputs).data, net(*inputs).data)


@pytest.mark.parametrize("name", KINDS)
def test_every_type_is_kept(name: str) -> None:
    shape, outputs, extra, inputs = KINDS[name]
    for dtype in ("float32", "float64"):
        options = {**SMALL, **extra, "rng": 3, "dtype": dtype}
        net = find_model(name).build(shape, outputs, options)
        y = net(*inputs)
        assert y.dtype == dtype
        y.sum().backward()
        for path, parameter in net.named_parameters():
            assert parameter.dtype == dtype, path
            assert parameter.grad is not None, path
            assert parameter.grad.dtype == dtype, path


@pytest.mark.parametrize("name", KINDS)
def test_the_seed_decides(name: str) -> None:
    shape, outputs, extra, inputs = KINDS[name]
    found = [
        find_model(name).build(shape, outputs, {**SMALL, **extra, "rng": seed})
        for seed in (3, 3, 4)
    ]
    one, same, other = (net.eval()(*inputs).data for net in found)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
