"""PyTorch's own samples of modules, run by both libraries with the same parameters.

Parameters are arguments like inputs: Pellucid's layer computes with Tensors in PyTorch's layout,
which are transposed where its own differs. So one replay compares outputs, and first and second
derivatives by inputs and parameters.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from parity.operators import SEED, Replayed, chosen
from parity.replay import replay
from parity.rows import attention, losses, networks, products
from parity.rows.layers import AVERAGES, Call, State, function, layered, transposed
from parity.rows.recurrent import recurrent, recurrent_cell


def _bilinear(state: State, training: bool, args: Any, options: Any) -> Callable[..., Any]:
    row = products.ROWS["nn.functional.bilinear"]
    return lambda x, y: row(x, y, state["weight"], state.get("bias"))


_POOL = ("kernel_size", "stride", "padding")
_PADS = ("Zero", "Reflection", "Replication", "Circular", "Constant")

MODULES: dict[str, Call] = {
    **{
        name: layered(name)
        for name in (
            "CELU",
            "ELU",
            "GELU",
            "ReLU",
            "LeakyReLU",
            "ReLU6",
            "SELU",
            "Sigmoid",
            "SiLU",
            "Softplus",
            "Softsign",
            "Tanh",
            "Mish",
            "PReLU",
            "BatchNorm1d",
            "BatchNorm2d",
            "BatchNorm3d",
            "GroupNorm",
            "LocalResponseNorm",
            "Embedding",
        )
    },
    "Hardswish": layered("HardSwish"),
    "GLU": layered("GLU", renamed={"dim": "axis"}),
    "Softmax": layered("Softmax", renamed={"dim": "axis"}),
    "LogSoftmax": layered("LogSoftmax", renamed={"dim": "axis"}),
    "LayerNorm": layered("LayerNorm", renamed={"elementwise_affine": "affine"}),
    "RMSNorm": layered("RMSNorm", renamed={"elementwise_affine": "affine"}),
    "Linear": layered("Linear", weights=transposed, rank=0),
    **{f"InstanceNorm{n}d": layered(f"InstanceNorm{n}d", rank=n) for n in (1, 2)},
    **{f"Conv{n}d": layered(f"Conv{n}d", rank=n) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": layered(f"ConvTranspose{n}d", rank=n) for n in (1, 2)},
    **{f"AdaptiveAvgPool{n}d": layered(f"AdaptiveAvgPool{n}d", rank=n) for n in (1, 2)},
    **{f"AdaptiveMaxPool{n}d": layered(f"AdaptiveMaxPool{n}d", rank=n) for n in (1, 2)},
    **{
        f"AvgPool{n}d": layered(f"AvgPool{n}d", (*_POOL, "ceil_mode", "count_include_pad"), rank=n)
        for n in (1, 2)
    },
    **{
        f"MaxPool{n}d": layered(
            f"MaxPool{n}d", (*_POOL, "dilation", "return_indices", "ceil_mode"), rank=n
        )
        for n in (1, 2)
    },
    **{
        f"LPPool{n}d": layered(
            f"LPPool{n}d", ("norm_type", "kernel_size", "stride", "ceil_mode"), rank=n
        )
        for n in (1, 2)
    },
    **{
        f"{kind}Pad{n}d": layered(f"{kind}Pad{n}d", rank=n, pairs=True)
        for kind in _PADS
        for n in (1, 2, 3)
    },
    **{name: recurrent_cell(name) for name in ("RNNCell", "GRUCell", "LSTMCell")},
    **{name: recurrent(name) for name in ("RNN", "GRU", "LSTM")},
    "MultiheadAttention": attention.multi_head,
    "TransformerEncoderLayer": attention.encoder_layer,
    "TransformerDecoderLayer": attention.decoder_layer,
    "TransformerEncoder": attention.encoder,
    "Bilinear": _bilinear,
    "Softmax2d": function(lambda x: networks.F.softmax(x, -3)),
    "Softmin": function(lambda x, dim: networks.F.softmax(-x, dim)),
    "Hardshrink": function(networks.ROWS["nn.functional.hardshrink"]),
    "Hardtanh": function(networks.ROWS["nn.functional.hardtanh"]),
    "LogSigmoid": function(networks.ROWS["nn.functional.logsigmoid"]),
    "Softshrink": function(networks.ROWS["nn.functional.softshrink"]),
    "Tanhshrink": function(networks.ROWS["nn.functional.tanhshrink"]),
    "Threshold": function(networks.ROWS["nn.functional.threshold"]),
    **{
        name: function(losses.ROWS[f"nn.functional.{row}"])
        for name, row in {
            "BCELoss": "binary_cross_entropy",
            "BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
            "CosineEmbeddingLoss": "cosine_embedding_loss",
            "CrossEntropyLoss": "cross_entropy",
            "GaussianNLLLoss": "gaussian_nll_loss",
            "HingeEmbeddingLoss": "hinge_embedding_loss",
            "HuberLoss": "huber_loss",
            "KLDivLoss": "kl_div",
            "L1Loss": "l1_loss",
            "MSELoss": "mse_loss",
            "MarginRankingLoss": "margin_ranking_loss",
            "MultiLabelSoftMarginLoss": "multilabel_soft_margin_loss",
            "MultiMarginLoss": "multi_margin_loss",
            "NLLLoss": "nll_loss",
            "PoissonNLLLoss": "poisson_nll_loss",
            "SmoothL1Loss": "smooth_l1_loss",
            "SoftMarginLoss": "soft_margin_loss",
        }.items()
    },
}
"""Pellucid's counterpart of each module."""


@functools.cache
def database() -> dict[str, Any]:
    """PyTorch's modules by name."""
    import torch

    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_modules import module_db
    return {entry.module_cls.__name__: entry for entry in module_db}


def _samples(name: str) -> list[tuple[bool, Any]]:
    import torch

    torch.manual_seed(SEED)
    entry = database()[name]
    return [
        (training, sample)
        for training in (True, False)
        for sample in entry.module_inputs_func(
            entry, device="cpu", dtype=torch.float64, requires_grad=True, training=training
        )
    ]


def _compared(name: str, training: bool, sample: Any) -> Any:
    """Both libraries' functions of inputs, parameters and constructor arguments, and these."""
    import torch

    made = sample.constructor_input
    module = database()[name].module_cls(*made.args, **made.kwargs).double().train(training)
    names = [key for key, _ in module.named_parameters()]
    averages = {
        key: value.clone() for key, value in module.named_buffers() if value.is_floating_point()
    }
    others = {key: value.clone() for key, value in module.named_buffers() if key not in averages}

    def reference(inputs: Any, params: Any, buffers: Any, *made: Any, **options: Any) -> Any:
        state = dict(zip(names, params, strict=True)) | buffers | dict(others)
        found = torch.func.functional_call(module, state, inputs, options)
        return [found, *(state[key] for key in averages if key in AVERAGES)]

    def found(
        inputs: Any, params: Any, buffers: Any, args: Any, settings: Any, **options: Any
    ) -> Any:
        state = dict(zip(names, params, strict=True)) | buffers
        call = MODULES[name](state, training, tuple(args), dict(settings))
        return call(*inputs, **options)

    inputs = sample.forward_input
    tree = (
        (
            tuple(inputs.args),
            [value.detach().requires_grad_() for _, value in module.named_parameters()],
            averages,
            tuple(made.args),
            dict(made.kwargs),
        ),
        dict(inputs.kwargs),
    )
    return found, reference, tree


def replayed(name: str) -> Replayed:
    """Replay all samples of a module, in training and in evaluation."""
    kept, left_out = chosen(_samples(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = [_compared(name, training, sample) for training, sample in kept]
    return Replayed([replay(*case) for case in cases], left_out)
