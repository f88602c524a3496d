"""The base class of layers that slide a window over their input."""

from __future__ import annotations

from typing import ClassVar

from pellucid import primitives as p
from pellucid.errors import DataError
from pellucid.nn.module import Module
from pellucid.nn.pooling.sizes import Size, per_axis, reach, show, window_widths
from pellucid.primitives.declaration import Value

__all__ = ["WindowLayer", "bordered"]


def bordered(x: Value, widths: tuple[tuple[int, int], ...], value: float) -> Value:
    """Return x with a border around its last axes; x itself if there is none."""
    if not any(before or after for before, after in widths):
        return x
    lead = ((0, 0),) * (len(x.shape) - len(widths))
    return p.pad(x, widths=(*lead, *widths), value=value)


class WindowLayer(Module):
    """Reads and shows what windows have in common.

    Parameters
    ----------
    kernel_size : int or sequence of int
        Length of the window, of each axis or of all.
    stride : int or sequence of int, optional
        Step between windows, by default their length.
    padding : int or sequence of int
        Border on both sides.
    dilation : int or sequence of int
        Distance between the entries of a window.
    ceil_mode : bool
        Whether a last window may reach over the end.
    """

    rank: ClassVar[int]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        rank = self.rank
        self.kernel_size = per_axis(kernel_size, rank, "kernel_size")
        self.stride = per_axis(self.kernel_size if stride is None else stride, rank, "stride")
        self.padding = per_axis(padding, rank, "padding", 0)
        self.dilation = per_axis(dilation, rank, "dilation")
        self.ceil_mode = bool(ceil_mode)
        spans = reach(self.kernel_size, self.dilation)
        if any(n > span // 2 for n, span in zip(self.padding, spans, strict=True)):
            raise DataError(
                f"padding {show(self.padding)} is more than half of a window that reaches over "
                f"{show(spans)}, so that a window could lie in the border only; use at most "
                f"{show(tuple(span // 2 for span in spans))}"
            )

    def _widths(self, lengths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        return window_widths(
            lengths, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )

    def extra_repr(self) -> str:
        """Return the window, and what is not usual about it."""
        parts = [show(self.kernel_size), f"stride {show(self.stride)}"]
        if any(self.padding):
            parts.append(f"padding {show(self.padding)}")
        if any(n != 1 for n in self.dilation):
            parts.append(f"dilation {show(self.dilation)}")
        if self.ceil_mode:
            parts.append("ceil_mode")
        return ", ".join(parts)
