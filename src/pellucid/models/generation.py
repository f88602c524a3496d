"""Generation: one token after the other, each drawn from what the network expects next."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.kernels import reference
from pellucid.nn import Module
from pellucid.primitives import Recorded
from pellucid.random import Seed, generator
from pellucid.tape import no_grad

__all__ = ["generate", "next_token_probabilities"]


def next_token_probabilities(
    logits: Any,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Array:
    """Return the probabilities that the next token is drawn with.

    softmax(logits / temperature), cut to the likeliest tokens and scaled back to a sum of 1

    Parameters
    ----------
    logits : array or Tensor
        Of shape (..., V).
    temperature : float
        Below 1, likely tokens become likelier; at 0, the likeliest is certain (the first of
        equals).
    top_k : int, optional
        Keep the k likeliest, and those that are as likely as the last of them (Fan et al., 2018).
    top_p : float, optional
        Keep the fewest likeliest tokens whose probabilities sum to at least p: nucleus sampling
        (Holtzman et al., 2020). At least one is kept. It comes after `top_k`.

    Returns
    -------
    array of float64
        Of shape (..., V).

    Raises
    ------
    DataError
        If an option is out of range, or the logits are not finite.

    Examples
    --------
    >>> logits = np.log([0.5, 0.3, 0.2])
    >>> next_token_probabilities(logits, top_k=2)
    array([0.625, 0.375, 0.   ])
    >>> next_token_probabilities(logits, top_p=0.4)
    array([1., 0., 0.])
    """
    check_options(temperature, top_k, top_p)
    scores = as_array(logits.data if isinstance(logits, Recorded) else logits).astype(np.float64)
    # −∞ is a token that is ruled out, which is fine unless all of them are.
    if not np.isfinite(scores.max(axis=-1)).all() or np.isnan(scores).any():
        raise DataError("the network's logits are not finite: it has diverged, or its input has")
    if temperature == 0:
        certain: Array = np.zeros_like(scores)
        np.put_along_axis(certain, scores.argmax(axis=-1)[..., None], 1.0, axis=-1)
        return certain
    # The largest first becomes 0, so that a small temperature cannot overflow.
    scores = (scores - scores.max(axis=-1, keepdims=True)) / temperature
    if top_k is not None and top_k < scores.shape[-1]:
        last = np.partition(scores, -top_k, axis=-1)[..., -top_k, None]
        scores = np.where(scores < last, -np.inf, scores)
    probabilities = reference.masked_softmax(scores)
    if top_p is not None and top_p < 1:
        order = np.argsort(-probabilities, axis=-1, kind="stable")
        ordered = np.take_along_axis(probabilities, order, axis=-1)
        # Those before which p is not reached yet; of the first, nothing comes before.
        kept = np.cumsum(ordered, axis=-1) - ordered < top_p
        np.put_along_axis(probabilities, order, np.where(kept, ordered, 0), axis=-1)
        probabilities /= probabilities.sum(axis=-1, keepdims=True)
    return probabilities


def check_options(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Refuse options that are out of range."""
    if not 0 <= temperature < math.inf:
        raise DataError(f"the temperature is a number ≥ 0, got {temperature}")
    if top_k is not None and (isinstance(top_k, bool) or top_k != int(top_k) or top_k < 1):
        raise DataError(f"top_k is a whole number ≥ 1, got {top_k}")
    if top_p is not None and not 0 < top_p <= 1:
        raise DataError(f"top_p is a probability above 0 and up to 1, got {top_p}")


def generate(
    net: Module,
    prompt_ids: Any,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: int | None = None,
    rng: Seed = None,
) -> Array:
    """Continue token sequences with a language model.

    Each new token is drawn from :func:`next_token_probabilities` and becomes part of what the next
    one follows. A network that looks back on at most ``net.context`` tokens gets the last ones.

    Parameters
    ----------
    net : Module
        From tokens (N, T) to logits (N, T, V). If it has ``new_cache(batch)`` and
        ``generate_step(tokens, cache) -> (logits (N, V), cache)``, each token is computed once;
        otherwise, and once the context is full, the context is computed again for every token. It
        runs in evaluation mode, and is put back after.
    prompt_ids : array_like of int
        The tokens to go on from, of shape (T,), or (N, T) for several sequences; at least one.
    length : int
        How many tokens to add.
    temperature, top_k, top_p
        See :func:`next_token_probabilities`; temperature 0 takes the likeliest token.
    stop : int, optional
        A token that ends a sequence. When all have ended, no more is added; a sequence that ended
        before the others is filled up with it.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from: the same seed gives the same tokens.

    Returns
    -------
    array of int64
        The prompt and what was added, of shape (T + added,) or (N, T + added).

    Examples
    --------
    >>> from pellucid import models
    >>> net = models.GPT(65, width=16, layers=1, heads=2, rng=0)
    >>> generate(net, [1, 2, 3], 5, rng=0).shape
    (8,)
    """
    check_options(temperature, top_k, top_p)
    ids, single = _prompt(prompt_ids)
    if length < 0:
        raise DataError(f"the number of tokens to add is ≥ 0, got {length}")
    rng = generator(rng)
    going = np.ones(len(ids), bool)
    with _evaluating(net), no_grad():
        expect = _expectations(net, len(ids))
        for _ in range(length):
            chances = next_token_probabilities(
                expect(ids), temperature=temperature, top_k=top_k, top_p=top_p
            )
            token = _draw(chances, rng)
            if stop is not None:
                token = np.where(going, token, stop)
                going &= token != stop
            ids = np.concatenate([ids, token[:, None]], axis=1)
            if not going.any():
                break
    return ids[0] if single else ids


def _prompt(prompt_ids: Any) -> tuple[Array, bool]:
    """Return the prompt as (N, T), and whether it was a single sequence."""
    ids = as_array(prompt_ids)
    if ids.ndim not in (1, 2) or not ids.size:
        raise ShapeError(
            "a prompt is a row of at least one token, or several of the same length, got shape "
            f"{ids.shape}; begin with a line break or a token that stands at the start of a text"
        )
    if ids.dtype.kind not in "iu":
        raise DTypeError(
            f"a prompt is made of token numbers, got {ids.dtype}; encode a text with its tokenizer"
        )
    return np.atleast_2d(ids).astype(np.int64), ids.ndim == 1


def _draw(chances: Array, rng: np.random.Generator) -> Array:
    """Draw one token for each row of probabilities (N, V)."""
    totals = np.cumsum(chances, axis=-1)
    # Below the last total, so that rounding never leads past the last possible token.
    points = rng.random((len(chances), 1)) * totals[:, -1:]
    return np.sum(totals <= points, axis=-1)


def _expectations(net: Module, batch: int) -> Callable[[Array], Any]:
    """Return a function from tokens (N, T) to the logits (N, V) of the next."""
    context: int | None = getattr(net, "context", None)
    incremental: Any = net if hasattr(net, "generate_step") else None
    cache = None if incremental is None else incremental.new_cache(batch)
    known = 0

    def expect(ids: Array) -> Any:
        nonlocal cache, known
        length = ids.shape[1]
        if incremental is None or (context is not None and length > context):
            last = ids if context is None else ids[:, -context:]
            return net(last).data[:, -1]
        logits, cache = incremental.generate_step(ids[:, known:], cache)
        known = length
        return logits

    return expect


@contextmanager
def _evaluating(net: Module) -> Iterator[None]:
    """Switch to evaluation mode, and back to what each module was in."""
    training = [module for module in net.modules() if module.training]
    net.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
