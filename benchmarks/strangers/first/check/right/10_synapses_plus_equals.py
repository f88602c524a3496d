import numpy as np

np.random.seed(1)
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T

synapses = [2 * np.random.random((3, 5)) - 1, 2 * np.random.random((5, 1)) - 1]
prev = [0, 0]


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)          # x is the output of the sigmoid already
    return 1 / (1 + np.exp(-x))


for j in range(3000):
    l0 = X
    l1 = nonlin(np.dot(l0, synapses[0]))
    l2 = nonlin(np.dot(l1, synapses[1]))

    l2_error = y - l2
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(synapses[1].T)
    l1_delta = l1_error * nonlin(l1, deriv=True)

    prev[1] = 0.5 * l1.T.dot(l2_delta) + 0.8 * prev[1]
    prev[0] = 0.5 * l0.T.dot(l1_delta) + 0.8 * prev[0]
    synapses[1] += prev[1]
    synapses[0] += prev[0]

    if j % 500 == 0:
        print("Error:", np.mean(np.abs(l2_error)))
