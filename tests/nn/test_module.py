"""Module: registration, paths, modes, freezing, types, names in errors, and what it prints."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, DTypeError, PellucidError, ShapeError, UnknownNameError


class Block(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.scale = pl.Parameter(np.ones(width, np.float32))
        self.dense = nn.Linear(width, width)
        self.register_buffer("count", np.zeros((), np.int64))
        self.register_buffer("seen", np.zeros(width, np.float32), persistent=False)

    def forward(self, x):
        return self.dense(x) * self.scale


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Block()
        self.blocks = nn.ModuleList([Block(), Block()])
        self.out = nn.Linear(4, 2, bias=False)

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)


def paths(module: nn.Module) -> list[str]:
    return [path for path, _ in module.named_parameters()]


# --- registration ---------------------------------------------------------------------------------


def test_paths_follow_the_order_of_assignment():
    net = Net()
    assert paths(net) == [
        *("first.scale", "first.dense.weight", "first.dense.bias"),
        *("blocks.0.scale", "blocks.0.dense.weight", "blocks.0.dense.bias"),
        *("blocks.1.scale", "blocks.1.dense.weight", "blocks.1.dense.bias"),
        "out.weight",
    ]
    assert [path for path, _ in net.named_buffers()] == [
        *("first.count", "first.seen", "blocks.0.count", "blocks.0.seen"),
        *("blocks.1.count", "blocks.1.seen"),
    ]
    assert [path for path, _ in net.named_modules()][:4] == ["", "first", "first.dense", "blocks"]
    assert [name for name, _ in net.named_children()] == ["first", "blocks", "out"]
    assert net.children() == [net.first, net.blocks, net.out]
    assert net.num_parameters() == 3 * (4 + 16 + 4) + 8
    assert all(a is b for a, (_, b) in zip(net.parameters(), net.named_parameters(), strict=True))


def test_overwriting_and_deleting():
    net = Net()
    net.out = nn.Linear(4, 5)
    assert paths(net)[-2:] == ["out.weight", "out.bias"]
    net.first.scale = pl.Parameter(np.zeros(4, np.float32))
    assert paths(net)[0] == "first.scale"  # an attribute keeps its place
    del net.first.scale
    assert paths(net)[0] == "first.dense.weight"
    net.first.dense.bias = None
    assert "first.dense.bias" not in paths(net)
    del net.first.count
    assert next(net.named_buffers())[0] == "first.seen"
    net.first.seen = [1.0, 2.0]
    assert isinstance(net.first.seen, np.ndarray)
    net.first = None
    assert paths(net)[0] == "blocks.0.scale"


def test_a_buffer_can_become_a_parameter():
    block = Block()
    block.seen = pl.Parameter(np.ones(4, np.float32))
    assert "seen" in paths(block)
    assert [path for path, _ in block.named_buffers()] == ["count"]


def test_a_buffer_that_cannot_be_made_leaves_nothing_behind():
    block = Block()
    with pytest.raises(DataError, match="'scale' is a Parameter"):
        block.register_buffer("scale", np.zeros(4))
    with pytest.raises(DTypeError):
        block.register_buffer("words", ["a"])
    assert [path for path, _ in block.named_buffers()] == ["count", "seen"]


def test_shared_parameters_count_once_and_are_saved_under_both_names():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    assert paths(net) == ["0.weight", "0.bias", "1.bias"]
    assert net.num_parameters() == 9 + 3 + 3
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    same = nn.Linear(3, 3)
    twice = nn.Sequential(same, same)
    assert len(twice.parameters()) == 2
    assert [path for path, _ in twice.named_parameters(shared=True)] == list(twice.state_dict())
    assert len(twice.modules()) == 2


def test_replacing_a_parameter_by_numbers_is_refused():
    layer = nn.Linear(2, 2)
    with pytest.raises(DataError, match=r"write weight.data\[\.\.\.\] = values"):
        layer.weight = np.zeros((2, 2))


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ([nn.ReLU()], "nn.ModuleList"),
        ((nn.ReLU(),), "nn.ModuleList"),
        ({"a": nn.ReLU()}, "nn.ModuleDict"),
        ([pl.Parameter([1.0])], "an attribute of its own"),
    ],
)
def test_hidden_layers_are_refused(value: object, advice: str):
    net = nn.Module()
    with pytest.raises(DataError, match=advice):
        net.layers = value
    with pytest.raises(DataError, match="is a plain list of"):
        net.layers = [value]
    net.sizes = [1, 2, 3]  # plain values are nobody's business
    net.options = {"a": 1}
    assert net.parameters() == []


def test_layers_appended_to_a_list_later_are_refused_before_training():
    class Stack(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out = nn.Linear(3, 2)
            self.layers = []
            for _ in range(2):
                self.layers.append(nn.Linear(3, 3))

    net = nn.Sequential(Stack())
    assert "8 parameters" in repr(net)  # it can still be looked at
    for look in (net.parameters, net.state_dict, net.named_parameters):
        with pytest.raises(DataError, match=r"'0\.layers' is a plain list of layers.*ModuleList"):
            look()


def test_a_tensor_that_is_not_a_parameter_is_refused_before_training():
    net = nn.Linear(3, 2)
    net.seen = net(np.ones((1, 3)))  # a result is nobody's business
    net.target = pl.tensor([1.0])
    assert len(net.parameters()) == 2
    net.scale = pl.tensor([1.0], requires_grad=True)
    with pytest.raises(DataError, match=r"'scale' is a Tensor with requires_grad=True.*Parameter"):
        net.parameters()


def test_forgotten_super_init():
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.width = 3
            self.dense = nn.Linear(3, 3)

    with pytest.raises(PellucidError, match=r"super\(\).__init__\(\) in its first line"):
        Forgetful()


def test_names_that_cannot_be():
    with pytest.raises(DataError, match="'train' cannot name"):
        nn.Module().train = nn.ReLU()
    with pytest.raises(DataError, match="without dots"):
        nn.Module().register_buffer("a.b", np.zeros(2))
    with pytest.raises(DataError, match="'forward' cannot name"):
        nn.Module().forward = pl.Parameter([1.0])
    outer, inner = nn.Module(), nn.Module()
    outer.inner = inner
    with pytest.raises(DataError, match="contain itself"):
        inner.outer = outer


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        type("Empty", (nn.Module,), {})()(1)


# --- the whole ------------------------------------------------------------------------------------


def test_modes_reach_everything():
    net = Net()
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert net.train() is net
    assert all(module.training for module in net.modules())


def test_freezing_by_path():
    net = Net()
    net(np.ones((2, 4))).sum().backward()
    assert net.freeze("first", "blocks.1.scale") is net
    frozen = [path for path, p in net.named_parameters() if not p.requires_grad]
    assert frozen == ["first.scale", "first.dense.weight", "first.dense.bias", "blocks.1.scale"]
    assert net.first.scale.grad is None  # an optimizer then passes it by
    net.zero_grad()
    net(np.ones((2, 4))).sum().backward()
    assert [path for path, p in net.named_parameters() if p.grad is None] == frozen
    net.unfreeze("first.dense")
    assert net.first.dense.weight.requires_grad
    net.freeze()
    assert not net(np.ones((2, 4))).requires_grad
    net.unfreeze()
    assert all(p.requires_grad for p in net.parameters())
    with pytest.raises(UnknownNameError, match="did you mean 'first'"):
        net.freeze("frist")


def test_zero_grad():
    net = Net()
    net(np.ones((2, 4))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_astype_keeps_the_parameters_themselves():
    net = Net()
    before = net.parameters()
    assert net.astype("float64") is net
    assert all(a is b for a, b in zip(before, net.parameters(), strict=True))
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert net.first.seen.dtype == np.float64
    assert net.first.count.dtype == np.int64
    assert net(np.ones((2, 4), np.float32)).dtype == np.float64


def test_apply_goes_from_the_inside_out():
    order: list[str] = []
    net = nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh())
    assert net.apply(lambda module: order.append(type(module).__name__)) is net
    assert order == ["ReLU", "Sequential", "Tanh", "Sequential"]


def test_deep_copies_are_independent():
    net = Net()
    x = np.ones((2, 4))
    twin = copy.deepcopy(net)
    np.testing.assert_array_equal(net(x).data, twin(x).data)
    twin.out.weight.data[...] = 0
    assert net.out.weight.data.any()
    assert paths(twin) == paths(net)


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda: nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 3)), "1"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Sequential(("a", nn.Linear(5, 3)))), "1.a"),
        (lambda: nn.Residual(nn.Sequential(nn.Linear(5, 4))), "module.0"),
    ],
)
def test_errors_open_with_the_path(build, where: str):
    with pytest.raises(ShapeError, match=f"^in layer '{where}': expected inputs with "):
        build()(np.ones((2, 4)))


def test_errors_open_with_the_path_through_a_list_and_shared_layers():
    net = Net()
    net.blocks[1].dense = nn.Linear(7, 4)
    with pytest.raises(ShapeError, match=r"^in layer 'blocks.1.dense': "):
        net(np.ones((2, 4)))
    part = nn.Sequential(nn.ReLU(), nn.Linear(9, 1))
    whole = nn.Sequential(nn.Tanh(), nn.Tanh(), part[1])  # the same layer, at another place
    with pytest.raises(ShapeError, match=r"^in layer '1': "):
        part(np.ones((2, 4)))
    with pytest.raises(ShapeError, match=r"^in layer '2': "):
        whole(np.ones((2, 4)))


def test_an_error_of_the_root_itself_has_no_path():
    with pytest.raises(ShapeError, match=r"^expected inputs with 3"):
        nn.Linear(3, 2)(np.ones((2, 4)))


# --- watching -------------------------------------------------------------------------------------


def test_observe_calls():
    net, other = Net(), nn.ReLU()
    seen: list[tuple[str, type, tuple[int, ...]]] = []

    def callback(path, module, inputs, output):
        seen.append((path, type(module), output.shape))

    with nn.observe_calls(net, callback):
        net(np.ones((2, 4)))
        other(np.ones(3))
        net.late = nn.Linear(4, 1)  # made while watching
        net.late(np.ones((5, 4)))
    net(np.ones((2, 4)))
    assert [path for path, _, _ in seen] == [
        *("first.dense", "first", "blocks.0.dense", "blocks.0", "blocks.1.dense", "blocks.1"),
        *("out", "", "late"),
    ]
    assert seen[-1] == ("late", nn.Linear, (5, 1))


def test_observers_leave_after_an_error():
    net = nn.Sequential(nn.ReLU(), nn.Tanh())

    def stop(path, module, inputs, output):
        raise RuntimeError(path)

    with pytest.raises(RuntimeError, match=r"^0$"), nn.observe_calls(net, stop):
        net(np.ones(3))
    net(np.ones(3))
    assert nn.observers.OBSERVERS == []


# --- printing -------------------------------------------------------------------------------------


def test_repr_is_a_tree_with_a_count():
    net = Net().freeze("first")
    assert repr(net) == (
        "Net(\n"
        "  (first): Block(\n"
        "    (dense): Linear(4 → 4, Glorot normal)\n"
        "  )\n"
        "  (blocks): ModuleList(\n"
        "    (0): Block(\n"
        "      (dense): Linear(4 → 4, Glorot normal)\n"
        "    )\n"
        "    (1): Block(\n"
        "      (dense): Linear(4 → 4, Glorot normal)\n"
        "    )\n"
        "  )\n"
        "  (out): Linear(4 → 2, no bias, Glorot normal)\n"
        ")\n"
        "80 parameters, 24 of them frozen"
    )
    lazy = nn.Sequential(nn.Linear(3))
    assert repr(lazy).endswith("\n3 parameters, and those of sizes inferred at the first call")
    assert repr(nn.Module()) == "Module()"
