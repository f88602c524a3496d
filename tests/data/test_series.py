"""Series: windows in time order, nothing known from the future, and exactly back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import (
    Preparation,
    SeriesDataset,
    SeriesPreparation,
    from_series,
    load,
    naive_forecast,
    seasonal_naive_forecast,
)
from pellucid.data.dates import parse_dates
from pellucid.errors import DataError, ShapeError, UnknownNameError


def growing(steps=120, columns=1):
    t = np.arange(steps)[:, None] + 3 * np.arange(columns)
    noise = np.random.default_rng(0).normal(0, 0.05, (steps, columns))
    return np.exp(0.01 * t + 0.3 * np.sin(2 * np.pi * t / 12) + noise)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("horizon", [1, 4])
def test_windows_and_targets_are_the_series(columns, horizon):
    values = growing(columns=columns)
    data = from_series("s", values, window=7, horizon=horizon, target=0, validation=0.25)
    unit = data.preparation.standardized(values)
    assert (data.task, data.num_outputs, data.input_shape) == ("regression", horizon, (7, columns))
    assert data.train.x.dtype == data.train.y.dtype == np.float32
    starts = {"train": 7, "validation": 72, "test": 96}
    ends = {"train": 72, "validation": 96, "test": 120}
    for name, part in data.parts().items():
        assert len(part) == ends[name] - starts[name] - horizon + 1
        for sample, origin in enumerate(range(starts[name], ends[name] - horizon + 1)):
            assert np.array_equal(part.x[sample], unit[origin - 7 : origin])
            assert np.array_equal(part.y[sample], unit[origin : origin + horizon, 0])
        assert part.x.strides[0] == part.x.strides[1]  # windows of one series, not copies
        forecast = data.forecast(part.y, name)
        np.testing.assert_allclose(forecast, data.actual(name), rtol=1e-5)
        np.testing.assert_allclose(data.preparation.inverse_target(part.y), forecast)
        assert data.actual(name)[0].tolist() == values[starts[name] :][:horizon, 0].tolist()


def test_statistics_come_from_the_training_steps():
    values = growing()
    data = from_series("s", values, window=5, validation=0.25)
    assert data.preparation.center[0] == pytest.approx(values[:72].mean())
    assert data.preparation.scale[0] == pytest.approx(values[:72].std())
    changed = values.copy()
    changed[72:] *= 100
    other = from_series("s", changed, window=5, validation=0.25)
    assert np.array_equal(other.train.x, data.train.x)
    assert np.array_equal(other.train.y, data.train.y)
    assert other.preparation == data.preparation
    plain = from_series("s", values, window=5, standardize=False)
    np.testing.assert_allclose(plain.train.x[0, :, 0], values[:5, 0].astype(np.float32))
    flat = from_series("s", np.r_[np.ones(50), np.arange(50.0)], window=5, test_fraction=0.5)
    assert (flat.train.x == 0).all()


@given(
    log=st.booleans(),
    difference=st.sampled_from([0, 1, 3, 12]),
    horizon=st.sampled_from([1, 2, 15]),
    window=st.integers(1, 9),
)
def test_the_inverse_is_exact(log, difference, horizon, window):
    values = growing(150, 2)
    data = from_series(
        "s", values, window=window, horizon=horizon, log=log, difference=difference, target=1
    )
    for name, part in data.parts().items():
        exact = part.y.astype(np.float64)
        np.testing.assert_allclose(data.forecast(exact, name), data.actual(name), rtol=2e-5)
    levels = np.log(values) if log else values
    if difference:
        steps = levels[difference:] - levels[:-difference]
        training = steps[: 120 - difference]
        np.testing.assert_allclose(data.preparation.center, training.mean(0))
        with pytest.raises(DataError, match=r"dataset\.forecast\(predictions\)"):
            data.preparation.inverse_target(data.test.y)
        with pytest.raises(ShapeError, match=rf"T ≥ {difference}"):
            data.preparation.inverse_target(data.test.y, np.ones((len(data.test), difference - 1)))


def test_baselines():
    values = growing()
    data = from_series("s", values, window=5, horizon=15, season=12)
    series = values[:, 0]
    naive, seasonal = data.baseline(), data.baseline("seasonal-naive")
    for sample, origin in enumerate(range(96, 106)):
        assert naive[sample].tolist() == [series[origin - 1]] * 15
        expected = [series[origin + j - (12 if j < 12 else 24)] for j in range(15)]
        assert seasonal[sample].tolist() == expected
    error = np.abs(data.actual() - seasonal).mean()
    assert error < np.abs(data.actual() - naive).mean()
    with pytest.raises(UnknownNameError, match="did you mean 'naive'"):
        data.baseline("naiv")
    with pytest.raises(DataError, match="first train sample has 5 values before it, fewer than a"):
        data.baseline("seasonal-naive", "train")
    with pytest.raises(DataError, match=r"load.*season=12"):
        from_series("s", values, window=5).baseline("seasonal-naive")
    with pytest.raises(UnknownNameError, match="unknown part 'validation'"):
        data.actual("validation")
    with pytest.raises(DataError, match="has 10 samples, got 3 predictions"):
        data.forecast(np.zeros((3, 15)))
    history = np.arange(6.0)
    assert naive_forecast(history[None], 2).tolist() == [[5, 5]]
    assert seasonal_naive_forecast(history, 5, 3).tolist() == [3, 4, 5, 3, 4]
    with pytest.raises(DataError, match="has 6 values, but a season has 7"):
        seasonal_naive_forecast(history, 1, 7)
    with pytest.raises(DataError, match="horizon is a whole number ≥ 1, got 0"):
        naive_forecast(history, 0)
    with pytest.raises(ShapeError, match=r"\(N, T\) or \(T,\)"):
        naive_forecast(np.ones((2, 2, 2)))


def test_preparation_of_new_values():
    values = growing(columns=2)
    data = from_series("s", values, window=6, horizon=2, log=True, difference=1)
    again = Preparation.from_json(json.loads(json.dumps(data.preparation.to_json())))
    assert isinstance(again, SeriesPreparation)
    assert again == data.preparation
    windows = again.transform(values)
    assert windows.shape == (120 - 1 - 6 + 1, 6, 2)
    assert np.array_equal(windows[: len(data.train)], data.train.x)
    pairs = again.pairs(values)
    assert np.array_equal(pairs.y[: len(data.train)], data.train.y)
    assert np.array_equal(pairs.x, windows[:-2])
    assert len(again.transform(values[:7])) == 1
    with pytest.raises(DataError, match="has 6 values, but a window needs 6 and 1 for the diff"):
        again.transform(values[:6])
    with pytest.raises(DataError, match="but not the 2 steps after it"):
        again.pairs(values[:7])
    with pytest.raises(ShapeError, match=r"shape \(L, 2\)"):
        again.transform(values[:, 0])
    with pytest.raises(DataError, match=r"pairs\(rows\)"):
        again.target_transform(values)
    with pytest.raises(ShapeError, match=r"shape \(N, 2\), got \(3, 1\)"):
        again.inverse_target(np.zeros((3, 1)))
    with pytest.raises(DataError, match="overlap"):
        data.split_validation()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": 0}, "window is a whole number ≥ 1, got 0"),
        ({"horizon": 1.5}, "horizon is a whole number"),
        ({"season": 0}, "season is a whole number"),
        ({"difference": -1}, "difference is a whole number ≥ 0, got -1"),
        ({"window": 96}, "into the train part: of 120 steps it has 0 with 96 before"),
        ({"window": 5, "horizon": 25}, "into the test part: .* it has 24 .*the horizon is 25"),
        ({"target": 1}, "no column 1: the series has 1"),
        ({"test_fraction": 1.0}, "test_fraction is a share"),
        ({"log": True}, "log=True needs values above 0, but there is -1"),
    ],
)
def test_wrong_options(options, words):
    values = growing()
    if "log" in options:
        values[3] = -1
    with pytest.raises(DataError, match=words):
        from_series("s", values, **options)


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["1949-01", "1949-02"], ["1949-01-01", "1949-02-01"]),
        (["1981-1-5", "1981-1-06"], ["1981-01-05", "1981-01-06"]),
        (["1981/01/05", "1981/01/06"], ["1981-01-05", "1981-01-06"]),
        (["31.1.1949", "1.2.1949"], ["1949-01-31", "1949-02-01"]),
        (["1/31/1949", "2/1/1949"], ["1949-01-31", "1949-02-01"]),
        (["31/1/1949", "1/2/1949"], ["1949-01-31", "1949-02-01"]),
        (["19490131", "19490201"], ["1949-01-31", "1949-02-01"]),
        (["2020-01-01T12:00", "2020-01-01 13:30:05"], ["2020-01-01", "2020-01-01"]),
        (["112", "118"], None),
        (["1949", "1950"], None),
        (["1949-01", "May"], None),
        (["1949-13-01", "1949-13-02"], None),
        ([], None),
    ],
)
def test_dates(texts, days):
    found = parse_dates(texts)
    assert (None if found is None else found.astype("datetime64[D]").astype(str).tolist()) == days


def write(folder, lines, name="s.csv"):
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def monthly(count=60):
    return [f"{1949 + m // 12}-{m % 12 + 1:02},{100 + m}" for m in range(count)]


def test_a_file_of_dates_and_numbers(tmp_path):
    path = write(tmp_path, ["Month,Passengers", *monthly()])
    data = load(path)
    assert isinstance(data, SeriesDataset)
    assert data.series.tolist() == list(range(100, 160))
    assert data.dates[0] == np.datetime64("1949-01-01")
    assert (data.input_shape, data.num_outputs, len(data.test)) == ((24, 1), 1, 12)
    assert data.notes == ()
    again = data.preparation.pairs(data.preparation.read(path))
    assert np.array_equal(again.x[: len(data.train)], data.train.x)
    backwards = load(write(tmp_path, ["Month,Passengers", *monthly()[::-1]]))
    assert np.array_equal(backwards.series, data.series)
    assert "sorted by 'Month'" in backwards.notes[0]


def test_what_is_noted_about_a_file(tmp_path):
    lines = monthly()
    lines[5] = "1949-06,?"
    del lines[20]
    data = load(write(tmp_path, ["month,people", *lines]), window=6)
    assert data.series[5] == 104  # the value before
    assert any("1 missing value taken to be the one before" in note for note in data.notes)
    assert any("nothing between 1950-08 and 1950-10" in note for note in data.notes)
    with pytest.raises(DataError, match=r"line 4: 'month' is 1949-02 for a second time"):
        load(write(tmp_path, ["month,people", *monthly()[:2], *monthly()[1:]]))
    with pytest.raises(DataError, match=r"line 2: 'people' is missing, and there is no value"):
        load(write(tmp_path, ["month,people", "1949-01,?", *monthly()[1:]]), window=6)


def test_many_columns_and_their_target(tmp_path):
    lines = [f"{line},{m % 7},{'wet' if m % 2 else 'dry'}" for m, line in enumerate(monthly())]
    path = write(tmp_path, ["month,people,day,sky", *lines])
    data = load(path, window=6, target="people")
    assert data.preparation.names == ("people", "day")
    assert data.input_shape == (6, 2)
    assert data.series[0] == 100
    assert any("'sky' is left out" in note for note in data.notes)
    assert load(path, window=6).series[1] == 1  # the last column of numbers
    assert load(path, window=6, target="0").series[0] == 100
    with pytest.raises(UnknownNameError, match="did you mean 'people'"):
        load(path, window=6, target="poeple")
    with pytest.raises(DataError, match=r"no column of numbers to forecast"):
        load(write(tmp_path, ["month,sky", *(f"1949-{m:02},dry" for m in range(1, 9))]), window=2)


def test_series_without_dates(tmp_path):
    bare = write(tmp_path, [str(m % 5) for m in range(40)])
    assert load(bare, window=5).input_shape == (5, 1)
    years = write(tmp_path, ["year,people", *(f"{1900 + m},{m * m}" for m in range(40))])
    data = load(years, window=5)
    assert data.preparation.names == ("people",)
    assert any("'year' is left out" in note for note in data.notes)
    assert load(years).task == "regression"  # without window= it is a table as before
    assert not isinstance(load(years), SeriesDataset)


@pytest.mark.data
def test_seasons_of_the_real_series(data_dir, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    if not (data_dir / "timeseries").is_dir():
        pytest.skip("no timeseries folder there")
    data = load("airline-passengers", test_fraction=1 / 12, horizon=12)
    # 1960 and the year before, from Box & Jenkins' table (series G).
    assert data.actual().astype(int).tolist() == [
        [417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432]
    ]
    assert data.baseline("seasonal-naive").astype(int).tolist() == [
        [360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405]
    ]
