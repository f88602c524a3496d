"""A convolution with loops over pixels in a class."""

import numpy as np

g = np.random.RandomState(5)
IMAGE, GOAL = g.randn(6, 6), 0.4
parameters = {"kernel": g.randn(3, 3), "shift": g.randn(1), "out": g.randn(4, 4)}


class Conv:
    def __init__(self, image):
        self.image = image

    def forward(self, kernel, shift):
        result = np.zeros((4, 4))
        for i in range(4):
            for j in range(4):
                result[i, j] = np.sum(self.image[i : i + 3, j : j + 3] * kernel) + shift[0]
        return result

    def backward(self, above):
        dkernel = np.zeros((3, 3))
        for i in range(4):
            for j in range(4):
                dkernel += above[i, j] * self.image[i : i + 3, j : j + 3]
        return dkernel, np.array([above.sum()])


def loss(p):
    z = Conv(IMAGE).forward(p["kernel"], p["shift"])
    return (np.sum(np.tanh(z) * p["out"]) - GOAL) ** 2


def gradients(p):
    conv = Conv(IMAGE)
    m = np.tanh(conv.forward(p["kernel"], p["shift"]))
    d = 2 * (np.sum(m * p["out"]) - GOAL)
    dz = d * p["out"] * (1 - m * m)
    dk, ds = conv.backward(dz)
    return {"kernel": dk, "shift": ds, "out": d * m}


# --- planted mistakes ---

MISTAKES = """
reversed: flipped-kernel at dkernel
- return {"kernel": dk, "shift": ds, "out": d * m}
+ return {"kernel": dk[::-1, ::-1], "shift": ds, "out": d * m}

upside down: flipped-kernel at dkernel
- return {"kernel": dk, "shift": ds, "out": d * m}
+ return {"kernel": dk[::-1], "shift": ds, "out": d * m}

transposed: transposed at dkernel
- return {"kernel": dk, "shift": ds, "out": d * m}
+ return {"kernel": dk.T, "shift": ds, "out": d * m}

only the last pixel: overwritten at dkernel
- dkernel += above[i, j] * self.image[i : i + 3, j : j + 3]
+ dkernel = above[i, j] * self.image[i : i + 3, j : j + 3]

slope alone: missing-upstream at layer 1
- dz = d * p["out"] * (1 - m * m)
+ dz = 1 - m * m

no slope in the shift: missing-derivative at dshift
- return {"kernel": dk, "shift": ds, "out": d * m}
+ return {"kernel": dk, "shift": np.array([np.sum(d * p["out"])]), "out": d * m}

reversed, and no slope in the shift: flipped-kernel or missing-derivative anywhere
- return {"kernel": dk, "shift": ds, "out": d * m}
+ return {"kernel": dk[::-1, ::-1], "shift": np.array([np.sum(d * p["out"])]), "out": d * m}
"""
