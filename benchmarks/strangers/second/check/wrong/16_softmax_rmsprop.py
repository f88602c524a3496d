import numpy as np

rng = np.random.RandomState(10)
X = rng.randn(60, 4)
labels = np.argmax(X[:, :3] + 0.3 * rng.randn(60, 3), axis=1)
Y = np.eye(3)[labels]

W = 0.01 * rng.randn(4, 3)
b = np.zeros((1, 3))
cache_W, cache_b = np.zeros_like(W), np.zeros_like(b)
learning_rate, decay, eps = 0.01, 0.9, 1e-8

for epoch in range(201):
    logits = np.dot(X, W) + b
    exps = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    P = exps / np.sum(exps, axis=1, keepdims=True)
    loss = -np.mean(Y * np.log(P + 1e-12))

    dlogits = (P - Y) / X.shape[0]
    dW = np.dot(X.T, dlogits)
    db = np.sum(dlogits, axis=0, keepdims=True)

    cache_W = decay * cache_W + (1 - decay) * dW**2
    cache_b = decay * cache_b + (1 - decay) * db**2
    W += -learning_rate * dW / (np.sqrt(cache_W) + eps)
    b += -learning_rate * db / (np.sqrt(cache_b) + eps)

    if epoch % 50 == 0:
        acc = np.mean(np.argmax(P, axis=1) == labels)
        print("epoch %d loss %.4f accuracy %.2f" % (epoch, loss, acc))
