"""Cases of the primitives that multiply, move and pick entries; and the table of all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from primitives.cases import COMPARISONS, ELEMENTWISE, REDUCTIONS, Case, case, spaced

SHAPE: dict[str, list[Case]] = {
    "reshape": [
        case(spaced(2, 3), shape=(3, 2)),
        case(spaced(2, 3), shape=(-1,)),
        case(spaced(2, 3), shape=(2, -1, 1)),
        case(spaced(1), shape=()),
        case(spaced(), shape=(1, 1)),
        case(spaced(2, 3).T, shape=(6,)),
        case(spaced(0, 3), shape=(3, 0)),
    ],
    "transpose": [
        case(spaced(2, 3), axes=(1, 0)),
        case(spaced(2, 3, 4), axes=(2, 0, 1)),
        case(spaced(2, 3, 4), axes=(-1, 0, 1)),
        case(spaced(3), axes=(0,)),
        case(spaced(), axes=()),
        case(spaced(0, 3), axes=(1, 0)),
    ],
    "broadcast_to": [
        case(spaced(3), shape=(2, 3)),
        case(spaced(2, 1), shape=(2, 3)),
        case(spaced(), shape=(2, 3)),
        case(spaced(1, 3, 1), shape=(2, 2, 3, 2)),
        case(spaced(2, 3), shape=(2, 3)),
        case(spaced(1, 3), shape=(0, 3)),
    ],
    "flip": [
        case(spaced(2, 3), axis=None),
        case(spaced(2, 3), axis=0),
        case(spaced(2, 3), axis=-1),
        case(spaced(2, 3, 2), axis=(0, -1)),
        case(spaced(0, 3), axis=0),
    ],
    "pad": [
        case(spaced(2, 3), widths=((1, 0), (2, 1)), value=0.0),
        case(spaced(3), widths=((0, 2),), value=1.5),
        case(spaced(2, 3), widths=((0, 0), (0, 0)), value=0.0),
        case(spaced(0, 2), widths=((1, 1), (0, 0)), value=0.0),
    ],
    "concatenate": [
        case(spaced(2, 3), spaced(1, 3, seed=1), axis=0),
        case(spaced(2, 1), spaced(2, 2, seed=1), spaced(2, 3, seed=2), axis=-1),
        case(spaced(3), axis=0),
        case(spaced(2, 3), np.ones((2, 3)), axis=1),
        case(spaced(0, 2), spaced(3, 2, seed=1), axis=0),
    ],
}

_ROWS = np.array([0, 2, 2, -1])
_PICKED = np.array([[True, False, True, False], [False, False, True, True], [False] * 4])

INDICES: list[tuple[tuple[int, ...], Any]] = [
    ((3, 4), 1),
    ((3, 4), -1),
    ((3, 4), (1, 2)),
    ((3, 4), slice(None, None, 2)),
    ((3, 4), (slice(None), slice(3, 0, -1))),
    ((3, 4), (Ellipsis, 1)),
    ((3, 4), (None, slice(1, 3))),
    ((3, 4), (slice(None), None, 0)),
    ((3, 4), _ROWS),
    ((3, 4), (_ROWS, np.array([0, 3, 3, 1]))),
    ((3, 4), (slice(None), _ROWS)),
    ((3, 4), (_ROWS[:, None], np.array([1, 1]))),
    ((3, 4), (np.array([1, 1]), slice(0, 2))),
    ((2, 3, 4), (np.array([0, 1, 1]), slice(None), np.array([2, 2, 0]))),
    ((3, 4), _PICKED),
    ((3, 4), np.array([True, False, True])),
    ((3, 4), np.array([], dtype=int)),
    ((3, 4), np.array(2)),
    ((0, 4), slice(None)),
    ((), ()),
]
"""Shape and index: basic, advanced, boolean, mixed, with repetitions, empty."""

INDEXING: dict[str, list[Case]] = {
    "getitem": [case(spaced(*shape), index=index) for shape, index in INDICES],
    "scatter": [
        case(spaced(*np.zeros(shape)[index].shape), index=index, shape=shape)
        for shape, index in INDICES
    ],
}

LINALG: dict[str, list[Case]] = {
    "matmul": [
        case(spaced(2, 3), spaced(3, 4, seed=1)),
        case(spaced(3, 2).T, spaced(4, 3, seed=1).T),
        case(spaced(5, 2, 3), spaced(3, 2, seed=1)),
        case(spaced(2, 3), spaced(5, 3, 2, seed=1)),
        case(spaced(2, 2, 3), spaced(2, 3, 1, seed=1)),
        case(spaced(1, 2, 3), spaced(4, 3, 2, seed=1)),
        case(spaced(2, 1, 2, 3), spaced(3, 3, 2, seed=1)),
        case(spaced(1, 1), spaced(1, 1, seed=1)),
        case(spaced(0, 3), spaced(3, 2, seed=1)),
        case(spaced(2, 0), spaced(0, 3, seed=1)),
        case(spaced(2, 3), spaced(3, 0, seed=1)),
        case(spaced(2, 3, 0), spaced(0, 4, seed=1)),
        case(spaced(2, 3, 2), spaced(2, 0, seed=1)),
        case(spaced(2, 1, 100), spaced(100, 5, seed=1)),
        case(spaced(2, 3), np.eye(3, dtype=int)),
    ],
    "linear": [
        case(spaced(4, 3), spaced(3, 2, seed=1), spaced(2, seed=2)),
        case(spaced(1, 3), spaced(3, 1, seed=1), spaced(1, seed=2)),
        case(spaced(2, 2, 3), spaced(3, 2, seed=1), spaced(2, seed=2)),
        case(spaced(2, 1, 100), spaced(100, 5, seed=1), spaced(5, seed=2)),
        case(spaced(3, 4).T, spaced(3, 2, seed=1), spaced(2, seed=2)),
        case(spaced(0, 3), spaced(3, 2, seed=1), spaced(2, seed=2)),
    ],
    "einsum": [
        case(spaced(2, 3), spaced(3, 4, seed=1), subscripts="ij,jk->ik"),
        case(spaced(2, 3), subscripts="ij->ji"),
        case(spaced(2, 3), subscripts="ij->j"),
        case(spaced(2, 3), subscripts="ij->"),
        case(spaced(3, 3), subscripts="ii->"),
        case(spaced(3, 3), subscripts="ii->i"),
        case(spaced(2, 2, 3), subscripts="iij->ji"),
        case(spaced(2, 2, 2), subscripts="iii->i"),
        case(spaced(2, 3), spaced(3, seed=1), spaced(2, seed=2), subscripts="ij,j,i->"),
        case(spaced(2, 3, 4), spaced(2, 4, 2, seed=1), subscripts="bij,bjk->bik"),
        case(spaced(2), spaced(3, seed=1), subscripts="i,j->ij"),
        case(spaced(3), spaced(3, seed=1), subscripts="i,i->i"),
        case(spaced(2, 3), spaced(4, seed=1), subscripts="ij,k->k"),
        case(spaced(1), spaced(3, seed=1), subscripts="i,i->i"),
        case(spaced(2, 1), spaced(3, 2, seed=1), subscripts="ij,jk->ik"),
        case(spaced(), spaced(3, seed=1), subscripts=",i->i"),
        case(spaced(2, 2), spaced(2, 3, seed=1), subscripts="ii,ij->j"),
        case(spaced(0, 3), spaced(3, 2, seed=1), subscripts="ij,jk->ik"),
        case(spaced(2, 0), spaced(0, 2, seed=1), subscripts="ij,jk->ik"),
    ],
}

CASES: dict[str, list[Case]] = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **COMPARISONS,
    **SHAPE,
    **INDEXING,
    **LINALG,
}
"""The primitives of the core by name; `families.py` adds those of the larger families."""

MANY = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]
"""Name and number of each case, for parametrisation."""
