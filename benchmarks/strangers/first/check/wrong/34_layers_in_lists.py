import numpy as np

class MLP(object):

    def __init__(self, num_inputs=3, num_hidden=[3, 3], num_outputs=2):
        layers = [num_inputs] + num_hidden + [num_outputs]
        self.weights = []
        self.biases = []
        for i in range(len(layers) - 1):
            self.weights.append(np.random.randn(layers[i], layers[i + 1]))
            self.biases.append(np.zeros(layers[i + 1]))

    def forward_propagate(self, inputs):
        self.activations = [inputs]
        for w, b in zip(self.weights, self.biases):
            net_inputs = np.dot(self.activations[-1], w) + b
            self.activations.append(self._sigmoid(net_inputs))
        return self.activations[-1]

    def back_propagate(self, target):
        self.dW = [None] * len(self.weights)
        self.db = [None] * len(self.weights)
        out = self.activations[-1]
        delta = (out - target) * out * (1 - out)
        for i in reversed(range(len(self.weights))):
            if i < len(self.weights) - 1:
                a = self.activations[i]
                delta = np.dot(delta, self.weights[i + 1].T) * a * (1 - a)
            self.dW[i] = np.dot(self.activations[i].T, delta)
            self.db[i] = np.mean(delta, axis=0)

    def gradient_descent(self, learning_rate):
        for i in range(len(self.weights)):
            self.weights[i] -= learning_rate * self.dW[i]
            self.biases[i] -= learning_rate * self.db[i]

    def train(self, inputs, targets, epochs, learning_rate):
        for epoch in range(epochs):
            self.forward_propagate(inputs)
            self.back_propagate(targets)
            self.gradient_descent(learning_rate)

    def _sigmoid(self, x):
        return 1.0 / (1 + np.exp(-x))


if __name__ == "__main__":
    np.random.seed(5)
    items = np.random.rand(30, 3)
    targets = np.stack([items[:, 0] * items[:, 1], 0.5 * items.sum(axis=1) / 1.5], axis=1)
    mlp = MLP(3, [3, 3], 2)
    mlp.train(items, targets, 300, 0.1)
    print(np.abs(mlp.forward_propagate(items) - targets).mean())
