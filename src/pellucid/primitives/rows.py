"""Rows of a table, as embeddings look them up: picking and adding, each the other's derivative."""

from __future__ import annotations

from pellucid.kernels import reference
from pellucid.primitives.declaration import UnaryPrimitive

__all__ = ["add_rows", "take_rows"]

take_rows: UnaryPrimitive = UnaryPrimitive(
    "take_rows",
    "x[rows]",
    reference.take_rows,
    source="np.take({0}, {rows}, axis=0)",
    vjps=[lambda g, y, x, rows: add_rows(g, rows=rows, count=x.shape[0])],
    about="The special case of `getitem` with one array of whole numbers, whose gradient is "
    "up to seven times as fast. The numbers are from 0 to below the number of rows.",
)
add_rows: UnaryPrimitive = UnaryPrimitive(
    "add_rows",
    "zeros with the rows of x added in",
    reference.add_rows,
    source="add_rows({0}, rows={rows}, count={count})",
    vjps=[lambda g, y, x, rows, count: take_rows(g, rows=rows)],
    about="Rows that are hit more than once add up.",
)
