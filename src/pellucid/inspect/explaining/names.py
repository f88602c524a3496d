"""How variables of a program are called in formulas: as in textbooks, where that is short."""

from __future__ import annotations

import re

from pellucid.inspect.explaining.expressions import Index, Quantity, Symbol
from pellucid.inspect.explaining.reading import LayerCall, Reading
from pellucid.program import Program, Variable
from pellucid.program.named_number import Share

__all__ = ["Names"]

_TEXTBOOK = re.compile(r"([Wbzaxyh])(\d+)(?:_(\d+))?")

_NUMBERED = re.compile(r"([A-Za-z]+)_?(\d+)")

_PARAMETERS = {
    "weight": Symbol("W"),
    "bias": Symbol("b"),
    "recurrent_weight": Symbol("U"),
    "recurrent_bias": Symbol("c"),
    "running_mean": Symbol("μ", "running"),
    "running_var": Symbol("var", "running"),
}

_RESULTS = {
    "lstm_sequence_and_gates": (Symbol("states"), Symbol("gates")),
    "gru_sequence_and_gates": (Symbol("states"), Symbol("gates")),
    "rnn_sequence": (Symbol("states"),),
    "masked_softmax": (Symbol("weights"),),
    "sum_windows": (Symbol("sums"),),
}
"""What operations with several results, or inside of a layer, give."""

_STEMS = {
    "add": "sum",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "true divide": "quotient",
    "astype": "copy",
    "concatenate": "joined",
    "getitem": "part",
    "matmul": "product",
    "take rows": "rows",
    "transpose": "turned",
}

_MOMENTS = (Symbol("μ"), Symbol("var"))


class Names:
    """Symbols for variables, within one call of a layer or one phase.

    Parameters
    ----------
    reading : Reading
    call : LayerCall, optional
        The layer that is explained: its input is `x` and its result `y`, unless the network is
        small enough for numbered names.
    """

    def __init__(self, reading: Reading, call: LayerCall | None = None) -> None:
        self._reading = reading
        self._call = call
        self._symbols: dict[int, Symbol] = {}
        self._taken: dict[str, int] = {}
        program = reading.program
        for name, variable in program.inputs.items():
            self._symbols[id(variable)] = Symbol("w" if name == "sample_weight" else name)
        for weights in _weights(program):
            self._symbols.setdefault(id(weights), Symbol("w"))
        if "loss" in program.results:
            self._symbols[id(program.results["loss"])] = Symbol("L")
        own = program.own_code is not None
        self.numbered = not own and any(
            re.fullmatch(r"[Wb]1", v.name) for v in program.starting("parameter", "buffer")
        )
        if self.numbered:
            output = program.results.get("output")
            if output is not None and not _TEXTBOOK.fullmatch(output.name):
                self._symbols[id(output)] = Symbol("ŷ")
            return
        if own:
            self._name_as_the_code_does()
            return
        if call is not None:
            self._name_locally(call)
        elif "output" in program.results:
            self._symbols[id(program.results["output"])] = Symbol("ŷ")

    def _name_as_the_code_does(self) -> None:
        """Take the names of a traced function; its values have the same ones in every section."""
        program = self._reading.program
        for variable in program.variables:
            name = variable.path if variable.role == "parameter" else variable.called
            if name and variable.replaces is None and id(variable) not in self._symbols:
                self._taken[name] = self._taken.get(name, 0) + 1
                self._symbols[id(variable)] = _own_symbol(name, self._taken[name])
        for variable in (*program.starting("constant"), *program.computed("forward")):
            if variable.value.size and not self._reading.is_inlined(variable):
                self.symbol(variable)

    # --- the symbols of a layer -------------------------------------------------------------------

    def _name_locally(self, call: LayerCall) -> None:
        own = call.own
        made = {id(v) for i in own for v in i.outputs}
        for instruction in own:
            for variable in instruction.inputs:
                if id(variable) in made or variable.role in ("parameter", "buffer", "constant"):
                    continue
                if variable.symbol and not call.path:
                    continue  # between its layers, the network's own names are better than x and y
                child = self._child(call, variable)
                if child and not child.isdigit():
                    self._symbols[id(variable)] = Symbol(child.replace("_", " "))
                elif id(variable) not in self._symbols or variable.role == "input":
                    self._symbols[id(variable)] = self._next("x")
        last = own[-1].output if own else None
        for instruction in own:
            for variable in instruction.outputs:
                if variable.replaces is not None or instruction.operation.name in _RESULTS:
                    continue
                if variable.symbol and not call.path:
                    continue
                here = all(u in own for u in self._reading.users(variable) if u.phase == "forward")
                if variable is last or not here:
                    self._symbols.setdefault(id(variable), self._next("y"))

    def _child(self, call: LayerCall, variable: Variable) -> str:
        """Return the name of the layer inside `call` that made a variable, "" if none did."""
        path = variable.made_by.path if variable.made_by is not None else ""
        start = f"{call.path}." if call.path else ""
        return path[len(start) :].partition(".")[0] if path.startswith(start) else ""

    def _next(self, name: str) -> Symbol:
        self._taken[name] = self._taken.get(name, 0) + 1
        return Symbol(name, mark=self._taken[name])

    def call_it(self, variable: Variable, symbol: Symbol) -> None:
        """Give a variable a symbol of its own."""
        self._symbols[id(variable)] = symbol

    # --- looking up -------------------------------------------------------------------------------

    def symbol(self, variable: Variable) -> Symbol:
        """Return the symbol of a variable."""
        key = id(variable)
        if key not in self._symbols:
            self._symbols[key] = self._found(variable)
        return self._symbols[key]

    def gradient_by(self, variable: Variable, part: int = 0) -> Symbol:
        """Return the symbol of the gradient of the loss by a variable."""
        symbol = self.symbol(variable)
        return Symbol(symbol.name, symbol.sub, symbol.mark, symbol.new, True, part)

    def knows_gradient(self, variable: Variable) -> bool:
        """Tell whether a gradient is one by a value that has a name here."""
        values = self._reading.values_of(variable)
        if self.numbered:
            return any(_TEXTBOOK.fullmatch(value.name) for value in values)
        return any(id(value) in self._symbols for value in values)

    def _strangeness(self, variable: Variable) -> int:
        """Return how little a variable is known by a name of its own."""
        if id(variable) in self._symbols:
            return 0
        return 2 if self._reading.is_inlined(variable) else 1

    def _found(self, variable: Variable) -> Symbol:
        made = variable.made_by
        if made is not None and self._reading.is_inlined(variable):
            movement = self._reading.movement(made)
            if movement is not None and len(movement.sources) == 1:
                return self.symbol(movement.sources[0])
        if variable.symbol:
            name, _, below = variable.symbol.partition("_")
            return Symbol(variable.symbol) if "(" in name else Symbol(name, below)
        values = self._reading.values_of(variable)
        if values:
            # Of values with one gradient, the one that is written by its name gives it the name.
            own = min(values, key=self._strangeness)
            part = self._part_of_a_sum(variable) if self._reading.is_inlined(own) else None
            return self.gradient_by(own) if part is None else self.gradient_by(*part)
        contribution = self._reading.contributions.get(id(variable))
        if contribution is not None:
            return self.gradient_by(*contribution)
        if variable.replaces is not None:
            old = self.symbol(variable.replaces)
            return Symbol(old.name, old.sub, old.mark, new=True)
        known = _TEXTBOOK.fullmatch(variable.name)
        if known:
            return Symbol(known[1], known[2], int(known[3] or 0))
        attribute = variable.path.rpartition(".")[2]
        if variable.role in ("parameter", "buffer"):
            return _PARAMETERS.get(attribute or variable.path, Symbol(attribute.replace("_", " ")))
        if variable.role == "state":
            return self._state(variable)
        if variable.made_by is not None:
            name = variable.made_by.operation.name
            number = next(k for k, v in enumerate(variable.made_by.outputs) if v is variable)
            if name in _RESULTS:
                return _RESULTS[name][number]
            if name == "batch_norm" and number:
                return _MOMENTS[number - 1]
            if name == "matmul" and made is not None and any(_is_softmax(v) for v in made.inputs):
                return self._next("mixed")
            users = {u.operation.name for u in self._reading.users(variable)}
            if "masked_softmax" in users:
                return self._next("scores")
            if users & set(_RESULTS) and name == "linear":
                return Symbol("z")
            if variable.made_by.operation.draws:
                return self._next("r")
            stem = name.rpartition(".")[2].strip("_").replace("_", " ")
            if name == "weighted_sum":
                shares = [a for a in variable.made_by.arguments if isinstance(a, Share)]
                return self._next("mean" if shares else "sum")
            if variable.made_by.phase == "backward" and (stem == "sum" or stem in _STEMS):
                return self._next("g")
            if variable.made_by.phase == "update":
                return self._next("u")
            return self._next(_STEMS.get(stem, stem))
        return self._next("c")

    def _part_of_a_sum(self, gradient: Variable) -> tuple[Variable, int] | None:
        """Return the part of a sum of gradients that this is in another shape, if it is one."""
        for user in self._reading.users(gradient):
            if user.phase == "backward" and self._reading.movement(user) is not None:
                found = self._reading.contributions.get(id(user.output))
                if found is not None:
                    return found
        return None

    def _state(self, variable: Variable) -> Symbol:
        ending = next(
            (
                f"_{p.name}"
                for p in self._reading.program.starting("parameter")
                if p.path == variable.path
            ),
            "",
        )
        words = variable.name.removesuffix(ending).replace("_", " ")
        return Symbol("v" if words == "velocity" else words)

    def leaf(self, variable: Variable, index: Index | None = None) -> Quantity:
        """Return a variable, or one entry of it with its number, as a part of a formula."""
        if index is None:
            value = float(variable.value) if variable.value.ndim == 0 else None
            return Quantity(
                self.symbol(variable), value, variable, () if value is not None else None
            )
        return Quantity(
            self.symbol(variable),
            float(variable.value[index]),
            variable,
            index,
            self.shown(variable, index),
        )

    def shown(self, variable: Variable, index: Index) -> Index:
        """Return an index as it is written: nothing for an only entry, no axis of one sample."""
        if variable.value.size == 1:
            return ()
        return index[1:] if self._has_sample_axis(variable) and self._reading.batch == 1 else index

    def _has_sample_axis(self, variable: Variable) -> bool:
        if variable.role in ("parameter", "buffer", "state", "constant"):
            return False
        of = variable.gradient_of or variable.replaces
        if of is None and id(variable) in self._reading.contributions:
            of = self._reading.contributions[id(variable)][0]
        if of is not None:
            return self._has_sample_axis(of)
        made = variable.made_by
        if made is not None and made.phase == "update":
            return False
        return len(variable.shape) > 1 and variable.shape[0] == self._reading.batch


def _own_symbol(name: str, mark: int) -> Symbol:
    """Return the symbol of a name in somebody's own code: W1 is W with the index 1."""
    known = _NUMBERED.fullmatch(name)
    return Symbol(known[1], known[2], mark) if known else Symbol(name, mark=mark)


def _weights(program: Program) -> list[Variable]:
    """Return the constants that a weighted mean multiplies its entries with, such as of classes."""
    return [
        instruction.inputs[0]
        for instruction in program.of_phase("loss")
        if any(isinstance(a, Share) and a.weighted for a in instruction.arguments)
        and instruction.inputs[0].role == "constant"
    ]


def _is_softmax(variable: Variable) -> bool:
    """Tell whether a variable holds weights of attention, dropped out or not."""
    made = variable.made_by
    while made is not None and made.operation.name == "multiply" and made.inputs:
        variable = made.inputs[0]
        made = variable.made_by
    return made is not None and made.operation.name == "masked_softmax"
