"""Write reference.npz: what PyTorch gives for every case. Run after changing the cases.

python tests/primitives/make_reference.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main() -> None:
    """Compute every call with PyTorch in float64 and store inputs and answers, in one row each."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from primitives.reference import FILE, KEYS, arrays_of, by_torch, flat

    names, sizes, rows = [], [], []
    for key in KEYS:
        inputs, answers = flat(arrays_of(key)), flat(by_torch(key))
        names.append("/".join(map(str, key)))
        sizes.append((len(inputs), len(answers)))
        rows += [inputs, answers]
    np.savez_compressed(
        FILE, names=np.array(names), sizes=np.array(sizes), numbers=np.concatenate(rows)
    )
    print(f"{FILE.name}: {len(names)} calls, {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
