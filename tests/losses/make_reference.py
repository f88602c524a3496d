"""Reference values of the losses, computed by PyTorch and stored in reference.npz.

``python tests/losses/make_reference.py`` writes the file; the default tests read it, and the tests
marked ``parity`` ask the real PyTorch again. Each case says how Pellucid is called and how PyTorch
computes the same; weighted means are written out as Σ w·ℓ / Σ w wherever PyTorch has none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

STORED = Path(__file__).with_name("reference.npz")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Case:
    """One way to call one loss.

    `inputs` are the positional arguments in order; those named in `differentiate` get gradients.
    `torch` computes the loss from (torch.nn.functional, tensors by name, reduction).
    """

    loss: str
    name: str
    inputs: dict[str, np.ndarray]
    torch: Callable[[Any, dict[str, Any], str], Any]
    settings: dict[str, Any]
    differentiate: tuple[str, ...]
    reductions: tuple[str, ...] = ("none", "mean", "sum")

    @property
    def id(self) -> str:
        return f"{self.loss}-{self.name}"

    def typed(self, dtype: str) -> dict[str, np.ndarray]:
        return {
            name: x.astype(dtype) if x.dtype.kind == "f" else x for name, x in self.inputs.items()
        }


def wave(*shape: int, phase: float = 0.0, size: float = 2.0) -> np.ndarray:
    """Numbers without a pattern that need no random generator."""
    k = np.arange(np.prod(shape), dtype=np.float64)
    return size * np.sin(1.7 * k + 0.31 * k**2 + phase).reshape(shape)


def cotangent(shape: tuple[int, ...]) -> np.ndarray:
    """Where a loss is not reduced, the gradient of its sum with these weights is compared."""
    return wave(*shape, phase=5.0) + 0.5 if shape else np.ones(())


def normalized(x: np.ndarray, axis: int = 1) -> np.ndarray:
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def log_normalized(x: np.ndarray, axis: int = 1) -> np.ndarray:
    return np.log(normalized(x, axis))


def fold(losses: Any, reduction: str, weights: Any = None) -> Any:
    """Reduce PyTorch's losses as documented: the mean divides by the sum of the weights."""
    if weights is None:
        weights = np.ones(())
    w = losses.new_tensor(np.asarray(weights))
    w = w.reshape(w.shape + (1,) * (losses.ndim - w.ndim)) if w.ndim else w
    weighted = losses * w
    if reduction == "none":
        return weighted
    if reduction == "sum":
        return weighted.sum()
    return weighted.sum() / w.expand_as(losses).sum()


CASES: list[Case] = []


def case(
    loss: str,
    name: str,
    inputs: dict[str, np.ndarray],
    torch: Callable[[Any, dict[str, Any], str], Any],
    *,
    differentiate: tuple[str, ...] | None = None,
    reductions: tuple[str, ...] = ("none", "mean", "sum"),
    **settings: Any,
) -> None:
    CASES.append(
        Case(
            loss, name, inputs, torch, settings, differentiate or (next(iter(inputs)),), reductions
        )
    )


SAMPLES = np.array([0.5, 2.0, 0.0, 1.0, 3.0])
PAIR = {"p": wave(5, 3), "y": wave(5, 3, phase=1.0)}


def elementwise(
    loss: str, name: str, inputs: dict[str, np.ndarray], each: Callable[..., Any], **settings: Any
) -> None:
    """Register a case without weights, one with sample weights, and one with entry weights."""
    entries = np.abs(wave(*next(iter(inputs.values())).shape, phase=2.0))
    weights = {"": None, "-samples": SAMPLES, "-entries": entries}
    for suffix, w in weights.items():
        extra = {} if w is None else {"sample_weight": w}
        case(
            loss,
            name + suffix,
            inputs,
            lambda F, t, reduction, w=w: fold(each(F, *t.values()), reduction, w),
            **settings,
            **extra,
        )


# --- regression -----------------------------------------------------------------------------------

elementwise("mean_squared_error", "plain", PAIR, lambda F, p, y: F.mse_loss(p, y, reduction="none"))
elementwise(
    "half_squared_error", "plain", PAIR, lambda F, p, y: 0.5 * F.mse_loss(p, y, reduction="none")
)
elementwise("mean_absolute_error", "plain", PAIR, lambda F, p, y: F.l1_loss(p, y, reduction="none"))
elementwise("huber", "plain", PAIR, lambda F, p, y: F.huber_loss(p, y, reduction="none"))
elementwise(
    "huber",
    "wide",
    PAIR,
    lambda F, p, y: F.huber_loss(p, y, reduction="none", delta=2.5),
    delta=2.5,
)
elementwise("smooth_l1", "plain", PAIR, lambda F, p, y: F.smooth_l1_loss(p, y, reduction="none"))
elementwise(
    "smooth_l1",
    "narrow",
    PAIR,
    lambda F, p, y: F.smooth_l1_loss(p, y, reduction="none", beta=0.25),
    beta=0.25,
)
elementwise(
    "smooth_l1",
    "sharp",
    PAIR,
    lambda F, p, y: F.smooth_l1_loss(p, y, reduction="none", beta=0.0),
    beta=0.0,
)
case(
    "mean_squared_error",
    "both",
    PAIR,
    lambda F, t, reduction: F.mse_loss(t["p"], t["y"], reduction=reduction),
    differentiate=("p", "y"),
)
case(
    "mean_squared_error",
    "vector",
    {"p": wave(4), "y": wave(4, phase=1.0)},
    lambda F, t, reduction: F.mse_loss(t["p"], t["y"], reduction=reduction),
)

# --- binary ---------------------------------------------------------------------------------------

HARD = (wave(5, 3, phase=3.0) > 0).astype(np.float64)
SOFT = 0.5 + 0.45 * wave(5, 3, phase=3.0, size=1.0)
LOGITS = wave(5, 3, size=4.0)
PROBABILITIES = 1 / (1 + np.exp(-LOGITS))
POSITIVE = np.array([0.5, 1.0, 3.0])
W_BINARY = np.array([0.5, 2.0])

for kind, y in (("hard", HARD), ("soft", SOFT)):
    elementwise(
        "binary_cross_entropy_with_logits",
        kind,
        {"p": LOGITS, "y": y},
        lambda F, z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none"),
    )
    elementwise(
        "binary_cross_entropy",
        kind,
        {"p": PROBABILITIES, "y": y},
        lambda F, q, y: F.binary_cross_entropy(q, y, reduction="none"),
    )
    elementwise(
        "binary_cross_entropy_with_logits",
        f"{kind}-positive",
        {"p": LOGITS, "y": y},
        lambda F, z, y: F.binary_cross_entropy_with_logits(
            z, y, reduction="none", pos_weight=z.new_tensor(POSITIVE)
        ),
        pos_weight=POSITIVE,
    )
    case(
        "binary_cross_entropy_with_logits",
        f"{kind}-classes",
        {"p": LOGITS, "y": y},
        lambda F, t, reduction, y=y: fold(
            F.binary_cross_entropy_with_logits(t["p"], t["y"], reduction="none"),
            reduction,
            W_BINARY[0] * (1 - y) + W_BINARY[1] * y,
        ),
        class_weight=W_BINARY,
    )
    case(
        "binary_cross_entropy",
        f"{kind}-classes-samples",
        {"p": PROBABILITIES, "y": y},
        lambda F, t, reduction, y=y: fold(
            F.binary_cross_entropy(t["p"], t["y"], reduction="none"),
            reduction,
            (W_BINARY[0] * (1 - y) + W_BINARY[1] * y) * SAMPLES[:, None],
        ),
        class_weight=W_BINARY,
        sample_weight=SAMPLES,
    )
    case(
        "binary_cross_entropy",
        f"{kind}-positive",
        {"p": PROBABILITIES, "y": y},
        lambda F, t, reduction: fold(
            -2.5 * t["y"] * t["p"].log() - (1 - t["y"]) * (1 - t["p"]).log(), reduction
        ),
        pos_weight=2.5,
    )
for name in ("binary_cross_entropy_with_logits", "binary_cross_entropy"):
    case(
        name,
        "targets",
        {"p": LOGITS if "logits" in name else PROBABILITIES, "y": SOFT},
        lambda F, t, reduction, name=name: getattr(F, name)(t["p"], t["y"], reduction=reduction),
        differentiate=("p", "y"),
    )

# --- several classes ------------------------------------------------------------------------------

SCORES = wave(5, 4, size=3.0)
LABELS = np.array([2, 0, 3, 1, 2])
DEEP = wave(5, 4, 3, 2, size=3.0)
DEEP_LABELS = np.arange(30).reshape(5, 3, 2) * 7 % 4
IGNORED = np.array([2, -100, 3, 1, -100])
W_CLASS = np.array([0.5, 1.0, 2.0, 0.25])
CROSS: dict[str, tuple[np.ndarray, np.ndarray, dict[str, Any]]] = {
    "labels": (SCORES, LABELS, {}),
    "two-classes": (wave(5, 2), LABELS % 2, {}),
    "many-classes": (wave(3, 60), np.array([59, 0, 7]), {}),
    "classes": (SCORES, LABELS, {"class_weight": W_CLASS}),
    "ignored": (SCORES, IGNORED, {"ignore_index": -100}),
    "ignored-classes": (SCORES, IGNORED, {"ignore_index": -100, "class_weight": W_CLASS}),
    "smooth": (SCORES, LABELS, {"label_smoothing": 0.1}),
    "smooth-classes": (SCORES, LABELS, {"label_smoothing": 0.1, "class_weight": W_CLASS}),
    "smooth-classes-ignored": (
        SCORES,
        IGNORED,
        {"label_smoothing": 0.3, "class_weight": W_CLASS, "ignore_index": -100},
    ),
    "distribution": (SCORES, normalized(wave(5, 4, phase=1.0)), {}),
    "distribution-classes": (
        SCORES,
        normalized(wave(5, 4, phase=1.0)),
        {"class_weight": W_CLASS},
    ),
    "distribution-smooth": (
        SCORES,
        normalized(wave(5, 4, phase=1.0)),
        {"label_smoothing": 0.2, "class_weight": W_CLASS},
    ),
    "deep": (DEEP, DEEP_LABELS, {}),
    "deep-classes-ignored": (DEEP, DEEP_LABELS, {"class_weight": W_CLASS, "ignore_index": 1}),
    "deep-smooth": (DEEP, DEEP_LABELS, {"label_smoothing": 0.1}),
    "deep-distribution": (DEEP, normalized(wave(5, 4, 3, 2, phase=1.0)), {}),
}


def torch_settings(t: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    names = {"class_weight": "weight"}
    return {
        names.get(k, k): t["p"].new_tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in settings.items()
    }


for name, (z, y, settings) in CROSS.items():
    case(
        "cross_entropy",
        name,
        {"p": z, "y": y},
        lambda F, t, reduction, settings=settings: F.cross_entropy(
            t["p"], t["y"], reduction=reduction, **torch_settings(t, settings)
        ),
        differentiate=("p", "y") if name == "distribution" else ("p",),
        **settings,
    )
    if "smooth" not in name and "distribution" not in name:
        case(
            "negative_log_likelihood",
            name,
            {"p": log_normalized(z), "y": y},
            lambda F, t, reduction, settings=settings: F.nll_loss(
                t["p"], t["y"], reduction=reduction, **torch_settings(t, settings)
            ),
            **settings,
        )


def sampled_cross_entropy(
    F: Any, t: dict[str, Any], reduction: str, smoothing: float, weigh: bool
) -> Any:
    """Sample weights, which PyTorch lacks: s·w_y in the divisor, s·ℓ in the sum."""
    settings: dict[str, Any] = {"label_smoothing": smoothing}
    class_weight = W_CLASS if weigh else np.ones(4)
    settings["weight"] = t["p"].new_tensor(class_weight)
    losses = F.cross_entropy(t["p"], t["y"], reduction="none", **settings)
    weighted = losses * t["p"].new_tensor(SAMPLES)
    if reduction == "none":
        return weighted
    if reduction == "sum":
        return weighted.sum()
    return weighted.sum() / float((SAMPLES * class_weight[LABELS]).sum())


for smoothing in (0.0, 0.2):
    for weigh in (False, True):
        case(
            "cross_entropy",
            f"samples-{smoothing}-{weigh}",
            {"p": SCORES, "y": LABELS},
            lambda F, t, reduction, smoothing=smoothing, weigh=weigh: sampled_cross_entropy(
                F, t, reduction, smoothing, weigh
            ),
            sample_weight=SAMPLES,
            label_smoothing=smoothing,
            **({"class_weight": W_CLASS} if weigh else {}),
        )
case(
    "cross_entropy",
    "distribution-samples",
    {"p": SCORES, "y": normalized(wave(5, 4, phase=1.0))},
    lambda F, t, reduction: fold(
        F.cross_entropy(t["p"], t["y"], reduction="none"), reduction, SAMPLES
    ),
    sample_weight=SAMPLES,
)
case(
    "cross_entropy",
    "deep-samples",
    {"p": DEEP, "y": DEEP_LABELS},
    lambda F, t, reduction: fold(
        F.cross_entropy(t["p"], t["y"], reduction="none"), reduction, SAMPLES
    ),
    sample_weight=SAMPLES,
)
case(
    "negative_log_likelihood",
    "samples",
    {"p": log_normalized(SCORES), "y": LABELS},
    lambda F, t, reduction: fold(F.nll_loss(t["p"], t["y"], reduction="none"), reduction, SAMPLES),
    sample_weight=SAMPLES,
)

# --- margins --------------------------------------------------------------------------------------

for power in (1, 2):
    elementwise(
        "hinge" if power == 1 else "squared_hinge",
        "plain",
        {"p": wave(5, 3), "y": 2 * HARD - 1},
        lambda F, s, y, power=power: (1 - s * y).clamp(min=0) ** power,
    )
    for margin in (1.0, 0.3):
        case(
            "multiclass_hinge",
            f"weston-watkins-{power}-{margin}",
            {"p": SCORES, "y": LABELS},
            lambda F, t, reduction, power=power, margin=margin: F.multi_margin_loss(
                t["p"], t["y"], p=power, margin=margin, reduction=reduction
            ),
            variant="weston-watkins",
            power=power,
            margin=margin,
        )
    case(
        "multiclass_hinge",
        f"weston-watkins-{power}-weights",
        {"p": SCORES, "y": LABELS},
        lambda F, t, reduction, power=power: fold(
            F.multi_margin_loss(t["p"], t["y"], p=power, reduction="none"),
            reduction,
            W_CLASS[LABELS] * SAMPLES,
        ),
        variant="weston-watkins",
        power=power,
        class_weight=W_CLASS,
        sample_weight=SAMPLES,
    )

# --- divergence and likelihood --------------------------------------------------------------------

TARGETS = normalized(wave(5, 4, phase=1.0))
SPARSE = np.where(TARGETS < 0.1, 0.0, TARGETS)
SPARSE /= SPARSE.sum(axis=1, keepdims=True)
KL = {
    "plain": (TARGETS, False),
    "sparse": (SPARSE, False),
    "log": (np.log(TARGETS), True),
}
for name, (y, log) in KL.items():
    case(
        "kl_divergence",
        name,
        {"p": log_normalized(SCORES), "y": y},
        lambda F, t, reduction, log=log: F.kl_div(
            t["p"], t["y"], reduction=reduction, log_target=log
        ),
        differentiate=("p",) if name == "sparse" else ("p", "y"),
        reductions=("none", "mean", "sum", "batchmean"),
        log_targets=log,
    )
case(
    "kl_divergence",
    "samples",
    {"p": log_normalized(SCORES), "y": TARGETS},
    lambda F, t, reduction: (
        fold(F.kl_div(t["p"], t["y"], reduction="none"), reduction, SAMPLES)
        if reduction != "batchmean"
        else (F.kl_div(t["p"], t["y"], reduction="none").sum(dim=1) @ t["p"].new_tensor(SAMPLES))
        / SAMPLES.sum()
    ),
    reductions=("none", "mean", "sum", "batchmean"),
    sample_weight=SAMPLES,
)

for full in (False, True):
    for name, v in (
        ("entries", 0.2 + np.abs(wave(5, 3, phase=2.0))),
        ("rows", 0.2 + np.abs(wave(5, 1, phase=2.0))),
        ("tiny", np.where(wave(5, 3, phase=2.0) > 0, 1e-9, 0.7)),
    ):
        case(
            "gaussian_nll",
            f"{name}-{full}",
            {**PAIR, "v": v},
            lambda F, t, reduction, full=full: F.gaussian_nll_loss(
                t["p"], t["y"], t["v"], full=full, reduction=reduction
            ),
            differentiate=("p", "y", "v") if name != "tiny" else ("p",),
            full=full,
        )
    counts = np.floor(4 + 2 * wave(5, 3, phase=1.0))
    case(
        "poisson_nll",
        f"log-{full}",
        {"p": wave(5, 3), "y": counts},
        lambda F, t, reduction, full=full: F.poisson_nll_loss(
            t["p"], t["y"], full=full, reduction=reduction
        ),
        full=full,
    )
    case(
        "poisson_nll",
        f"rate-{full}",
        {"p": np.exp(wave(5, 3)), "y": counts},
        lambda F, t, reduction, full=full: F.poisson_nll_loss(
            t["p"], t["y"], log_input=False, full=full, reduction=reduction
        ),
        log_input=False,
        full=full,
    )
case(
    "gaussian_nll",
    "samples",
    {**PAIR, "v": 0.2 + np.abs(wave(5, 3, phase=2.0))},
    lambda F, t, reduction: fold(
        F.gaussian_nll_loss(t["p"], t["y"], t["v"], reduction="none"), reduction, SAMPLES
    ),
    sample_weight=SAMPLES,
)
case(
    "poisson_nll",
    "samples",
    {"p": wave(5, 3), "y": np.floor(4 + 2 * wave(5, 3, phase=1.0))},
    lambda F, t, reduction: fold(
        F.poisson_nll_loss(t["p"], t["y"], reduction="none"), reduction, SAMPLES
    ),
    sample_weight=SAMPLES,
)

# --- embeddings -----------------------------------------------------------------------------------

VECTORS = {"a": wave(5, 3), "b": wave(5, 3, phase=1.0)}
SIGNS = np.array([1, -1, 1, -1, -1])
for margin in (0.0, 0.4):
    for w in (None, SAMPLES):
        case(
            "cosine_embedding",
            f"{margin}-{'plain' if w is None else 'samples'}",
            {**VECTORS, "y": SIGNS},
            lambda F, t, reduction, margin=margin, w=w: fold(
                F.cosine_embedding_loss(t["a"], t["b"], t["y"], margin=margin, reduction="none"),
                reduction,
                w,
            ),
            differentiate=("a", "b"),
            margin=margin,
            **({} if w is None else {"sample_weight": w}),
        )
for order in (1.0, 2.0, 3.0):
    for swap in (False, True):
        case(
            "triplet_margin",
            f"{order}-{swap}",
            {**VECTORS, "c": wave(5, 3, phase=2.0)},
            lambda F, t, reduction, order=order, swap=swap: F.triplet_margin_loss(
                t["a"], t["b"], t["c"], margin=1.5, p=order, swap=swap, reduction=reduction
            ),
            differentiate=("a", "b", "c"),
            margin=1.5,
            p_norm=order,
            swap=swap,
        )
case(
    "triplet_margin",
    "samples",
    {**VECTORS, "c": wave(5, 3, phase=2.0)},
    lambda F, t, reduction: fold(
        F.triplet_margin_loss(t["a"], t["b"], t["c"], reduction="none"), reduction, SAMPLES
    ),
    differentiate=("a", "b", "c"),
    sample_weight=SAMPLES,
)

# --- tokens: PyTorch has the vocabulary on axis 1, here it is the last ----------------------------

TEXTS = wave(3, 5, 7, phase=2.5)
TOKENS = np.arange(15).reshape(3, 5) * 4 % 7
TEXT_WEIGHTS = np.array([0.5, 0.0, 2.0])
TOKEN_WEIGHTS = np.abs(wave(3, 5, phase=0.7))
for name, settings in {
    "plain": {},
    "ignored": {"ignore_index": 4},
    "smooth": {"label_smoothing": 0.1},
    "smooth-ignored": {"label_smoothing": 0.3, "ignore_index": 0},
}.items():
    case(
        "token_cross_entropy",
        name,
        {"p": TEXTS, "y": TOKENS},
        lambda F, t, reduction, settings=settings: F.cross_entropy(
            t["p"].transpose(1, 2), t["y"], reduction=reduction, **settings
        ),
        **settings,
    )
for name, w in {"per-text": TEXT_WEIGHTS, "per-token": TOKEN_WEIGHTS}.items():
    case(
        "token_cross_entropy",
        name,
        {"p": TEXTS, "y": TOKENS},
        lambda F, t, reduction, w=w: fold(
            F.cross_entropy(t["p"].transpose(1, 2), t["y"], reduction="none"), reduction, w
        ),
        sample_weight=w,
    )


def reference(case: Case, dtype: str) -> np.ndarray:
    """Values and gradients of all reductions of one case, one after another, by PyTorch."""
    import torch

    pieces = []
    for reduction in case.reductions:
        tensors = {name: torch.from_numpy(x.copy()) for name, x in case.typed(dtype).items()}
        wanted = [tensors[name].requires_grad_() for name in case.differentiate]
        value = case.torch(torch.nn.functional, tensors, reduction)
        seed = torch.from_numpy(cotangent(tuple(value.shape)).astype(dtype))
        gradients = torch.autograd.grad(value, wanted, seed)
        pieces += [value, *gradients]
    return np.concatenate([x.detach().numpy().ravel() for x in pieces]).astype(dtype)


def main() -> None:
    stored = {f"{c.id}|{dtype}": reference(c, dtype) for c in CASES for dtype in DTYPES}
    np.savez_compressed(STORED, **stored)
    print(f"{len(CASES)} cases, {STORED.stat().st_size / 1000:.0f} kB in {STORED.name}")


if __name__ == "__main__":
    sys.exit(main())
