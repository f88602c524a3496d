"""Checking a hand-written backward pass: is it right, and if not, which term is wrong."""

from pellucid.inspect.checking.checking import check_gradients
from pellucid.inspect.checking.layer import check_layer
from pellucid.inspect.checking.layer_report import LayerFinding, LayerReport
from pellucid.inspect.checking.report import Cause, Entry, GradientReport, ParameterVerdict
from pellucid.inspect.checking.script import Remark, ScriptReport, TrainedParameter, check_script

__all__ = [
    "Cause",
    "Entry",
    "GradientReport",
    "LayerFinding",
    "LayerReport",
    "ParameterVerdict",
    "Remark",
    "ScriptReport",
    "TrainedParameter",
    "check_gradients",
    "check_layer",
    "check_script",
]
