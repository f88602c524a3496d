"""Every initialiser by name."""

from __future__ import annotations

from collections.abc import Callable

from pellucid.dtypes import Array
from pellucid.errors import DataError, UnknownNameError
from pellucid.nn.init.base import Initializer, InitLike
from pellucid.nn.init.scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeCunNormal,
    LeCunUniform,
)
from pellucid.nn.init.simple import Constant, Normal, Ones, TruncatedNormal, Uniform, Zeros
from pellucid.nn.init.structured import Identity, Orthogonal, Sparse

__all__ = ["INITIALIZERS", "make_initializer"]

INITIALIZERS: dict[str, type[Initializer]] = {
    "zeros": Zeros,
    "ones": Ones,
    "constant": Constant,
    "uniform": Uniform,
    "normal": Normal,
    "truncated_normal": TruncatedNormal,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LeCunNormal,
    "lecun_uniform": LeCunUniform,
    "orthogonal": Orthogonal,
    "identity": Identity,
    "sparse": Sparse,
}
"""Every initialiser by name."""

# The same formulas are also called after their first authors: Glorot, Xavier; He, Kaiming.
_ALIASES = {
    name.replace(author, first): name
    for author, first in (("glorot", "xavier"), ("he_", "kaiming_"))
    for name in INITIALIZERS
    if name.startswith(author)
}


def make_initializer(init: InitLike) -> Callable[..., Array]:
    """Return an initialiser for a name; initialisers and other functions are returned as they are.

    "xavier_…" is understood as "glorot_…", and "kaiming_…" as "he_…".

    Raises
    ------
    UnknownNameError
        If there is no initialiser of that name; the nearest is suggested.
    """
    if isinstance(init, str):
        name = init.lower().replace("-", "_")
        name = _ALIASES.get(name, name)
        if name not in INITIALIZERS:
            raise UnknownNameError("initialiser", init, INITIALIZERS, aliases=_ALIASES)
        return INITIALIZERS[name]()
    if not callable(init):
        raise DataError(
            "an initialiser is a name, one of nn.init, or a function (shape, rng, dtype) -> array, "
            f"got {init!r}"
        )
    return init
