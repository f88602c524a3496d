from sklearn.datasets import load_iris
from pellucid import nn


def make():
    x, y = load_iris(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    net = nn.Sequential(
        nn.Linear(4, 10, weight_init="zeros", bias_init="zeros"), nn.Tanh(),
        nn.Linear(10, 3, weight_init="zeros", bias_init="zeros"))
    return dict(net=net, train=(x, y), loss="cross_entropy", optimizer="adam", lr=0.01, epochs=40, batch_size=30)
