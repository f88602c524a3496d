import numpy as np

# multiclass SVM, naive loops
state = np.random.RandomState(7)
X = state.randn(10, 4)
y = state.randint(0, 3, 10)
reg = 0.01
parameters = {"W": state.randn(4, 3) * 0.3}


def loss(parameters):
    W = parameters["W"]
    total = 0.0
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                total += margin
    return total / X.shape[0] + reg * np.sum(W * W)


def gradients(parameters):
    W = parameters["W"]
    dW = np.zeros(W.shape)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        violated = False
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            if scores[j] - scores[y[i]] + 1 > 0:
                dW[:, j] += X[i]
                violated = True
        if violated:
            dW[:, y[i]] -= X[i]
    dW /= X.shape[0]
    dW += 2 * reg * W
    return {"W": dW}
