import numpy as np

rng = np.random.default_rng(2)
vocab, dim, classes = 9, 4, 3
sentences = np.array([[1, 4, 4, 2], [0, 3, 5, 8], [7, 7, 7, 1], [6, 2, 0, 6]])
labels = np.array([0, 1, 2, 1])

parameters = {
    "E": rng.normal(scale=0.5, size=(vocab, dim)),
    "U": rng.normal(scale=0.5, size=(dim, classes)),
    "c": np.zeros(classes),
}


def predict(p):
    vectors = p["E"][sentences]          # (batch, words, dim)
    doc = vectors.mean(axis=1)
    logits = doc @ p["U"] + p["c"]
    logits -= logits.max(axis=1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    return doc, probs


def loss(p):
    _, probs = predict(p)
    return -np.mean(np.log(probs[range(len(labels)), labels]))


def gradients(p):
    doc, probs = predict(p)
    onehot = np.eye(classes)[labels]
    dlogits = (probs - onehot) / len(labels)
    dU = doc.T @ dlogits
    dc = dlogits.sum(axis=0)
    ddoc = dlogits @ p["U"].T
    dvec = np.repeat(ddoc[:, None, :], sentences.shape[1], axis=1) / sentences.shape[1]
    dE = np.zeros_like(p["E"])
    dE[sentences] += dvec
    return {"E": dE, "U": dU, "c": dc}
