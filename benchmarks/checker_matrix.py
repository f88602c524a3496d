"""How often the checker names the mistake: every fault planted in every layer of every network.

Run it:  python benchmarks/checker_matrix.py [--write] [--pairs N] [--part networks|programs]

``--write`` puts the tables into docs/check.md. A fault counts as named if it stands alone in one of
the explanations that are given, with its layer. A pair counts if both are named together. The
programs in other styles (`checker_programs`) have a table of their own.
"""

from __future__ import annotations

import argparse
import itertools
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import checker_planting as planting
import numpy as np
from checker_networks import NETWORKS, Network

import pellucid as pl

PAGE = Path(__file__).resolve().parents[1] / "docs" / "check.md"


class Case(NamedTuple):
    """One network with faults planted, and what was said about them."""

    network: str
    faults: tuple[str, ...]
    named: bool
    said: str
    seconds: float


def try_out(network: Network, faults: tuple[str, ...]) -> Case:
    """Plant faults and look at what the checker says."""
    started = time.perf_counter()
    report = pl.check_gradients(
        network.loss, network.parameters, lambda p: network.gradients(p, faults)
    )
    seconds = time.perf_counter() - started
    expected = [network.faults[fault] for fault in faults]
    named = not report.right and any(_matches(e, expected) for e in report.explanations)
    if not faults:
        named = report.right and not report.explanations
    said = " | ".join(" + ".join(f"{c.kind}@{c.layers}" for c in e) for e in report.explanations)
    return Case(network.name, faults, named, said or ("right" if report.right else "?"), seconds)


def _matches(explanation, expected) -> bool:
    """Tell whether each cause is one of the faults; the same fault at two layers is one cause."""
    if len(explanation) == 1 < len(expected):
        explanation = explanation * len(expected)
    if len(explanation) != len(expected):
        return False
    return any(
        all(
            cause.kind in kinds and (layer is None or layer in cause.layers)
            for cause, (kinds, layer) in zip(order, expected, strict=True)
        )
        for order in itertools.permutations(explanation)
    )


def singles(networks: Iterable[Network]) -> list[Case]:
    """Try every network as it should be, and with every fault."""
    return [
        try_out(network, faults)
        for network in networks
        for faults in [(), *((fault,) for fault in network.faults)]
    ]


def pairs(networks: Iterable[Network], count: int, seed: int = 0) -> list[Case]:
    """Try `count` random pairs of faults in different places of every network."""
    rng = np.random.default_rng(seed)
    cases = []
    for network in networks:
        names = list(network.faults)
        every = [
            (a, b) for a, b in itertools.combinations(names, 2)
            if network.faults[a] != network.faults[b]
        ]  # fmt: skip
        order = [every[i] for i in rng.permutation(len(every))]
        both = (pair for pair in order if _both_matter(network, pair))
        cases += [try_out(network, pair) for pair in itertools.islice(both, count)]
    return cases


def _both_matter(network: Network, pair: tuple[str, str]) -> bool:
    """Tell whether each of two faults changes what comes out when the other is there."""
    outcomes = []
    for faults in (pair, pair[:1], pair[1:]):
        try:
            outcomes.append(network.gradients(network.parameters, faults))
        except ValueError:  # shapes that do not fit: NumPy itself finds the mistake
            return False
    return not any(
        all(
            a.shape == b.shape and np.allclose(a, b)
            for a, b in zip(outcomes[0].values(), other.values(), strict=True)
        )
        for other in outcomes[1:]
    )


def family(fault: str) -> str:
    """What a fault is called in the table, whatever its layer."""
    text = re.sub(r"@\d|\bd?(W|K|b|c)[\dxhyqkveo]\b|\bd(beta|gamma)\b", "", fault)
    text = re.sub(r"\s+", " ", re.sub(r"\s+\d?$|\s+in\s*$", "", text.strip()))
    return _FAMILIES.get(text, text) or fault


_FAMILIES = {
    "and exchanged": "two gradients exchanged",
    "x": "x in place of its normalised value",
    "pre-activation": "pre-activation in place of the activation",
    "updated first": "weights updated first",
}


def table(cases: list[Case], two: list[Case]) -> str:
    """Return the table in Markdown: counts per fault, and the cases missed."""
    right = [case for case in cases if not case.faults]
    rows: dict[str, list[Case]] = {}
    for case in cases:
        if case.faults:
            rows.setdefault(family(case.faults[0]), []).append(case)
    lines = ["| mistake | planted | named |", "|---|--:|--:|"]
    for name, members in sorted(rows.items()):
        lines.append(f"| {name} | {len(members)} | {sum(c.named for c in members)} |")
    planted = [case for case in cases if case.faults]
    hit = sum(case.named for case in planted)
    share = f"{100 * hit / len(planted):.1f} %"
    lines.append(f"| **all single mistakes** | **{len(planted)}** | **{hit} ({share})** |")
    if two:
        both = sum(case.named for case in two)
        lines.append(f"| pairs of mistakes | {len(two)} | {both} ({100 * both / len(two):.1f} %) |")
    clean = sum(case.named for case in right)
    lines += [
        "",
        f"Correct backward passes: {len(right)}; no fault named in {clean} of them.",
        "",
    ]
    missed = [case for case in planted if not case.named]
    if missed:
        lines += ["Missed:", ""]
        lines += [f"- {c.network}: {c.faults[0]} (said: {c.said})" for c in missed]
    else:
        lines.append("No single mistake was missed.")
    return "\n".join(lines)


def programs_text(answers: list[planting.Answer]) -> str:
    """Return the table of the programs in Markdown, and the mistakes missed."""
    planted = [answer for answer in answers if answer.mistake is not None]
    correct = [answer for answer in answers if answer.mistake is None]
    clean = sum(answer.verdict == planting.SAID_RIGHT for answer in correct)
    named = sum(answer.named for answer in planted)
    return "\n".join(
        [
            planting.table(answers),
            "",
            f"Named, alone or among at most three: {named} of {len(planted)} "
            f"({100 * named / len(planted):.1f} %).",
            f"Correct programs: {len(correct)}; no fault named in {clean} of them.",
            "",
            "Not named (and what was said):",
            "",
            planting.missed_list(answers) or "none",
        ]
    )


def write(mark: str, text: str) -> None:
    """Put a text between two comments of docs/check.md."""
    page = PAGE.read_text(encoding="utf-8")
    inside = f"<!-- {mark} -->\n\n{text}\n\n<!-- end of {mark} -->"
    pattern = rf"<!-- {mark} -->.*?<!-- end of {mark} -->"
    PAGE.write_text(re.sub(pattern, lambda _: inside, page, flags=re.S), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="The matrix of planted mistakes.")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/check.md")
    parser.add_argument("--pairs", type=int, default=10, help="pairs of mistakes per network")
    parser.add_argument("--part", choices=("networks", "programs"), help="only this part")
    parser.add_argument("--only", default="", help="those whose names contain this")
    options = parser.parse_args()
    texts = {}
    if options.part != "programs":
        networks = [n for n in (make() for make in NETWORKS) if options.only in n.name]
        cases = singles(networks)
        two = pairs(networks, options.pairs)
        for case in (*cases, *two):
            if not case.named:
                print(f"missed  {case.network}: {' + '.join(case.faults)}  said {case.said}")
        slow = sorted((*cases, *two), key=lambda case: -case.seconds)[:3]
        print("slowest:", [(c.network, c.faults, round(c.seconds, 2)) for c in slow])
        texts["matrix"] = table(cases, two)
    if options.part != "networks":
        paths = [path for path in planting.PROGRAMS if options.only in path.stem]
        answers = [answer for path in paths for answer in planting.answers(planting.read(path))]
        late = max(answers, key=lambda answer: answer.seconds)
        print("slowest:", late.program, late.mistake and late.mistake.name, round(late.seconds, 2))
        texts["programs"] = programs_text(answers)
    for mark, text in texts.items():
        print(text)
        if options.write:
            write(mark, text)


if __name__ == "__main__":
    main()
