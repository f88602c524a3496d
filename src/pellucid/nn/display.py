"""Showing a module as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.nn.lazy import is_pending

if TYPE_CHECKING:
    from pellucid.nn.module import Module

__all__ = ["display"]


def display(module: Module) -> str:
    """Return the repr of a module: a tree, and how many parameters it has if it has branches."""
    tree = _tree(module)
    return f"{tree}\n{_count(module)}" if "\n" in tree else tree


def _tree(module: Module) -> str:
    head, extra = type(module).__name__, module.extra_repr()
    lines = [f"({name}): {_tree(child)}" for name, child in module.named_children()]
    if not lines:
        return f"{head}({extra})"
    body = "\n".join([extra, *lines] if extra else lines).replace("\n", "\n  ")
    return f"{head}(\n  {body}\n)"


def _count(module: Module) -> str:
    parameters = [parameter for _, parameter in module._named_parameters()]
    total = sum(p.size for p in parameters)
    frozen = sum(p.size for p in parameters if not p.requires_grad)
    text = f"{total:,} parameter{'' if total == 1 else 's'}"
    if frozen:
        text += f", {frozen:,} of them frozen"
    if any(is_pending(p) for p in parameters):
        text += ", and those of sizes inferred at the first call"
    return text
