"""Print the table of docs/parity.md: cases of each layer, and how far off PyTorch they are.

Run it with PyTorch installed:  PYTHONPATH=src:tests python tests/nn/make_parity_table.py
"""

from __future__ import annotations

from collections import defaultdict

from helpers.layers import LayerCase, by_pellucid, by_torch, deviation, layer_cases


def largest_deviation(case: LayerCase, kind: str) -> float:
    """Return the largest deviation of outputs or of gradients from PyTorch's, in float64."""
    import torch

    found, expected = by_pellucid(case), by_torch(case, torch)
    return max(
        (deviation(found[name], expected[name]) for name in found if name.startswith(kind)),
        default=0.0,
    )


def main() -> None:
    """Print one row for each layer."""
    cases: dict[str, list[LayerCase]] = defaultdict(list)
    for case in layer_cases():
        cases[case.layer].append(case)
    print("| layer | cases | compared with PyTorch | values | gradients |\n|---|--:|--:|--:|--:|")
    total = compared_total = 0
    worst = {"output": 0.0, "gradient": 0.0}
    for layer, mine in cases.items():
        compared = [case for case in mine if case.theirs is not None]
        total, compared_total = total + len(mine), compared_total + len(compared)
        cells = []
        for kind in worst:
            off = max((largest_deviation(case, kind) for case in compared), default=None)
            worst[kind] = max(worst[kind], off or 0.0)
            cells.append("" if off is None else f"{off:.1e}")
        print(f"| `{layer}` | {len(mine)} | {len(compared)} | {' | '.join(cells)} |")
    ends = " | ".join(f"{off:.1e}" for off in worst.values())
    print(f"| all {len(cases)} | {total} | {compared_total} | {ends} |")


if __name__ == "__main__":
    main()
