"""One file with all that is needed to use a trained network: weights, architecture, preparation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.data import Preparation
from pellucid.dtypes import Array
from pellucid.errors import CheckpointError, PellucidError
from pellucid.random import get_state, set_state
from pellucid.training.checkpoint import check_arrays, load_checkpoint, save_checkpoint
from pellucid.training.files import Pathlike

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["SavedModel", "load_model", "save_model"]

_KIND = "model"


@dataclass(frozen=True)
class SavedModel:
    """A network that was read from a file, and what is known about it.

    Parameters
    ----------
    net : Module
        The network with its weights, in evaluation mode.
    architecture : dict or None
        How the registry of models makes it: see :func:`save_model`.
    preparation : Preparation or None
        What turns raw data into its input.
    class_names : tuple of str
        What its outputs stand for, if it classifies.
    loss : str or None
        What it was trained with, which says what its outputs mean.
    extra : dict
        Any other plain values that were saved with it.
    """

    net: Module
    architecture: dict[str, Any] | None = None
    preparation: Preparation | None = None
    class_names: tuple[str, ...] = ()
    loss: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def save_model(
    path: Pathlike,
    net: Module,
    *,
    architecture: Mapping[str, Any] | None = None,
    preparation: Preparation | None = None,
    class_names: Sequence[str] = (),
    loss: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Write a network into one file, whole or not at all.

    Parameters
    ----------
    path : path
        Where to, ``model.safetensors`` in a run folder.
    net : Module
        The network; parameters and buffers are saved.
    architecture : mapping, optional
        How :data:`pellucid.models.MODELS` makes it: ``{"name": "mlp", "input_shape": [64],
        "outputs": 10, "options": {"hidden": [128, 64]}}``. Without it the network has to be made
        by hand before its weights can be loaded.
    preparation, class_names, loss, extra
        See :class:`SavedModel`.

    Raises
    ------
    CheckpointError
        If the file cannot be written; an old one is unchanged then.
    """
    values = {
        "kind": _KIND,
        "architecture": None if architecture is None else dict(architecture),
        "preparation": None if preparation is None else preparation.to_json(),
        "class_names": list(class_names),
        "loss": loss,
        "extra": dict(extra or {}),
    }
    save_checkpoint(path, net.state_dict(), values)


def load_model(path: Pathlike, net: Module | None = None) -> SavedModel:
    """Read a network from a file.

    Parameters
    ----------
    path : path
        What :func:`save_model` wrote.
    net : Module, optional
        The network to load the weights into; left out, it is made as the file says.

    Raises
    ------
    CheckpointError
        If the file is damaged, of another architecture than `net`, or does not say how to make the
        network.
    """
    arrays, values = load_checkpoint(path)
    if values.get("kind") != _KIND:
        raise CheckpointError(
            f"'{path}' holds no model (it may be the checkpoint of a training); "
            "the model of a run is in its model.safetensors"
        )
    try:
        architecture, class_names = values["architecture"], tuple(values["class_names"])
        saved_preparation, loss, extra = values["preparation"], values["loss"], values["extra"]
    except KeyError as error:
        raise CheckpointError(f"the model '{path}' is incomplete: it lacks {error}") from error
    if net is None:
        net = _build(architecture, path)
    _fill(net, arrays, path)
    net.eval()
    preparation = None if saved_preparation is None else Preparation.from_json(saved_preparation)
    return SavedModel(net, architecture, preparation, class_names, loss, extra)


def _fill(net: Module, arrays: Mapping[str, Array], path: Pathlike) -> None:
    """Load the weights; layers of which the input size is not known yet take it from them."""
    here = {name: p.data.dtype for name, p in net.named_parameters(shared=True)}
    shared = {name: array for name, array in arrays.items() if name in here}
    of_type = {name: np.empty(shared[name].shape, here[name]) for name in shared}
    check_arrays(shared, of_type, f"the model '{path}'")
    try:
        net.load_state_dict(arrays)
    except CheckpointError as error:
        raise CheckpointError(f"the model '{path}' does not fit: {error}") from error


def _build(architecture: Any, path: Pathlike) -> Module:
    """Make the network that the file describes; its first weights are of no importance."""
    from pellucid.models import find_model

    if architecture is None:
        raise CheckpointError(
            f"the model '{path}' does not say how its network is made; make the network and pass "
            "it: load_model(path, net)"
        )
    before = get_state()
    try:
        return find_model(architecture["name"]).build(
            architecture["input_shape"], architecture["outputs"], architecture["options"]
        )
    except (KeyError, TypeError, PellucidError) as error:
        raise CheckpointError(
            f"the network of '{path}' cannot be made as the file says: {error}"
        ) from error
    finally:
        set_state(before)  # loading a model must not change what is drawn afterwards
