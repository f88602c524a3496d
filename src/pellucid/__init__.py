"""Pellucid: a neural-network library in a glass case, written from scratch on NumPy."""

from pellucid import errors, ops, primitives
from pellucid.derivatives import grad, gradients, hessian_vector_product, value_and_grad
from pellucid.random import seed
from pellucid.tape import enable_grad, no_grad
from pellucid.tensor import Parameter, Tensor, tensor

__version__ = "0.1.0"

__all__ = [
    "Parameter",
    "Tensor",
    "enable_grad",
    "errors",
    "grad",
    "gradients",
    "hessian_vector_product",
    "no_grad",
    "ops",
    "primitives",
    "seed",
    "tensor",
    "value_and_grad",
]
