"""One step of a dense network drawn twice: the way there with its numbers, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pellucid.inspect.pictures.diagram import network_diagram
from pellucid.inspect.pictures.style import new_figure, no_ticks, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pellucid.nn import Module
    from pellucid.training.objective import LossLike

__all__ = ["step_diagram"]


@styled
def step_diagram(
    net: Module,
    sample: Any,
    target: Any,
    *,
    numbers: bool | str | Sequence[str] = True,
    loss: LossLike = "auto",
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    most: int = 12,
) -> Figure:
    """Draw one step of a dense network twice: the way there with its numbers, and the way back.

    Parameters
    ----------
    net, sample, target, numbers, loss, input_names, output_names, most
        As :func:`network_diagram` takes them.

    Returns
    -------
    Figure

    Raises
    ------
    NonFiniteError, DataError, UnknownNameError, UnsupportedError
        As :func:`network_diagram`.
    """
    forward = network_diagram(
        net, sample, numbers=True, input_names=input_names, output_names=output_names, most=most
    )
    width, height = forward.get_figure(root=True).get_size_inches()  # type: ignore[union-attr]
    _closed(forward)
    figure = new_figure(2 * width, height + 0.3)
    panels = figure.subplots(1, 2)
    for ax, title in zip(panels, ("forward", "backward: gradients of the loss"), strict=True):
        ax.set_title(title)
        no_ticks(ax)
    for ax, backward in zip(panels, (False, True), strict=True):
        network_diagram(
            net,
            sample,
            target,
            numbers=numbers,
            backward=backward,
            loss=loss,
            input_names=input_names,
            output_names=output_names,
            most=most,
            ax=ax,
        )
    return figure


def _closed(axes: Axes) -> None:
    from matplotlib import pyplot

    pyplot.close(axes.get_figure(root=True))
