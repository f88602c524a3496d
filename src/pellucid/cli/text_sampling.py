"""Text from a language model, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["pieces", "sampled"]

_AT_ONCE = 32  # tokens between two looks at the screen


def pieces(
    net: Module,
    preparation: Any,
    prompt: str,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    rng: Any = None,
) -> Iterator[str]:
    """Yield a text as it is drawn, the prompt first.

    Parameters
    ----------
    net : Module
        The language model.
    preparation : LanguagePreparation
        Knows its tokens.
    prompt : str
        How the text begins; empty for any beginning.
    length : int
        How many tokens to add; a line ends earlier where the network ends it.
    temperature, top_k, top_p
        As in :func:`pellucid.models.generate`.
    seed : int, optional
        Where the random numbers start.
    rng : numpy.random.Generator, optional
        Where they come from instead.

    Raises
    ------
    DataError
        If the prompt has a character that the training text has not.
    """
    from pellucid.models import generate
    from pellucid.random import generator

    tokenizer = preparation.tokenizer
    draw = generator(seed) if rng is None else rng
    stop = tokenizer.boundary if preparation.lines else None
    ids, hidden = _beginning(preparation, prompt)
    shown = prompt
    if prompt:
        yield prompt
    left = length
    while left > 0:
        before = len(ids)
        ids = generate(
            net,
            ids,
            min(left, _AT_ONCE),
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            stop=stop,
            rng=draw,
        )
        left -= len(ids) - before
        ended = stop is not None and bool(ids[-1] == stop)
        text = tokenizer.decode(ids[hidden:-1] if ended else ids[hidden:])
        if text.startswith(shown):
            yield text[len(shown) :]
        else:  # the tokens of the prompt are written otherwise than the prompt was
            yield tokenizer.decode(ids[before : len(ids) - ended])
        shown = text
        if ended:
            return


def sampled(net: Module, preparation: Any, prompt: str, length: int, **options: Any) -> str:
    """Return a text as one: see :func:`pieces`."""
    return "".join(pieces(net, preparation, prompt, length, **options))


def _beginning(preparation: Any, prompt: str) -> tuple[Any, int]:
    """Return the tokens to go on from, and how many of them are not part of the text."""
    tokenizer = preparation.tokenizer
    try:
        ids = np.asarray(tokenizer.encode(prompt), np.int64)
    except DataError as error:
        told = str(error).partition("; leave it out")[0]
        raise DataError(f"the prompt cannot be used: {told}; leave it out") from error
    if preparation.lines:
        return np.concatenate([[tokenizer.boundary], ids]).astype(np.int64), 1
    if len(ids):
        return ids, 0
    try:
        first = np.asarray(tokenizer.encode("\n"), np.int64)
    except DataError:
        first = np.zeros(0, np.int64)  # a text of a single line
    return (first if len(first) else np.zeros(1, np.int64)), max(len(first), 1)
