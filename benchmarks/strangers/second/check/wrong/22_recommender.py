import numpy as np

R = np.array(
    [
        [5, 3, 0, 1],
        [4, 0, 0, 1],
        [1, 1, 0, 5],
        [1, 0, 0, 4],
        [0, 1, 5, 4],
    ]
)
n_users, n_items = R.shape
K = 2
np.random.seed(0)
P = np.random.rand(n_users, K)
Q = np.random.rand(n_items, K)
Q = Q.T
alpha, beta = 0.01, 0.2

for step in range(200):
    for i in range(n_users):
        for j in range(n_items):
            if R[i][j] > 0:
                eij = R[i][j] - np.dot(P[i, :], Q[:, j])
                for k in range(K):
                    p_old = P[i][k]
                    P[i][k] = P[i][k] + alpha * (2 * eij * Q[k][j] - beta * P[i][k])
                    Q[k][j] = Q[k][j] + alpha * (2 * eij * p_old - beta * p_old)
    e = 0
    for i in range(n_users):
        for j in range(n_items):
            if R[i][j] > 0:
                e = e + pow(R[i][j] - np.dot(P[i, :], Q[:, j]), 2)
                for k in range(K):
                    e = e + (beta / 2) * (pow(P[i][k], 2) + pow(Q[k][j], 2))
    if e < 0.001:
        break
print(e)
print(np.dot(P, Q))
