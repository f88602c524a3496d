import numpy as np

np.random.seed(4)
X = np.random.randn(64, 5)
true_w = np.random.randn(5, 1)
Y = np.maximum(X.dot(true_w), 0) + 0.5

params = {
    'W1': np.random.randn(5, 10) * np.sqrt(2 / 5),
    'b1': np.zeros((1, 10)),
    'W2': np.random.randn(10, 1) * np.sqrt(2 / 10),
    'b2': np.zeros((1, 1)),
}
m = {k: np.zeros_like(v) for k, v in params.items()}
v = {k: np.zeros_like(val) for k, val in params.items()}

lr = 0.01
beta1 = 0.9
beta2 = 0.999
eps = 1e-8
num_iterations = 300

for t in range(num_iterations):
    # forward
    Z1 = X.dot(params['W1']) + params['b1']
    A1 = np.maximum(Z1, 0)
    out = A1.dot(params['W2']) + params['b2']
    loss = ((out - Y) ** 2).mean()

    # backward
    grads = {}
    dout = 2 * (out - Y) / out.size
    grads['W2'] = A1.T.dot(dout)
    grads['b2'] = dout.sum(axis=0, keepdims=True)
    dZ1 = dout.dot(params['W2'].T) * (Z1 > 0)
    grads['W1'] = X.T.dot(dZ1)
    grads['b1'] = dZ1.sum(axis=0, keepdims=True)

    # adam
    for k in params:
        m[k] = beta1 * m[k] + (1 - beta1) * grads[k]
        v[k] = beta2 * v[k] + (1 - beta2) * grads[k] ** 2
        m_hat = m[k] / (1 - beta1 ** t)
        v_hat = v[k] / (1 - beta2 ** t)
        params[k] -= lr * m_hat / (np.sqrt(v_hat) + eps)

    if t % 100 == 0:
        print(f"{t:4d}  loss {loss:.4f}")
