"""Cases of the embedding: shapes of ids, padding, and types of ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from helpers.layers import LayerCase

from pellucid import nn

IDS = np.array([[0, 2, 2, 5], [1, 0, 5, 2]])


def _embedding(padding: int | None = None) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        def lookup(ids: Any) -> Any:
            ids = ids.long()
            vectors = torch.nn.functional.embedding(ids, p["weight"], padding_idx=padding)
            return vectors if padding is None else vectors * (ids != padding)[..., None]

        return lookup

    return theirs


CASES: list[LayerCase] = [
    LayerCase("Embedding", setting, make, (ids,), _embedding(padding))
    for setting, make, ids, padding in (
        ("repeated ids", lambda: nn.Embedding(6, 3, rng=0), IDS, None),
        ("padding 0", lambda: nn.Embedding(6, 3, padding_index=0, rng=0), IDS, 0),
        ("padding −1", lambda: nn.Embedding(6, 3, padding_index=-1, rng=0), IDS, 5),
        ("one id", lambda: nn.Embedding(6, 3, rng=0), np.array(4), None),
        ("one row", lambda: nn.Embedding(6, 3, rng=0), IDS[0], None),
        ("three axes", lambda: nn.Embedding(6, 2, rng=0), IDS.reshape(2, 2, 2), None),
        ("no ids", lambda: nn.Embedding(6, 3, rng=0), np.zeros((2, 0), int), None),
        ("int32 ids", lambda: nn.Embedding(6, 3, rng=0), IDS.astype(np.int32), None),
        ("uint8 ids", lambda: nn.Embedding(6, 3, rng=0), IDS.astype(np.uint8), None),
        ("transposed ids", lambda: nn.Embedding(6, 3, rng=0), IDS.T, None),
        ("width 1", lambda: nn.Embedding(6, 1, rng=0), IDS, None),
        ("a norm that none exceeds", lambda: nn.Embedding(6, 3, max_norm=50, rng=0), IDS, None),
    )
]
