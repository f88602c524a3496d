"""Why it does not learn: findings about a network before and while it is trained."""

from pellucid.inspect.diagnosing.callback import DoctorCallback
from pellucid.inspect.diagnosing.diagnosis import Diagnosis
from pellucid.inspect.diagnosing.examining import doctor
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.rules import RULES, Rule

__all__ = ["RULES", "Diagnosis", "DoctorCallback", "Finding", "Rule", "doctor"]
