import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0, 1, 1, 0]]).T
np.random.seed(2)
w_h = np.random.uniform(-1, 1, (2, 6))
b_h = np.random.uniform(-1, 1, (1, 6))
w_o = np.random.uniform(-1, 1, (6, 1))
b_o = np.random.uniform(-1, 1, (1, 1))
sigmoid = lambda t: 1 / (1 + np.exp(-t))
sigmoid_d = lambda s: s * (1 - s)

for epoch in range(3000):
    hidden = sigmoid(np.dot(X, w_h) + b_h)
    output = sigmoid(np.dot(hidden, w_o) + b_o)

    error = y - output
    if epoch % 500 == 0:
        print("mean absolute error", np.mean(np.abs(error)))
    d_output = error * sigmoid_d(output)
    d_hidden = d_output.dot(w_o.T) * sigmoid_d(hidden)

    w_o += hidden.T.dot(d_output) * 0.5
    b_o += np.sum(d_output, axis=0, keepdims=True) * 0.5
    w_h += X.T.dot(d_hidden) * 0.5
    b_h += np.sum(d_hidden, axis=0, keepdims=True) * 0.5
print(output.round(2))
