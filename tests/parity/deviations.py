"""Where Pellucid and PyTorch part, by choice: each kind with its reason and its samples.

The tests demand that exactly these samples deviate: one that deviates anew fails, and so does an
entry that has become untrue.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from parity.operators import Replayed
from parity.replay import GRADIENT, NOT_RECORDED, REFUSED, SECOND, VALUE

OTHER_NUMBERS = " instead of "
"""What is said where the numbers differ."""


@dataclass(frozen=True)
class Deviation:
    """One kind of deviation.

    Attributes
    ----------
    reason : str
        Why it is so.
    kind : str
        Where the libraries part: refused, value, gradient, or second derivative.
    says : str
        Part of the message.
    samples : dict
        How many samples, by operator or module.
    """

    reason: str
    kind: str
    says: str
    samples: dict[str, int]


OPERATORS = (
    Deviation(
        "PyTorch draws random numbers, and so does Pellucid: they cannot be equal",
        REFUSED,
        "NotCompared: random",
        {
            "nn.functional.alpha_dropout": 4,
            "nn.functional.dropout": 4,
            "nn.functional.dropout2d": 3,
            "nn.functional.dropout3d": 3,
            "nn.functional.rrelu": 3,
            "nn.functional.scaled_dot_product_attention": 12,
        },
    ),
    Deviation(
        "dropping everything is refused: nothing would be left to train on",
        REFUSED,
        "the probability p of dropping a value",
        {
            "nn.functional.alpha_dropout": 6,
            "nn.functional.dropout": 6,
            "nn.functional.dropout2d": 4,
            "nn.functional.dropout3d": 4,
        },
    ),
    Deviation(
        "weights of classes are at least 0: a negative one rewards mistakes",
        REFUSED,
        "class weights are finite and at least 0",
        {"nn.functional.cross_entropy": 6, "nn.functional.nll_loss": 15},
    ),
    Deviation(
        "target probabilities sum to 1: other targets are a mistake in the data",
        REFUSED,
        "the target probabilities at",
        {"nn.functional.cross_entropy": 7},
    ),
    Deviation(
        "log-probabilities are at most 0: others are logits given by mistake",
        REFUSED,
        "log-probabilities are at most 0",
        {"nn.functional.nll_loss": 23},
    ),
    Deviation(
        "a single class cannot be told from others",
        REFUSED,
        "multiclass_hinge: needs at least 2 classes",
        {"nn.functional.multi_margin_loss": 1},
    ),
    Deviation(
        "the additional length of an output is below the stride: more of it sees no input",
        REFUSED,
        "must be smaller than stride",
        {"nn.functional.conv_transpose2d": 2},
    ),
    Deviation(
        "PyTorch divides by a number of one's own, also in windows over the border",
        REFUSED,
        "NotCompared: a divisor",
        {"nn.functional.avg_pool2d": 4},
    ),
    Deviation(
        "adaptive pooling does not return the positions of its maxima",
        REFUSED,
        "NotCompared: positions of the maxima",
        {"nn.functional.adaptive_max_pool1d": 4, "nn.functional.adaptive_max_pool2d": 12},
    ),
    Deviation(
        "adaptive pooling takes signals and images, not volumes",
        REFUSED,
        "NotCompared: three axes of length",
        {"nn.functional.interpolate.area": 8},
    ),
    Deviation(
        "a batch has an axis of channels",
        REFUSED,
        "batch normalisation takes",
        {"nn.functional.batch_norm": 2},
    ),
    Deviation(
        "norms of negative order are no norms",
        REFUSED,
        "norm of order -",
        {
            "linalg.norm": 8,
            "linalg.norm.subgradients_at_zero": 8,
            "linalg.vector_norm": 17,
            "nn.functional.normalize": 1,
            "nn.functional.pairwise_distance": 1,
            "norm": 8,
        },
    ),
    Deviation(
        "np.cov on a Tensor takes no weights",
        REFUSED,
        "np.cov on a Tensor does not take",
        {"cov": 27},
    ),
    Deviation(
        "np.linalg.tensorsolve on a Tensor takes no axes",
        REFUSED,
        "np.linalg.tensorsolve on a Tensor does not take",
        {"linalg.tensorsolve": 2},
    ),
    Deviation(
        "a pseudo-inverse that leaves out singular values is not differentiated",
        REFUSED,
        "pinv that leaves out singular values",
        {"linalg.pinv": 6},
    ),
    Deviation(
        "the level of a quantile is a constant",
        REFUSED,
        "takes q as a constant",
        {"quantile": 30},
    ),
    Deviation(
        "NumPy's rule: axes of a tensor product have equal lengths, none is stretched",
        REFUSED,
        "tensordot of",
        {"tensordot": 1},
    ),
    Deviation(
        "NumPy's rule: a single number has no places",
        REFUSED,
        "Calling nonzero on 0d arrays",
        {"nonzero": 2},
    ),
    Deviation(
        "NumPy's rule: an empty index has as many axes as the array too",
        REFUSED,
        "IndexError: too many indices",
        {"gather": 1},
    ),
    Deviation(
        "log(normal_cdf(x)) has the absolute exactness of the distribution, not the relative one",
        VALUE,
        OTHER_NUMBERS,
        {"special.log_ndtr": 1},
    ),
    Deviation(
        "of values for one and the same place the last one stays, and it alone has a gradient; "
        "PyTorch gives one to all of them",
        GRADIENT,
        OTHER_NUMBERS,
        {"nn.functional.max_unpool1d": 56, "nn.functional.max_unpool2d": 89},
    ),
    Deviation(
        "PyTorch's gradient by the input is that of the entries that were replaced, where those "
        "that were kept have one",
        GRADIENT,
        OTHER_NUMBERS,
        {"as_strided_scatter": 7},
    ),
    Deviation(
        "PyTorch gives a gradient to the triangle that is not read",
        GRADIENT,
        OTHER_NUMBERS,
        {"cholesky_inverse": 6, "cholesky_solve": 6},
    ),
    Deviation(
        "PyTorch's slope 1/6 is rounded to float32",
        GRADIENT,
        OTHER_NUMBERS,
        {"nn.functional.hardsigmoid": 1},
    ),
    Deviation(
        "at the zero vector the norm has the gradient 0, whose derivative is 0; PyTorch's is NaN",
        SECOND,
        OTHER_NUMBERS,
        {"linalg.norm.subgradients_at_zero": 10},
    ),
    Deviation(
        "singular vectors of equal singular values are not determined",
        SECOND,
        "GradientError: singular vectors",
        {"linalg.norm.subgradients_at_zero": 6},
    ),
    Deviation(
        "ln(e^−∞ + e^−∞) = −∞ has the slope 0 of all that follows; PyTorch's is NaN",
        SECOND,
        OTHER_NUMBERS,
        {"masked.logaddexp": 8},
    ),
)
"""Of operators."""

MODULES = (
    Deviation(
        "Pellucid's attention has no keys and values beside those of its input",
        REFUSED,
        "NotCompared: keys and values",
        {"MultiheadAttention": 96},
    ),
    Deviation(
        "weights of classes are at least 0: a negative one rewards mistakes",
        REFUSED,
        "class weights are finite and at least 0",
        {"CrossEntropyLoss": 38},
    ),
    Deviation(
        "the mean of no samples that count is 0, so that they change nothing; PyTorch's is NaN",
        VALUE,
        "0 instead of nan",
        {"CrossEntropyLoss": 1},
    ),
    Deviation(
        "NaN among the targets is a mistake in the data",
        REFUSED,
        "kl_divergence: the targets hold nan",
        {"KLDivLoss": 10},
    ),
    Deviation(
        "a single number is no distribution",
        REFUSED,
        "the predictions are a single number",
        {"KLDivLoss": 10},
    ),
    Deviation(
        "a single number has no axis to take a softmax over",
        REFUSED,
        "to take a softmax over",
        {"LogSoftmax": 2, "Softmax": 2, "Softmin": 2},
    ),
    Deviation(
        "scale and shift come together, where a layer has either",
        REFUSED,
        "unexpected keyword argument 'bias'",
        {
            "BatchNorm1d": 2,
            "BatchNorm2d": 2,
            "BatchNorm3d": 2,
            "GroupNorm": 4,
            "InstanceNorm1d": 2,
            "InstanceNorm2d": 2,
        },
    ),
    Deviation(
        "softplus needs no threshold beyond which it is taken as linear: it does not overflow",
        REFUSED,
        "Softplus.__init__() takes",
        {"Softplus": 4},
    ),
    Deviation(
        "average pooling divides by what it averages",
        REFUSED,
        "unexpected keyword argument 'divisor_override'",
        {"AvgPool2d": 6},
    ),
    Deviation(
        "the p-norm takes absolute values; PyTorch does not, and gives NaN for negative sums",
        VALUE,
        "instead of nan",
        {"LPPool1d": 2, "LPPool2d": 2},
    ),
)
"""Of modules."""

MODULES_NOT_SHARED = {
    "sizes taken from the first batch: the same layers, compared under their own names": (
        "LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d "
        "LazyConvTranspose3d"
    ),
    "volumes": (
        "AdaptiveAvgPool3d AdaptiveMaxPool3d AvgPool3d ConvTranspose3d InstanceNorm3d LPPool3d "
        "MaxPool3d"
    ),
    "random windows": "FractionalMaxPool2d FractionalMaxPool3d",
    "losses that Pellucid has not": "CTCLoss LinearCrossEntropyLoss MultiLabelMarginLoss",
    "an encoder and a decoder in one, compared by their layers": "Transformer",
}
"""PyTorch's modules that nothing here is compared with, by reason."""


def is_recorded(replayed: Replayed) -> bool:
    """Whether any sample met only functions that are recorded for differentiation."""
    return not all(NOT_RECORDED in outcome.message for outcome in replayed.outcomes)


def unexplained(name: str, replayed: Replayed, table: tuple[Deviation, ...]) -> list[str]:
    """What deviates without a reason, and reasons that do not hold any more."""
    mine = [deviation for deviation in table if name in deviation.samples]
    found: Counter[int] = Counter()
    wrong = []
    for i, outcome in enumerate(replayed.outcomes):
        if not outcome.kind or NOT_RECORDED in outcome.message:
            continue
        fits = [
            k for k, d in enumerate(mine) if d.kind == outcome.kind and d.says in outcome.message
        ]
        if fits:
            found[fits[0]] += 1
        else:
            wrong.append(f"sample {i}: {outcome.kind}: {outcome.message}")
    return wrong + [
        f"{found[k]} samples instead of {deviation.samples[name]} deviate: {deviation.reason}"
        for k, deviation in enumerate(mine)
        if found[k] != deviation.samples[name]
    ]
