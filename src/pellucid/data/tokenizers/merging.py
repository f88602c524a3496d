"""Byte-pair merges: learn them from counted words, and apply them to one."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

__all__ = ["Pair", "learn_merges", "merged"]

Pair: TypeAlias = tuple[int, int]


def learn_merges(
    words: Mapping[tuple[int, ...], int], first: int, most: int, min_count: int
) -> tuple[Pair, ...]:
    """Return the merges of a text given as different words with their counts.

    Pairs are counted once; a merge then changes only the counts of pairs next to it, in the words
    that have it. A heap finds the most frequent pair: an entry whose count is out of date is put
    back with the right one when it comes up.

    Parameters
    ----------
    words : mapping of tuple of int to int
        Ids of each word's bytes, and how often the word occurs.
    first : int
        The id that the first merge makes.
    most : int
        How many merges at most.
    min_count : int
        Pairs that occur less often are not merged.
    """
    spelled = [list(word) for word in words]
    counts = list(words.values())
    pairs: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for index, word in enumerate(spelled):
        for pair in pairwise(word):
            pairs[pair] += counts[index]
            where[pair].add(index)
    heap = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(merges) < most:
        negative, pair = heapq.heappop(heap)
        count = pairs[pair]
        if count != -negative:
            if count:
                heapq.heappush(heap, (-count, pair))
            continue
        if count < min_count:
            break
        token = first + len(merges)
        grown = set()
        for index in where.pop(pair):
            word = spelled[index]
            joined = _join(word, pair, token)
            for old in pairwise(word):
                pairs[old] -= counts[index]
            for new in pairwise(joined):
                pairs[new] += counts[index]
                if token in new:  # counts of other pairs can only have fallen
                    where[new].add(index)
                    grown.add(new)
            spelled[index] = joined
        merges.append(pair)
        for new in grown:
            heapq.heappush(heap, (-pairs[new], new))
    return tuple(merges)


def merged(word: Sequence[int], ranks: Mapping[Pair, int]) -> tuple[int, ...]:
    """Return a word after all merges: the earliest learned first, everywhere in the word.

    Parameters
    ----------
    word : sequence of int
    ranks : mapping of pair to int
        The id that each pair becomes, in the order of learning.
    """
    ids = list(word)
    while len(ids) > 1:
        pair = min(pairwise(ids), key=lambda p: ranks.get(p, _NEVER))
        if pair not in ranks:
            break
        ids = _join(ids, pair, ranks[pair])
    return tuple(ids)


_NEVER = 1 << 62


def _join(word: list[int], pair: Pair, token: int) -> list[int]:
    """Return a word with each occurrence of a pair, from the left, as one token."""
    left, right = pair
    joined = []
    place, last = 0, len(word) - 1
    while place <= last:
        if place < last and word[place] == left and word[place + 1] == right:
            joined.append(token)
            place += 2
        else:
            joined.append(word[place])
            place += 1
    return joined
