"""Files as data sets: target, task, splits, preparation from the training rows only."""

import gzip
import json
import time

import numpy as np
import pytest

from pellucid.data import Preparation, load
from pellucid.errors import DataError, UnknownNameError


def rows(count=40, seed=0):
    """A header and rows: a number with gaps, two categories, a constant, names, the class."""
    draw = np.random.default_rng(seed)
    lines = ["age,job,site,unit,name,bought"]
    for i in range(count):
        age = "" if i % 10 == 3 else str(draw.integers(20, 60))
        job = "?" if i % 10 == 7 else draw.choice(["clerk", "cook", "driver"])
        lines.append(f"{age},{job},{'NS'[i % 2]},kg,person {i},{'yes' if i % 4 else 'no'}")
    return lines


def write(folder, lines, name="people.csv"):
    path = folder / name
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.fixture
def people(tmp_path):
    return write(tmp_path, rows())


def noted(data, *words):
    assert any(all(word in note for word in words) for note in data.notes), data.notes


def test_a_whole_file(people):
    data = load(people, target="bought")
    assert (data.name, data.task, data.class_names) == ("people", "classification", ("no", "yes"))
    assert data.feature_names == (
        "age",
        *(f"job={job}" for job in ("clerk", "cook", "driver", "missing")),
        "site=N",
        "site=S",
    )
    assert (len(data.train), len(data.test)) == (32, 8)
    assert np.bincount(data.test.y).tolist() == [2, 6]
    assert data.train.x.dtype == np.float32
    assert data.train.y.dtype == np.int64
    noted(data, "'unit' is left out", "'kg' in every row")
    noted(data, "'name' is left out", "look like names")
    assert "people.csv, 40 rows, target 'bought'" in data.summary()


def test_statistics_come_from_the_training_rows(people):
    data = load(people, target="bought", validation=0.25)
    assert (len(data.train), len(data.validation), len(data.test)) == (24, 8, 8)
    age = data.preparation.columns[0]
    raw = [line.split(",") for line in rows()[1:]]
    prepared = data.preparation.transform([row[:5] for row in raw])
    places = {row.tobytes(): i for i, row in enumerate(prepared)}
    used = [raw[places[row.tobytes()]][0] for row in data.train.x]
    known = np.array([float(value) for value in used if value])
    assert age.fill == pytest.approx(np.median(known))
    everything = np.array([float(row[0]) for row in raw if row[0]])
    assert age.center != pytest.approx(everything.mean())


def test_standardised_columns(people):
    train = load(people, target="bought", test_fraction=0).train
    assert set(np.unique(train.x[:, 1:])) == {0, 1}
    raw = [line.split(",")[0] for line in rows()[1:]]
    known = np.array([float(value) for value in raw if value])
    filled = np.array([float(value or np.median(known)) for value in raw])
    np.testing.assert_allclose(
        train.x[:, 0], (filled - known.mean()) / known.std(), rtol=1e-5, atol=1e-6
    )
    plain = load(people, target="bought", test_fraction=0, standardize=False).train
    assert plain.x[:, 0].tolist() == filled.tolist()


@pytest.mark.parametrize("target", ["bought", "Bought", 5, -1, "-1", "5", None])
def test_the_target_by_name_and_position(people, target):
    data = load(people, target=target)
    assert data.preparation.target.name == "bought"
    assert any("the target is column 'bought'" in n for n in data.notes) == (target is None)


def test_a_column_called_target_is_the_target(tmp_path):
    path = write(tmp_path, ["x,Class,z", "1,a,0.5", "2,b,3", "4,a,2", "1,b,1"])
    assert load(path, test_fraction=0).preparation.target.name == "Class"


def test_without_header(tmp_path):
    data = load(write(tmp_path, rows()[1:], "people.data.gz"), target=-1)
    assert data.feature_names[0] == "column0"
    assert data.preparation.target.name == "column5"
    assert data.name == "people"


def test_regression(tmp_path):
    lines = ["x,y"] + [f"{i * 7 % 50},{3.5 * i + 1}" for i in range(50)]
    data = load(write(tmp_path, lines), test_fraction=0)
    assert (data.task, data.class_names, data.num_outputs) == ("regression", (), 1)
    assert data.train.y.shape == (50, 1)
    assert data.train.y.dtype == np.float32
    targets = 3.5 * np.arange(50) + 1
    np.testing.assert_allclose(
        data.train.y[:, 0], (targets - targets.mean()) / targets.std(), rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(
        data.preparation.inverse_target(data.train.y)[:, 0], targets, rtol=1e-5, atol=1e-4
    )
    noted(data, "the task is regression", "50 different values")


def test_the_task_can_be_told(tmp_path):
    lines = ["x,grade"] + [f"{i * 7 % 50},{i % 5}" for i in range(50)]
    path = write(tmp_path, lines)
    data = load(path)
    assert data.class_names == ("0", "1", "2", "3", "4")
    noted(data, "the task is classification", "5 different values, whole numbers")
    assert load(path, task="regression").task == "regression"
    with pytest.raises(UnknownNameError, match="did you mean 'regression'"):
        load(path, task="regresion")


def test_one_class_written_in_two_ways(tmp_path):
    lines = ["x,y"] + [f"{i * 7 % 50},{('1', '1.0', '0', '0.0e+00')[i % 4]}" for i in range(40)]
    data = load(write(tmp_path, lines), test_fraction=0)
    assert data.class_names == ("0", "1")
    assert data.train.y.tolist() == [1, 1, 0, 0] * 10


def test_ordinal_and_most_frequent(people):
    data = load(people, target="bought", encoding="ordinal", missing_category=False)
    assert data.feature_names == ("age", "job", "site")
    assert data.preparation.columns[1].categories == ("clerk", "cook", "driver")
    np.testing.assert_allclose(data.train.x.std(axis=0)[2], 1, rtol=1e-5)
    with pytest.raises(UnknownNameError, match="unknown encoding of categories 'onehot'"):
        load(people, encoding="onehot")


def test_column_types(people):
    data = load(
        people,
        target="bought",
        column_types={"name": "categorical", "age": "categorical", "job": "drop"},
    )
    assert any(name.startswith("name=person") for name in data.feature_names)
    assert any(name.startswith("age=") for name in data.feature_names)
    assert not any(name.startswith("job") for name in data.feature_names)
    with pytest.raises(UnknownNameError, match="unknown column 'agee'; did you mean 'age'"):
        load(people, target="bought", column_types={"agee": "drop"})
    with pytest.raises(UnknownNameError, match="column type 'number'"):
        load(people, target="bought", column_types={"age": "number"})


def test_other_missing_markers(tmp_path):
    lines = ["x,y", "1,a", "-99,b", "3,a", "5,b"]
    data = load(write(tmp_path, lines), missing=["-99"], test_fraction=0, standardize=False)
    assert data.train.x[:, 0].tolist() == [1, 3, 3, 5]


def test_a_file_of_test_rows(tmp_path, people):
    lines = rows(12, seed=5)
    lines[4] = "30,astronaut,N,kg,x,yes"
    tested = [lines[0], *(line + "." for line in lines[1:])]
    data = load(people, target="bought", test=write(tmp_path, tested, "test.csv"))
    assert (len(data.train), len(data.test)) == (40, 12)
    assert data.test.y.tolist() == [int(i % 4 != 0) for i in range(12)]
    noted(data, "column 'job'", "1 test row with a category", "astronaut")
    assert data.test.x[3, 1:5].tolist() == [0, 0, 0, 0]


def test_a_test_file_that_does_not_fit(tmp_path, people):
    with pytest.raises(DataError, match=r"columns 'job', 'site' missing \(found: age, bought\)"):
        load(people, target="bought", test=write(tmp_path, ["age,bought", "3,no"], "test.csv"))
    lines = [line.rsplit(",", 1)[0] for line in rows(5)]
    with pytest.raises(DataError, match=r"'test.csv' lacks the target column 'bought'"):
        load(people, target="bought", test=write(tmp_path, lines, "test.csv"))
    lines = rows(5)
    lines[2] = lines[2].replace("yes", "perhaps")
    with pytest.raises(DataError, match=r"test.csv, line 3: 'perhaps' is not one of the classes"):
        load(people, target="bought", test=write(tmp_path, lines, "test.csv"))


def test_missing_targets(tmp_path):
    lines = rows()
    for i in (3, 8):
        lines[i] = lines[i].rsplit(",", 1)[0] + ",?"
    path = write(tmp_path, lines)
    with pytest.raises(DataError) as caught:
        load(path, target="bought")
    for word in ("'bought' is missing in 2 rows of 40", "lines 4, 9", "missing_target='drop'"):
        assert word in str(caught.value)
    data = load(path, target="bought", missing_target="drop", test_fraction=0)
    assert len(data.train) == 38
    noted(data, "2 rows of 40 left out")
    with pytest.raises(UnknownNameError, match="missing_target 'skip'"):
        load(path, missing_target="skip")


@pytest.mark.parametrize(
    ("lines", "options", "words"),
    [
        (["x,y", "1,a", "2,a", "3,a"], {}, ["the target 'y' is 'a' in every row"]),
        (["x,y", "1,?", "2,", "3,?"], {}, ["'y' is missing in every row"]),
        (["x,y", "1,2.5", "2,inf", "3,1.5"], {}, ["line 3", "'inf'", "not a finite number"]),
        (["x,y", "1,2", "2,nan", "3,2"], {"missing": [""]}, ["line 3", "target 'y' is 'nan'"]),
        (["x,y", "1,a", "-inf,b", "3,a"], {}, ["line 3", "column 'x'", "'-inf'"]),
        (["x,y", "1,a", "2,b", "3,a"], {"task": "regression"}, ["line 2", "'a'", "not a number"]),
        (["x,y", "ann,1", "bob,2", "cat,1"], {}, ["no column to predict 'y' from", "'x' is left"]),
        (["y", "a", "b", "a"], {"header": True}, ["no column to predict 'y' from: none"]),
        (["x,y", "1,a", "2,b"], {"target": 2}, ["no column 2", "has 2 columns", "−2 … −1"]),
        (["x,y"] + [f"1,person {i}" for i in range(30)], {}, ["30 different texts", "target="]),
        (["x,y", "1,a", "2,b", "3"], {}, ["line 4: 1 values"]),
    ],
)
def test_files_that_cannot_be_learnt_from(tmp_path, lines, options, words):
    with pytest.raises(DataError) as caught:
        load(write(tmp_path, lines), **options)
    for word in words:
        assert word in str(caught.value)


def test_an_infinite_value_in_a_numeric_column(tmp_path):
    lines = ["x,y"] + [f"{i * 7 % 50},{i % 2}" for i in range(50)]
    lines[9] = "inf,1"
    with pytest.raises(DataError, match=r"line 10: column 'x' has 'inf'"):
        load(write(tmp_path, lines), test_fraction=0)


def test_no_such_target(people):
    with pytest.raises(UnknownNameError, match="target column 'bougt'; did you mean 'bought'"):
        load(people, target="bougt")


def test_seeds(people):
    same, again, other = (load(people, target="bought", rng=s) for s in (0, 0, 1))
    assert np.array_equal(same.test.x, again.test.x)
    assert not np.array_equal(same.train.x, other.train.x)


@pytest.mark.data
def test_adult(data_dir, capsys):
    if not (data_dir / "adult").is_dir():
        pytest.skip("no adult folder there")
    start = time.perf_counter()
    data = load(
        data_dir / "adult" / "adult-train.csv.gz",
        target=-1,
        test=data_dir / "adult" / "adult-test.csv.gz",
    )
    print(f"\nAdult: 48,842 rows in {time.perf_counter() - start:.2f} s")
    assert (len(data.train), len(data.test)) == (32561, 16281)
    assert data.class_names == ("<=50K", ">50K")
    # Counts that adult.names publishes: 24.08 % and 23.62 % earn more.
    assert int(data.train.y.sum()) == 7841
    assert int(data.test.y.sum()) == 3846
    assert data.num_features == 6 + 102  # six numbers; categories, three columns with missing
    assert np.isfinite(data.train.x).all()
    numeric = [i for i, name in enumerate(data.feature_names) if "=" not in name]
    np.testing.assert_allclose(data.train.x[:, numeric].mean(axis=0), 0, atol=1e-4)
    saved = json.loads(json.dumps(data.preparation.to_json()))
    new = Preparation.from_json(saved)
    table = new.read(data_dir / "adult" / "adult-test.csv.gz")
    assert np.array_equal(new.transform(table, unknown="ignore"), data.test.x)
    assert np.array_equal(new.target_transform(table), data.test.y)


def test_a_count_of_the_rows_is_kept_if_it_is_all_there_is(tmp_path):
    lines = ["day,height", *(f"{day},{day * day / 7}" for day in range(30))]
    data = load(write(tmp_path, lines), standardize=False, test_fraction=0)
    np.testing.assert_array_equal(data.train.x[:, 0], np.arange(30))
    assert not any("'day'" in note for note in data.notes)
    more = [f"{line},{'ab'[i % 2] if i else 'kind'}" for i, line in enumerate(lines)]
    data = load(write(tmp_path, more), target="height")
    assert data.feature_names == ("kind=a", "kind=b")
    assert any("column_types={'day': 'numeric'} keeps it" in note for note in data.notes)


def test_decimal_commas_are_noticed(tmp_path):
    path = write(tmp_path, ["a;y", *(f"{i % 9},{i % 7};{i % 2},5" for i in range(40))])
    with pytest.raises(
        DataError, match=r"line 2: the target 'y' .* such as '0,5'; pass decimal=','"
    ):
        load(path)
    with pytest.raises(DataError, match=r"line 2: column 'a' .* such as '0,0'; pass decimal=','"):
        load(path, task="classification")
    assert load(path, decimal=",").train.x.shape == (32, 1)
