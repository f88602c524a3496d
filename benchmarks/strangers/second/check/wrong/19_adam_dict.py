import numpy as np

rng = np.random.default_rng(17)
X = rng.standard_normal((2, 80))
T = np.vstack([np.sin(X[0]), X[0] * X[1]])

params = {
    "W1": rng.standard_normal((16, 2)),
    "b1": np.zeros((16, 1)),
    "W2": rng.standard_normal((2, 16)) * np.sqrt(1 / 16),
    "b2": np.zeros((2, 1)),
}
m = {k: np.zeros_like(p) for k, p in params.items()}
v = {k: np.zeros_like(p) for k, p in params.items()}
beta1, beta2, lr, eps = 0.9, 0.999, 0.01, 1e-8

for t in range(1, 401):
    Z1 = params["W1"] @ X + params["b1"]
    A1 = np.maximum(Z1, 0)
    out = params["W2"] @ A1 + params["b2"]
    cost = np.sum((out - T) ** 2) / (2 * X.shape[1])

    grads = {}
    dout = (out - T) / X.shape[1]
    grads["W2"] = dout @ A1.T
    grads["b2"] = dout.sum(axis=1, keepdims=True)
    dA1 = params["W2"].T @ dout
    dA1[A1 < 0] = 0
    grads["W1"] = dA1 @ X.T
    grads["b1"] = dA1.sum(axis=1, keepdims=True)

    for k in params:
        m[k] = beta1 * m[k] + (1 - beta1) * grads[k]
        v[k] = beta2 * v[k] + (1 - beta2) * grads[k] ** 2
        m_hat = m[k] / (1 - beta1**t)
        v_hat = v[k] / (1 - beta2**t)
        params[k] -= lr * m_hat / (np.sqrt(v_hat) + eps)
    if t % 100 == 0:
        print(f"{t:4d}  {cost:.5f}")
