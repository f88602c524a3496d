import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


np.random.seed(12)
exams = np.random.uniform(-1.5, 1.5, size=(50, 2))
admitted = (exams[:, 0] + 0.5 * exams[:, 1] + 0.2 * np.random.randn(50) > 0).astype(int)

m = len(exams)
Xb = np.c_[np.ones(m), exams]
theta = np.zeros(3)
alpha = 0.5
costs = []

for it in range(300):
    h = sigmoid(Xb @ theta)
    J = (1 / m) * (admitted @ np.log(h) + (1 - admitted) @ np.log(1 - h))
    costs.append(J)
    grad = (1 / m) * (Xb.T @ (h - admitted))
    theta = theta - alpha * grad

print("theta", theta)
print("first cost", costs[0], "last cost", costs[-1])
print("accuracy", np.mean((sigmoid(Xb @ theta) > 0.5) == admitted))
