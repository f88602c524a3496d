"""A program as a NumPy script: laid out like a good tutorial, equal to the last bit."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import CheckpointError, DataError
from pellucid.program.batching import freed_of_batch
from pellucid.program.expressions import (
    Expression,
    argument,
    data_text,
    index_text,
    inputs_used,
    write,
)
from pellucid.program.helper_sources import Helpers
from pellucid.program.instruction import Instruction, Variable, map_leaves
from pellucid.program.layout import laid_out
from pellucid.program.named_number import NamedNumber
from pellucid.program.traced_array import TracedGenerator

if TYPE_CHECKING:
    from pellucid.program.program import Program

__all__ = ["save", "script"]

_WIDTH = 88
"""How wide a heading is."""

_MELTED = 50
"""The longest expression that is written inside another one."""

_MELTED_UPDATE = 120
"""The same in an update, whose formulas are known as wholes."""

_WRITTEN_OUT = 200
"""Arrays of up to so many numbers stand in the script digit by digit."""

_IN_FILE = 2000
"""From so many numbers on, :func:`save` puts them into a file beside the script."""

_TITLES = {
    "forward": "Forward: from the input to the output, layer by layer",
    "loss": "Loss: one number for how wrong the output is",
    "backward": "Backward: the chain rule, from the loss back to each weight (dW means ∂loss/∂W)",
    "update": "Update: a step down the gradient",
}


_OWN_CODE = "Forward: from the parameters to the loss, line by line of the function"


def script(program: Program, *, forward_only: bool = False, data: str = "inline") -> str:
    """Return the script of a program: see :meth:`Program.source`."""
    return _Writer(program, forward_only, data).text()


def save(program: Program, path: str | Path, *, forward_only: bool = False) -> list[Path]:
    """Write the script of a program, and its numbers beside it if they are many."""
    target = Path(path)
    if target.suffix != ".py":
        raise DataError(f"a program is written into a .py file, got '{target}'")
    writer = _Writer(program, forward_only, target.with_suffix(".npz").name)
    numbers = writer.numbers()
    try:
        if sum(array.size for array in numbers.values()) < _IN_FILE:
            target.write_text(script(program, forward_only=forward_only), "utf-8")
            return [target]
        beside = target.with_suffix(".npz")
        np.savez(beside, **numbers)
        target.write_text(writer.text(), "utf-8")
    except OSError as error:
        raise CheckpointError(f"cannot write '{target}': {error.strerror or error}") from error
    return [target, beside]


class _Writer:
    """Puts the parts of one script together."""

    def __init__(self, program: Program, forward_only: bool, data: str) -> None:
        self.program = program
        self.forward_only = forward_only
        self.data = data
        self.instructions = program.instructions
        self.written: dict[int, Expression] = {}
        self.free = False
        if forward_only:
            needed = _needed(program)
            freed = freed_of_batch(needed, program.inputs["x"], program.results["output"])
            self.free = freed is not None
            self.instructions, zeros = freed or (needed, {})
            self.written = {key: Expression(text) for key, text in zeros.items()}
        self.helpers = Helpers({v.name for v in program.variables})
        self.generators: dict[int, tuple[str, TracedGenerator]] = {}
        self.aliases = _by_gradient(program)
        self.uses: Counter[int] = Counter()
        self.last_use: dict[int, int] = {}
        self.users: dict[int, Instruction] = {}
        for position, instruction in enumerate(self.instructions):
            for key, count in inputs_used(instruction).items():
                self.uses[key] += count
                self.last_use[key] = position
                self.users[key] = instruction
        self.positions = {id(i): position for position, i in enumerate(self.instructions)}
        self.replaced = {
            id(v.replaces): position
            for position, i in enumerate(self.instructions)
            for v in i.outputs
            if v.replaces is not None
        }
        self.read_within: dict[int, set[int]] = {}
        self.numbers_named: dict[str, Any] = {}

    # --- what the script starts from --------------------------------------------------------------

    def starting(self) -> list[Variable]:
        """Return the variables that no instruction computes and that are used."""
        used = {id(v) for i in self.instructions for v in i.inputs}
        made = {id(v) for i in self.instructions for v in i.outputs}
        made.update(self.written)
        found = [v for v in self.program.variables if id(v) in used and id(v) not in made]
        inputs = [v for v in self.program.inputs.values() if not any(v is f for f in found)]
        return inputs * (not self.forward_only) + found

    def numbers(self) -> dict[str, Any]:
        """Return the arrays of the file that the script loads."""
        return {v.name: v.value for v in self.starting()}

    # --- text -------------------------------------------------------------------------------------

    def text(self) -> str:
        """Return the whole script."""
        body = self._predictor() if self.forward_only else self._body()
        start = self._data()
        streams = self._streams()
        helpers = self.helpers.text()
        imports = [f"import {name}" for name in sorted(self.helpers.imports)]
        if "base64." in start:
            imports = sorted({*imports, "import base64"})
        parts = [self._opening()]
        if imports:
            parts.append("\n".join(imports))
        parts.append("import numpy as np")
        if helpers:
            parts += [f"{_heading('Functions that NumPy lacks')}\n\n{helpers}\n"]
        parts += [start]
        if streams:
            parts.append(streams)
        return "\n\n".join([*parts, body]).rstrip() + "\n"

    def _opening(self) -> str:
        title = self.program.title
        lines = [
            f'"""{title}.' if not self.forward_only else f'"""The network as a function: {title}.'
        ]
        described = [
            (f"{start}: " if start else "") + line
            for start, model in self.program.models
            for line in repr(model).splitlines()
        ]
        shown = [f"    {line}" for line in described[:60]]
        if len(described) > 60:
            shown.append(f"    … and {len(described) - 60} lines more")
        return "\n".join([*lines, "", *shown, '"""']).replace("\\", "\\\\")

    def _data(self) -> str:
        groups: dict[str, list[str]] = {}
        if self.data != "inline":
            groups["Numbers"] = [f'with np.load("{self.data}") as file:\n    numbers = dict(file)']
        for variable in self.starting():
            title = {
                "input": "Data",
                "target": "Data",
                "weight": "Data",
                "parameter": "Weights and biases",
                "buffer": "Running statistics",
                "state": "State of the optimizer",
            }.get(variable.role, "Data" if variable.called else "Constants")
            groups.setdefault(title, []).append(f"{variable.name} = {self._numbers_of(variable)}")
        return "\n\n".join(
            f"{_heading(title)}\n" + "\n".join(lines) for title, lines in groups.items()
        )

    def _numbers_of(self, variable: Variable) -> str:
        array = variable.value
        if self.data != "inline":
            return f'numbers["{variable.name}"]'
        if array.size <= _WRITTEN_OUT or not array.any():
            return data_text(array, len(variable.name) + 3)
        coded = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
        lines = [coded[i : i + 90] for i in range(0, len(coded), 90)]
        quoted = "\n".join(f'    "{line}"' for line in lines)
        return (
            f"np.frombuffer(base64.b64decode(\n{quoted}\n), np.{array.dtype.name})"
            f".reshape({array.shape}).copy()"
        )

    def _streams(self) -> str:
        lines = []
        for name, generator in self.generators.values():
            lines.append(_stream(name, generator.start))
        return f"{_heading('Random numbers')}\n" + "\n".join(lines) if lines else ""

    def _body(self) -> str:
        parts: list[str] = []
        phase, path, step, line = "", None, -1, None
        for position, instruction in enumerate(self.instructions):
            part = instruction.phase, instruction.step
            options = [] if part == (phase, step) else self._options_of(*part)
            found = self._lines(position, instruction)
            if (found or options) and part != (phase, step):
                (phase, step), path = part, None
                own_code = instruction.line is not None
                parts += ["", _heading(_OWN_CODE if own_code else _TITLES[phase]), *options]
            if found and phase == "update":
                replaced = [v.replaces for v in instruction.outputs if v.replaces is not None]
                updated = replaced[0].path if replaced else path
                if updated != path:
                    path = updated
                    parts.append(f"# {updated}")
            elif found and instruction.line not in (line, None):
                line = instruction.line
                parts.append(f"# {line}")
            elif found and instruction.path != path:
                path = instruction.path
                parts += [about for about in [_about(instruction)] if about]
            parts += [laid_out(text, _WIDTH) for text in found]
        parts += ["", self._closing()]
        return "\n".join(parts).strip("\n")

    def _closing(self) -> str:
        loss = self.program.results.get("loss")
        shown = loss if loss is not None else self.program.results.get("output")
        return f'print("{shown.name}:", {shown.name})' if shown is not None else ""

    def _predictor(self) -> str:
        output, inputs = self.program.results["output"], self.program.inputs
        name = inputs["x"].name
        lines: list[str] = []
        path = None
        for position, instruction in enumerate(self.instructions):
            found = self._lines(position, instruction)
            if found and instruction.path != path:
                path = instruction.path
                lines += [line for line in [_about(instruction)] if line]
            lines += found
        count, *sizes = inputs["x"].shape
        shape = " × ".join(map(str, ["N" if self.free else count, *sizes]))
        about = f"Return the outputs of the network for inputs {shape}."
        if not self.free:
            about += f"\n\n    The number of samples, {count}, is a part of it.\n    "
        about = f'    """{about}"""'
        lines = [laid_out(line, _WIDTH - 4) for line in lines]
        body = "\n".join(f"    {line}" if line else "" for line in "\n".join(lines).split("\n"))
        last = self._name(output).text
        return (
            f"{_heading(_TITLES['forward'])}\n\n\ndef predict({name}):\n{about}\n{body}\n"
            f'    return {last}\n\n\nif __name__ == "__main__":\n    print(predict({name}))'
        )

    # --- instructions -----------------------------------------------------------------------------

    def _lines(self, position: int, instruction: Instruction) -> list[str]:
        """Return the lines of one instruction: none if it became part of a later one."""
        lines = self._assigned(_numbers_in(instruction))
        operation = instruction.operation
        expression = write(instruction, self._name)
        expression = self._with_helpers(instruction, expression)
        result = instruction.output
        if self._melts(position, instruction, expression):
            self.written[id(result)] = expression
            return lines
        collected = [k for k, value in instruction.keywords.items() if value == []]
        for key in collected:
            box = f"{key}_of_{result.name}"
            lines.append(f"{box} = []")
            text = expression.text.replace(f"{key}=[]", f"{key}={box}")
            lines.append(f"{result.name} = {text}")
            rest = ", ".join(v.name for v in instruction.outputs[1:])
            lines.append(f"{rest} = {box}")
        if operation.name == "array.setitem":
            target, index, value = instruction.arguments
            before, where = self._name(target).text, index_text(index, self._name)
            written = argument(value, self._name).text
            name = self._target(position, result)
            lines += [f"{name} = {before}.copy()", f"{name}[{where}] = {written}"]
        elif not collected:
            targets = ", ".join(self._target(position, v) for v in instruction.outputs)
            lines.append(f"{targets} = {expression.text}")
        for variable in instruction.outputs:
            for value in self.aliases.get(id(variable), ()):
                name = f"d{value.name}"
                if name != variable.name:
                    lines.append(f"{name} = {self._name(variable).text}")
        return lines

    def _target(self, position: int, variable: Variable) -> str:
        """Return the name that a result is written to: an updated weight takes its old name."""
        old = variable.replaces
        if old is not None and self.last_use.get(id(old), -1) <= position:
            self.written[id(variable)] = Expression(old.name)
        return self._name(variable).text

    def _melts(self, position: int, instruction: Instruction, expression: Expression) -> bool:
        """Tell whether an instruction is written within the only one that uses its result."""
        result = instruction.output
        if (
            len(instruction.outputs) > 1
            or instruction.operation.draws
            or instruction.operation.name == "array.setitem"
            or self.uses[id(result)] != 1
            or result.replaces is not None
            or result.gradient_of is not None
            or id(result) in self.aliases
            or any(result is found for found in self.program.results.values())
            or result.called
            or "\n" in expression.text
        ):
            return False
        user = self.users[id(result)]
        if (user.phase, user.step) != (instruction.phase, instruction.step):
            return False
        if instruction.phase == "forward" and user.path != instruction.path:
            return False
        read = {id(v) for v in instruction.inputs}
        read = read.union(*(self.read_within.get(key, ()) for key in read))
        ready = self.positions[id(user)]
        if any(position < self.replaced.get(key, -1) < ready for key in read):
            return False  # it would read what has taken the old name by then
        self.read_within[id(result)] = read
        most = _MELTED_UPDATE if instruction.phase == "update" else _MELTED
        return len(expression.text) <= most

    def _name(self, variable: Any) -> Expression:
        if isinstance(variable, TracedGenerator):
            return Expression(self._generator(variable))
        return self.written.get(id(variable), Expression(variable.name))

    def _generator(self, generator: TracedGenerator) -> str:
        key = id(generator.bit_generator)
        if key not in self.generators:
            number = len(self.generators) + 1
            self.generators[key] = ("rng" if number == 1 else f"rng_{number}", generator)
        return self.generators[key][0]

    def _with_helpers(self, instruction: Instruction, expression: Expression) -> Expression:
        """Add the functions that the text calls, and let it call them by their names."""
        operation, text = instruction.operation, expression.text
        written = operation.primitive.source if operation.primitive else f"{operation.name}("
        for name in set(re.findall(r"(?<![\w.'\"])([A-Za-z_]\w*)\(", written)):
            if name in ("np", "slice"):
                continue
            if re.search(rf"(?<![\w.]){name}\(", text) is None:
                continue
            function = operation.function
            if getattr(function, "__name__", "") not in (name, f"_{name}"):
                function = _function_called(name, function)
            about = operation.formula if function is operation.function else ""
            chosen = self.helpers.need(function, name.lstrip("_"), about)
            text = re.sub(rf"(?<![\w.]){name}\(", f"{chosen}(", text)
        return Expression(text, expression.binding)

    def _options_of(self, phase: str, step: int) -> list[str]:
        """Return assignments of the options that are the same for all parameters of an update."""
        lines: list[str] = []
        seen: set[str] = set()
        for instruction in self.instructions:
            if (instruction.phase, instruction.step) == (phase, step):
                for name, value in _numbers_in(instruction).items():
                    if name not in seen:
                        seen.add(name)
                        lines += self._assigned({name: value})
        return lines

    def _assigned(self, options: dict[str, Any]) -> list[str]:
        """Return assignments of options that have not this value yet."""
        new = {n: v for n, v in options.items() if self.numbers_named.get(n) != v}
        self.numbers_named |= new
        return [f"{name} = {value!r}" for name, value in new.items()]


def _numbers_in(instruction: Instruction) -> dict[str, Any]:
    """Return the named numbers that an instruction mentions."""
    found: dict[str, Any] = {}

    def look(value: Any) -> None:
        if isinstance(value, NamedNumber):
            found.update(value.names)

    map_leaves(look, (instruction.arguments, dict(instruction.keywords)))
    return found


def _needed(program: Program) -> tuple[Instruction, ...]:
    """Return the instructions that the output depends on."""
    if "output" not in program.results:
        raise DataError("this program has no output of a network, so there is no predictor of it")
    wanted = {id(program.results["output"])}
    kept = []
    for instruction in reversed(program.of_phase("forward")):
        if any(id(v) in wanted for v in instruction.outputs):
            kept.append(instruction)
            wanted.update(id(v) for v in instruction.inputs)
    return tuple(kept[::-1])


def _by_gradient(program: Program) -> dict[int, list[Variable]]:
    """Return for each gradient the other values whose gradient it is too."""
    found: dict[int, list[Variable]] = {}
    for value, gradient in program.aliases:
        if value.role == "parameter" or value.made_by is not None:
            found.setdefault(id(gradient), []).append(value)
    return found


def _function_called(name: str, function: Any) -> Any:
    """Return the kernel of this name."""
    from pellucid.kernels import reference

    return getattr(reference, name, function)


def _about(instruction: Instruction) -> str:
    module = instruction.module
    if module is None or not instruction.path:
        return ""
    first = repr(module).splitlines()[0]
    kind = first if first.endswith(")") else type(module).__name__
    return f"# {instruction.path}: {kind}"


def _heading(text: str) -> str:
    return f"# --- {text} ".ljust(_WIDTH, "-")


def _stream(name: str, state: Mapping[str, Any]) -> str:
    """Return a generator in this state: by its seed if that is a small number."""
    kind = state["bit_generator"]
    if kind == "PCG64":
        for seed in range(100):
            if np.random.PCG64(seed).state == state:
                return f"{name} = np.random.default_rng({seed})"
    return (
        f"{name} = np.random.Generator(np.random.{kind}())\n{name}.bit_generator.state = {state!r}"
    )
