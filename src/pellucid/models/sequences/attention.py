"""Attention of a decoder to the outputs of an encoder."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

from pellucid import ops
from pellucid import primitives as p
from pellucid.dtypes import Array, DTypeLike
from pellucid.errors import ShapeError, UnknownNameError
from pellucid.nn import Linear, Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["Score", "SequenceAttention"]

Score: TypeAlias = Literal["additive", "general", "dot"]

_SCORES = ("additive", "general", "dot")
_NEVER = -1e30  # a score whose softmax is 0, and which is no infinity to subtract from another


class SequenceAttention(Module):
    """Looks up what matters now among the outputs of an encoder.

    αₜₛ = softmaxₛ score(hₜ, mₛ), contextₜ = Σₛ αₜₛ mₛ

    - ``"additive"``: vᵀ tanh(h W₁ + m W₂), Bahdanau et al. (2015);
    - ``"general"``: h W mᵀ, Luong et al. (2015);
    - ``"dot"``: h mᵀ / √H, without weights; both have the same number of features.

    Parameters
    ----------
    query_size : int
        Number of features of h.
    memory_size : int
        Number of features of m.
    score : {"additive", "general", "dot"}
        How well a query and a place in memory fit.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.
    """

    def __init__(
        self,
        query_size: int,
        memory_size: int,
        score: Score = "additive",
        *,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        if score not in _SCORES:
            raise UnknownNameError("score of attention", str(score), _SCORES)
        if score == "dot" and query_size != memory_size:
            raise ShapeError(
                f"a dot product needs queries and memory of one length, got {query_size} and "
                f"{memory_size}; take score='general'"
            )
        self.score = score
        self.by_query = self.by_memory = self.to_score = None
        if score == "additive":
            self.by_query = Linear(query_size, query_size, dtype=dtype, rng=rng)
            self.by_memory = Linear(memory_size, query_size, bias=False, dtype=dtype, rng=rng)
            self.to_score = Linear(query_size, 1, bias=False, dtype=dtype, rng=rng)
        elif score == "general":
            self.by_memory = Linear(memory_size, query_size, bias=False, dtype=dtype, rng=rng)

    def forward(self, query: Value, memory: Value, mask: Array) -> tuple[Value, Value]:
        """Return the contexts (N, T, M) and the weights (N, T, S).

        Parameters
        ----------
        query : Tensor
            h, of shape (N, T, H).
        memory : Tensor
            m, of shape (N, S, M).
        mask : array of bool
            Of shape (N, S), False on padding, which gets no weight.
        """
        scores = p.where(mask[:, None, :], self._scores(query, memory), _NEVER)
        weights = ops.softmax(scores, axis=-1)
        return p.matmul(weights, memory), weights

    def _scores(self, query: Value, memory: Value) -> Value:
        if self.by_query is not None and self.by_memory is not None and self.to_score is not None:
            q, m = self.by_query(query), self.by_memory(memory)
            n, t, size = q.shape
            pairs = p.tanh(  # (N, T, S, H)
                p.add(
                    p.reshape(q, shape=(n, t, 1, size)),
                    p.reshape(m, shape=(n, 1, m.shape[1], size)),
                )
            )
            return p.reshape(self.to_score(pairs), shape=(n, t, m.shape[1]))
        keys: Any = memory if self.by_memory is None else self.by_memory(memory)
        scores = p.matmul(query, p.transpose(keys, axes=(0, 2, 1)))
        return p.multiply(scores, 1 / math.sqrt(query.shape[-1])) if self.score == "dot" else scores

    def extra_repr(self) -> str:
        """Return the score."""
        return self.score
