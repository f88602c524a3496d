"""Every public function of NumPy, called on Tensors in many ways.

What can be called is read from NumPy's own namespaces, so that a function that is new in NumPy is
asked like the others. How it is called is tried out: each of a list of general argument patterns
that the function accepts for plain arrays is repeated with Tensors in some of the places. The
answer must be one of three: a recorded value whose gradient is that of finite differences; plain
numbers that do not change when the arguments do; or an error of Pellucid's that names the function.

Run as a program, it prints the table of docs/numpy.md.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import pellucid as pl
from pellucid.errors import PellucidError
from pellucid.tensor import Tensor

STEP = 1e-6
TOLERANCE = 2e-6


@dataclass(frozen=True)
class V:
    """An array of an argument pattern in whose place a Tensor may stand."""

    array: Any


def _numbers(*shape: int, low: float, high: float, seed: int) -> np.ndarray:
    """Distinct numbers in random order, away from whole numbers and halves."""
    count = int(np.prod(shape, dtype=int))
    values = low + (high - low) * (np.arange(count) + 0.37) / max(count, 1)
    return np.random.default_rng(seed).permutation(values).reshape(shape)


v = _numbers(3, low=-0.87, high=0.93, seed=0)
w = _numbers(3, low=-0.71, high=0.83, seed=1)
p = _numbers(3, low=0.21, high=2.87, seed=2)
big = _numbers(3, low=1.21, high=3.87, seed=3)
rising = np.array([-0.83, 0.27, 1.64])
s = _numbers(3, 3, low=-1.87, high=1.73, seed=4) + np.diag([3.1, 4.3, 5.2])
positive_definite = s @ s.T / 10 + np.eye(3)
r = _numbers(3, 3, low=-0.83, high=0.77, seed=5)
m = _numbers(4, 3, low=-1.43, high=1.57, seed=6)
t = _numbers(2, 3, 2, low=-1.23, high=1.37, seed=7)
z = np.array(0.43)
y = np.array(1.31)
mask = np.array([True, False, True])
places = np.array([2, 0, 1])

ONE: list[tuple[Any, ...]] = [
    (V(v),), (V(p),), (V(big),), (V(s),), (V(positive_definite),), (V(m),), (V(t),), (V(z),),
]  # fmt: skip
LISTS: list[tuple[Any, ...]] = [
    ([V(v), V(w)],), ([V(v), w],), ([w, V(v)],), ((V(s), V(r)),), ([V(z), V(y)],), ([V(z), 2.0],),
    ([[V(z), 1.0], [2.0, V(y)]],), ([V(s), V(p)],),
]  # fmt: skip
TWO: list[tuple[Any, ...]] = [
    (V(v), V(w)), (V(p), V(v)), (V(v), V(p)), (V(big), V(p)), (V(s), V(v)), (V(s), V(r)),
    (V(z), V(y)), (V(m), V(v)), (V(s), V(z)), (V(v), 2), (2, V(v)), (V(p), 0.7), (0.7, V(p)),
    (V(m), 1), (V(m), 0), (V(m), (1, 0)), (V(m), (3, 4)), (V(m), -1), (V(v), (2, 3)),
    (V(v), [0, 2]), (V(m), [0, 2]), (V(v), mask), (mask, V(v)), (places, V(v)), (V(v), places),
    (V(p), V(rising)),
    (V(rising), V(v)), ((2, 3), V(z)), ((3,), V(v)), (3, V(z)), (V(s), 2), (V(t), 2),
    (V(m), np.array([[1, 0, 2]])),
    (V(v), [V(z), V(y)]), (V(t), ([0], [1])), ([V(v), V(w)], 0), ([V(s), V(r)], 1), (V(v), 37.5),
    (V(m), ((1, 0), (0, 2))), (V(v), "float32"), (V(m), 0.3),
]  # fmt: skip
THREE: list[tuple[Any, ...]] = [
    (V(v), V(w), V(p)), (mask, V(v), V(w)), (V(v), -0.4, 0.4), (V(v), V(rising), V(p)),
    (V(v), rising, p), (0.1, rising, V(p)), (V(m), [0, 2], 1), (V(m), 0, 1), (V(m), 1, 0),
    (V(v), 1, V(z)), (V(m), 1, 1), (V(z), V(y), 4), (0.0, V(y), 4), (V(z), 2.0, 3),
    (V(v), [0, 1], w[:2]),
    (V(m), np.array([[1, 0, 2]]), 0), (np.zeros(3), places, V(v)), (np.zeros(3), mask, V(v)),
    (np.zeros(3), [0, 1], V(z)), (V(s), V(r), 1), (V(p), V(rising), 2),
]  # fmt: skip
WRITTEN: list[tuple[Any, ...]] = [
    ("i,i->", V(v), V(w)), ("ij,jk->ik", V(s), V(r)), ("ij->ji", V(m)),
    (lambda row: row.sum(), 0, V(m)), (lambda x, axis: x.sum(axis=axis), V(m), [0]),
    (lambda i, j: i + j, (2, 2)), ([mask, ~mask], [V(v), V(w)]),
    (V(v), [v > 0, v <= 0], [lambda x: x**2, lambda x: -x]), ((V(v) for _ in range(1)), float),
    (np.zeros(3), V(v)), (np.zeros((3, 3)), V(z)), (np.zeros((3, 3)), V(v)),
    (np.zeros((1, 3)), np.array([[1, 0, 2]]), V(v), 1),
    (V(_numbers(2, 3, 6, low=-1.0, high=1.0, seed=8)),),
    (places, [V(v), V(w), V(p)]), (np.array([1, 0, 1]), V(v)),
]  # fmt: skip
PATTERNS = [*ONE, *LISTS, *TWO, *THREE, *WRITTEN]

OPTIONS: list[dict[str, Any]] = [
    {"axis": 0}, {"axis": -1}, {"axis": 1}, {"axis": (0, 1)}, {"axis": None}, {"axes": (1, 0)},
    {"keepdims": True}, {"axis": 1, "keepdims": True}, {"dtype": np.float64}, {"dtype": np.float32},
    {"dtype": int}, {"where": np.array([[True], [False], [True], [True]])},
    {"where": mask, "initial": 0.41}, {"axis": 0, "where": mask}, {"initial": 0.41},
    {"out": np.zeros(12)}, {"out": np.zeros(3)}, {"out": np.zeros((4, 3))}, {"ddof": 1},
    {"correction": 1}, {"order": "F"}, {"offset": 1}, {"k": 1}, {"n": 2}, {"decimals": 1},
    {"weights": p, "axis": 1}, {"returned": True}, {"mode": "wrap"}, {"ord": 1}, {"ord": 2},
    {"return_index": True}, {"return_counts": True}, {"bins": 4}, {"shift": (1, 2), "axis": (0, 1)},
    {"min": -0.4}, {"max": 0.4}, {"casting": "unsafe"}, {"kind": "stable"}, {"rowvar": False},
    {"overwrite_input": True}, {"method": "lower"}, {"prepend": 0.5}, {"append": 0.5},
    {"copy": False}, {"copy": True}, {"nan": 0.5}, {"left": 0.5}, {"shape": (3, 4)},
    {"hermitian": True}, {"norm": "ortho"}, {"compute_uv": False}, {"include_initial": True},
]  # fmt: skip
"""Options that are tried with one matrix, and with two vectors."""

CLASSES = ("broadcast", "matrix", "ndenumerate", "nditer", "poly1d")
"""Classes of NumPy's that are called like functions."""

NOT_ASKED = frozenset(
    (
        *("bmat", "fromfile", "fromregex", "genfromtxt", "get_include", "info", "load", "loadtxt"),
        *("memmap", "printoptions", "save", "savetxt", "savez", "savez_compressed"),
        *("set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime"),
        "test",
    )
)
"""Functions that read, write, print, or change how NumPy works; and those of its old matrices."""

REFUSED_BY_NUMPY = frozenset(("from_dlpack", "frombuffer", "nditer", "nested_iters"))
"""These look into an object's memory themselves, and say what they miss there."""


def functions() -> dict[str, Callable[..., Any]]:
    """Every public function of NumPy and every method of its ufuncs, by name."""
    found: dict[str, Callable[..., Any]] = {}
    for prefix, module in (("np", np), ("np.linalg", np.linalg), ("np.fft", np.fft)):
        for name in sorted(module.__all__):
            function = getattr(module, name)
            is_class = isinstance(function, type)
            if not callable(function) or name in NOT_ASKED or (is_class and name not in CLASSES):
                continue
            if name.startswith("_"):
                continue
            found[f"{prefix}.{name}"] = function
            if isinstance(function, np.ufunc):
                for method in ("reduce", "accumulate", "outer", "at", "reduceat"):
                    found[f"{prefix}.{name}.{method}"] = getattr(function, method)
    return found


def variables(pattern: Any) -> list[np.ndarray]:
    """Return the arrays of a pattern that a Tensor may stand for, in order."""
    if isinstance(pattern, V):
        return [pattern.array]
    if isinstance(pattern, (list, tuple)):
        return [x for part in pattern for x in variables(part)]
    return []


def filled(pattern: Any, values: Iterator[Any]) -> Any:
    """Return a pattern with values in the places of its variables; all else is copied."""
    if isinstance(pattern, V):
        return next(values)
    if callable(pattern):
        return pattern
    if isinstance(pattern, (list, tuple)):
        return type(pattern)([filled(part, values) for part in pattern])
    return pattern.copy() if isinstance(pattern, np.ndarray) else pattern


def leaves(result: Any) -> list[Any]:
    """Return the parts of a result, which may be a tuple or a list."""
    if isinstance(result, (tuple, list)):
        return [x for part in result for x in leaves(part)]
    return [result]


@dataclass
class Answer:
    """What came of asking one function.

    Attributes
    ----------
    recorded, plain, refused : int
        How many calls had that answer.
    first : str
        The answer to the first call, which has no options.
    message : str
        The first refusal.
    wrong : list of str
        What must not be: a wrong gradient, a lost one, an object array, an unnamed error.
    """

    recorded: int = 0
    plain: int = 0
    refused: int = 0
    first: str = "not asked"
    message: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """One word for all calls: "recorded" if any is, else that for the first."""
        return "recorded" if self.recorded else self.first


def ask(name: str, function: Callable[..., Any]) -> Answer:
    """Call a function in every way that it accepts."""
    answer = Answer()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for pattern in PATTERNS:
            _try(answer, name, function, pattern, {})
        known = _options_of(name, function)
        for options in OPTIONS:
            if known is None or set(options) <= known:
                for base in ((V(m),), (V(v), V(w)), ([V(v), V(w)],)):
                    _try(answer, name, function, base, options)
    return answer


def _options_of(name: str, function: Callable[..., Any]) -> set[str] | None:
    """Return the names of a function's options, or None where it does not say."""
    if name.endswith((".outer", ".at", ".reduceat")):
        return set()
    try:
        known = inspect.signature(function).parameters
    except (ValueError, TypeError):
        return None
    return None if any(x.kind is x.VAR_KEYWORD for x in known.values()) else set(known)


def _try(
    answer: Answer, name: str, function: Callable[..., Any], pattern: Any, options: dict[str, Any]
) -> None:
    arrays = variables(pattern)

    def call(values: list[Any]) -> Any:
        fresh = {k: x.copy() if isinstance(x, np.ndarray) else x for k, x in options.items()}
        return function(*filled(pattern, iter(values)), **fresh)

    try:
        expected = call([x.copy() for x in arrays])
    except Exception:
        return  # not a way to call this function
    count = len(arrays)
    places = [c for k in (1, count) for c in itertools.combinations(range(count), k) if c]
    for chosen in dict.fromkeys(places):
        problem = _judged(answer, name, call, arrays, chosen, expected)
        if answer.first == "not asked" and (answer.plain or answer.refused):
            answer.first = "plain" if answer.plain else "refused"
        if problem:
            tensors = "".join("T" if i in chosen else "a" for i in range(count))
            shown = ", ".join(f"{k}={x!r}" for k, x in options.items())
            shapes = [x.shape for x in arrays]
            answer.wrong.append(f"{name} of {tensors} {shapes} {shown}: {problem}")


def _judged(
    answer: Answer,
    name: str,
    call: Callable[[list[Any]], Any],
    arrays: list[np.ndarray],
    chosen: tuple[int, ...],
    expected: Any,
) -> str:
    """Count what comes of one call, and say what is wrong with it."""
    inputs = [
        pl.tensor(x, requires_grad=True) if i in chosen else x.copy() for i, x in enumerate(arrays)
    ]
    try:
        result = call(inputs)
    except PellucidError as error:
        return _refusal(answer, name, error)
    except Exception as error:
        if isinstance(error.__cause__, PellucidError):
            return _refusal(answer, name, error.__cause__)
        if name.split(".")[-1] in REFUSED_BY_NUMPY:
            answer.refused += 1
            return ""
        return f"raises {type(error).__name__}: {error}"

    rng = np.random.default_rng(11)
    directions = [_direction(rng, x) if i in chosen else 0.0 for i, x in enumerate(arrays)]
    found, right = leaves(result), leaves(expected)
    narrow = any(isinstance(x, Tensor) and x.dtype == np.float32 for x in found)

    def moved(by: float) -> list[Any]:
        at = [x + by * d for x, d in zip(arrays, directions, strict=True)]
        return leaves(call([np.asarray(x) for x in at]))

    before, after = moved(-STEP), moved(STEP)
    if len(found) != len(right):
        return f"{len(found)} results, not {len(right)}"
    if result is None:
        return "did something in place without a word"
    total: Any = 0.0
    slope = 0.0
    has_gaps = False
    for got, value, left, here in zip(found, right, before, after, strict=True):
        if not isinstance(got, Tensor):
            problem = _not_plain(got, value, left, here)
            if problem and "empty" not in name:
                return problem
            continue
        value = np.asarray(value)
        if got.shape != value.shape:
            return f"shape {got.shape}, not {value.shape}"
        finite = np.isfinite(value)
        if not np.allclose(got.data[finite], value[finite], rtol=1e-6, atol=1e-6) or np.any(
            np.isfinite(got.data[~finite])
        ):
            return "other values than NumPy's"
        if np.shape(left) != value.shape or np.shape(here) != value.shape:
            return "a shape that depends on the numbers"
        has_gaps = has_gaps or not np.all(np.isfinite(value))
        weights = np.where(np.isfinite(value), rng.normal(size=value.shape), 0.0)
        difference = np.where(np.isfinite(value), np.subtract(here, left, dtype=float), 0.0)
        slope += float(np.sum(weights * difference)) / (2 * STEP)
        total = total + (np.where(np.isfinite(value), 1.0, 0.0) * got * weights).sum()
    if not isinstance(total, Tensor):
        answer.plain += 1
        return ""
    answer.recorded += 1
    ours = 0.0
    if total.requires_grad:
        try:
            total.backward()
        except Exception as error:
            return f"backward raises {type(error).__name__}: {error}"
        for i in chosen:
            if inputs[i].grad is not None:
                ours += float(np.sum(inputs[i].grad * directions[i]))
    if narrow and np.isfinite(ours):  # too coarse for differences; wide types are compared
        return ""
    if has_gaps and np.isnan(ours):  # the derivative is NaN where the value is
        return ""
    if not abs(ours - slope) <= TOLERANCE * max(1.0, abs(slope)):
        return f"gradient {ours:.9g}, by finite differences {slope:.9g}"
    return ""


def _direction(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Return a random direction, which keeps a symmetric matrix symmetric."""
    direction = rng.normal(size=x.shape)
    symmetric = x.ndim == 2 and x.shape[0] == x.shape[1] and np.array_equal(x, x.T)
    return direction + direction.T if symmetric else direction


def _refusal(answer: Answer, name: str, error: PellucidError) -> str:
    answer.refused += 1
    message = str(error)
    answer.message = answer.message or message
    return "" if len(message.splitlines()) <= 2 and len(message) > 20 else f"says: {message}"


def _not_plain(got: Any, value: Any, before: Any, after: Any) -> str:
    """Say why a result is not what a function without a derivative may give."""
    if isinstance(value, (str, bytes, type, np.dtype, type(None), slice)) or callable(value):
        return ""
    try:
        got, value = np.asarray(got), np.asarray(value)
    except Exception as error:
        return f"a {type(got).__name__}: {error}"
    if value.dtype.kind not in "fiub":
        return ""
    if got.dtype.kind not in "fiub":
        return f"a plain array of dtype {got.dtype}"
    if got.shape != value.shape or not np.allclose(got, value, equal_nan=True):
        return "other values than NumPy's"
    if not np.array_equal(before, after, equal_nan=got.dtype.kind == "f"):
        return "a plain result that depends on the argument: its gradient is lost"
    return ""


def table(answers: dict[str, Answer]) -> str:
    """Return the table of docs/numpy.md: how many functions have which answer."""
    rows = ["| | functions | methods of ufuncs |", "|---|---|---|"]
    means = {
        "recorded": "recorded",
        "plain": "plain results: no derivative, or slope 0",
        "refused": "refused, by an error that says what to use",
    }
    for kind, meaning in means.items():
        names = [name for name, answer in answers.items() if answer.kind == kind]
        methods = [name for name in names if is_method(name)]
        rows.append(f"| {meaning} | {len(names) - len(methods)} | {len(methods)} |")
    return "\n".join(rows)


def is_method(name: str) -> bool:
    """Tell whether a name is that of a method of a ufunc."""
    return name.count(".") > 1 and not name.startswith(("np.linalg.", "np.fft."))


def main() -> None:
    """Print what is wrong, what is refused, and the table."""
    answers = {name: ask(name, function) for name, function in functions().items()}
    for answer in answers.values():
        for line in answer.wrong:
            print("WRONG", line)
    for kind in ("refused", "plain", "not asked"):
        print(kind.upper(), *(n for n, a in answers.items() if a.kind == kind and not is_method(n)))
    print(table(answers))


if __name__ == "__main__":
    main()
