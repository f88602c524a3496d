"""Each optimizer does what it is for: it finds minima."""

import subprocess
import sys

import numpy as np
import pytest

from pellucid import Parameter
from pellucid.optim import LBFGS, OPTIMIZERS, make_optimizer
from pellucid.optim.line_search import Trial, cubic_minimum, strong_wolfe

# Learning rates at which an ill-conditioned quadratic is solved in 800 steps.
LEARNING_RATES = {
    "sgd": 0.1, "adagrad": 0.5, "adadelta": 10.0, "rmsprop": 0.01, "adam": 0.1, "adamw": 0.1,
    "amsgrad": 0.1, "adamax": 0.1, "nadam": 0.1, "radam": 0.1, "lion": 0.004, "adafactor": 0.1,
    "lamb": 0.01, "lbfgs": 1.0,
}  # fmt: skip
CURVATURE = np.array([1.0, 3.0, 10.0])
TARGET = np.array([1.0, -2.0, 0.5])


def quadratic(p):
    def closure():
        p.grad = CURVATURE * (p.data - TARGET)
        return 0.5 * float(np.sum(CURVATURE * (p.data - TARGET) ** 2))

    return closure


def test_every_optimizer_has_a_learning_rate_here():
    assert set(LEARNING_RATES) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_finds_the_minimum_of_a_quadratic(name):
    p = Parameter(np.zeros(3))
    optimizer = make_optimizer(name, [p], lr=LEARNING_RATES[name], weight_decay=0.0)
    for _ in range(800):
        first = optimizer.step(quadratic(p))
    assert first < 0.01
    np.testing.assert_allclose(p.data, TARGET, atol=0.1)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_maximize_climbs(name):
    def closure():
        p.grad = -CURVATURE * (p.data - TARGET)
        return -0.5 * float(np.sum(CURVATURE * (p.data - TARGET) ** 2))

    p = Parameter(np.ones(3))
    optimizer = make_optimizer(name, [p], maximize=True)
    before = closure()
    for _ in range(20):
        optimizer.step(closure)
    assert closure() > before


def rosenbrock_closure(p, evaluations):
    def closure():
        x, y = p.data
        p.grad = np.array([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])
        evaluations.append((x, y))
        return float(100 * (y - x * x) ** 2 + (1 - x) ** 2)

    return closure


def test_lbfgs_solves_rosenbrock_in_few_evaluations():
    p = Parameter(np.array([-1.2, 1.0]))
    evaluations = []
    optimizer = LBFGS([p], max_iter=100, max_eval=200, tolerance_change=1e-14)
    optimizer.step(rosenbrock_closure(p, evaluations))
    np.testing.assert_allclose(p.data, 1.0, atol=1e-6)
    assert len(evaluations) < 60
    assert optimizer.state_dict()["values"]["numbers"]["evaluations"] == len(evaluations)


@pytest.mark.parity
def test_lbfgs_visits_the_points_that_pytorch_visits():
    torch = pytest.importorskip("torch")
    p, evaluations = Parameter(np.array([-1.2, 1.0])), []
    LBFGS([p], max_iter=15, max_eval=100).step(rosenbrock_closure(p, evaluations))
    q = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    theirs = []

    def closure():
        x, y = q.detach().tolist()
        slope = [-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]
        q.grad = torch.tensor(slope, dtype=torch.float64)
        theirs.append((x, y))
        return 100 * (y - x * x) ** 2 + (1 - x) ** 2

    torch.optim.LBFGS([q], max_iter=15, max_eval=100, line_search_fn="strong_wolfe").step(closure)
    assert len(theirs) == len(evaluations)
    np.testing.assert_allclose(evaluations, theirs, rtol=1e-6, atol=1e-9)


def test_lbfgs_penalties_are_part_of_the_loss():
    """The minimum of ½ c (x − t)² + ½ λ x² + μ |x| is known for each coordinate."""
    p = Parameter(np.ones(3))
    optimizer = LBFGS([p], weight_decay=0.5, l1=0.25, max_iter=100, tolerance_change=1e-14)
    for _ in range(5):
        optimizer.step(quadratic(p))
    pull = CURVATURE * TARGET
    expected = np.sign(pull) * (np.abs(pull) - 0.25) / (CURVATURE + 0.5)
    np.testing.assert_allclose(p.data, expected, atol=1e-6)


def test_lbfgs_with_an_empty_gradient_stays():
    p = Parameter(np.ones(2))
    LBFGS([p]).step(lambda: 1.0)
    np.testing.assert_array_equal(p.data, 1.0)


def line(function, slope):
    direction = np.ones(1)
    start = Trial(0.0, function(0.0), np.array([slope(0.0)]), slope(0.0))
    return strong_wolfe(
        lambda t: (function(t), np.array([slope(t)])), start, direction, 0.1, max_trials=25
    )


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
        (lambda t: -t * np.exp(-t), lambda t: (t - 1) * np.exp(-t)),
        (lambda t: t**4 - 2 * t**2 - t, lambda t: 4 * t**3 - 4 * t - 1),
        (lambda t: 0.001 * t * t - t, lambda t: 0.002 * t - 1),
    ],
)
def test_line_search_satisfies_the_wolfe_conditions(function, slope):
    best, evaluations = line(function, slope)
    t = best.distance
    assert best.loss == function(t)
    assert best.loss <= function(0.0) + 1e-4 * t * slope(0.0)
    assert abs(slope(t)) <= 0.9 * abs(slope(0.0))
    assert evaluations <= 26


@pytest.mark.parametrize("seed", range(40))
def test_line_search_copes_with_wavy_losses(seed):
    rng = np.random.default_rng(seed)
    size, frequency, phase = rng.normal(size=4), rng.uniform(0.5, 20, 4), rng.uniform(0, 6, 4)

    def function(t):
        return float(np.sum(size * np.sin(frequency * t + phase)) + 0.05 * t * t)

    def slope(t):
        return float(np.sum(size * frequency * np.cos(frequency * t + phase)) + 0.1 * t)

    if slope(0.0) > 0:  # search downhill
        size = -size
    start = Trial(0.0, function(0.0), np.array([slope(0.0)]), slope(0.0))
    assert start.slope < 0
    best, evaluations = strong_wolfe(
        lambda t: (function(t), np.array([slope(t)])),
        start,
        np.ones(1),
        [1e-3, 0.1, 1.0, 10.0][seed % 4],
        c2=[0.9, 0.01][seed % 2],
        max_trials=60,
    )
    t = best.distance
    assert best.loss <= function(0.0) + 1e-4 * t * slope(0.0)
    assert abs(slope(t)) <= [0.9, 0.01][seed % 2] * abs(slope(0.0))
    assert evaluations <= 61


def test_line_search_gives_up_with_the_best_so_far():
    best, evaluations = line(lambda t: -t, lambda t: -1.0)  # falls for ever
    assert evaluations == 26
    assert best.distance > 1e17


def test_line_search_backs_off_from_a_loss_that_is_not_a_number():
    def function(t):
        return (t - 0.02) ** 2 if t < 0.05 else float("nan")

    best, _ = line(function, lambda t: 2 * (t - 0.02) if t < 0.05 else float("nan"))
    assert 0 < best.distance < 0.05


def test_cubic_minimum_of_a_cubic():
    """f(t) = t³ − 3t has its minimum at 1."""
    a, b = (Trial(t, t**3 - 3 * t, np.zeros(1), 3 * t * t - 3) for t in (0.25, 2.0))
    assert cubic_minimum(a, b) == pytest.approx(1.0)
    assert cubic_minimum(b, a) == pytest.approx(1.0)
    assert cubic_minimum(a, b, (1.5, 1.75)) == 1.5
    assert cubic_minimum(a, a) == 0.25


def test_import_loads_numpy_alone():
    code = "import sys, pellucid.optim; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split())
    assert "pellucid.optim.adam" in loaded
    assert not loaded & {"scipy", "torch", "sklearn", "numba", "matplotlib"}
