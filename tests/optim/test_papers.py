"""Lion and LAMB, which PyTorch lacks, against loops over single numbers written from the papers."""

import math

import numpy as np
import pytest

from pellucid.optim import LAMB, Lion, make_optimizer


def sign(x):
    return (x > 0) - (x < 0)


def lion(theta, gradients, lr=1e-4, beta1=0.9, beta2=0.99, decay=0.0):
    """Chen et al. (2023), algorithm 2."""
    momentum = [0.0] * len(theta)
    for g in gradients(theta):
        for i in range(len(theta)):
            c = beta1 * momentum[i] + (1 - beta1) * g[i]
            theta[i] = theta[i] - lr * (sign(c) + decay * theta[i])
            momentum[i] = beta2 * momentum[i] + (1 - beta2) * g[i]


def lamb(theta, gradients, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-6, decay=0.01):
    """You et al. (2020), algorithm 2, one layer."""
    m, v = [0.0] * len(theta), [0.0] * len(theta)
    for t, g in enumerate(gradients(theta), start=1):
        r = []
        for i in range(len(theta)):
            m[i] = beta1 * m[i] + (1 - beta1) * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
            m_hat, v_hat = m[i] / (1 - beta1**t), v[i] / (1 - beta2**t)
            r.append(m_hat / (math.sqrt(v_hat) + eps) + decay * theta[i])
        theta_norm = math.sqrt(sum(x * x for x in theta))
        r_norm = math.sqrt(sum(x * x for x in r))
        ratio = theta_norm / r_norm if theta_norm > 0 and r_norm > 0 else 1.0
        for i in range(len(theta)):
            theta[i] = theta[i] - lr * ratio * r[i]


CASES = [
    ("lion", lion, {}, {}),
    ("lion", lion, {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.3},
     {"lr": 0.01, "beta1": 0.8, "beta2": 0.9, "decay": 0.3}),
    ("lamb", lamb, {}, {}),
    ("lamb", lamb, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.3},
     {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3, "decay": 0.3}),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "limit"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize(("name", "paper", "options", "paper_options"), CASES)
def test_matches_the_paper(
    name, paper, options, paper_options, dtype, limit, reference, make_problem
):
    problem = make_problem(dtype)
    optimizer = make_optimizer(name, problem.params, **options)
    for step in range(1, 13):
        problem.step(optimizer, step)
    for i, begin in enumerate(reference.start()):
        theta = begin.reshape(-1).tolist()

        def gradients(theta, i=i, shape=begin.shape):
            for step in range(1, 13):
                now = np.array(theta).reshape(shape)
                yield np.asarray(reference.gradient(now, i, step)).reshape(-1).tolist()

        paper(theta, gradients, **paper_options)
        ours = problem.params[i].data.reshape(-1)
        np.testing.assert_allclose(ours, theta, rtol=limit, atol=limit)


def test_lion_moves_every_parameter_by_the_learning_rate(make_problem):
    problem = make_problem("float64")
    before = problem.flat()
    optimizer = Lion(problem.params, lr=0.25)
    problem.step(optimizer, 1)
    moved = np.abs(problem.flat() - before)
    assert set(np.round(moved, 12)) <= {0.0, 0.25}


def test_lamb_treats_zero_weights_as_ratio_one():
    from pellucid import Parameter

    p = Parameter(np.zeros(3, np.float32))
    p.grad = np.array([1, -1, 2], np.float32)
    LAMB([p], lr=0.5).step()
    np.testing.assert_allclose(p.data, [-0.5, 0.5, -0.5], rtol=1e-5)
