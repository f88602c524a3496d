import numpy as np

np.random.seed(13)

def init_params(n_in, n_hidden, n_out):
    W1 = np.random.randn(n_hidden, n_in) * 0.4
    b1 = np.zeros((n_hidden, 1))
    W2 = np.random.randn(n_out, n_hidden) * 0.4
    b2 = np.zeros((n_out, 1))
    return W1, b1, W2, b2

def softmax(Z):
    A = np.exp(Z - Z.max())
    return A / A.sum()

def forward_prop(W1, b1, W2, b2, x):
    Z1 = W1.dot(x) + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2.dot(A1) + b2
    A2 = softmax(Z2)
    return Z1, A1, Z2, A2

def backward_prop(Z1, A1, A2, W2, x, target):
    dZ2 = A2 - target
    dW2 = dZ2.dot(A1.T)
    db2 = dZ2
    dZ1 = W2.T.dot(dZ2)
    dZ1[Z1 > 0] = 0
    dW1 = dZ1.dot(x.T)
    db1 = dZ1
    return dW1, db1, dW2, db2

def update_params(W1, b1, W2, b2, dW1, db1, dW2, db2, alpha):
    W1 = W1 - alpha * dW1
    b1 = b1 - alpha * db1
    W2 = W2 - alpha * dW2
    b2 = b2 - alpha * db2
    return W1, b1, W2, b2

# three blobs
centers = np.array([[2, 0], [-2, 1], [0, -2]])
labels = np.random.randint(0, 3, 45)
points = centers[labels] + np.random.randn(45, 2) * 0.7

W1, b1, W2, b2 = init_params(2, 10, 3)
for epoch in range(30):
    right = 0
    for p, lab in zip(points, labels):
        x = p.reshape(2, 1)
        target = np.zeros((3, 1))
        target[lab] = 1
        Z1, A1, Z2, A2 = forward_prop(W1, b1, W2, b2, x)
        right += int(np.argmax(A2) == lab)
        dW1, db1, dW2, db2 = backward_prop(Z1, A1, A2, W2, x, target)
        W1, b1, W2, b2 = update_params(W1, b1, W2, b2, dW1, db1, dW2, db2, 0.05)
    print("epoch", epoch, "accuracy", right / len(points))
