"""Embedding: a learnt vector for each of a finite number of symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike, as_array, float_dtype
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.nn.drawing import WeightDraw
from pellucid.nn.init import InitLike, Normal, make_initializer
from pellucid.nn.inputs import input_of
from pellucid.nn.module import Module
from pellucid.primitives import Recorded
from pellucid.primitives.declaration import Value
from pellucid.random import Seed
from pellucid.tensor import Parameter

__all__ = ["Embedding", "ids_of"]


def ids_of(ids: Any, count: int, what: str = "embedding") -> Array:
    """Return ids as an array of whole numbers from 0 to below `count`.

    Raises
    ------
    DTypeError
        If they are not whole numbers.
    DataError
        If one of them is out of range; the message says which, and where.
    """
    array = as_array(ids.data if isinstance(ids, Recorded) else ids)
    if not array.size and not isinstance(ids, (Recorded, np.ndarray)):
        array = array.astype(np.int64)  # an empty list has no type of its own
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"an {what} takes whole numbers (ids), got {array.dtype}; "
            "convert them first, for example with ids.astype(np.int64)"
        )
    if array.size and (array.min() < 0 or array.max() >= count):
        place = tuple(int(i) for i in np.argwhere((array < 0) | (array >= count))[0])
        where = f" at {place}" if place else ""
        raise DataError(
            f"id {array[place]}{where} is out of range: this {what} has {count} rows, "
            f"for the ids 0 to {count - 1}"
        )
    return array


def _check_sizes(num_embeddings: Any, embedding_dim: Any) -> None:
    for name, size in (("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)):
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
            raise DataError(f"{name} of an Embedding is a whole number ≥ 1, got {size!r}")


class Embedding(Module):
    """Looks up a learnt vector for each id.

    y[...] = E[ids[...]]

    Ids of any shape (...) give vectors of shape (..., embedding_dim). The gradient reaches the
    rows that were looked up, and adds up where an id comes more than once.

    Parameters
    ----------
    num_embeddings : int
        How many ids there are: 0 to num_embeddings − 1.
    embedding_dim : int
        Length of each vector.
    padding_index : int, optional
        The id that stands for "nothing here". Its vector is zero whatever E holds, and gets no
        gradient. A negative number counts from the end.
    max_norm : float, optional
        The longest a vector may be (Euclidean norm). Rows that are longer when they are looked up
        are shortened in place first, outside of the gradient.
    weight_init : Initializer, str or callable, optional
        What E starts as, by default normal with standard deviation 1. Where E is also the output
        projection (:meth:`unembed`), ``init.Normal(0.02)`` keeps the first logits near 0.
    dtype : dtype, optional
        Type of the vectors, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Attributes
    ----------
    weight : Parameter
        E, of shape (num_embeddings, embedding_dim).

    Raises
    ------
    DataError
        If an id is out of range; the message says which, and where it stands.
    DTypeError
        If the ids are not whole numbers.

    Notes
    -----
    Bengio et al. (2003); tied output weights: Press & Wolf (2017).

    Examples
    --------
    >>> from pellucid import nn
    >>> layer = nn.Embedding(5, 2, padding_index=0, rng=0)
    >>> layer([[3, 1, 0]]).shape
    (1, 3, 2)
    >>> layer([0])
    Tensor([[0., 0.]], made by multiply)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        padding_index: int | None = None,
        max_norm: float | None = None,
        weight_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        _check_sizes(num_embeddings, embedding_dim)
        if padding_index is not None:
            if not -num_embeddings <= padding_index < num_embeddings:
                raise DataError(
                    f"padding_index={padding_index} is not one of the {num_embeddings} ids"
                )
            padding_index = int(padding_index) % int(num_embeddings)
        if max_norm is not None and not max_norm > 0:
            raise DataError(f"max_norm of an Embedding is a length > 0, got {max_norm}")
        self.padding_index = padding_index
        self.max_norm = max_norm
        init = Normal(std=1.0) if weight_init is None else make_initializer(weight_init)
        draw = WeightDraw(init, rng)
        weight = draw((int(num_embeddings), int(embedding_dim)), float_dtype(dtype))
        if padding_index is not None:
            weight[padding_index] = 0
        self.weight = Parameter(weight)

    @property
    def num_embeddings(self) -> int:
        """How many ids there are."""
        return self.weight.shape[0]

    @property
    def embedding_dim(self) -> int:
        """Length of each vector."""
        return self.weight.shape[1]

    def forward(self, ids: Any) -> Value:
        """Return the vectors of the ids.

        Parameters
        ----------
        ids : array_like of int
            Of any shape (...).

        Returns
        -------
        Tensor
            Of shape (..., embedding_dim).
        """
        rows = ids_of(ids, self.num_embeddings)
        if self.max_norm is not None:
            self._shorten(rows, self.max_norm)
        vectors = p.take_rows(self.weight, rows=rows)
        if self.padding_index is None:
            return vectors
        present = np.not_equal(rows, self.padding_index)[..., None]
        return p.multiply(vectors, present.astype(self.weight.dtype))

    def unembed(self, x: Value) -> Value:
        """Return the scalar product of vectors with each row, x Eᵀ: one logit per id.

        The output layer of a language model that shares its weights with the embedding (Press &
        Wolf, 2017). There is one matrix, so that it is learnt, counted and saved once.

        Parameters
        ----------
        x : array or Tensor
            Of shape (..., embedding_dim), with at least two axes.

        Returns
        -------
        Tensor
            Of shape (..., num_embeddings).
        """
        x = input_of(x, self.weight.dtype)
        if len(x.shape) < 2 or x.shape[-1] != self.embedding_dim:
            raise ShapeError(
                f"expected vectors of shape (samples, {self.embedding_dim}), got {x.shape}"
            )
        return p.matmul(x, p.transpose(self.weight, axes=(1, 0)))

    def _shorten(self, rows: Array, longest: float) -> None:
        """Scale the rows that are about to be used, and too long, back to the longest length."""
        used = np.unique(rows)
        table = self.weight.data
        lengths = np.sqrt(np.sum(np.square(table[used]), axis=1, keepdims=True))
        scale = np.minimum(1, longest / np.maximum(lengths, np.finfo(table.dtype).tiny))
        table[used] *= scale.astype(table.dtype)

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not at their defaults."""
        parts = [f"{self.num_embeddings} ids → {self.embedding_dim}"]
        if self.padding_index is not None:
            parts.append(f"padding_index={self.padding_index}")
        if self.max_norm is not None:
            parts.append(f"max_norm={self.max_norm:g}")
        if self.weight.dtype != float_dtype(None):
            parts.append(str(self.weight.dtype))
        return ", ".join(parts)
