"""Looking inside: what a network computes, whether it is right, and why it does not learn.

Everything is loaded when it is first asked for.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from pellucid.inspect import pictures
    from pellucid.inspect.checking import (
        GradientReport,
        LayerReport,
        ScriptReport,
        check_gradients,
        check_layer,
        check_script,
    )
    from pellucid.inspect.diagnosing import Diagnosis, DoctorCallback, Finding, doctor
    from pellucid.inspect.explaining import Explanation, explain
    from pellucid.inspect.observing import Observation, observe
    from pellucid.inspect.reporting import compare, report
    from pellucid.inspect.summarizing import Summary, summary
    from pellucid.inspect.tracing import trace

__all__ = [
    "Diagnosis",
    "DoctorCallback",
    "Explanation",
    "Finding",
    "GradientReport",
    "LayerReport",
    "Observation",
    "ScriptReport",
    "Summary",
    "check_gradients",
    "check_layer",
    "check_script",
    "compare",
    "doctor",
    "explain",
    "observe",
    "pictures",
    "report",
    "summary",
    "trace",
]

_LOADED_LATER = {
    "Diagnosis": "pellucid.inspect.diagnosing",
    "DoctorCallback": "pellucid.inspect.diagnosing",
    "Finding": "pellucid.inspect.diagnosing",
    "doctor": "pellucid.inspect.diagnosing",
    "GradientReport": "pellucid.inspect.checking",
    "LayerReport": "pellucid.inspect.checking",
    "ScriptReport": "pellucid.inspect.checking",
    "check_gradients": "pellucid.inspect.checking",
    "check_layer": "pellucid.inspect.checking",
    "check_script": "pellucid.inspect.checking",
    "compare": "pellucid.inspect.reporting",
    "report": "pellucid.inspect.reporting",
    "Explanation": "pellucid.inspect.explaining",
    "explain": "pellucid.inspect.explaining",
    "Observation": "pellucid.inspect.observing",
    "Summary": "pellucid.inspect.summarizing",
    "observe": "pellucid.inspect.observing",
    "pictures": "pellucid.inspect.pictures",
    "summary": "pellucid.inspect.summarizing",
    "trace": "pellucid.inspect.tracing",
}


def __getattr__(name: str) -> _Any:
    if name not in _LOADED_LATER:
        raise AttributeError(f"module 'pellucid.inspect' has no attribute '{name}'")
    module = _import_module(_LOADED_LATER[name])
    value = module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
