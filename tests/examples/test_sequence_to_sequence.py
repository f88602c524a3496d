from __future__ import annotations

import datetime

import numpy as np
import pytest


def test_dates_are_written_as_people_write_them(load_example) -> None:
    example = load_example("sequence_to_sequence")
    day = datetime.date(2019, 5, 3)
    assert [example.written(day, form) for form in range(7)] == [
        "3 may 2019",
        "3 may 2019",
        "may 3, 2019",
        "friday, 3rd of may 2019",
        "fri may 3 2019",
        "05/03/2019",
        "5/3/2019",
    ]
    assert [example.ordinal(n) for n in (1, 2, 11, 12, 13, 21, 22, 30)] == [
        *("1st", "2nd", "11th", "12th", "13th", "21st", "22nd", "30th"),
    ]
    dates = example.make_dates(np.array([0, 72_999]), np.random.default_rng(0))
    assert dates.answers == ["1900-01-01", "2099-11-12"]
    assert dates.target.shape == (2, example.WRITTEN) and (dates.target[:, -1] == 2).all()


@pytest.mark.slow
def test_unseen_dates_are_read_and_looked_at_in_the_right_places(
    load_example, tmp_path, monkeypatch, capsys
) -> None:
    pytest.importorskip("matplotlib")
    example = load_example("sequence_to_sequence")
    result = example.train()
    monkeypatch.setattr(example, "train", lambda: result)
    example.main([str(tmp_path / "attention.png")])
    assert "unseen dates are read exactly" in capsys.readouterr().out
    assert (tmp_path / "attention.png").read_bytes().startswith(b"\x89PNG")
    assert example.exact(result.net, result.unseen) > 0.99
    assert example.exact(result.net, result.unseen, beam=3) > 0.99
    # While it writes the year, it looks at the four digits of the year more than elsewhere.
    found = result.net.decode(result.unseen.source[:200], example.WRITTEN)
    share = []
    for text, weights in zip(result.unseen.texts, found.weights, strict=False):
        digits = slice(len(text) - 4, len(text))
        share.append(float(weights[1:4, digits].sum() / 3))
    assert np.mean(share) > 0.5
