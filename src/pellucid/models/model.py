"""What is known of a kind of network, and how one is made from plain values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pellucid.errors import UnknownNameError
from pellucid.nn import Module

__all__ = ["Makes", "Model", "Takes"]

Takes: TypeAlias = Literal["rows", "images", "series", "tokens"]
Makes: TypeAlias = Literal["outputs", "tokens", "reconstruction", "samples"]


@dataclass(frozen=True)
class Model:
    """A kind of network, and how to make one for some data.

    Parameters
    ----------
    name : str
        The name, as in ``--model NAME``.
    builder : callable
        ``(input_shape, outputs, **options) -> Module``.
    description : str
        What it is, in one line.
    paper : str
        Where it comes from: author, year.
    smaller : str
        What is smaller here, or otherwise different, than in the paper; empty if nothing is.
    takes : {"rows", "images", "series", "tokens"}
        What one sample is: numbers (F,), to which any other shape is flattened; an image (C, H, W);
        a series (T, F); or token numbers (T,).
    makes : {"outputs", "tokens", "reconstruction", "samples"}
        What comes out: one number per class or value; logits of the next token (T, V); the sample
        again; or new data.
    """

    name: str
    builder: Callable[..., Module]
    description: str
    paper: str
    smaller: str = ""
    takes: Takes = "rows"
    makes: Makes = "outputs"

    @property
    def options(self) -> dict[str, Any]:
        """The options, and what each is if it is left out."""
        parameters = list(inspect.signature(self.builder).parameters.values())[2:]
        return {parameter.name: parameter.default for parameter in parameters}

    def build(
        self,
        input_shape: Sequence[int],
        outputs: int,
        options: Mapping[str, Any] | None = None,
    ) -> Module:
        """Make a network.

        Parameters
        ----------
        input_shape : sequence of int
            The shape of one sample.
        outputs : int
            Number of classes, or of values to predict.
        options : mapping, optional
            See :attr:`options`.

        Raises
        ------
        UnknownNameError
            If the model has no option of that name; the nearest is suggested.
        """
        given = dict(options or {})
        for name in given:
            if name not in self.options:
                raise UnknownNameError(f"option of the model '{self.name}'", name, self.options)
        return self.builder(tuple(input_shape), outputs, **given)

    def __call__(self, input_shape: Sequence[int], outputs: int, **options: Any) -> Module:
        """Make a network; the same as :meth:`build`, with the options as keywords."""
        return self.build(input_shape, outputs, options)
