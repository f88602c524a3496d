"""The display: lines in a pipe, a bar on a terminal, one output in a notebook."""

import io
import itertools
import sys
import types

import pytest

from pellucid import nn
from pellucid.errors import UnknownNameError
from pellucid.training import EarlyStopping, LambdaCallback, ProgressDisplay, Trainer, fit
from pellucid.training.callbacks import progress as progress_module
from pellucid.training.callbacks import views
from pellucid.training.callbacks.progress import duration, number


class Terminal(io.StringIO):
    def isatty(self):
        return True


def train(part, display, **options):
    options = {"epochs": 3, "rng": 0, "batch_size": 8, **options}
    callbacks = [display, *options.pop("callbacks", [])]
    return fit(nn.Sequential(nn.Linear(4, 3, rng=0)), part, callbacks=callbacks, **options)


def screen(text):
    """Return what a terminal shows after carriage returns."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def test_a_pipe_gets_one_line_per_epoch(blobs):
    stream = io.StringIO()
    train(blobs, ProgressDisplay(stream=stream), validation=blobs, schedule="cosine", metrics="f1")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert "\r" not in stream.getvalue()
    for i, line in enumerate(lines, start=1):
        assert line.startswith(f"epoch {i}/3  loss ")
        for name in ("accuracy", "f1", "val_loss", "val_accuracy", "val_f1", "lr", "samples/s"):
            assert f"  {name} " in line or line.endswith(name) or f" {name}  " in line
    assert lines[0].endswith("left")
    assert not lines[2].endswith("left")


def test_without_a_schedule_the_rate_is_not_shown(blobs):
    stream = io.StringIO()
    train(blobs, ProgressDisplay(stream=stream))
    assert " lr " not in stream.getvalue()


@pytest.mark.parametrize(("style", "count"), [("auto", 26), ("lines", 250)])
def test_of_very_many_epochs_some_are_shown(blobs, style, count):
    stream = io.StringIO()
    train(blobs[:8], ProgressDisplay(style, stream=stream), epochs=250)
    lines = stream.getvalue().splitlines()
    assert len(lines) == count
    assert lines[0].startswith("epoch   1/250")
    assert lines[-1].startswith("epoch 250/250")


def test_none_shows_nothing(blobs, capsys):
    train(blobs, ProgressDisplay("none"))
    fit(nn.Sequential(nn.Linear(4, 3)), blobs, epochs=1, progress="none")
    assert capsys.readouterr() == ("", "")


def test_the_standard_output_stays_clean(blobs, capsys):
    fit(nn.Sequential(nn.Linear(4, 3)), blobs, epochs=1)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("epoch 1/1  loss ")


@pytest.fixture
def no_waiting(monkeypatch):
    monkeypatch.setattr(progress_module, "_SECONDS_BETWEEN", 0.0)


@pytest.fixture(params=["rich", "plain"])
def bar_kind(request, monkeypatch):
    if request.param == "rich":
        pytest.importorskip("rich")
    else:
        monkeypatch.setattr(views.importlib.util, "find_spec", lambda name: None)
    return request.param


def test_a_terminal_shows_a_bar_and_keeps_the_lines(blobs, no_waiting, bar_kind):
    stream = Terminal()
    train(blobs, ProgressDisplay(stream=stream))
    text = stream.getvalue()
    assert "batch 8/8" in text
    assert "samples/s" in text
    assert "━" in text
    if bar_kind == "plain":
        assert [line[:9] for line in screen(text)] == ["epoch 1/3", "epoch 2/3", "epoch 3/3", ""]


def test_the_bar_is_refreshed_ten_times_a_second_at_most(blobs, monkeypatch):
    clock = itertools.count()
    fake = types.SimpleNamespace(perf_counter=lambda: next(clock) / 100)  # 10 ms per batch
    monkeypatch.setattr(progress_module, "time", fake)
    monkeypatch.setattr(views.importlib.util, "find_spec", lambda name: None)
    stream = Terminal()
    train(blobs, ProgressDisplay(stream=stream), epochs=25)  # 200 batches
    assert 18 <= stream.getvalue().count("batch") <= 20


def test_an_error_takes_the_bar_away(blobs, no_waiting, bar_kind):
    stream = Terminal()

    def fail(trainer):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(blobs, ProgressDisplay(stream=stream), callbacks=[LambdaCallback(on_batch_end=fail)])
    if bar_kind == "plain":
        assert screen(stream.getvalue())[-1] == ""
    else:
        assert stream.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in stream.getvalue()


def test_why_it_ended_and_that_it_goes_on(blobs):
    stream = io.StringIO()
    net = nn.Sequential(nn.Linear(4, 3, rng=0))
    trainer = Trainer(
        net, blobs, callbacks=[ProgressDisplay(stream=stream), EarlyStopping(0, monitor="lr")]
    )
    trainer.run(1)
    trainer.run(5)
    lines = stream.getvalue().splitlines()
    assert "going on after epoch 1" in lines
    assert lines[-1].startswith("stopped after epoch 2: no improvement for 1 epoch; ")


def test_a_notebook_gets_one_output_that_is_updated(blobs, no_waiting, monkeypatch):
    shown, updated = [], []

    class Handle:
        def update(self, content, raw):
            updated.append(content["text/plain"])

    def display(content, raw, display_id):
        shown.append(content["text/plain"])
        return Handle()

    class ZMQInteractiveShell:
        pass

    ipython = types.ModuleType("IPython")
    ipython.get_ipython = ZMQInteractiveShell
    inner = types.ModuleType("IPython.display")
    inner.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    monkeypatch.setattr(progress_module, "_MOST_LINES", 100)  # so that more come than are kept
    train(blobs, ProgressDisplay(), epochs=100)
    assert len(shown) == 1
    assert len(updated) > 100
    last = updated[-1].splitlines()
    assert len(last) == 40
    assert last[-1].startswith("epoch 100/100")


def test_no_notebook_without_ipython(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not views.in_notebook()


def test_unknown_style():
    with pytest.raises(UnknownNameError, match="did you mean 'lines'"):
        ProgressDisplay("line")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0031, "3 ms"), (12.54, "12.5 s"), (245, "4:05"), (7445, "2:04:05"), (59.99, "60.0 s")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12345, "0.1235"), (123.456, "123.46"), (0.00012345, "0.000123"), (1e6, "1e+06"),
     (None, "–"), (float("nan"), "nan"), (0.0, "0")],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("epochs", "shown"),
    [
        (3, [1, 2, 3]),
        (50, [1, *range(2, 51, 2)]),
        (97, [1, *range(5, 97, 5), 97]),
        (1000, [1, *range(50, 1001, 50)]),
    ],
)
def test_a_long_training_takes_a_few_dozen_lines(blobs, epochs, shown):
    stream = io.StringIO()
    train(blobs[:4], ProgressDisplay(stream=stream), epochs=epochs)
    lines = [line for line in stream.getvalue().splitlines() if line.startswith("epoch")]
    assert [int(line.split()[1].split("/")[0]) for line in lines] == shown


def test_the_end_may_be_left_to_someone_else(blobs):
    stream = io.StringIO()
    display = ProgressDisplay(stream=stream, tell_end=False)
    train(blobs, display, callbacks=[EarlyStopping(0, monitor="lr")], epochs=5)
    assert stream.getvalue().splitlines()[-1].startswith("epoch 2/5")
