import numpy as np

np.random.seed(42)
keep_prob = 0.7
x_train = np.random.rand(10, 5)
y_train = np.random.rand(10, 1)

parameters = {
    "W1": np.random.randn(5, 8) * np.sqrt(2 / 5),
    "b1": np.full(8, 0.05),
    "W2": np.random.randn(8, 1) * np.sqrt(2 / 8),
    "b2": np.zeros(1),
}

# mask is drawn once, so that the loss is the same each time
mask = (np.random.rand(10, 8) < keep_prob) / keep_prob


def relu(v):
    return v * (v > 0)


def loss(w):
    hidden = relu(x_train.dot(w["W1"]) + w["b1"]) * mask
    pred = hidden.dot(w["W2"]) + w["b2"]
    return np.mean(np.square(pred - y_train))


def gradients(w):
    z1 = x_train.dot(w["W1"]) + w["b1"]
    hidden = relu(z1) * mask
    pred = hidden.dot(w["W2"]) + w["b2"]

    d_pred = 2.0 * (pred - y_train) / len(x_train)
    d_W2 = hidden.T.dot(d_pred)
    d_b2 = d_pred.sum(axis=0)
    d_hidden = d_pred.dot(w["W2"].T)
    d_z1 = d_hidden * (z1 > 0)
    d_W1 = x_train.T.dot(d_z1)
    d_b1 = d_z1.sum(axis=0)
    return {"W1": d_W1, "b1": d_b1, "W2": d_W2, "b2": d_b2}
