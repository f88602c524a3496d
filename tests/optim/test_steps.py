"""What a step promises whatever the optimizer: blocks, dtypes, skipping, penalties, resuming."""

import numpy as np
import pytest

from pellucid import Parameter, tensor
from pellucid.optim import OPTIMIZERS, SGD, Adam, NAdam, blocks, make_optimizer

FIRST_ORDER = [name for name in OPTIMIZERS if name != "lbfgs"]
# Settings in which every piece of state is in use.
BUSY = {
    "sgd": {"momentum": 0.9, "dampening": 0.1},
    "rmsprop": {"momentum": 0.9, "centered": True},
    "adam": {"amsgrad": True},
}


def shapes_of_a_network():
    return [(7, 30), (30,), (300, 301), (301,), (), (0, 3), (8192,), (301, 10), (10,)]


def parameters(dtype="float32", shapes=None):
    rng = np.random.default_rng(3)
    return [
        Parameter(rng.standard_normal(s).astype(dtype)) for s in shapes or shapes_of_a_network()
    ]


def set_gradients(params, step, skip=()):
    rng = np.random.default_rng(step)
    for i, p in enumerate(params):
        gradient = rng.standard_normal(p.data.shape).astype(p.data.dtype)
        p.grad = None if i in skip else gradient


def run(optimizer, params, first, last, skip=lambda step: ()):
    for step in range(first, last + 1):
        set_gradients(params, step, skip(step))
        optimizer.step()


def equal_bits(a, b):
    return all(p.data.tobytes() == q.data.tobytes() for p, q in zip(a, b, strict=True))


def some_frozen(step):
    """Parameters come and go: 1 rests in odd steps, 2 joins late, 3 leaves early, 6 never moves."""
    rest = [6]
    if step % 2:
        rest.append(1)
    if step < 3:
        rest.append(2)
    if step > 4:
        rest.append(3)
    return rest


@pytest.mark.parametrize("skip", [lambda step: (), some_frozen], ids=["all", "some frozen"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FIRST_ORDER)
def test_blocks_give_the_bits_of_whole_parameters(name, dtype, skip):
    options = BUSY.get(name, {})
    together, alone = parameters(dtype), parameters(dtype)
    run(make_optimizer(name, together, weight_decay=0.1, l1=0.01, **options), together, 1, 6, skip)

    # The same equations on each whole parameter, with no blocks at all.
    optimizer = make_optimizer(name, alone, weight_decay=0.1, l1=0.01, **options)
    states, counts = {}, dict.fromkeys(range(len(alone)), 0)
    for step in range(1, 7):
        set_gradients(alone, step, skip(step))
        for i, p in enumerate(alone):
            if p.grad is not None and p.data.size:
                counts[i] += 1
                hyper = optimizer.hyper(0, counts[i])
                state = states.get(i) or optimizer.make_state(p.data, hyper)
                p.data[...], states[i] = optimizer.advance(p.data, p.grad, state, hyper)
    assert equal_bits(together, alone)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_float32_stays_float32(name, monkeypatch):
    """Nothing that an update computes or keeps is wider than its parameter."""
    kind = OPTIMIZERS[name]
    seen = []

    def watched(self, parameter, gradient, state, hyper, original=kind.update):
        assert {type(value) for value in hyper.values()} <= {float, int, bool, tuple, type(None)}
        new, new_state = original(self, parameter, gradient, state, hyper)
        seen.extend([parameter, gradient, new, *new_state.values()])
        return new, new_state

    monkeypatch.setattr(kind, "update", watched)
    params = parameters()
    optimizer = make_optimizer(name, params, weight_decay=0.1, l1=0.01, **BUSY.get(name, {}))
    optimizer.groups[0]["lr"] = np.float64(0.01)  # a NumPy scalar set by hand would widen
    run(optimizer, params, 1, 2)
    arrays = [value for value in seen if not isinstance(value, float)]
    assert len(arrays) >= 3
    assert {value.dtype for value in arrays} == {np.dtype(np.float32)}
    assert not any(isinstance(value, np.float64) for value in seen)
    assert all(p.data.dtype == np.float32 for p in params)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_update_changes_nothing_in_place(name):
    optimizer = make_optimizer(name, parameters(), weight_decay=0.1, **BUSY.get(name, {}))
    p, g = np.ones((3, 2), np.float32), np.full((3, 2), 0.5, np.float32)
    state = optimizer.make_state(p, optimizer.hyper(0, 1))
    for step in (1, 2):
        frozen = [p, g, *(value for value in state.values() if isinstance(value, np.ndarray))]
        for array in frozen:
            array.flags.writeable = False
        new, state = optimizer.advance(p, g, state, optimizer.hyper(0, step))
        for array in (new, *(v for v in state.values() if isinstance(v, np.ndarray))):
            assert not np.shares_memory(array, g)
            assert not np.shares_memory(array, p)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_resuming_gives_the_same_bits(name, make_problem, through_json):
    options = BUSY.get(name, {})
    whole, first = make_problem(), make_problem()
    optimizer = make_optimizer(name, whole.params, **options)
    for step in range(1, 9):
        whole.step(optimizer, step)
    stopped = make_optimizer(name, first.params, **options)
    for step in range(1, 5):
        first.step(stopped, step)
    state = through_json(stopped.state_dict())

    second = make_problem()
    for p, q in zip(second.params, first.params, strict=True):
        p.data[...] = q.data
    resumed = make_optimizer(name, second.params, lr=0.7)  # the state brings the options back
    resumed.load_state_dict(state)
    for step in range(5, 9):
        second.step(resumed, step)
    assert equal_bits(whole.params, second.params)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_resuming_when_parameters_come_and_go(name, through_json):
    options = BUSY.get(name, {})
    whole, first = parameters(), parameters()
    run(make_optimizer(name, whole, **options), whole, 1, 8, some_frozen)
    stopped = make_optimizer(name, first, **options)
    run(stopped, first, 1, 4, some_frozen)
    state = through_json(stopped.state_dict())
    second = [Parameter(p.data.copy()) for p in first]
    resumed = make_optimizer(name, second, **options)
    resumed.load_state_dict(state)
    run(resumed, second, 5, 8, some_frozen)
    assert equal_bits(whole, second)
    assert resumed.state_dict()["values"]["steps"] == [8, 4, 6, 4, 8, 0, 0, 8, 8]  # 5 is empty


def test_state_has_the_parameters_shapes():
    params = parameters()
    optimizer = Adam(params)
    run(optimizer, params, 1, 2)
    arrays = optimizer.state_dict()["arrays"]
    assert len(arrays) == 2 * (len(params) - 1)
    for i, p in enumerate(params):
        if not p.data.size:
            continue  # nothing to remember
        assert arrays[f"{i}.first_moment"].shape == p.data.shape
        assert arrays[f"{i}.second_moment"].dtype == p.data.dtype
    arrays["0.first_moment"][...] = 0  # a copy
    assert optimizer.state_dict()["arrays"]["0.first_moment"].any()


def test_frozen_parameters_have_no_state():
    params = parameters()
    optimizer = Adam(params)
    set_gradients(params, 1, skip=[0, 2])
    before = [p.data.copy() for p in params]
    optimizer.step()
    assert {key.split(".")[0] for key in optimizer.state_dict()["arrays"]} == set("134678")
    unchanged = [np.array_equal(p.data, b) for p, b in zip(params, before, strict=True)]
    assert unchanged == [True, False, True, False, False, True, False, False, False]  # 5 is empty


def test_parameters_are_written_in_place_through_any_strides():
    base = np.arange(10_000, dtype=np.float32).reshape(50, 200)
    p = Parameter(np.zeros((2, 2), np.float32))
    p.data = base.T  # large and not contiguous
    small = Parameter(np.zeros((2, 2), np.float32))
    small.data = base[:2, :4:2]
    expected = base - 1.0
    p.grad = np.ones((200, 50), np.float32)
    SGD([p], lr=1.0).step()
    np.testing.assert_array_equal(base, expected)
    small.grad = np.ones((2, 2), np.float32)
    expected[:2, :4:2] -= 1.0
    SGD([small, Parameter(np.zeros(3, np.float32))], lr=1.0).step()
    np.testing.assert_array_equal(base, expected)


def test_a_large_parameter_is_cut_and_small_ones_are_packed():
    params = parameters(shapes=[(3,), (300, 301), (4,), (5,)])
    slots = [blocks.Slot(i, 0, p, p.data.shape, p.data.dtype) for i, p in enumerate(params)]
    made = blocks.partition(slots, elementwise=True)
    assert [len(block.slots) for block in made] == [3, 1, 1, 1]
    assert made[1].start == 0
    assert made[-1].stop == 300 * 301
    assert all(block.stop - block.start <= blocks.BLOCK_SIZE for block in made[1:])


def test_mixed_dtypes_each_keep_theirs():
    params = [*parameters("float32", [(3,), (2, 2)]), *parameters("float64", [(3,), (4,)])]
    run(Adam(params), params, 1, 3)
    assert [p.data.dtype.name for p in params] == ["float32"] * 2 + ["float64"] * 2


def test_gradient_of_another_width_does_not_widen():
    p = Parameter(np.ones(3, np.float32))
    p.grad = np.ones(3, np.float64)
    SGD([p], lr=0.5).step()
    assert p.data.dtype == np.float32
    np.testing.assert_array_equal(p.data, 0.5)


def test_groups_have_their_own_options():
    a, b = parameters("float64", [(3,), (4,)])
    groups = [{"params": [a], "lr": 0.5}, {"params": [b], "weight_decay": 0.5}]
    optimizer = SGD(groups, lr=0.1)
    expected = [a.data - 0.5, b.data - 0.1 * (1 + 0.5 * b.data)]
    a.grad, b.grad = np.ones(3), np.ones(4)
    optimizer.step()
    np.testing.assert_allclose(a.data, expected[0], rtol=1e-15)
    np.testing.assert_allclose(b.data, expected[1], rtol=1e-15)
    assert [group["lr"] for group in optimizer.groups] == [0.5, 0.1]


def test_a_group_added_later_starts_from_its_own_first_step():
    a, b = parameters("float64", [(3,), (3,)])
    alone = Parameter(b.data.copy())
    optimizer, other = Adam([a], lr=0.1), Adam([alone], lr=0.3)
    run(optimizer, [a], 1, 3)
    optimizer.add_group({"params": [b], "lr": 0.3})
    for step in range(3):
        a.grad = b.grad = alone.grad = np.full(3, 1.0 + step)
        optimizer.step()
        other.step()
    np.testing.assert_array_equal(b.data, alone.data)
    assert optimizer.state_dict()["values"]["steps"] == [6, 3]


def test_l1_has_no_pull_at_zero():
    p = Parameter(np.array([-2.0, 0.0, 3.0]))
    p.grad = np.zeros(3)
    SGD([p], lr=1.0, l1=0.5).step()
    np.testing.assert_array_equal(p.data, [-1.5, 0.0, 2.5])


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_decoupled_decay_shrinks_and_coupled_decay_is_a_gradient(name):
    """Decoupled: the step of a zero gradient is the decay alone. Coupled: that of g + λθ."""
    kind = OPTIMIZERS[name]
    p, q = (Parameter(np.array([1.0, -2.0, 4.0])) for _ in range(2))
    p.grad = np.zeros(3)
    kind([p], lr=0.1, weight_decay=0.5, decoupled_weight_decay=True).step()
    if name == "lamb":  # its decay is part of the direction, which is scaled to the weights
        np.testing.assert_allclose(p.data, [0.9, -1.8, 3.6], rtol=1e-12)
    else:
        np.testing.assert_allclose(p.data, [0.95, -1.9, 3.8], rtol=1e-12)

    r = Parameter(q.data.copy())
    q.grad, r.grad = np.ones(3), 1.0 + 0.5 * r.data
    kind([q], lr=0.1, weight_decay=0.5, decoupled_weight_decay=False).step()
    kind([r], lr=0.1, weight_decay=0.0).step()
    np.testing.assert_allclose(q.data, r.data, rtol=1e-14)


def test_numbers_of_the_state_differ_between_parameters_that_rested(through_json):
    """NAdam's product of momenta follows each parameter's own steps."""
    a, b = parameters("float64", [(3,), (3,)])
    optimizer = NAdam([a, b])
    run(optimizer, [a, b], 1, 4, lambda step: [1] if step < 3 else [])
    numbers = through_json(optimizer.state_dict())["values"]["numbers"]
    products = [1.0, 1.0]
    for i, steps in enumerate((4, 2)):
        for t in range(1, steps + 1):
            products[i] *= 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3))
    assert numbers["0"]["momentum_product"] == pytest.approx(products[0], rel=1e-14)
    assert numbers["1"]["momentum_product"] == pytest.approx(products[1], rel=1e-14)


def test_step_calls_a_closure_first_and_returns_its_loss():
    p = Parameter(np.ones(1))

    def closure():
        p.grad = np.ones(1)
        return 2.5

    assert SGD([p], lr=0.5).step(closure) == 2.5
    assert p.data[0] == 0.5


def test_accumulated_gradients_of_parts_are_the_gradient_of_the_whole():
    x = np.random.default_rng(0).standard_normal((8, 3))
    whole, parts = Parameter(np.ones(3)), Parameter(np.ones(3))
    one, other = Adam([whole], lr=0.1), Adam([parts], lr=0.1)
    for _ in range(3):
        one.zero_grad()
        other.zero_grad()
        ((x @ whole) ** 2).mean().backward()
        for quarter in np.split(x, 4):
            (((quarter @ parts) ** 2).mean() / 4).backward()
        one.step()
        other.step()
    np.testing.assert_allclose(whole.data, parts.data, rtol=1e-12)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_an_update_can_be_recorded(name):
    """Run on Tensors, the equations record themselves and give the same bits."""
    optimizer = make_optimizer(name, parameters(), weight_decay=0.1, l1=0.01, **BUSY.get(name, {}))
    rng = np.random.default_rng(5)
    p, g = (rng.standard_normal((3, 2)).astype(np.float32) for _ in range(2))
    plain, state = optimizer.advance(p, g, optimizer.make_state(p, optimizer.hyper(0, 1)),
                                     optimizer.hyper(0, 1))  # fmt: skip
    expected, expected_state = optimizer.advance(plain, g, state, optimizer.hyper(0, 2))

    def recorded(value):
        return tensor(value, requires_grad=True) if isinstance(value, np.ndarray) else value

    new, new_state = optimizer.advance(
        recorded(plain),
        recorded(g),
        {key: recorded(value) for key, value in state.items()},
        optimizer.hyper(0, 2),
    )
    assert not new.is_leaf
    assert new.data.dtype == np.float32
    np.testing.assert_array_equal(new.data, expected)
    for key, value in expected_state.items():
        found = new_state[key]
        np.testing.assert_array_equal(found.data if isinstance(value, np.ndarray) else found, value)
