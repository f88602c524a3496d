import numpy as np

rng = np.random.RandomState(1)
years = rng.uniform(0, 10, size=(25, 1))
salary = 3.0 + 0.9 * years[:, 0] + rng.randn(25) * 0.4

m = 0.0
c = 0.0
L = 0.01          # learning rate
n = float(len(years))

for i in range(1000):
    y_pred = m * years + c
    diff = y_pred - salary
    cost = np.mean(diff ** 2)
    D_m = 2 * np.mean(years * diff)
    D_c = 2 * np.mean(diff)
    m = m - L * D_m
    c = c - L * D_c
    if i % 200 == 0:
        print(i, cost, m, c)

print("salary = %.2f * years + %.2f" % (m, c))
