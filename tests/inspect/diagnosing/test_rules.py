"""The table of rules, suppression, persistence and pace."""

from __future__ import annotations

import json

import pytest

from pellucid.inspect import Diagnosis
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.pacing import Pace
from pellucid.inspect.diagnosing.persistence import Persistence
from pellucid.inspect.diagnosing.rules import RULES, explained, finding

ORDER = (
    "static",
    "data",
    "non-finite",
    "initialisation",
    "units",
    "gradients",
    "learning rate",
    "loss",
    "experiment",
)


def seen(code, **values):
    return finding(code, "seen", "change", **values)


def test_rules_stand_in_the_order_of_causes():
    stages = [ORDER.index(rule.stage) for rule in RULES.values()]
    assert stages == sorted(stages)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_where_it_comes_from_and_names_known_causes(rule):
    assert rule.source.endswith(")")
    assert set(rule.explained_by) < set(RULES)
    assert rule.code not in rule.explained_by


def test_a_cause_hides_its_effects():
    low, units = seen("learning-rate-too-low", step=50), seen("dead-units", step=20)
    kept, hidden = explained([low, units])
    assert kept == [units]
    assert hidden == [low]


def test_a_note_hides_nothing():
    note = seen("dead-units", step=20, severity="note")
    kept, hidden = explained([note, seen("learning-rate-too-low", step=50)])
    assert len(kept) == 2
    assert not hidden


def test_an_effect_is_not_earlier_than_its_cause():
    early, late = seen("vanishing-gradient", step=10), seen("saturated-units", step=90)
    assert explained([late, early])[1] == []
    early, late = seen("vanishing-gradient", step=90), seen("saturated-units", step=10)
    assert explained([late, early])[1] == [early]


def test_three_looks_to_fire_and_nine_to_clear():
    persistence = Persistence()
    found = seen("oscillation")
    assert persistence.update([found]) == []
    assert persistence.update([found]) == []
    assert persistence.update([found]) == [found]
    for _ in range(8):
        persistence.update([])
    assert list(persistence.active.values()) == [found]
    persistence.update([])
    assert not persistence.active
    assert list(persistence.cleared.values()) == [found]


def test_a_gap_starts_the_count_anew():
    persistence = Persistence()
    for look in ([1], [1], [], [1], [1]):
        assert persistence.update([seen("oscillation") for _ in look]) == []


def test_persistence_goes_on_from_its_state():
    first, second = Persistence(), Persistence()
    first.update([seen("oscillation")])
    first.update([seen("oscillation")])
    second.restore(json.loads(json.dumps(first.state())))
    assert len(second.update([seen("oscillation")])) == 1


def test_a_fixed_interval_is_kept():
    pace = Pace(10)
    pace.begin(25, 1000)
    assert pace.next == 30
    pace.looked(30, 100.0)
    assert pace.next == 40


def test_dear_looks_are_rare():
    pace = Pace(None, share=0.02, allowance=0.0)
    pace.begin(0, 1000)
    pace.looked(10, 0.0)
    soon = pace.next
    pace.looked(10, 1.0)
    assert pace.next > soon


def test_a_finding_comes_back_from_json():
    found = seen("dead-units", layer="1", step=3, measured=float("inf"), change={"lr": 0.1})
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["measured"] is None
    assert Finding.from_dict(values).change == {"lr": 0.1}


def test_the_text_has_evidence_and_one_change():
    text = Diagnosis([seen("dead-units", layer="1", step=30, measured=0.75)]).text()
    assert "ReLU units that are always 0 (warning: dead-units · 1 · update 30)" in text
    assert "seen    seen [0.75; limit 0.5]" in text
    assert text.count("change  ") == 1
    assert Diagnosis([]).text() == "Nothing is wrong as far as can be seen."


def test_what_is_explained_is_named():
    diagnosis = Diagnosis([seen("dead-units", step=2), seen("flat-loss", step=5)])
    assert "likely to go with them: flat-loss." in diagnosis.text()
    assert "flat-loss" in diagnosis._repr_html_()


def test_html_is_escaped():
    diagnosis = Diagnosis([finding("dead-units", "<b>", "a & b")])
    assert "&lt;b&gt;" in diagnosis._repr_html_()
    assert "a &amp; b" in diagnosis._repr_html_()
