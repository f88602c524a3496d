"""Programs: one training step, written out, printed, replayed, counted and drawn."""

from pellucid.program.instruction import Instruction, Operation, Phase, Role, Variable
from pellucid.program.program import Program, record

__all__ = ["Instruction", "Operation", "Phase", "Program", "Role", "Variable", "record"]
