"""Bad options, parameters, gradients and states: a clear error, and nothing lost."""

import copy

import numpy as np
import pytest

from pellucid import Parameter, tensor
from pellucid.errors import (
    CheckpointError,
    DataError,
    DTypeError,
    NonFiniteError,
    ShapeError,
    UnknownNameError,
)
from pellucid.optim import (
    EMA,
    LBFGS,
    OPTIMIZERS,
    SGD,
    Adafactor,
    Adam,
    RMSProp,
    clip_grad_norm,
    clip_grad_value,
    make_optimizer,
    make_schedule,
    schedules,
)


def parameter():
    return Parameter(np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (SGD, {"lr": -1}, "lr is a finite number ≥ 0, got -1"),
        (SGD, {"lr": float("nan")}, "lr is a finite number"),
        (SGD, {"lr": float("inf")}, "lr is a finite number"),
        (SGD, {"lr": "0.1"}, "lr is a finite number ≥ 0, got '0.1'"),
        (SGD, {"lr": True}, "lr is"),
        (SGD, {"weight_decay": -0.1}, "weight_decay is"),
        (SGD, {"l1": -0.1}, "l1 is"),
        (SGD, {"maximize": 1}, "maximize is True or False"),
        (SGD, {"nesterov": True}, "nesterov=True needs momentum > 0"),
        (SGD, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening=0"),
        (Adam, {"betas": (0.9, 1.0)}, "betas is two numbers, each ≥ 0 and < 1"),
        (Adam, {"betas": (0.9,)}, "betas is"),
        (Adam, {"betas": 0.9}, "betas is"),
        (Adam, {"eps": -1e-8}, "eps is"),
        (RMSProp, {"alpha": 1.5}, "alpha is a number from 0 to 1"),
        (Adafactor, {"clip_threshold": 0.5}, "clip_threshold is a finite number ≥ 1"),
        (Adafactor, {"beta2_decay": 0.8}, "beta2_decay is a finite number ≤ 0"),
        (Adafactor, {"factored_eps": (-1.0, 0.0)}, "factored_eps is"),
        (LBFGS, {"max_iter": 0}, "max_iter is a whole number ≥ 1"),
        (LBFGS, {"line_search": "armijo"}, "line_search is 'strong_wolfe' or None"),
        (LBFGS, {"decoupled_weight_decay": True}, "cannot be decoupled"),
    ],
)
def test_bad_option(kind, options, message):
    with pytest.raises(DataError, match=message):
        kind([parameter()], **options)


def test_unknown_option_gets_the_nearest():
    with pytest.raises(UnknownNameError, match="option of Adam 'beta'; did you mean 'betas'"):
        Adam([parameter()], beta=0.9)
    with pytest.raises(UnknownNameError, match="did you mean 'lr'"):
        Adam([{"params": [parameter()], "Lr": 0.1}])
    with pytest.raises(UnknownNameError, match="optimizer 'adm'; did you mean 'adam'"):
        make_optimizer("adm", [parameter()])
    with pytest.raises(UnknownNameError, match="schedule 'cosin'; did you mean 'cosine'"):
        make_schedule("cosin", SGD([parameter()]), total_steps=3)
    with pytest.raises(UnknownNameError, match="did you mean 'min_lr'"):
        make_schedule("cosine", SGD([parameter()]), total_steps=3, minlr=3)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_names_are_found_however_they_are_written(name):
    assert type(make_optimizer(name.upper(), [parameter()])) is OPTIMIZERS[name]
    assert repr(make_optimizer(name, [parameter()])).endswith("1 parameters, 6 numbers)")


def test_bad_parameters():
    p = parameter()
    with pytest.raises(DataError, match="no parameters"):
        SGD([])
    with pytest.raises(DataError, match="without any parameter"):
        SGD([{"params": []}])
    with pytest.raises(DataError, match="same parameter twice"):
        SGD([p, p])
    with pytest.raises(DataError, match="same parameter twice"):
        SGD([{"params": [p]}, {"params": [p]}])
    with pytest.raises(DataError, match="got ndarray; wrap an array"):
        SGD([np.ones(3)])
    with pytest.raises(DataError, match=r"not net.named_parameters\(\)"):
        SGD([("weight", p)])
    with pytest.raises(DataError, match="put it in a list"):
        SGD(p)
    with pytest.raises(DataError, match="a Tensor that was computed"):
        SGD([p * 2])
    with pytest.raises(DataError, match="has 'params'"):
        SGD([{"lr": 0.1}])


def test_a_module_instead_of_its_parameters():
    class Net:
        def parameters(self):
            return [parameter()]

    with pytest.raises(DataError, match=r"got the module Net; pass its parameters: net.param"):
        SGD(Net())


def test_a_leaf_tensor_that_wants_a_gradient_can_be_learnt():
    w = tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    SGD([w], lr=0.25).step()
    np.testing.assert_array_equal(w.data, np.array([0.5, 1.0], np.float32))


def test_bad_gradient_changes_nothing():
    a, b = parameter(), parameter()
    optimizer = SGD([a, b], lr=1.0)
    a.grad, b.grad = np.ones((2, 3), np.float32), np.ones((3, 2), np.float32)
    with pytest.raises(ShapeError, match=r"gradient of parameter 1 has shape \(3, 2\)"):
        optimizer.step()
    np.testing.assert_array_equal(a.data, 1.0)


def test_a_network_that_changes_under_the_optimizer():
    p = parameter()
    optimizer = SGD([p], lr=1.0)
    p.grad = np.ones((2, 3), np.float32)
    optimizer.step()
    p.data = p.data.astype(np.float64)
    with pytest.raises(DTypeError, match="make a new optimizer"):
        optimizer.step()


def test_lbfgs_needs_a_closure_and_one_group():
    with pytest.raises(DataError, match="needs a closure"):
        LBFGS([parameter()]).step()
    with pytest.raises(DataError, match="one group"):
        LBFGS([{"params": [parameter()]}, {"params": [parameter()]}])
    with pytest.raises(DataError, match="one dtype"):
        LBFGS([parameter(), Parameter(np.ones(2))])


def stepped(name):
    params = [parameter(), Parameter(np.ones(4, np.float32))]

    def closure():
        for p in params:
            p.grad = 2 * p.data - 1
        return float(sum((p.data * p.data - p.data).sum() for p in params))

    optimizer = make_optimizer(name, params)
    optimizer.step(closure)
    return optimizer, params


def damage_other(state):
    state["values"]["optimizer"] = "Someone"


def damage_groups(state):
    state["values"]["groups"][0]["params"] = [0]


def damage_option(state):
    state["values"]["groups"][0]["lr"] = -1


def damage_shape(state):
    key = next(iter(state["arrays"]))
    state["arrays"][key] = np.zeros(77, np.float32)


def damage_key(state):
    del state["values"]["groups"]


def damage_name(state):
    state["arrays"]["9.first_moment"] = np.zeros(3)


def damage_missing(state):
    del state["arrays"][next(iter(state["arrays"]))]


@pytest.mark.parametrize(
    "damage",
    [damage_other, damage_groups, damage_option, damage_shape, damage_key, damage_name,
     damage_missing],
)  # fmt: skip
@pytest.mark.parametrize("name", ["adam", "adafactor", "lbfgs"])
def test_damaged_state_is_refused_whole(name, damage):
    optimizer, _ = stepped(name)
    before = copy.deepcopy(optimizer.state_dict())
    state = copy.deepcopy(before)
    damage(state)
    with pytest.raises(CheckpointError):
        optimizer.load_state_dict(state)
    after = optimizer.state_dict()
    assert after["values"] == before["values"]
    for key, array in before["arrays"].items():
        np.testing.assert_array_equal(after["arrays"][key], array)


def test_bad_limits():
    p = parameter()
    p.grad = np.full((2, 3), np.inf, np.float32)
    with pytest.raises(DataError, match="limit is a number ≥ 0"):
        clip_grad_norm([p], -1)
    with pytest.raises(DataError, match="limit is a number ≥ 0"):
        clip_grad_value([p], float("nan"))
    with pytest.raises(DataError, match="norm is a number > 0"):
        clip_grad_norm([p], 1, norm=0)
    with pytest.raises(NonFiniteError, match="norm of the gradients is inf"):
        clip_grad_norm([p], 1, error_if_nonfinite=True)
    with pytest.raises(DataError, match="decay is a number from 0 to 1"):
        EMA([p], decay=1.5)
    with pytest.raises(DataError, match="no parameters"):
        EMA([])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: schedules.Cosine(o, 0), "total_steps is a whole number ≥ 1, got 0"),
        (lambda o: schedules.Cosine(o, 2.5), "total_steps is a whole number"),
        (lambda o: schedules.Cosine(o, 5, min_lr=-1), "min_lr is a number ≥ 0"),
        (lambda o: schedules.Constant(o, per="batch"), "per is 'step' or 'epoch', got 'batch'"),
        (lambda o: schedules.OneCycle(o, 5, anneal="x"), "anneal is 'cos' or 'linear'"),
        (lambda o: schedules.OneCycle(o, 5, rising=1.5), "rising is a number from 0 to 1"),
        (lambda o: schedules.Cyclic(o, mode="x"), "mode is 'triangular'"),
        (lambda o: schedules.Plateau(o, factor=2), "factor is a number from 0 to 1"),
        (lambda o: schedules.Plateau(o, mode="x"), "mode is 'min' or 'max'"),
        (lambda o: schedules.Plateau(o, threshold_mode="x"), "threshold_mode is 'rel' or 'abs'"),
        (lambda o: schedules.Plateau(o).step(), "needs the metric"),
        (lambda o: schedules.Function(o, 3), "function takes a count"),
        (lambda o: schedules.Function(o, lambda n: float("nan")), r"function\(0\) is a number"),
        (lambda o: schedules.Chained([]), "no schedules"),
        (lambda o: schedules.Sequential([schedules.Constant(o)], [3]), "need 0 milestones"),
        (lambda o: schedules.Chained([schedules.Plateau(o)]), "cannot hold a Plateau"),
        (lambda o: schedules.WarmUp(o, 3), "WarmUp takes schedules, got SGD"),
        (
            lambda o: schedules.Chained(
                [schedules.Constant(o), schedules.Constant(o, per="epoch")]
            ),
            "choose one",
        ),
        (
            lambda o: schedules.Chained(
                [schedules.Constant(o), schedules.Constant(SGD([parameter()]))]
            ),
            "same optimizer",
        ),
        (lambda o: make_schedule("step", o), "needs step_size"),
        (lambda o: make_schedule("function", o, total_steps=9), "needs function"),
        (lambda o: make_schedule("chained", o), "is made of other schedules"),
        (lambda o: make_schedule("cosine", o, total_steps=5, warm_up=5), "leaves nothing"),
    ],
)
def test_bad_schedule(make, message):
    with pytest.raises(DataError, match=message):
        make(SGD([parameter()], lr=0.1))


def test_cycled_momentum_needs_one():
    optimizer = make_optimizer("adagrad", [parameter()])
    assert schedules.OneCycle(optimizer, 5).momentum(0) is None
    with pytest.raises(DataError, match="Adagrad has neither momentum nor betas"):
        schedules.Cyclic(optimizer, 5, cycle_momentum=True)


def test_schedule_state_of_another():
    optimizer = SGD([parameter()], lr=0.1)
    state = schedules.Cosine(optimizer, 5).state_dict()
    with pytest.raises(CheckpointError, match="that of the schedule Cosine, this one is Constant"):
        schedules.Constant(optimizer).load_state_dict(state)
    with pytest.raises(CheckpointError, match="is damaged"):
        schedules.Constant(optimizer).load_state_dict({})
    with pytest.raises(CheckpointError, match="Plateau is damaged"):
        schedules.Plateau(optimizer).load_state_dict({**state, "schedule": "Plateau"})
