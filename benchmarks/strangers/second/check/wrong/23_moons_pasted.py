import numpy as np

np.random.seed(0)
n = 40
ang = np.random.rand(n) * np.pi
X = np.r_[np.c_[np.cos(ang), np.sin(ang)], np.c_[1 - np.cos(ang), 0.5 - np.sin(ang)]]
y = np.array([0] * n + [1] * n)

W1 = np.random.randn(2, 3) / np.sqrt(2)
b1 = np.zeros((1, 3))
W2 = np.random.randn(3, 2) / np.sqrt(3)
b2 = np.zeros((1, 2))
epsilon = 0.01
reg_lambda = 0.01

for i in range(0, 500):
    # Forward propagation
    a1 = np.tanh(X.dot(W1) + b1)
    exp_scores = np.exp(a1.dot(W2) + b2)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)

    # Backpropagation
    delta3 = probs
    delta3[range(len(X)), y] -= 1
    dW2 = (a1.T).dot(delta3)
    db2 = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
    dW1 = np.dot(X.T, delta2)
    db1 = np.sum(delta2, axis=0)

    # Add regularization terms (b1 and b2 don't have regularization terms)
    dW2 += reg_lambda W2
    dW1 += reg_lambda W1

    W1 += -epsilon * dW1
    b1 += -epsilon * db1
    W2 += -epsilon * dW2
    b2 += -epsilon * db2
