r"""Whether the doctor finds what is broken, and nothing in what is healthy.

Every broken and every healthy training of the cases is run with several seeds, with a look
every ten updates. A fault is found if one of the expected findings is among those told; a healthy
training must not get a finding above the severity "note", at any time.

    python benchmarks/doctor_matrix.py [--seeds 5] [--first-seed 0] [--every 10] \
        [--only TEXT] [--unseen] [--write docs/doctor.md]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from pathlib import Path

from doctor_faults import FAULTS
from doctor_healthy import HEALTHY
from doctor_more_faults import MORE_FAULTS
from doctor_setups import Case
from doctor_unseen import UNSEEN_FAULTS, UNSEEN_HEALTHY

import pellucid as pl
from pellucid.inspect import DoctorCallback, Finding

MARKS = ("<!-- matrix: written by benchmarks/doctor_matrix.py -->", "<!-- end of matrix -->")


def run(case: Case, seed: int, every: int | None = 10) -> list[Finding]:
    """Train once, and return every finding that was told, also of those that went away again."""
    pl.seed(seed)
    setup = case.make(seed)
    options = dict(setup.options)
    lr = options.pop("lr", 1e-3)
    optimizer = options.pop("optimizer", "adam")
    if callable(optimizer):
        optimizer = optimizer(setup.net.parameters(), lr=lr)
    if isinstance(optimizer, str):
        options |= {"optimizer": optimizer, "lr": lr}
    else:
        options["optimizer"] = optimizer
    doctor = DoctorCallback(every)
    with contextlib.suppress(pl.errors.NonFiniteError):  # the doctor has seen it too
        pl.fit(
            setup.net,
            setup.train,
            validation=setup.validation,
            callbacks=doctor,
            progress="none",
            rng=seed,
            **options,
        )
    diagnosis = doctor.diagnosis
    return [*diagnosis.findings, *diagnosis.cleared]


def main() -> None:
    """Run the matrix, print it, and write it into the page if that is wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--every", type=int, help="updates between looks; 0: the default interval")
    parser.add_argument("--only", default="")
    parser.add_argument("--unseen", action="store_true", help="the trainings of doctor_unseen.py")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    broken = UNSEEN_FAULTS if asked.unseen else (*FAULTS, *MORE_FAULTS)
    sound = UNSEEN_HEALTHY if asked.unseen else HEALTHY
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    every = 10 if asked.every is None else asked.every or None
    began = time.perf_counter()
    faults, found, total = [], 0, 0
    for case in (c for c in broken if asked.only.lower() in c.name.lower()):
        seen = [run(case, seed, every) for seed in seeds]
        hits = sum(any(f.code in case.expected for f in findings) for findings in seen)
        codes = Counter(f.code for findings in seen for f in findings if f.is_alarm)
        found, total = found + hits, total + asked.seeds
        first = [c for c in case.expected if codes[c]] or list(case.expected[:1])
        faults.append((case.name, first, hits))
        missed = "" if hits == asked.seeds else "   <<<<"
        print(f"{hits}/{asked.seeds} {case.name}: {dict(codes)}{missed}", flush=True)
    healthy, alarms, runs = [], 0, 0
    for case in (c for c in sound if asked.only.lower() in c.name.lower()):
        seen = [run(case, seed, every) for seed in seeds]
        raised = [[f for f in findings if f.is_alarm] for findings in seen]
        count = sum(map(bool, raised))
        alarms, runs = alarms + count, runs + asked.seeds
        healthy.append((case.name, count))
        print(f"{count}/{asked.seeds} alarms, {case.name}", flush=True)
        for findings in raised:
            for f in findings:
                print(f"      {f.code} {f.layer!r} at {f.step}: {f.message}", flush=True)
    seconds = time.perf_counter() - began
    print(f"found {found} of {total}; alarms in {alarms} of {runs} healthy; {seconds:.0f} s")
    if asked.write is not None:
        _write(asked.write, faults, healthy, asked.seeds, found, total, alarms, runs)
    if total and (found < 0.95 * total or alarms):
        sys.exit(1)


def _write(
    path: Path,
    faults: list[tuple[str, list[str], int]],
    healthy: list[tuple[str, int]],
    seeds: int,
    found: int,
    total: int,
    alarms: int,
    runs: int,
) -> None:
    lines = [
        f"{len(faults)} faults with {seeds} seeds each: {found} of {total} found "
        f"({found / total:.1%}). {len(healthy)} healthy trainings with {seeds} seeds each: alarms "
        f"in {alarms} of {runs}.",
        "",
        "| what is broken | found as | found |",
        "|---|---|---|",
        *(
            f"| {name} | {', '.join(f'`{code}`' for code in codes)} | {hits}/{seeds} |"
            for name, codes, hits in faults
        ),
        "",
        "| healthy training | with an alarm |",
        "|---|---|",
        *(f"| {name} | {count}/{seeds} |" for name, count in healthy),
    ]
    page = path.read_text("utf-8")
    before, rest = page.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    path.write_text(
        before + MARKS[0] + "\n\n" + "\n".join(lines) + "\n\n" + MARKS[1] + after, "utf-8"
    )


if __name__ == "__main__":
    main()
