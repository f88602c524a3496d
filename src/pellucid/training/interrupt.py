"""Ctrl-C that ends a training cleanly."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interrupt"]


class Interrupt:
    """Turn the first Ctrl-C into a request; the second one interrupts at once, as ever.

    Used as a context manager around a training. Outside of the main thread, where Python delivers
    no signals, it does nothing.

    Attributes
    ----------
    requested : bool
        Whether Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: Any = None
        self._installed = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if self._before != signal.SIG_IGN:  # a job in the background stays deaf
                signal.signal(signal.SIGINT, self._request)
                self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._put_back()

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        # The next Ctrl-C does what it did before. Nothing is printed here: a handler may run in
        # the middle of another print, which must not be entered twice.
        self._put_back()

    def _put_back(self) -> None:
        if self._installed:
            # None stands for a handler that was not installed from Python
            signal.signal(
                signal.SIGINT, signal.default_int_handler if self._before is None else self._before
            )
            self._installed = False
