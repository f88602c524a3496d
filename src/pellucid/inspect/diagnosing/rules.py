"""Everything that the doctor looks for: one entry a rule, in the order in which they count.

A cause comes before its effects: a finding hides the later ones that it explains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pellucid.inspect.diagnosing.finding import Finding, Severity

__all__ = ["RULES", "Rule", "Stage", "explained", "finding"]

Stage: TypeAlias = Literal[
    "static",
    "data",
    "non-finite",
    "initialisation",
    "units",
    "gradients",
    "learning rate",
    "loss",
    "experiment",
]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    code : str
        Its name.
    stage : str
        Which part of a training it looks at.
    title : str
        What is wrong, in a few words.
    measures : str
        The quantity that is looked at.
    threshold, critical : float or None
        From where on it is a finding, and a critical one.
    severity : "note", "warning" or "critical"
        How bad it is below `critical`.
    cause : str
        What usually brings it about.
    source : str
        Where the rule comes from.
    explained_by : tuple of str
        Earlier findings whose consequence this one is.
    """

    code: str
    stage: Stage
    title: str
    measures: str
    threshold: float | None
    critical: float | None
    severity: Severity
    cause: str
    source: str
    explained_by: tuple[str, ...] = ()


_OUTPUT = (
    "softmax-before-cross-entropy",
    "sigmoid-before-cross-entropy",
    "relu-on-output",
    "bounded-output",
)
_START = ("unscaled-inputs", "symmetric-units", "bad-initial-scale")
_UNITS = ("dead-units", "saturated-units")
_RATE = ("learning-rate-too-high", "learning-rate-too-low")

_ENTRIES = (
    Rule(
        "softmax-before-cross-entropy",
        "static",
        "softmax twice",
        "the operation that makes the output, and what the loss takes",
        None,
        None,
        "critical",
        "the loss applies softmax to its logits itself; with another one before it the logits lie "
        "between 0 and 1, so no class can be given more than e / (e + C − 1)",
        "NeuraLint (2021); UMLAUT (2021)",
    ),
    Rule(
        "sigmoid-before-cross-entropy",
        "static",
        "sigmoid before a loss of logits",
        "the operation that makes the output, and what the loss takes",
        None,
        None,
        "critical",
        "the loss turns logits into probabilities itself; after a sigmoid they lie between 0 and "
        "1, so it can never be sure",
        "NeuraLint (2021)",
    ),
    Rule(
        "relu-on-output",
        "static",
        "ReLU on the output",
        "the operation that makes the output",
        None,
        None,
        "warning",
        "a ReLU cuts off half of what the output could say, and passes no gradient there",
        "NeuraLint (2021); TheDeepChecker (2023)",
    ),
    Rule(
        "bounded-output",
        "static",
        "output that cannot reach the targets",
        "share of targets outside of what the output can be",
        0.0,
        None,
        "warning",
        "sigmoid gives 0 … 1 and tanh −1 … 1, and the targets go beyond",
        "DeepDiagnosis (2022)",
    ),
    Rule(
        "squared-error-on-classes",
        "static",
        "squared error on classes",
        "targets that are class numbers or one-hot rows, and the loss",
        None,
        None,
        "warning",
        "class numbers are names and not amounts, and the gradient of a squared error vanishes "
        "just where a saturated output is wrong",
        "UMLAUT (2021); cs231n notes 2 (2015)",
    ),
    Rule(
        "linear-stack",
        "static",
        "no nonlinearity between two layers",
        "what lies between two dense layers or convolutions",
        None,
        None,
        "warning",
        "two linear maps in a row are one linear map: an activation was forgotten",
        "NeuraLint (2021)",
    ),
    Rule(
        "unscaled-inputs",
        "data",
        "inputs of an unusual scale",
        "|mean| > 5, or standard deviation outside of 0.1 … 10, of the worst column",
        5.0,
        None,
        "warning",
        "weights start as if inputs had mean 0 and standard deviation 1",
        "LeCun et al. (1998); UMLAUT (2021)",
    ),
    Rule(
        "constant-columns",
        "data",
        "inputs that never change",
        "columns with standard deviation 0",
        0.0,
        None,
        "note",
        "a column that is the same for every sample tells nothing",
        "TheDeepChecker (2023)",
    ),
    Rule(
        "class-imbalance",
        "data",
        "classes of very different size",
        "samples of the largest class for each one of the smallest",
        10.0,
        None,
        "warning",
        "rare classes hardly count in the mean loss",
        "TheDeepChecker (2023)",
    ),
    Rule(
        "non-finite",
        "non-finite",
        "NaN or infinity",
        "the first value that is not finite, by layer and phase",
        None,
        None,
        "critical",
        "a learning rate that is too high, the logarithm of 0, or an overflow",
        "DeepLocalize (2021); DeepDiagnosis (2022)",
    ),
    Rule(
        "symmetric-units",
        "initialisation",
        "units that all start alike",
        "units of a hidden layer whose incoming weights are those of another unit",
        0.0,
        None,
        "critical",
        "units that start alike get the same gradient and stay alike for ever",
        "cs231n notes 2 (2015); NeuraLint (2021)",
    ),
    Rule(
        "bad-initial-scale",
        "initialisation",
        "weights that start too large or too small",
        "variance of the weights, and standard deviation of what the layer gives, beside those "
        "of the initialisation that suits its activation",
        2.7,
        None,
        "warning",
        "the initialiser does not suit the activation, so signals grow or fade from layer to layer",
        "Glorot & Bengio (2010); He et al. (2015)",
        ("symmetric-units",),
    ),
    Rule(
        "loss-at-start",
        "initialisation",
        "far worse than a guess before the first update",
        "loss at the start, in multiples of that of a guess (ln C, or predicting the mean)",
        5.0,
        10.0,
        "warning",
        "the weights of the output are too large, or inputs or targets are not scaled",
        "cs231n notes 3 (2015); Karpathy (2019)",
        (*_OUTPUT, "squared-error-on-classes", "unscaled-inputs", "bad-initial-scale"),
    ),
    Rule(
        "dead-units",
        "units",
        "ReLU units that are always 0",
        "share of a layer's units that are 0 on every sample of a fixed set",
        0.5,
        1.0,
        "warning",
        "a step that was too large, or inputs that are not scaled, pushed them where no gradient "
        "comes through",
        "cs231n notes 1 (2015); TheDeepChecker (2023)",
        (*_OUTPUT, *_START, "loss-at-start", "learning-rate-too-high"),
    ),
    Rule(
        "saturated-units",
        "units",
        "activations at their limits",
        "share of values with |tanh| > 0.97, or sigmoid outside of 0.03 … 0.97",
        0.5,
        0.9,
        "warning",
        "weights or inputs are so large that the slope of the activation is nearly 0",
        "Glorot & Bengio (2010); DeepDiagnosis (2022)",
        (*_OUTPUT, *_START, "loss-at-start", "learning-rate-too-high"),
    ),
    Rule(
        "exploding-gradient",
        "gradients",
        "gradients that explode",
        "norm of the gradient over its running median (> 10), or RMS of the first layer's gradient "
        "over that of the last (> 70)",
        10.0,
        None,
        "warning",
        "the step is too large for the slope, or signals grow on the way back",
        "Pascanu et al. (2013); AutoTrainer (2021)",
        (*_OUTPUT, *_START, "loss-at-start", "learning-rate-too-high"),
    ),
    Rule(
        "vanishing-gradient",
        "gradients",
        "gradients that fade on the way back",
        "RMS of the gradient of the first layer's weights over that of the last layer's",
        0.02,
        0.001,
        "warning",
        "each sigmoid multiplies the gradient by at most ¼, each tanh by less than 1",
        "Glorot & Bengio (2010); AutoTrainer (2021)",
        (*_OUTPUT, *_START, *_UNITS, "linear-stack"),
    ),
    Rule(
        "untrained-parameter",
        "gradients",
        "a parameter that never changes",
        "norm of its update, over an epoch",
        0.0,
        None,
        "warning",
        "it takes no part in the loss, gets no gradient, or is not given to the optimizer",
        "TheDeepChecker (2023)",
        (*_OUTPUT, *_START, *_UNITS, "vanishing-gradient"),
    ),
    Rule(
        "regularisation-dominates",
        "gradients",
        "the penalty is stronger than the data",
        "norm of the penalty's gradient over that of the data's",
        2.0,
        None,
        "warning",
        "the weight decay is so large that weights shrink faster than they learn",
        "TheDeepChecker (2023)",
        _OUTPUT,
    ),
    Rule(
        "learning-rate-too-high",
        "learning rate",
        "steps that are too large",
        "‖ΔW‖ / ‖W‖ of a layer (median of all), beside the course of the loss",
        0.1,
        None,
        "warning",
        "the learning rate is too high for this network and optimizer",
        "cs231n notes 3 (2015); AutoTrainer (2021)",
        ("non-finite", "unscaled-inputs"),
    ),
    Rule(
        "learning-rate-too-low",
        "learning rate",
        "steps that are too small",
        "‖ΔW‖ / ‖W‖ of a layer (median of all), while the loss hardly falls",
        1e-4,
        None,
        "warning",
        "the learning rate is too low",
        "cs231n notes 3 (2015); AutoTrainer (2021)",
        (
            *_OUTPUT,
            *_START,
            *_UNITS,
            "vanishing-gradient",
            "regularisation-dominates",
            "learning-rate-too-high",
        ),
    ),
    Rule(
        "divergence",
        "loss",
        "a loss that goes up for good",
        "recent loss over the smallest there was",
        2.0,
        None,
        "warning",
        "the learning rate is too high",
        "DeepDiagnosis (2022)",
        (
            "non-finite",
            "unscaled-inputs",
            "dead-units",
            "exploding-gradient",
            "learning-rate-too-high",
        ),
    ),
    Rule(
        "oscillation",
        "loss",
        "a loss that jumps up and down",
        "share of the changes of direction among the last looks, of jumps that are large beside "
        "what is learnt meanwhile",
        0.5,
        None,
        "warning",
        "the learning rate is too high, or the batches are too small",
        "DeepDiagnosis (2022); AutoTrainer (2021)",
        ("non-finite", "learning-rate-too-high", "divergence", "exploding-gradient", *_UNITS),
    ),
    Rule(
        "flat-loss",
        "loss",
        "a loss that does not fall",
        "share by which the loss has fallen below that of a guess, after an epoch or more",
        0.05,
        None,
        "warning",
        "the targets have nothing to do with the inputs, or one of the causes above",
        "DeepDiagnosis (2022); Karpathy (2019)",
        (
            *_OUTPUT,
            "squared-error-on-classes",
            *_START,
            "non-finite",
            "loss-at-start",
            *_UNITS,
            "exploding-gradient",
            "vanishing-gradient",
            "regularisation-dominates",
            *_RATE,
            "divergence",
            "oscillation",
        ),
    ),
    Rule(
        "overfitting",
        "loss",
        "learnt by heart",
        "validation loss over its minimum, while the training loss goes on falling",
        1.15,
        None,
        "warning",
        "the network is large enough to remember single samples",
        "Karpathy (2019); Prechelt (1998)",
        ("non-finite", "learning-rate-too-high", "divergence"),
    ),
    Rule(
        "cannot-overfit-batch",
        "experiment",
        "cannot even learn 16 samples by heart",
        "error on 16 samples after 1,000 updates without regularisation",
        0.05,
        None,
        "critical",
        "a mistake in the network, the loss or a gradient, or far too small a network",
        "Karpathy (2019); cs231n notes 3 (2015)",
        (*_OUTPUT, "squared-error-on-classes", "symmetric-units"),
    ),
    Rule(
        "ignores-input",
        "experiment",
        "learns no more from its inputs than from zeros",
        "loss after training on the inputs, over that after training on zeros",
        0.95,
        None,
        "critical",
        "samples and targets got out of step, or the inputs hold nothing about the targets",
        "Karpathy (2019)",
        ("cannot-overfit-batch", "symmetric-units"),
    ),
    Rule(
        "wrong-gradient",
        "experiment",
        "a gradient that is not the slope of the loss",
        "relative error of a gradient against central differences in float64",
        1e-4,
        1e-2,
        "warning",
        "a backward pass written by hand is wrong",
        "cs231n notes 3 (2015)",
    ),
    Rule(
        "learning-rate-range",
        "experiment",
        "another learning rate would learn faster",
        "learning rate in use over the one suggested",
        10.0,
        None,
        "note",
        "the loss falls fastest at another learning rate",
        "Smith (2017)",
        _RATE,
    ),
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ENTRIES}
"""Every rule by its code, in the order in which they count."""

_ORDER = {code: position for position, code in enumerate(RULES)}


def finding(
    code: str,
    message: str,
    suggestion: str,
    *,
    layer: str = "",
    step: int | None = None,
    measured: float | None = None,
    threshold: float | None = None,
    severity: Severity | None = None,
    cause: str | None = None,
    change: dict[str, Any] | None = None,
) -> Finding:
    """Return a finding of a rule, with the rule's own words where none are given."""
    rule = RULES[code]
    return Finding(
        severity or rule.severity,
        code,
        layer,
        step,
        measured,
        rule.threshold if threshold is None else threshold,
        message,
        cause or rule.cause,
        suggestion,
        change,
    )


def explained(findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return the findings in their order, without those that others explain; and those.

    A note explains nothing, and a cause is never later than its effect.
    """
    ordered = sorted(findings, key=lambda found: _ORDER[found.code])
    causes: dict[str, int] = {}
    for found in ordered:
        if found.is_alarm:
            causes[found.code] = min(found.step or 0, causes.get(found.code, found.step or 0))
    kept: list[Finding] = []
    hidden: list[Finding] = []
    for found in ordered:
        by_another = any(
            code in causes and (found.step is None or causes[code] <= found.step)
            for code in RULES[found.code].explained_by
        )
        (hidden if by_another else kept).append(found)
    return kept, hidden
