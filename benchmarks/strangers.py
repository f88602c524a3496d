"""What the checker and the doctor say of cases by people who had not read the code.

Run it:  python benchmarks/strangers.py [--set first|second] [--part check|doctor]

A case is printed with what its author says is wrong, and what was found: whether that is the same
thing is for the reader to judge. Counted is only what needs no judgement: wrong programs called
right, right ones called wrong, and sound trainings with an alarm.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pellucid as pl
from pellucid.inspect import DoctorCallback, Finding

FOLDER = Path(__file__).parent / "strangers"


def expected(folder: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((folder / "expected.json").read_text("utf-8"))
    return cases


# --- the checker ----------------------------------------------------------------------------------


def check(path: Path) -> tuple[int, dict[str, Any], str]:
    """Return the exit status, the report, and what was said where there is none."""
    done = subprocess.run(
        [sys.executable, "-m", "pellucid", "check", str(path), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    report = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return done.returncode, report, done.stderr.strip().replace(f"{path}: ", "")


def told(report: dict[str, Any]) -> list[str]:
    """Return the causes, warnings and remarks of a report."""
    lines = [
        " + ".join(f"{cause['title']}, {cause['where']}" for cause in explanation)
        for explanation in report.get("explanations", [])
    ]
    lines += [f"warning: {text}" for text in report.get("warnings", [])]
    lines += [f"not tested: {one['what']}" for one in report.get("untested", [])]
    remarks = report.get("script", {}).get("remarks", [])
    return lines + [f"remark: {one['text']}" for one in remarks]


def check_set(folder: Path) -> None:
    falsely_right, falsely_wrong = [], []
    for case in expected(folder):
        status, report, said = check(folder / case["file"])
        verdict = {0: "right", 1: "wrong"}.get(status, "no verdict")
        print(f"\n{case['file']}: {verdict} (its author: {case['verdict']})")
        if case["fault"]:
            print(f"    author  {case['fault']}")
        for line in told(report) or [said or "no cause is named"] * (verdict != "right"):
            print(f"    said    {line}")
        if status == 0 and case["verdict"] == "wrong" and not report.get("warnings"):
            falsely_right.append(case["file"])
        if status == 1 and case["verdict"] == "right":
            falsely_wrong.append(case["file"])
    print(f"\nwrong called right: {', '.join(falsely_right) or 'none'}")
    print(f"right called wrong: {', '.join(falsely_wrong) or 'none'}")


# --- the doctor -----------------------------------------------------------------------------------


def training(path: Path) -> dict[str, Any]:
    """Return what a case gives to ``fit``."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Any] = module.make()
    return made


def findings(path: Path) -> list[Finding]:
    """Return what is found before and during the training of a case."""
    given = training(path)
    options = {name: given[name] for name in ("validation", "loss") if name in given}
    before = pl.doctor(given["net"], given["train"], **options)
    given = training(path)
    doctor = DoctorCallback()
    net, train = given.pop("net"), given.pop("train")
    pl.fit(net, train, callbacks=doctor, progress="none", rng=0, **given)
    found = [*before.findings, *doctor.diagnosis.findings]
    return list({(one.code, one.layer): one for one in found}.values())


def doctor_set(folder: Path) -> None:
    alarmed = []
    for case in expected(folder):
        found = findings(folder / case["file"])
        print(f"\n{case['file']}: {case['ailment'] or 'sound'}")
        for one in found:
            print(f"    {one.severity:<8}  {one.code}: {one.message}")
        if case["healthy"] and any(one.is_alarm for one in found):
            alarmed.append(case["file"])
    print(f"\nsound trainings with an alarm: {', '.join(alarmed) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    sets = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
    parser.add_argument("--set", choices=sets, action="append")
    parser.add_argument("--part", choices=["check", "doctor"], action="append")
    chosen = parser.parse_args()
    for name in chosen.set or sets:
        for part in chosen.part or ["check", "doctor"]:
            print(f"\n=== {name}: {part}")
            (check_set if part == "check" else doctor_set)(FOLDER / name / part)


if __name__ == "__main__":
    main()
