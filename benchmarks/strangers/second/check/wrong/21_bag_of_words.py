import numpy as np

rng = np.random.RandomState(3)
vocab = ["good", "bad", "film", "very", "not", "plot", "boring", "fun"]
ids = {w: i for i, w in enumerate(vocab)}
texts = [
    ("very very good film", 1),
    ("not good film", 0),
    ("bad bad plot", 0),
    ("fun plot very fun", 1),
    ("boring film very boring", 0),
    ("good fun good plot", 1),
]
docs = [np.array([ids[w] for w in s.split()]) for s, _ in texts]
sentiment = [label for _, label in texts]

E = rng.randn(len(vocab), 4) * 0.1
w = rng.randn(4) * 0.1
b = 0.0
lr = 0.3

for epoch in range(100):
    total_loss = 0.0
    for doc, t in zip(docs, sentiment):
        # forward
        h = E[doc].mean(axis=0)
        p = 1 / (1 + np.exp(-(h @ w + b)))
        total_loss -= t * np.log(p) + (1 - t) * np.log(1 - p)
        # backward
        dz = p - t
        dw = dz * h
        db = dz
        dh = dz * w
        dE = np.zeros_like(E)
        dE[doc] += dh / len(doc)
        # update
        E -= lr * dE
        w -= lr * dw
        b -= lr * db
    if epoch % 20 == 0:
        print(epoch, total_loss / len(docs))
