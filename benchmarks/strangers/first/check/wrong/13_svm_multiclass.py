import numpy as np

rng = np.random.RandomState(10)
num_train, dim, num_classes = 12, 5, 4
X = rng.randn(num_train, dim)
X = np.hstack([X, np.ones((num_train, 1))])     # bias trick
y = rng.randint(num_classes, size=num_train)
reg = 0.05

parameters = {"W": rng.randn(dim + 1, num_classes) * 0.1}


def loss(parameters):
    W = parameters["W"]
    scores = X.dot(W)
    correct = scores[np.arange(num_train), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(num_train), y] = 0
    return margins.sum() / num_train + reg * np.sum(W * W)


def gradients(parameters):
    W = parameters["W"]
    scores = X.dot(W)
    correct = scores[np.arange(num_train), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(num_train), y] = 0

    binary = (margins > 0).astype(float)
    binary[np.arange(num_train), y] = -1
    dW = X.T.dot(binary) / num_train
    dW += 2 * reg * W
    return {"W": dW}
