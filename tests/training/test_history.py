"""The history: curves in, curves out, the best epoch, a table and a picture."""

import math
import warnings

import pytest

from pellucid.errors import CheckpointError, DataError, UnknownNameError
from pellucid.training.history import History


@pytest.fixture
def history():
    made = History()
    for epoch in range(5):
        made.add(
            {
                "loss": 1 / (epoch + 1),
                "accuracy": [0.1, 0.6, 0.9, 0.9, 0.8][epoch],
                "val_loss": [0.9, 0.5, math.nan, 0.3, 0.4][epoch],
                "lr": 0.1 * 0.5**epoch,
                "seconds": 0.01,
            }
        )
    return made


def test_best_knows_the_direction_and_skips_what_is_not_finite(history):
    assert history.best() == (4, 0.3)
    assert history.best("accuracy") == (3, 0.9)  # the first of equals
    assert history.best("accuracy", mode="min") == (1, 0.1)
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        history.best("acuracy")
    nothing = History()
    nothing.add({"loss": math.nan})
    with pytest.raises(DataError, match="no finite number"):
        nothing.best()


def test_rows_and_late_columns():
    history = History()
    assert history.last == {}
    history.add({"loss": 1.0})
    history.add({"loss": 0.5, "extra": 7.0})
    history.add({"extra": 8.0})
    assert history["loss"] == [1.0, 0.5, None]
    assert history["extra"] == [None, 7.0, 8.0]
    assert len(history) == 3
    assert history.row(1) == {"loss": 1.0, "extra": None}
    assert history.row(-1) == history.last == {"loss": None, "extra": 8.0}


def test_plain_values_and_csv_give_the_same_bits_back(history, tmp_path):
    history.step_losses = [0.1, 0.2]
    history.stopped_by = "no improvement"
    history["loss"][0] = 0.1 + 0.2
    again = History.from_dict(history.to_dict())
    assert repr(again.to_dict()) == repr(history.to_dict())
    history.add({"loss": 0.25})
    history.to_csv(tmp_path / "history.csv")
    found = History.from_csv(tmp_path / "history.csv")
    assert repr(found.columns) == repr(history.columns)
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines[0] == "epoch,loss,accuracy,val_loss,lr,seconds"
    assert lines[1] == "1,0.30000000000000004,0.1,0.9,0.1,0.01"
    assert lines[-1] == "6,0.25,,,,"


@pytest.mark.parametrize(
    "values", [{}, {"columns": 3}, {"columns": {"a": [1], "b": []}, "step_losses": []}]
)
def test_damaged_values(values):
    with pytest.raises(CheckpointError, match="damaged"):
        History.from_dict({"interrupted": False, "stopped_by": None, "step_losses": [], **values})


def test_damaged_csv(tmp_path):
    (tmp_path / "h.csv").write_text("epoch,loss\n1,abc\n")
    with pytest.raises(CheckpointError, match=r"h\.csv"):
        History.from_csv(tmp_path / "h.csv")
    with pytest.raises(CheckpointError, match="none"):
        History.from_csv(tmp_path / "none.csv")


def test_the_table_is_aligned_and_short(history):
    lines = repr(history).splitlines()
    assert len(lines) == 6
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["epoch", "loss", "accuracy", "val_loss", "lr", "seconds"]
    long = History()
    for epoch in range(100):
        long.add({"loss": float(epoch), "val_loss": None})
    assert [line.split()[0] for line in repr(long).splitlines()] == [
        "epoch", "1", "2", "3", "4", "5", "…", "96", "97", "98", "99", "100",
    ]  # fmt: skip
    assert "no epoch" in repr(History())


def test_the_picture(history, tmp_path):
    pytest.importorskip("matplotlib")
    history.save_plot(tmp_path / "curves.png")
    content = (tmp_path / "curves.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 5000
    history.save_plot(tmp_path / "curves.svg")
    assert b"<svg" in (tmp_path / "curves.svg").read_bytes()


def test_curves_on_given_axes(history):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.subplots()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert history.plot(axes) is axes
    labels = [line.get_label() for line in axes.get_lines()]
    assert labels == ["training", "validation", "best 0.3 (epoch 4)"]
    assert list(axes.get_lines()[0].get_ydata()) == history["loss"]
    assert axes.get_lines()[2].get_xydata().tolist() == [[4, 0.3]]


def test_a_constant_learning_rate_gets_no_panel(history):
    from pellucid.training import curves

    assert list(curves._groups(history)) == ["loss", "accuracy", "lr"]
    history.columns["lr"] = [0.1] * 5
    assert list(curves._groups(history)) == ["loss", "accuracy"]


def test_one_epoch_is_visible_and_none_is_an_error(tmp_path):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    one = History()
    with pytest.raises(DataError, match="nothing to draw"):
        one.save_plot(tmp_path / "curves.png")
    one.add({"loss": 0.5, "val_loss": math.nan})
    axes = one.plot(figure.subplots())
    assert axes.get_lines()[0].get_marker() == "o"
