"""What :func:`~pellucid.check_script` found: objects, text, JSON."""

from __future__ import annotations

import dataclasses
import html
import textwrap
import types
import typing
from dataclasses import dataclass
from typing import Any

from pellucid.inspect.checking.report import Cause, GradientReport

__all__ = ["Remark", "ScriptReport", "TrainedParameter", "decoded", "encoded"]


@dataclass(frozen=True)
class Remark:
    """Something that was seen on the way, with its line.

    Attributes
    ----------
    text : str
    line : int or None
    """

    text: str
    line: int | None = None

    def __str__(self) -> str:
        return self.text if self.line is None else f"line {self.line}: {self.text}"


@dataclass(frozen=True)
class TrainedParameter:
    """A parameter of the script.

    Attributes
    ----------
    name : str
    made : int
        The line that makes it.
    updated : int
        The line that updates it.
    gradient : str
        What the script takes for its gradient, as an expression of the script.
    rate : float or None
        The learning rate; None where the script has none.
    """

    name: str
    made: int
    updated: int
    gradient: str
    rate: float | None


@dataclass(frozen=True)
class ScriptReport:
    """The verdict on the gradients of a training script.

    Attributes
    ----------
    path : str
    gradients : GradientReport
        The verdict itself.
    parameters : tuple of TrainedParameter
    loss : str
        The loss that the gradients were compared with.
    loss_line : int
        The line that computes it; or, if the script computes none, that of output and target.
    computed : bool
        Whether the script computes it.
    remarks : tuple of Remark
    restored : str
        The text that was checked, if it is not that of the file.
    explicit : str
        The program with `parameters`, `loss` and `gradients` that was checked.
    output : str
        What the script printed.
    """

    path: str
    gradients: GradientReport
    parameters: tuple[TrainedParameter, ...]
    loss: str
    loss_line: int
    computed: bool
    remarks: tuple[Remark, ...] = ()
    restored: str = ""
    explicit: str = ""
    output: str = ""

    @property
    def right(self) -> bool:
        """Whether all gradients are right."""
        return self.gradients.right

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of the parameters whose gradients are wrong."""
        return self.gradients.wrong

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes in the first explanation."""
        return self.gradients.causes

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.text()

    def headline(self) -> str:
        """Return the verdict in one line."""
        return self.gradients.headline()

    def text(self, width: int = 100) -> str:
        """Return the verdict for people to read."""
        report = self.gradients.text(width).split("\n")
        head = [f"{self.path}: {report[0]}", "", *self.told(width)]
        return "\n".join([*head, *report[1:]])

    def told(self, width: int = 100) -> list[str]:
        """Return what was checked, and the remarks, as lines."""
        lines = []
        for one in self.parameters:
            rate = "" if one.rate is None else f", rate {one.rate:g}"
            lines.append(
                f"{one.name}: made in line {one.made}, updated in line {one.updated} by "
                f"{one.gradient}{rate}"
            )
        if self.computed:
            lines.append(f"loss: {self.loss}, line {self.loss_line}")
        else:
            lines.append(f"loss: {self.loss} (output and target in line {self.loss_line})")
        for remark in self.remarks:
            lines += ["", *textwrap.wrap(_capital(str(remark)), width)]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            **self.gradients.to_dict(),
            "script": {
                "parameters": [dataclasses.asdict(p) for p in self.parameters],
                "loss": {"text": self.loss, "line": self.loss_line, "computed": self.computed},
                "remarks": [dataclasses.asdict(r) for r in self.remarks],
                "restored": self.restored or None,
            },
        }

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- from one process to another ------------------------------------------------------------------


def encoded(value: Any) -> Any:
    """Return a dataclass of plain values as plain values."""
    return dataclasses.asdict(value)


def decoded(kind: Any, value: Any) -> Any:
    """Return what :func:`encoded` took apart, by the types of the fields."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(  # type: ignore[operator]
            **{
                field.name: decoded(hints[field.name], value[field.name])
                for field in dataclasses.fields(kind)
                if field.name in value
            }
        )
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return decoded(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(decoded(arguments[0], one) for one in value)
        return tuple(decoded(a, one) for a, one in zip(arguments, value, strict=True))
    if origin is list:
        return [decoded(arguments[0], one) for one in value]
    if origin is dict:
        return {key: decoded(arguments[1], one) for key, one in value.items()}
    return value
