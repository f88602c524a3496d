"""Weight averages against formulas written out, and that the weights come back."""

import json

import numpy as np
import pytest

from pellucid import Parameter
from pellucid.errors import CheckpointError, DataError
from pellucid.optim import EMA, SWA


class Net:
    """The least a module is: named parameters and buffers."""

    def __init__(self):
        self.weight = Parameter(np.array([1.0, 2.0], np.float32))
        self.running = np.array([10.0], np.float32)
        self.seen = np.array(0)

    def named_parameters(self):
        yield "weight", self.weight

    def named_buffers(self):
        yield "running", self.running
        yield "seen", self.seen

    def train_a_step(self, step):
        self.weight.data[...] = [step, -step]
        self.running[...] = 10 + step
        self.seen[...] = step


def test_ema_follows_its_formula():
    net = Net()
    average = EMA(net, 0.75)
    expected = np.array([1.0, 2.0])
    for step in range(1, 5):
        net.train_a_step(step)
        average.update()
        expected = 0.75 * expected + 0.25 * np.array([step, -step])
    with average.applied():
        np.testing.assert_allclose(net.weight.data, expected, rtol=1e-6)
        assert net.weight.data.dtype == np.float32


def test_ema_warm_up_forgets_the_start_sooner():
    p = Parameter(np.zeros(1))
    average = EMA([p], 0.999, warm_up=True)
    p.data[...] = 1.0
    average.update()
    with average.applied():
        assert p.data[0] == pytest.approx(1 - 2 / 11)


def test_swa_is_the_mean():
    p = Parameter(np.full(3, 99.0))
    average = SWA([p])
    for value in (1.0, 2.0, 6.0):
        p.data[...] = value
        average.update()
    with average.applied():
        np.testing.assert_allclose(p.data, 3.0, rtol=1e-15)
    np.testing.assert_array_equal(p.data, 6.0)


def test_buffers_are_copied_as_of_the_last_update():
    net = Net()
    average = SWA(net)
    net.train_a_step(1)
    average.update()
    net.train_a_step(2)
    with average.applied():
        assert (net.running[0], net.seen[()]) == (11.0, 1)
    assert (net.running[0], net.seen[()]) == (12.0, 2)


def test_weights_come_back_after_an_error():
    net = Net()
    average = EMA(net, 0.5)
    data = net.weight.data
    net.train_a_step(3)
    with pytest.raises(ZeroDivisionError), average.applied():
        raise ZeroDivisionError
    assert net.weight.data is data
    np.testing.assert_array_equal(data, [3, -3])
    with average.applied():
        with pytest.raises(DataError, match="average the average"):
            average.update()
        with pytest.raises(DataError, match="already in use"), average.applied():
            pass
    np.testing.assert_array_equal(data, [3, -3])


@pytest.mark.parametrize("make", [lambda net: EMA(net, 0.9, warm_up=True), SWA])
def test_resuming_gives_the_same_bits(make, through_json):
    whole, other = Net(), Net()
    one, first = make(whole), make(other)
    for step in range(1, 7):
        whole.train_a_step(step / 3)
        one.update()
    for step in range(1, 4):
        other.train_a_step(step / 3)
        first.update()
    second = make(Net())
    second._parameters, second._module = first._parameters, first._module
    second.load_state_dict(through_json(first.state_dict()))
    for step in range(4, 7):
        other.train_a_step(step / 3)
        second.update()
    expected, found = one.state_dict(), second.state_dict()
    assert json.dumps(expected["values"]) == json.dumps(found["values"])
    for name, array in expected["arrays"].items():
        assert array.tobytes() == found["arrays"][name].tobytes()


def test_state_of_another_network_is_refused():
    average = EMA(Net())
    state = average.state_dict()
    with pytest.raises(CheckpointError, match=r"differs in \['extra'\]"):
        average.load_state_dict({**state, "arrays": {**state["arrays"], "extra": np.ones(1)}})
    wrong = {**state["arrays"], "weight": np.ones(3)}
    with pytest.raises(CheckpointError, match=r"shape \(3,\), expected \(2,\)"):
        average.load_state_dict({**state, "arrays": wrong})
    with pytest.raises(CheckpointError, match="damaged"):
        average.load_state_dict({"arrays": state["arrays"]})


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
def test_like_pytorch():
    torch = pytest.importorskip("torch")
    from torch.optim import swa_utils

    for ours, theirs in [
        (SWA, {}),
        (lambda p: EMA(p, 0.9), {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.9)}),
    ]:
        p, q = Parameter(np.zeros(3)), torch.nn.Linear(3, 1, bias=False).double()
        a, b = None, swa_utils.AveragedModel(q, **theirs)
        for step in range(6):
            value = np.sin(np.arange(3.0) + step)
            p.data[...] = value
            q.weight.data = torch.tensor(value[None])
            if a is None:
                a = ours([p])  # PyTorch's average starts at its first update, ours when it is made
            a.update()
            b.update_parameters(q)
        with a.applied():
            expected = b.module.weight.detach().numpy()[0]
            np.testing.assert_allclose(p.data, expected, rtol=1e-12, atol=1e-14)
