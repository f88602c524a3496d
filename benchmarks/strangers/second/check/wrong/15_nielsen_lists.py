import random

import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


random.seed(4)
np.random.seed(4)
sizes = [3, 5, 2]
biases = [np.random.randn(n, 1) for n in sizes[1:]]
weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]

training_data = []
for _ in range(24):
    v = np.random.randn(3, 1)
    t = np.array([[1.0], [0.0]]) if v.sum() > 0 else np.array([[0.0], [1.0]])
    training_data.append((v, t))

eta, mini_batch_size, epochs = 1.0, 6, 15
for epoch in range(epochs):
    random.shuffle(training_data)
    for k in range(0, len(training_data), mini_batch_size):
        mini_batch = training_data[k : k + mini_batch_size]
        nabla_b = [np.zeros(b.shape) for b in biases]
        nabla_w = [np.zeros(w.shape) for w in weights]
        for x, y in mini_batch:
            activation = x
            activations, zs = [x], []
            for b, w in zip(biases, weights):
                z = np.dot(w, activation) + b
                zs.append(z)
                activation = sigmoid(z)
                activations.append(activation)
            delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
            delta_b = [None, delta]
            delta_w = [None, np.dot(delta, activations[-2].T)]
            delta = np.dot(weights[-1].T, delta) * sigmoid_prime(zs[-2])
            delta_b[0] = delta
            delta_w[0] = np.dot(delta, activations[0].T)
            nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_b)]
            nabla_w = [dnw for nw, dnw in zip(nabla_w, delta_w)]
        weights = [w - (eta / len(mini_batch)) * nw for w, nw in zip(weights, nabla_w)]
        biases = [b - (eta / len(mini_batch)) * nb for b, nb in zip(biases, nabla_b)]
    right = sum(
        np.argmax(sigmoid(weights[1] @ sigmoid(weights[0] @ x + biases[0]) + biases[1])) == np.argmax(y)
        for x, y in training_data
    )
    print("Epoch {0}: {1} / {2}".format(epoch, right, len(training_data)))
