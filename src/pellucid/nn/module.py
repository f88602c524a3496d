"""The base class of every layer and network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from pellucid.dtypes import Array, DTypeLike, as_array, float_dtype
from pellucid.errors import DataError, PellucidError, UnknownNameError
from pellucid.nn.display import display
from pellucid.nn.hidden import refuse_hidden_list, refuse_hidden_parameters
from pellucid.nn.observers import OBSERVERS
from pellucid.nn.state import LoadReport, load_state, read_state
from pellucid.tensor import Parameter

__all__ = ["Module"]


class Module:
    """A function with parameters: a layer, a block of layers, or a whole network.

    Write the layers into attributes in ``__init__``, after ``super().__init__()``, and the
    computation into :meth:`forward`. Every :class:`~pellucid.Parameter` and every Module that is an
    attribute is found by its path, such as ``"encoder.0.weight"``, in the order of assignment.

    Attributes
    ----------
    training : bool
        Whether the module is in training mode, which Dropout and the like look at.

    Examples
    --------
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(4, 8)
    ...         self.out = nn.Linear(8, 3)
    ...
    ...     def forward(self, x):
    ...         return self.out(nn.functional.relu(self.hidden(x)))
    >>> [path for path, _ in Net().named_parameters()]
    ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
    """

    training: bool = True

    # Whether values pass with their scale unchanged (Dropout, Flatten): what matters to the layer
    # before is then the layer after.
    transparent: bool = False

    # Names of the attributes that are buffers, and whether each is part of the state_dict.
    _buffers: dict[str, bool]

    def __init__(self) -> None:
        self.__dict__["training"] = True
        self.__dict__["_buffers"] = {}

    # --- calling ----------------------------------------------------------------------------------

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x) method yet")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; errors on the way name the layer that they came from."""
        if OBSERVERS:
            for observer in tuple(OBSERVERS):
                observer.calling(self)
        try:
            output = self.forward(*args, **kwargs)
        except PellucidError as error:
            self._name_origin(error)
            raise
        if OBSERVERS:
            for observer in tuple(OBSERVERS):
                observer.called(self, args, output)
        return output

    def _name_origin(self, error: PellucidError) -> None:
        """Add the path of the inner module that the error came out of, as seen from this one."""
        seen = vars(error)
        inner = seen.get("module_left")
        for path, module in self._walk():
            if module is inner and path:
                error.inside(path)
                break
        seen["module_left"] = self

    def followed_by(self, layer: Module | None) -> None:
        """Hear from a Sequential which layer comes next, None at its end; most do not mind.

        Layers through which values pass unchanged in scale, such as Dropout, are skipped.
        """

    # --- registration -----------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        attributes = self.__dict__
        old = attributes.get(name)
        if isinstance(value, (Module, Parameter)):
            self._check_initialised()
            self._check_name(name)
            if isinstance(value, Module) and any(m is self for _, m in value._walk()):
                raise DataError(f"'{name}' would make this {type(self).__name__} contain itself")
            self._buffers.pop(name, None)
        elif isinstance(old, Parameter) and value is not None:
            raise DataError(
                f"'{name}' is a Parameter, and would no longer be one; to change its numbers write "
                f"{name}.data[...] = values, to replace it assign pl.Parameter(values)"
            )
        elif isinstance(value, (list, tuple, dict)):
            refuse_hidden_list(name, value)
        if name in attributes.get("_buffers", ()):
            value = as_array(value)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        self.__dict__.get("_buffers", {}).pop(name, None)

    def register_buffer(self, name: str, array: Any, persistent: bool = True) -> None:
        """Keep an array that is not learnt, such as a running mean, under the attribute `name`.

        Parameters
        ----------
        name : str
            Name of the attribute.
        array : array_like
            The numbers.
        persistent : bool
            Whether it is part of the state_dict.
        """
        self._check_initialised()
        self._check_name(name)
        setattr(self, name, as_array(array))
        self._buffers[name] = persistent

    def _check_initialised(self) -> None:
        if "_buffers" not in self.__dict__:
            raise PellucidError(
                f"{type(self).__name__}.__init__ assigns a layer or parameter too early; "
                "call super().__init__() in its first line"
            )

    def _check_name(self, name: str) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise DataError(
                f"{name!r} cannot name a part of {type(self).__name__}: a name is text without dots"
            )
        if hasattr(type(self), name) or name == "_buffers":
            raise DataError(
                f"'{name}' cannot name a part of {type(self).__name__}, which has a method or "
                "attribute of that name; choose another"
            )

    # --- looking inside ---------------------------------------------------------------------------

    def _walk(self, shared: bool = False) -> Iterator[tuple[str, Module]]:
        """Yield (path, module), itself first; one with several paths once, or once for each."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [("", self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen and not shared:
                continue
            seen.add(id(module))
            yield path, module
            start = f"{path}." if path else ""
            stack.extend([(start + name, m) for name, m in module.named_children()][::-1])

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """Yield (path, module): itself under the path "", then every module inside, each once."""
        return self._walk()

    def modules(self) -> list[Module]:
        """Return itself and every module inside, each once."""
        return [module for _, module in self._walk()]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield (name, module) for the modules directly inside."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> list[Module]:
        """Return the modules directly inside."""
        return [child for _, child in self.named_children()]

    def named_parameters(self, shared: bool = False) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, parameter), in order of assignment.

        Parameters
        ----------
        shared : bool
            Yield a parameter that has several paths (tied weights) once for each of them, instead
            of once under the first.

        Raises
        ------
        DataError
            If parameters are kept where they would be missed, such as in a plain list of layers.
        """
        refuse_hidden_parameters(self._walk())
        return self._named_parameters(shared)

    def _named_parameters(self, shared: bool = False) -> Iterator[tuple[str, Parameter]]:
        seen: set[int] = set()
        for path, module in self._walk(shared):
            start = f"{path}." if path else ""
            for name, value in vars(module).items():
                if isinstance(value, Parameter) and (shared or id(value) not in seen):
                    seen.add(id(value))
                    yield start + name, value

    def parameters(self) -> list[Parameter]:
        """Return every parameter once, even one that is used in several places."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_buffers(
        self, shared: bool = False, persistent_only: bool = False
    ) -> Iterator[tuple[str, Array]]:
        """Yield (path, array) for the arrays that are kept but not learnt."""
        for path, module in self._walk(shared):
            start = f"{path}." if path else ""
            for name, persistent in module.__dict__.get("_buffers", {}).items():
                if persistent or not persistent_only:
                    yield start + name, getattr(module, name)

    def num_parameters(self) -> int:
        """Return how many numbers are learnt; a shared parameter counts once.

        A layer whose input size is still to be inferred counts from its first call on.
        """
        return sum(parameter.size for _, parameter in self._named_parameters())

    # --- state ------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all parameters and persistent buffers by path.

        A shared parameter appears under each of its paths, so that the state also fits a network of
        the same form that does not share.

        Raises
        ------
        ShapeError
            If a layer does not know its input size yet.
        """
        return read_state(self)

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> LoadReport:
        """Write saved numbers into the parameters and buffers, converted to their types.

        Everything is checked before anything is written.

        Parameters
        ----------
        state : mapping of str to array
            As from :meth:`state_dict`.
        strict : bool
            Whether names and shapes must fit exactly. Otherwise what fits is loaded.

        Returns
        -------
        LoadReport
            What was loaded, and what was skipped and why.

        Raises
        ------
        CheckpointError
            One error that lists every name that is missing, unexpected, or of another shape.
        """
        return load_state(self, state, strict)

    # --- changing the whole -----------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Switch everything to training mode (or out of it), and return the module."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Switch everything to evaluation mode: Dropout passes its input as it is."""
        return self.train(False)

    def freeze(self, *paths: str) -> Self:
        """Keep training from changing the parameters: all, or those under the given paths.

        Raises
        ------
        UnknownNameError
            If no parameter lies under one of the paths.

        Examples
        --------
        >>> from pellucid import nn
        >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).freeze("0")
        >>> [path for path, p in net.named_parameters() if p.requires_grad]
        ['2.weight', '2.bias']
        """
        for parameter in self._under(paths):
            parameter.requires_grad = False
            parameter.grad = None
        return self

    def unfreeze(self, *paths: str) -> Self:
        """Let training change the parameters again: all, or those under the given paths."""
        for parameter in self._under(paths):
            parameter.requires_grad = True
        return self

    def _under(self, paths: tuple[str, ...]) -> list[Parameter]:
        """Return the parameters at or below any of the paths; all of them for none."""
        if not paths:
            return self.parameters()
        named = list(self.named_parameters(shared=True))
        found: list[Parameter] = []
        for path in paths:
            below = [p for name, p in named if name == path or name.startswith(f"{path}.")]
            if not below:
                known = {name for name, _ in named} | {name for name, _ in self._walk() if name}
                raise UnknownNameError("path of a layer or parameter", path, known)
            found += below
        return found

    def apply(self, function: Callable[[Module], object]) -> Self:
        """Call `function` with every module, innermost first, and return the module."""
        for child in self.children():
            child.apply(function)
        function(self)
        return self

    def astype(self, dtype: DTypeLike) -> Self:
        """Convert all parameters and floating-point buffers, in place; gradients are forgotten.

        Make the optimizer afterwards: its state has the type of the parameters it was made for.
        """
        wanted = float_dtype(dtype)
        for module in self.modules():
            for value in vars(module).values():
                if isinstance(value, Parameter):
                    value.data = value.data.astype(wanted)
                    value.grad = None
            for name in module._buffers:
                array = getattr(module, name)
                if array.dtype.kind == "f":
                    setattr(module, name, array.astype(wanted))
        return self

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for _, parameter in self._named_parameters():
            parameter.grad = None

    # --- showing ----------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return what stands between the brackets of the repr: sizes and options."""
        return ""

    def __repr__(self) -> str:
        return display(self)
