from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.data
def test_errors_of_known_forecasts(load_example, real_data) -> None:
    example = load_example("time_series")
    series = example.TASKS[0].load()
    assert example.errors(series, series.actual())[0] == 0
    absolute, squared, scaled = example.errors(series, series.actual() + 10)
    assert absolute == pytest.approx(10)
    assert squared == pytest.approx(10)
    past = series.series[: len(series.series) - 29]  # the last fifth of 144 months is test
    assert scaled == pytest.approx(10 / np.abs(past[12:] - past[:-12]).mean(), rel=0.02)


@pytest.mark.data
def test_a_network_beats_both_naive_forecasts(load_example, real_data) -> None:
    example = load_example("time_series")
    task = example.TASKS[0]
    series = task.load()
    found = example.forecast(task, "gru-forecaster", epochs=60)
    error = example.errors(series, found)[0]
    for name in ("naive", "seasonal-naive"):
        assert error < 0.6 * example.errors(series, series.baseline(name))[0]


@pytest.mark.slow
@pytest.mark.data
def test_every_network_forecasts_and_is_drawn(load_example, real_data, tmp_path, capsys) -> None:
    pytest.importorskip("matplotlib")
    load_example("time_series").main([str(tmp_path / "forecasts.png")])
    out = capsys.readouterr().out
    assert out.count("transformer-forecaster") == 2
    assert (tmp_path / "forecasts.png").read_bytes().startswith(b"\x89PNG")
