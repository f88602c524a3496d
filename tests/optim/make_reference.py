"""Regenerates reference.npz from the real PyTorch: ``python tests/optim/make_reference.py``.

Each case names one of our optimizers or schedules with its options, and PyTorch's with the options
that mean the same. Inputs are fractions that float32 holds exactly, made by integer arithmetic, so
that they are the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_name("reference.npz")
SHAPES = [(3, 4), (4,), (2, 3, 2), ()]
STEPS = 12
KEPT_STEPS = (1, 2, 6, 12)
DTYPES = ("float64", "float32")
SCHEDULE_STEPS = 50


@dataclass(frozen=True)
class OptimizerCase:
    """One optimizer with options, here and there."""

    name: str
    options: dict[str, Any]
    torch_name: str
    torch_options: dict[str, Any] | None = None  # the same options, unless given
    l1: float = 0.0  # PyTorch has no such option: its gradient is changed by hand
    float64_tolerance: float = 1e-12
    float32_tolerance: float = 3e-6

    @property
    def label(self) -> str:
        options = ",".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.name}({options})".replace(" ", "")


def case(name: str, torch_name: str, **options: Any) -> OptimizerCase:
    return OptimizerCase(name, options, torch_name)


def _lbfgs(options: dict[str, Any], torch_options: dict[str, Any]) -> OptimizerCase:
    # A line search amplifies rounding: two correct programs drift apart by a few digits.
    return OptimizerCase(
        "lbfgs",
        options,
        "LBFGS",
        {"line_search_fn": "strong_wolfe", **torch_options},
        float64_tolerance=1e-9,
        float32_tolerance=2e-2,
    )


OPTIMIZER_CASES = [
    case("sgd", "SGD"),
    case("sgd", "SGD", lr=0.1, weight_decay=0.05),
    case("sgd", "SGD", lr=0.1, momentum=0.9),
    case("sgd", "SGD", lr=0.1, momentum=0.9, dampening=0.5, weight_decay=0.05),
    case("sgd", "SGD", lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05),
    case("sgd", "SGD", lr=0.1, momentum=0.9, maximize=True),
    OptimizerCase("sgd", {"lr": 0.1, "l1": 0.25}, "SGD", {"lr": 0.1}, l1=0.25),
    case("adagrad", "Adagrad"),
    case("adagrad", "Adagrad", lr=0.1, lr_decay=0.1, weight_decay=0.05),
    case("adagrad", "Adagrad", initial_accumulator_value=0.5, eps=1e-3, maximize=True),
    case("adadelta", "Adadelta"),
    case("adadelta", "Adadelta", lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.05),
    case("adadelta", "Adadelta", maximize=True),
    case("rmsprop", "RMSprop"),
    case("rmsprop", "RMSprop", lr=0.05, momentum=0.9, weight_decay=0.05),
    case("rmsprop", "RMSprop", alpha=0.9, centered=True, eps=1e-3),
    case("rmsprop", "RMSprop", alpha=0.9, centered=True, momentum=0.5, maximize=True, eps=1e-3),
    case("adam", "Adam"),
    case("adam", "Adam", lr=0.05, betas=(0.8, 0.95), eps=1e-4),
    case("adam", "Adam", lr=0.05, weight_decay=0.1),
    case("adam", "Adam", lr=0.05, weight_decay=0.1, decoupled_weight_decay=True),
    case("adam", "Adam", lr=0.05, amsgrad=True, maximize=True),
    OptimizerCase("adam", {"lr": 0.05, "l1": 0.25}, "Adam", {"lr": 0.05}, l1=0.25),
    case("adamw", "AdamW"),
    case("adamw", "AdamW", lr=0.05, weight_decay=0.2, amsgrad=True),
    case("adamw", "AdamW", lr=0.05, maximize=True),
    OptimizerCase("amsgrad", {}, "Adam", {"amsgrad": True}),
    OptimizerCase(
        "amsgrad", {"lr": 0.05, "weight_decay": 0.1}, "Adam",
        {"lr": 0.05, "weight_decay": 0.1, "amsgrad": True},
    ),
    case("adamax", "Adamax"),
    case("adamax", "Adamax", lr=0.05, betas=(0.8, 0.95), weight_decay=0.1, maximize=True),
    case("nadam", "NAdam"),
    case("nadam", "NAdam", lr=0.05, weight_decay=0.1, momentum_decay=0.01),
    case("nadam", "NAdam", lr=0.05, weight_decay=0.1, decoupled_weight_decay=True),
    case("nadam", "NAdam", lr=0.05, maximize=True),
    case("radam", "RAdam"),
    case("radam", "RAdam", lr=0.05, betas=(0.8, 0.95), weight_decay=0.1),
    case("radam", "RAdam", lr=0.05, weight_decay=0.1, decoupled_weight_decay=True),
    case("radam", "RAdam", lr=0.05, maximize=True),
    case("adafactor", "Adafactor"),
    OptimizerCase(
        "adafactor",
        {"lr": 0.1, "weight_decay": 0.1, "clip_threshold": 2.0, "beta2_decay": -0.5},
        "Adafactor",
        {"lr": 0.1, "weight_decay": 0.1, "d": 2.0, "beta2_decay": -0.5},
    ),
    OptimizerCase(
        "adafactor",
        {"factored_eps": (1e-3, 1e-2), "maximize": True},
        "Adafactor",
        {"eps": (1e-3, 1e-2), "maximize": True},
    ),
    _lbfgs({}, {}),
    _lbfgs({"lr": 0.5, "max_iter": 5, "history_size": 3},
           {"lr": 0.5, "max_iter": 5, "history_size": 3}),
    _lbfgs({"lr": 0.01, "max_iter": 4, "line_search": None},
           {"lr": 0.01, "max_iter": 4, "line_search_fn": None}),
]  # fmt: skip


def fractions(shape: tuple[int, ...], salt: int) -> np.ndarray:
    """Return numbers from −50/32 to 50/32 that look random, some of them zero."""
    index = np.arange(math.prod(shape)).reshape(shape)
    return ((37 * index * (index + 3) + 53 * salt + 11) % 101 - 50) / 32.0


def start() -> list[np.ndarray]:
    return [fractions(shape, 7 * i) for i, shape in enumerate(SHAPES)]


def gradient(parameter: Any, i: int, step: int) -> Any:
    """Return a gradient that changes with the step and pulls on the parameter."""
    return 0.25 * parameter + fractions(SHAPES[i], 13 * step + i).astype(str(parameter.dtype))


def rosenbrock(x: Any) -> tuple[Any, Any]:
    """Return a chained Rosenbrock function of a vector, scaled, and its gradient."""
    a, b = x[:-1], x[1:]
    loss = (2.0 * (b - a * a) ** 2 + (1 - a) ** 2).sum()
    slope = x * 0
    slope[:-1] += -8.0 * a * (b - a * a) - 2 * (1 - a)
    slope[1:] += 4.0 * (b - a * a)
    return loss, slope


def torch_run(chosen: OptimizerCase, dtype: str) -> list[np.ndarray]:
    """Return the parameters, flat, after each of the kept steps."""
    import torch

    kept = []
    default = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, dtype))  # NAdam keeps a product in the default type
    try:
        params = [torch.nn.Parameter(torch.tensor(p, dtype=getattr(torch, dtype))) for p in start()]
        options = chosen.options if chosen.torch_options is None else chosen.torch_options
        optimizer = getattr(torch.optim, chosen.torch_name)(params, **options)

        def closure() -> float:
            total = 0.0
            for p in params:
                flat = p.detach().numpy().reshape(-1)
                loss, slope = rosenbrock(flat)
                p.grad = torch.tensor(slope.reshape(p.shape))
                total += float(loss)
            return total

        for step in range(1, STEPS + 1):
            if chosen.name == "lbfgs":
                optimizer.step(closure)
            else:
                for i, p in enumerate(params):
                    array = p.detach().numpy()
                    g = gradient(array, i, step) + chosen.l1 * np.sign(array)
                    p.grad = torch.tensor(np.asarray(g, dtype))
                optimizer.step()
            if step in KEPT_STEPS:
                kept.append(np.concatenate([p.detach().numpy().reshape(-1) for p in params]))
    finally:
        torch.set_default_dtype(default)
    return kept


METRICS = [1.0, 0.9, 0.95, 0.91, 0.9, 0.5, 0.5, 0.51, 0.6, 0.5, 0.49995, 0.4] + [0.4] * 38


@dataclass(frozen=True)
class ScheduleCase:
    """One schedule with options, here and there, on an optimizer of two groups."""

    name: str
    label: str
    ours: Callable[[Any, Any], Any]  # (pellucid.optim.schedules, optimizer) -> schedule
    theirs: Callable[[Any, Any], Any]  # (torch.optim.lr_scheduler, optimizer) -> scheduler
    optimizer: str = "SGD"
    metrics: list[float] | None = field(default=None)


def _inverse_sqrt(count: int) -> float:
    return (count + 1) / 10 if count + 1 < 10 else math.sqrt(10 / (count + 1))


def _noam(count: int) -> float:
    return 64**-0.5 * min((count + 1) ** -0.5, (count + 1) * 10**-1.5)


SCHEDULE_CASES = [
    ScheduleCase("constant", "plain", lambda s, o: s.Constant(o),
                 lambda t, o: t.LambdaLR(o, lambda _: 1.0)),
    ScheduleCase("constant", "first part", lambda s, o: s.Constant(o, factor=0.25, steps=7),
                 lambda t, o: t.ConstantLR(o, factor=0.25, total_iters=7)),
    ScheduleCase("step", "step", lambda s, o: s.StepDecay(o, 7, gamma=0.5),
                 lambda t, o: t.StepLR(o, 7, gamma=0.5)),
    ScheduleCase("multi-step", "multi-step", lambda s, o: s.MultiStep(o, [5, 30, 12], gamma=0.3),
                 lambda t, o: t.MultiStepLR(o, [5, 12, 30], gamma=0.3)),
    ScheduleCase("exponential", "exponential", lambda s, o: s.Exponential(o, 0.93),
                 lambda t, o: t.ExponentialLR(o, 0.93)),
    ScheduleCase("polynomial", "power 2", lambda s, o: s.Polynomial(o, 40, power=2.0),
                 lambda t, o: t.PolynomialLR(o, 40, power=2.0)),
    ScheduleCase("linear", "linear",
                 lambda s, o: s.Linear(o, 20, start_factor=0.3, end_factor=0.9),
                 lambda t, o: t.LinearLR(o, 0.3, 0.9, 20)),
    ScheduleCase("cosine", "cosine", lambda s, o: s.Cosine(o, 50, min_lr=0.001),
                 lambda t, o: t.CosineAnnealingLR(o, 50, eta_min=0.001)),
    ScheduleCase("cosine-restarts", "equal", lambda s, o: s.CosineRestarts(o, 7, min_lr=0.001),
                 lambda t, o: t.CosineAnnealingWarmRestarts(o, 7, eta_min=0.001)),
    ScheduleCase("cosine-restarts", "longer", lambda s, o: s.CosineRestarts(o, 5, multiplier=2),
                 lambda t, o: t.CosineAnnealingWarmRestarts(o, 5, T_mult=2)),
    ScheduleCase("one-cycle", "cos, momentum", lambda s, o: s.OneCycle(o, 51, max_lr=0.4),
                 lambda t, o: t.OneCycleLR(o, 0.4, total_steps=51)),
    ScheduleCase("one-cycle", "linear, betas, three phases",
                 lambda s, o: s.OneCycle(o, 51, max_lr=0.4, anneal="linear", three_phase=True,
                                         rising=0.4, div_factor=10, final_div_factor=100),
                 lambda t, o: t.OneCycleLR(o, 0.4, total_steps=51, anneal_strategy="linear",
                                           three_phase=True, pct_start=0.4, div_factor=10,
                                           final_div_factor=100), optimizer="Adam"),
    ScheduleCase("one-cycle", "no momentum",
                 lambda s, o: s.OneCycle(o, 51, max_lr=0.4, cycle_momentum=False),
                 lambda t, o: t.OneCycleLR(o, 0.4, total_steps=51, cycle_momentum=False)),
    ScheduleCase("cyclic", "triangular",
                 lambda s, o: s.Cyclic(o, 8, base_lr=0.01, max_lr=0.4),
                 lambda t, o: t.CyclicLR(o, 0.01, 0.4, 8)),
    ScheduleCase("cyclic", "triangular2",
                 lambda s, o: s.Cyclic(o, 5, down=8, base_lr=0.01, max_lr=0.4, mode="triangular2"),
                 lambda t, o: t.CyclicLR(o, 0.01, 0.4, 5, 8, mode="triangular2"),
                 optimizer="Adam"),
    ScheduleCase("cyclic", "exp_range",
                 lambda s, o: s.Cyclic(o, 5, base_lr=0.01, max_lr=0.4, mode="exp_range",
                                       gamma=0.95, cycle_momentum=False),
                 lambda t, o: t.CyclicLR(o, 0.01, 0.4, 5, mode="exp_range", gamma=0.95,
                                         cycle_momentum=False)),
    ScheduleCase("inverse-sqrt", "inverse-sqrt", lambda s, o: s.InverseSqrt(o, 10),
                 lambda t, o: t.LambdaLR(o, _inverse_sqrt)),
    ScheduleCase("noam", "noam", lambda s, o: s.Noam(o, 64, 10),
                 lambda t, o: t.LambdaLR(o, _noam)),
    ScheduleCase("function", "function", lambda s, o: s.Function(o, lambda n: 1 / (1 + n)),
                 lambda t, o: t.LambdaLR(o, lambda n: 1 / (1 + n))),
    ScheduleCase("plateau", "min, rel",
                 lambda s, o: s.Plateau(o, factor=0.5, patience=2, cooldown=1, min_lr=0.02),
                 lambda t, o: t.ReduceLROnPlateau(o, factor=0.5, patience=2, cooldown=1,
                                                  min_lr=0.02), metrics=METRICS),
    ScheduleCase("plateau", "max, abs",
                 lambda s, o: s.Plateau(o, mode="max", threshold_mode="abs", threshold=0.05,
                                        factor=0.3, patience=1),
                 lambda t, o: t.ReduceLROnPlateau(o, mode="max", threshold_mode="abs",
                                                  threshold=0.05, factor=0.3, patience=1),
                 metrics=METRICS),
    ScheduleCase("warm-up", "before a cosine",
                 lambda s, o: s.WarmUp(s.Cosine(o, 40), 10, start_factor=0.1),
                 lambda t, o: t.SequentialLR(o, [t.LinearLR(o, 0.1, 1.0, 10),
                                                 t.CosineAnnealingLR(o, 40)], [10])),
    ScheduleCase("sequential", "three",
                 lambda s, o: s.Sequential([s.Constant(o, factor=0.5), s.Exponential(o, 0.9),
                                            s.StepDecay(o, 4, gamma=0.5)], [6, 20]),
                 lambda t, o: t.SequentialLR(o, [t.LambdaLR(o, lambda _: 0.5),
                                                 t.ExponentialLR(o, 0.9),
                                                 t.StepLR(o, 4, gamma=0.5)], [6, 20])),
    ScheduleCase("chained", "two",
                 lambda s, o: s.Chained([s.Constant(o, factor=0.5, steps=5),
                                         s.Exponential(o, 0.9)]),
                 lambda t, o: t.ChainedScheduler([t.ConstantLR(o, 0.5, 5),
                                                  t.ExponentialLR(o, 0.9)])),
]  # fmt: skip

GROUP_LRS = (0.1, 0.3)


def momentum_of(group: dict[str, Any]) -> float:
    return float(group["betas"][0] if "betas" in group else group["momentum"])


def torch_schedule(chosen: ScheduleCase) -> np.ndarray:
    """Return (counts, groups, 2): learning rate and momentum."""
    import torch

    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": lr} for lr in GROUP_LRS]
    options = {"momentum": 0.9} if chosen.optimizer == "SGD" else {}
    optimizer = getattr(torch.optim, chosen.optimizer)(groups, lr=1.0, **options)
    scheduler = chosen.theirs(torch.optim.lr_scheduler, optimizer)
    rows = []
    for count in range(SCHEDULE_STEPS + 1):
        rows.append([(g["lr"], momentum_of(g)) for g in optimizer.param_groups])
        optimizer.step()
        if count < SCHEDULE_STEPS:
            scheduler.step(*([chosen.metrics[count]] if chosen.metrics else []))
    return np.array(rows, np.float64)


def main() -> None:
    arrays = {}
    for chosen in OPTIMIZER_CASES:
        for dtype in DTYPES:
            arrays[f"{chosen.label} {dtype}"] = np.stack(torch_run(chosen, dtype))
    for schedule in SCHEDULE_CASES:
        arrays[f"{schedule.name}: {schedule.label}"] = torch_schedule(schedule)
    np.savez_compressed(REFERENCE, **arrays)
    print(f"{REFERENCE.name}: {len(arrays)} arrays, {REFERENCE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
