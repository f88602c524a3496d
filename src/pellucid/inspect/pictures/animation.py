"""Pictures of a training in motion."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pellucid.dtypes import Array
from pellucid.errors import DataError, MissingExtraError
from pellucid.inspect.pictures.style import styled
from pellucid.training.callbacks.callback import Callback
from pellucid.training.files import Pathlike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pellucid.nn import Module
    from pellucid.training import Trainer

__all__ = ["FrameKeeper", "animate"]


class FrameKeeper(Callback):
    """Keeps the weights at some moments of a training, for :func:`animate`.

    Parameters
    ----------
    every : int
        How many epochs, or updates, lie between two frames.
    of : {"epochs", "updates"}
        Which of them.

    Attributes
    ----------
    frames : list of (str, dict of str to ndarray)
        What moment it was, and the state_dict; the first is from before the first update.
    """

    def __init__(self, every: int = 1, of: Literal["epochs", "updates"] = "epochs") -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise DataError(f"every is a whole number ≥ 1, got {every!r}")
        if of not in ("epochs", "updates"):
            raise DataError(f"frames are kept after epochs or updates, got of={of!r}")
        self.every, self.of = every, of
        self.frames: list[tuple[str, dict[str, Array]]] = []

    def on_train_begin(self, trainer: Trainer) -> None:
        """Keep the first frame."""
        if not self.frames:
            self._keep(trainer)

    def on_batch_end(self, trainer: Trainer) -> None:
        """Keep a frame, if updates count and it is due."""
        if self.of == "updates" and trainer.step % self.every == 0:
            self._keep(trainer)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Keep a frame, if epochs count and it is due."""
        if self.of == "epochs" and trainer.epoch % self.every == 0:
            self._keep(trainer)

    def _keep(self, trainer: Trainer) -> None:
        done = trainer.epoch if self.of == "epochs" else trainer.step
        self.frames.append((f"{self.of[:-1]} {done}", trainer.net.state_dict()))

    def state_dict(self) -> dict[str, Any]:
        """Return the frames."""
        arrays = {
            f"{k}.{path}": array
            for k, (_, state) in enumerate(self.frames)
            for path, array in state.items()
        }
        return {"arrays": arrays, "values": {"moments": [moment for moment, _ in self.frames]}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take the frames back."""
        self.frames = []
        for k, moment in enumerate(state["values"]["moments"]):
            start = f"{k}."
            arrays = {
                name.removeprefix(start): array
                for name, array in state["arrays"].items()
                if name.startswith(start)
            }
            self.frames.append((moment, arrays))


@styled
def animate(
    keeper: FrameKeeper,
    net: Module,
    draw: Callable[[Module, Axes], Any],
    path: Pathlike,
    *,
    fps: float = 8.0,
    size: tuple[float, float] = (4.4, 4.0),
    dpi: int = 90,
) -> Path:
    """Write an animated GIF: the same picture for each moment that a callback has kept.

    Parameters
    ----------
    keeper : FrameKeeper
        The callback that was given to ``fit``.
    net : Module
        The network; its weights are afterwards what they were.
    draw : callable
        ``draw(net, ax)``, which draws one frame, such as
        ``lambda net, ax: pictures.decision_boundary(net, x, y, ax=ax)``.
    path : path
        The file, ``.gif``.
    fps : float
        Frames a second; the last frame stays for a second and a half.
    size : (float, float)
        Width and height in inches.
    dpi : int
        Pixels an inch.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DataError
        If no frame was kept, or the file is to be of another kind.
    MissingExtraError
        If pillow is not installed.
    """
    if not keeper.frames:
        raise DataError("no frame was kept; give fit(..., callbacks=[keeper])")
    target = Path(path)
    if target.suffix.lower() != ".gif":
        raise DataError(f"an animation is a .gif, got '{target.name}'")
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtraError("pillow", "plot", "animations") from error
    from matplotlib.figure import Figure

    last = net.state_dict()
    pictures = []
    try:
        for moment, state in keeper.frames:
            net.load_state_dict(state)
            figure = Figure(size, dpi=dpi, layout="compressed")
            draw(net, figure.add_subplot())
            figure.suptitle(moment, fontsize=9, x=0.98, ha="right")
            drawn = io.BytesIO()
            figure.savefig(drawn, format="png")
            with Image.open(drawn) as image:
                pictures.append(image.convert("RGB").quantize(128))
    finally:
        net.load_state_dict(last)
    durations = [round(1000 / fps)] * len(pictures)
    durations[-1] = 1500
    pictures[0].save(target, save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    return target
