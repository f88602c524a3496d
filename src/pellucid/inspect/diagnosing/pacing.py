"""When to look: often enough to see, and rarely enough not to be felt."""

from __future__ import annotations

import math
import sys
import time

__all__ = ["Pace", "clock"]

clock = time.thread_time
"""Seconds that this thread has computed: on a busy machine a look is as cheap as on an idle one."""


class Pace:
    """Says at which update the next look is.

    Without a fixed interval, all looks together take at most `share` of the time of the training,
    or the first `allowance` seconds of it, whichever is more.

    Parameters
    ----------
    every : int or None
        A fixed interval, in updates.
    share : float
        Share of the time.
    allowance : float
        Seconds that are never felt.
    """

    def __init__(self, every: int | None, share: float = 0.015, allowance: float = 0.06) -> None:
        self.every = every
        self.share = share
        self.allowance = allowance
        self.next = 0
        self.armed = 0
        """How many updates are done when the one to look at begins."""
        self.spent = 0.0
        self._began = 0.0
        self._first = 0
        self._gap = 1

    def begin(self, step: int, steps: int) -> None:
        """Start the clock at update `step` of `steps`."""
        self._began = clock()
        self.spent = 0.0
        self._first = step
        self._gap = self.every or min(max(steps // 100, 5), 100)
        self.next = step + self._gap if self.every is None else (step // self._gap + 1) * self._gap
        self.armed = self.next - 1

    def stop(self) -> None:
        """Never look again."""
        self.next = self.armed = sys.maxsize

    def looked(self, step: int, cost: float) -> None:
        """Take in what a look at update `step` has cost, in seconds, and choose the next one."""
        self.spent += cost
        if self.every is not None:
            self.next = (step // self.every + 1) * self.every
            self.armed = self.next - 1
            return
        elapsed = clock() - self._began
        each = max(elapsed - self.spent, 1e-9) / max(step - self._first, 1)
        after = self.spent + cost
        wait = 0.0 if after <= self.allowance else after / self.share - elapsed
        self.next = step + max(self._gap, math.ceil(wait / each))
        self.armed = self.next - 1
