# cs231n-like case study: rows are samples, softmax loss with L2
import numpy as np

rng = np.random.RandomState(1)
N, D, H, C = 8, 3, 6, 4
X = rng.randn(N, D)
y = rng.randint(C, size=N)
reg = 0.05
parameters = {
    "W": 0.5 * rng.randn(D, H),
    "b": 0.1 * rng.randn(1, H),
    "W2": 0.5 * rng.randn(H, C),
    "b2": np.zeros((1, C)),
}


def scores_and_hidden(p):
    hidden_layer = np.maximum(0, np.dot(X, p["W"]) + p["b"])
    scores = np.dot(hidden_layer, p["W2"]) + p["b2"]
    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden_layer, exp_scores / exp_scores.sum(axis=1, keepdims=True)


def loss(p):
    _, probs = scores_and_hidden(p)
    data_loss = np.sum(-np.log(probs[range(N), y])) / N
    reg_loss = 0.5 * reg * np.sum(p["W"] * p["W"]) + 0.5 * reg * np.sum(p["W2"] * p["W2"])
    return data_loss + reg_loss


def gradients(p):
    hidden_layer, probs = scores_and_hidden(p)
    dscores = probs
    dscores[range(N), y] -= 1
    dscores /= N
    dW2 = np.dot(hidden_layer.T, dscores)
    db2 = np.sum(dscores, axis=0, keepdims=True)
    dhidden = np.dot(dscores, p["W2"].T)
    dhidden[hidden_layer <= 0] = 0
    dW = np.dot(X.T, dhidden)
    db = np.sum(dhidden, axis=0, keepdims=True)
    dW2 += reg * p["W2"]
    dW += reg * p["W"] / N
    return {"W": dW, "b": db, "W2": dW2, "b2": db2}
