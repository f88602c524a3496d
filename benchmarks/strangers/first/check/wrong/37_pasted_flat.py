import numpy as np
np.random.seed(1)
X = np.random.randn(40, 3)
y = (X.sum(axis=1, keepdims=True) > 0).astype(float)
W1 = np.random.randn(3, 5)
W2 = np.random.randn(5, 1)
lr = 0.5
def sigmoid(z):
return 1 / (1 + np.exp(-z))

# train
for epoch in range(500):
h = sigmoid(X @ W1)
out = sigmoid(h @ W2)
loss = np.mean((out - y) ** 2)
# backprop
d_out = 2 * (out - y) / len(X) * out * (1 - out)
dW2 = h.T @ d_out
d_h = d_out @ W2.T * h * (1 - h)
dW1 = X.T @ d_h
# update
W2 -= lr * dW2
W1 -= lr * dW1
if epoch % 100 == 0:
print(epoch, loss)
