"""Every number of an explanation is a number of the step, as the tape computes it."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.explained import CASES
from helpers.printed_arithmetic import check_tables, check_workings, workings

import pellucid as pl
from pellucid import nn, tape
from pellucid.optim import OPTIMIZERS
from pellucid.training.defaults import resolve_optimizer
from pellucid.training.objective import resolve_objective
from pellucid.training.samples import as_part

STATISTICS = {"min": np.min, "mean": np.mean, "max": np.max, "std": np.std}


class Pool:
    """Arrays of an independent run, to be found again by their numbers."""

    def __init__(self):
        self._arrays = {}

    def add(self, array):
        array = np.asarray(array)
        self._arrays.setdefault((array.shape, array.dtype.str), set()).add(
            np.ascontiguousarray(array).tobytes()
        )

    def __contains__(self, array):
        known = self._arrays.get((array.shape, array.dtype.str), ())
        return np.ascontiguousarray(array).tobytes() in known


def _independent(case):
    """Run the step without tracing; return all values and gradients, and the new parameters."""
    values, gradients = Pool(), Pool()
    part = as_part((case.x, case.y), "train", None)
    output = pl.training.predict(case.net, part.x[:1])
    objective = resolve_objective(case.loss, part.y, output.shape[1:])
    part = objective.prepare(part, output.shape[1:], next(iter(case.net.parameters())).dtype)
    optimizer = resolve_optimizer(case.net, case.optimizer, None)

    def keep(path, module, inputs, result):
        for x in result if isinstance(result, tuple) else (result,):
            for y in x if isinstance(x, tuple) else (x,):
                values.add(getattr(y, "data", y))

    original = tape.backpropagate

    def visiting(tensor, seed, **options):
        def visit(value, gradient):
            values.add(value.data)
            gradients.add(gradient)

        results = original(tensor, seed, **(options | {"visit": visit}))
        for leaf, gradient in results.values():
            values.add(leaf.data)
            gradients.add(gradient)
        return results

    tape.backpropagate = visiting
    try:
        with nn.observe_calls(case.net, keep):
            loss = objective.function(case.net(part.x), part.y)
        values.add(loss.data)
        loss.backward()
    finally:
        tape.backpropagate = original
    for parameter in case.net.parameters():
        if parameter.grad is not None:
            gradients.add(parameter.grad)
    optimizer.step()
    return values, gradients, {path: p.data for path, p in case.net.named_parameters()}


@pytest.fixture(scope="module")
def independent(case):
    return _independent(case())


def test_entries_are_those_of_the_variable(explanation):
    found = list(explanation.quantities())
    assert len(found) > 30
    for quantity in found:
        if quantity.variable is None or quantity.value is None:
            continue
        if quantity.statistic:
            wide = quantity.variable.value.astype(np.float64)
            expected = STATISTICS[quantity.statistic](wide)
        else:
            expected = quantity.variable.value[quantity.index]
        np.testing.assert_equal(quantity.value, float(expected))


def test_gradients_are_those_of_the_tape(explanation, independent):
    _, gradients, _ = independent
    shown = {id(q.variable): q.variable for q in explanation.quantities() if q.variable is not None}
    complete = [v for v in shown.values() if v.gradient_of is not None]
    assert complete
    for variable in complete:
        assert variable.value in gradients, variable


def test_values_are_those_of_the_tape(explanation, independent):
    values, _, _ = independent
    shown = {id(q.variable): q.variable for q in explanation.quantities() if q.variable is not None}
    checked = 0
    for variable in shown.values():
        made = variable.made_by
        starts = variable.role in ("parameter", "input")
        recorded = made is not None and made.phase in ("forward", "loss")
        recorded = recorded and made.operation.primitive is not None and variable is made.output
        recorded = recorded and made.operation.primitive.differentiable
        recorded = recorded and explanation.program.gradient(variable.name) is not None
        if (starts and variable.dtype.kind == "f" and variable.role == "parameter") or recorded:
            assert variable.value in values, variable
            checked += 1
    assert checked >= 2


def test_the_update_is_that_of_the_optimizer(explanation, independent):
    _, _, after = independent
    new = {
        q.variable.replaces.path: q.variable
        for q in explanation.quantities()
        if q.variable is not None
        and q.variable.replaces is not None
        and q.variable.replaces.role == "parameter"
    }
    assert set(new) == set(after)
    for path, variable in new.items():
        np.testing.assert_array_equal(variable.value, after[path])


def test_what_is_put_in_gives_the_result(explanation):
    assert check_workings(explanation) >= 8


def test_tables_add_up(explanation):
    check_tables(explanation)


def test_tables_of_long_sums_add_up():
    assert check_tables(CASES["gpt"]().explain()) > 150


@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name != "lbfgs"])
def test_updates_of_every_optimizer(optimizer):
    case = CASES["xor"]()
    case.optimizer = optimizer
    explanation = case.explain()
    updates = next(s for s in explanation.sections() if s.phase == "update" and not s.path)
    assert sum(1 for _ in workings(updates)) >= 4
    assert check_workings(explanation) > 20


def test_momentum_in_its_second_step():
    case = CASES["xor"]()
    net = case.net
    optimizer = pl.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        ((net(case.x) - case.y) ** 2).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    case.optimizer = optimizer
    text = case.explain().text()
    assert "v′ = μ·v + ∂L/∂W₁" in text
    assert "W₁′ = W₁ − η·v′" in text
    assert "μ = 0.9" in text


def test_nothing_changes():
    case = CASES["dropout_and_norms"]()
    before = {k: v.copy() for k, v in case.net.state_dict().items()}
    case.explain()
    for name, value in case.net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    assert case.explain().text() == case.explain().text()


def test_gradients_worked_out_are_not_all_zero_when_others_are_not():
    """The unit with the largest result may be one that dropout or a rectifier shuts off."""
    net = nn.Sequential(nn.Linear(40, 60, rng=0), nn.Dropout(0.5, rng=3), nn.Linear(60, 30, rng=1))
    x = np.random.default_rng(0).normal(size=(1, 40))
    explanation = pl.explain(net, x, np.zeros((1, 30)), loss="mse", optimizer="sgd")
    shown = [
        working.result
        for working in workings(explanation.root)
        if working.result.variable is explanation.program.gradient("W1")
    ]
    assert shown
    assert all(quantity.value for quantity in shown)
