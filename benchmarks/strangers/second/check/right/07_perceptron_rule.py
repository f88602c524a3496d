import numpy as np

# Rosenblatt's rule: weights move only on mistakes
gen = np.random.RandomState(15)
points = gen.uniform(-1, 1, (40, 2))
signs = np.where(points @ np.array([1.0, -2.0]) + 0.3 > 0, 1, -1)

weights = np.zeros(2)
bias = 0.0
for sweep in range(50):
    mistakes = 0
    for xi, ti in zip(points, signs):
        if ti * (np.dot(weights, xi) + bias) <= 0:
            weights = weights + ti * xi
            bias = bias + ti
            mistakes += 1
    if mistakes == 0:
        break
print("sweeps", sweep + 1, "weights", weights, "bias", bias)
