"""Randomness, handled in exactly one place.

Every function that draws takes ``rng=``. Where it is left out, the default generator is used,
which :func:`seed` seeds.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from pellucid.errors import DataError

__all__ = ["Seed", "default_generator", "generator", "get_state", "seed", "set_state"]

Seed: TypeAlias = int | np.random.Generator | None

_default = np.random.default_rng(0)


def seed(n: int) -> None:
    """Seed the default generator, which every function with ``rng=None`` draws from.

    Parameters
    ----------
    n : int
        The seed, zero or greater. The same seed gives the same run, bit for bit.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        raise DataError(f"a seed is a whole number ≥ 0, got {n!r}")
    _default.bit_generator.state = np.random.default_rng(int(n)).bit_generator.state


def default_generator() -> np.random.Generator:
    """Return the generator that :func:`seed` seeds."""
    return _default


def generator(rng: Seed = None) -> np.random.Generator:
    """Turn `rng` into a generator: None is the default one, an int seeds a new one.

    Parameters
    ----------
    rng : int, numpy.random.Generator or None
        Where the numbers come from.

    Returns
    -------
    numpy.random.Generator
    """
    if rng is None:
        return _default
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return np.random.default_rng(int(rng))
    raise DataError(f"rng is a seed (a whole number ≥ 0), a numpy Generator or None, got {rng!r}")


def get_state(rng: Seed = None) -> dict[str, Any]:
    """Return the state of a generator as plain JSON-able values.

    See Also
    --------
    set_state : put it back.
    """
    return dict(generator(rng).bit_generator.state)


def set_state(state: dict[str, Any], rng: Seed = None) -> None:
    """Put a generator back into a state that :func:`get_state` returned."""
    generator(rng).bit_generator.state = state
