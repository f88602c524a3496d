"""The report of a run: what it says is what the run says, and it stands alone."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.data import Dataset, Part
from pellucid.errors import CheckpointError, DataError
from pellucid.inspect.reporting import Comparison, compare, report
from pellucid.inspect.reporting import page as html
from pellucid.inspect.reporting.page import Page, Section
from pellucid.models import MODELS
from pellucid.training import LoadedRun, Run, load_run

pytest.importorskip("matplotlib")

VOID = {"meta", "img", "br"}


class Outline(HTMLParser):
    """Checks that tags are closed in order; collects headings, links and pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.sources: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href"):
                self.sources.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append(data)


def trained(
    folder: Path, name: str, data: Dataset, outputs: int, epochs: int = 2, **options: Any
) -> LoadedRun:
    """Train a model for a moment, and keep it as the command line does."""
    shape = data.input_shape
    net = MODELS[name].build(shape, outputs, {"rng": 0, **options})
    run = Run.create(folder, {"command": f"pellucid train {data.name}", "settings": {"lr": 0.01}})
    history = pl.fit(net, data.train, validation=data.test, epochs=epochs, progress="none", rng=0)
    run.save_history(history)
    run.save_metrics({"test_loss": float(history.last["val_loss"]), "seconds": 0.5})
    made = {"name": name, "input_shape": list(shape), "outputs": outputs, "options": options}
    run.save_model(net, architecture=made, class_names=data.class_names)
    return load_run(folder)


def dataset(x: Any, y: Any, **more: Any) -> Dataset:
    return Dataset("made-up", Part(x[:60], y[:60]), Part(x[60:], y[60:]), **more)


RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 90)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedRun, Dataset]:
    x = (RNG.normal(size=(90, 2)) + LABELS[:, None]).astype(np.float32)
    data = dataset(x, LABELS, class_names=("red", "green", "<blue>"), feature_names=("u", "v"))
    return trained(tmp_path_factory.mktemp("rows") / "run", "mlp", data, 3, hidden=[4]), data


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out, where a test looks at words and numbers."""
    from pellucid.inspect.reporting import sections

    monkeypatch.setattr(sections, "drawn", lambda found, skipped: [])


def test_the_page_stands_alone_and_says_what_the_run_says(
    rows: tuple[LoadedRun, Dataset], page: str
) -> None:
    run, text = rows[0], page
    outline = Outline(text)
    assert all(source.startswith(("#", "data:image/png;base64,")) for source in outline.sources)
    for title in ("Result", "Data", "Model", "Training", "Cost", "Reproduce it", "What it decides"):
        assert title in outline.headings
    assert f"{run.metrics['test_loss']:.4g}" in text
    assert "pellucid train made-up" in text
    assert "&lt;blue&gt;" in text
    assert "<blue>" not in text


@pytest.fixture(scope="module")
def page(rows: tuple[LoadedRun, Dataset]) -> str:
    """Return the whole page, and see that drawing it has left the network as it was."""
    run, data = rows
    before = run.net.state_dict()
    text = report(run, data).html()
    assert not run.net.training
    assert all(parameter.grad is None for parameter in run.net.parameters())
    for name, array in run.net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    return text


def test_pictures_are_pictures(page: str) -> None:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert len(found) >= 5
    assert all(base64.b64decode(image).startswith(b"\x89PNG") for image in found)


@pytest.mark.usefixtures("undrawn")
def test_mistakes_of_rows_are_a_table_with_their_features(rows: tuple[LoadedRun, Dataset]) -> None:
    run, data = rows
    taken = run.net(data.test.x).data.argmax(axis=1)  # type: ignore[union-attr]
    wrong = int((taken != data.test.y).sum())  # type: ignore[union-attr]
    assert wrong
    text = report(run, data).html()
    assert f"The worst of {wrong:,} mistakes" in text
    assert re.search(r"u -?[\d.]+, v -?[\d.]+", text)


@pytest.mark.usefixtures("undrawn")
def test_findings_of_the_doctor(rows: tuple[LoadedRun, Dataset]) -> None:
    run, data = rows
    assert "did not look on" in report(run, data).html()
    file = run.run.path / "doctor.json"
    file.write_text(
        '{"findings": [{"severity": "warning", "code": "flat-loss", "layer": "0", '
        '"message": "the loss <hardly> falls", "suggestion": "wait"}]}'
    )
    text = report(run, data).html()
    assert '<div class="warning"><strong>warning · flat-loss · 0</strong>' in text
    assert "Seen: the loss &lt;hardly&gt; falls.<br>Change: wait." in text
    file.write_text('{"findings": []}')
    assert "Nothing was found." in report(run, data).html()
    file.unlink()


@pytest.mark.usefixtures("undrawn")
def test_the_result_stands_beside_what_needs_no_learning(
    rows: tuple[LoadedRun, Dataset], tmp_path: Path
) -> None:
    run, data = rows
    told = {"test_accuracy": 0.4, "baseline_accuracy": 0.5, "naive_mae": 3.0, "seconds": 1.0}
    text = report(replace(run, metrics=told), data).html()
    assert "<li><b>40.00%</b><span>test accuracy</span></li>" in text
    assert "<td>test accuracy</td><td class=n>40.00%</td><td class=n>50.00%</td>" in text
    assert "In test accuracy it is no better than this: the simplest prediction." in text
    assert "naive" not in text
    better = report(replace(run, metrics={**told, "test_accuracy": 0.6}), data).html()
    assert "no better than" not in better


@pytest.mark.usefixtures("undrawn")
def test_an_interrupted_training_says_so(rows: tuple[LoadedRun, Dataset]) -> None:
    run, data = rows
    text = report(replace(run, metrics={}), data).html()
    assert "This training has not come to its end" in text
    assert f"pellucid train --resume {run.run.path}" in text
    assert "Measured on" not in text


@pytest.mark.usefixtures("undrawn")
def test_an_autoencoder_of_one_class_is_its_own_target(tmp_path: Path) -> None:
    x = RNG.normal(size=(90, 5)).astype(np.float32)
    data = dataset(x, LABELS, class_names=("good", "bad", "worse"))
    net = MODELS["autoencoder"].build((5,), 5, {"rng": 0, "hidden": [4], "code": 2})
    run = Run.create(tmp_path / "run", {"kind": "anomaly"})
    made = {"name": "autoencoder", "input_shape": [5], "outputs": 5,
            "options": {"hidden": [4], "code": 2}}  # fmt: skip
    run.save_model(net, architecture=made, extra={"kind": "anomaly", "normal": 0})
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg=="
    )
    (run.path / "scores.png").write_bytes(png)
    text = report(load_run(run.path), data, loss="mean_squared_error").html()
    assert "One training step of" in text
    assert "&#x27;good&#x27; only" in text
    assert base64.b64encode(png).decode() in text


def test_numbers_are_in_the_unit_of_the_target(tmp_path: Path) -> None:
    x = RNG.normal(size=(60, 2))
    price = 50_000 * x[:, 0] + 300_000
    file = tmp_path / "houses.csv"
    lines = [f"{a:.6f},{b:.6f},{p:.0f}" for (a, b), p in zip(x, price, strict=True)]
    file.write_text("\n".join(["rooms,place,price", *lines]) + "\n")
    data = pl.data.load(file, target="price", task="regression")
    run = trained(tmp_path / "run", "mlp", data, 1, hidden=[4])
    text = report(run, data).html()
    assert "The largest errors" in Outline(text).headings
    largest = re.search(
        r"<h3>The largest errors</h3>.*?<td class=n>(\d+,\d+)</td>", text, re.DOTALL
    )
    assert largest
    assert min(abs(int(largest[1].replace(",", "")) - p) for p in price) < 1


def test_a_language_model_shows_what_it_writes(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("the cat sat on the mat.\nthe dog sat on the log.\n" * 20)
    data = pl.data.load(file, context=8, validation=0.1, test_fraction=0.0)
    net = pl.models.CharRNN(data.vocabulary, hidden=8, layers=1, rng=0)
    run = Run.create(tmp_path / "run", {})
    run.save_model(net, extra={"kind": "language"})
    text = report(load_run(tmp_path / "run", net), data, loss="token_cross_entropy").html()
    headings = Outline(text).headings
    assert "What it writes" in headings
    assert "What surprises it most" in headings
    assert data.preparation.tokenizer.decode(data.validation.x[0]) in text.replace("│", "\n", 1)


KINDS: dict[str, Any] = {
    "images": lambda: (
        "cnn",
        dataset(RNG.normal(size=(90, 1, 12, 12)).astype(np.float32), LABELS,
                image_shape=(1, 12, 12)),
        3,
        ["The first filters", "What speaks for the decision", "The worst mistakes"],
    ),
    "flat images": lambda: (
        "mlp",
        dataset(RNG.normal(size=(90, 64)).astype(np.float32), LABELS, image_shape=(1, 8, 8)),
        3,
        ["What the first layer looks for", "Some samples"],
    ),
    "series": lambda: (
        "lstm-forecaster",
        dataset(RNG.normal(size=(90, 8, 2)).astype(np.float32),
                RNG.normal(size=(90, 1)).astype(np.float32), task="regression"),
        1,
        ["The states of a recurrent layer", "Predicted and true"],
    ),
    "attention": lambda: (
        "transformer-forecaster",
        dataset(RNG.normal(size=(90, 8, 2)).astype(np.float32),
                RNG.normal(size=(90, 1)).astype(np.float32), task="regression"),
        1,
        ["Who attends to whom", "The target"],
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_pictures_fit_the_task(kind: str, tmp_path: Path) -> None:
    name, data, outputs, titles = KINDS[kind]()
    made = report(trained(tmp_path / "run", name, data, outputs, epochs=1), data)
    headings = Outline(made.html()).headings
    for title in titles:
        assert title in headings, headings
    assert not made.skipped


@pytest.mark.slow
def test_a_text_is_shown_in_words_that_speak_for_the_decision(tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    kinds = [("win a big prize now", "spam"), ("see you at home", "ham")]
    lines = [f"{text} {k},{label}" for k in range(30) for text, label in kinds]
    file.write_text("\n".join(["message,kind", *lines]) + "\n")
    data = pl.data.load(file, target="kind", tokenizer="word")
    run = trained(
        tmp_path / "run", "gru-classifier", data, 2, epochs=1, vocabulary=data.vocabulary, hidden=4
    )
    made = report(run, data)
    assert "What speaks for the decision" in Outline(made.html()).headings
    assert re.search(r"<td>(win a big prize now|see you at home) \d+</td>", made.html())


@pytest.mark.usefixtures("undrawn")
def test_a_page_is_written(rows: tuple[LoadedRun, Dataset], tmp_path: Path) -> None:
    made = report(*rows)
    path = made.save(tmp_path / "report.html")
    assert path.read_text("utf-8") == made.html()


@pytest.mark.usefixtures("undrawn")
def test_a_page_that_cannot_be_written(rows: tuple[LoadedRun, Dataset], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot write the report .*missing"):
        report(*rows).save(tmp_path / "missing" / "report.html")


def test_parts_of_a_page_escape_what_they_show() -> None:
    parts = [
        html.paragraph("<p>"),
        html.notice("<n>", "note", "<t>"),
        html.table([("<a>", 1234567), ("b", 0.123456)], ("<h>",)),
        html.code("a < b"),
        html.cards([("<name>", "<value>")]),
    ]
    text = Page("<title>", "<lead>", [Section("<s>", parts), Section("empty")], "<f>").html()
    Outline(text)
    for raw in ("<p><p>", "<n>", "<t>", "<a>", "<h>", "<name>", "<lead>", "<f>", "<s>"):
        assert raw not in text
    assert "<td class=n>1,234,567</td>" in text
    assert "empty" not in text, "a section without parts is left out"


# --- runs side by side ----------------------------------------------------------------------------


def _run(folder: Path, losses: list[float], **settings: Any) -> Run:
    run = Run.create(folder, {"settings": {"seed": 0, **settings}, "parameters": 10})
    history = pl.History()
    for value in losses:
        history.add({"loss": value, "val_loss": value + 0.1})
    run.save_history(history)
    run.save_metrics({"test_accuracy": 1 - losses[-1], "peak_memory": 2_000_000})
    return run


@pytest.fixture
def two(tmp_path: Path) -> Comparison:
    return compare(
        [
            _run(tmp_path / "one", [0.9, 0.5], lr=0.1, hidden=[8, 4]),
            _run(tmp_path / "two", [0.9, 0.2], lr=0.3, hidden=[8, 4]),
        ]
    )


def test_only_settings_that_differ_are_shown(two: Comparison) -> None:
    assert two.names == ("one", "two")
    assert two.settings == {"lr": (0.1, 0.3)}
    assert two.results["test_accuracy"] == (0.5, 0.8)
    assert "peak_memory    2 MB  2 MB" in two.text()
    assert two.to_dict()["results"]["test_accuracy"] == [0.5, 0.8]


def test_curves_that_all_have(two: Comparison, tmp_path: Path) -> None:
    assert two.shared_curve == "val_loss"
    lines = two.figure().axes[0].lines
    drawn = [np.asarray(line.get_ydata(), float) for line in lines]
    for values in ([1.0, 0.6], [1.0, 0.3]):
        assert any(len(d) == 2 and np.allclose(d, values) for d in drawn)
    Outline(two.report().html())


def test_runs_of_the_same_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    found = compare([_run(tmp_path / k / "run", [0.5]) for k in "ab"])
    assert found.names == (str(tmp_path / "a" / "run"), str(tmp_path / "b" / "run"))


def test_one_run_is_no_comparison(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least two runs, got 1"):
        compare([_run(tmp_path / "one", [0.5])])


def test_a_network_of_ones_own_has_a_report_too(tmp_path: Path) -> None:
    x = RNG.normal(size=(40, 3)).astype(np.float32)
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Tanh(), nn.Linear(2, 1, rng=1))
    data = Dataset("mine", Part(x, x[:, :1] * 2), task="regression")
    run = Run.create(tmp_path / "run", {})
    run.save_model(net)
    text = report(load_run(tmp_path / "run", net), data, loss="mean_squared_error").html()
    assert "Sequential on mine" in Outline(text).headings


def test_a_run_that_was_interrupted_has_the_epochs_it_went(tmp_path: Path) -> None:
    done = _run(tmp_path / "done", [0.9, 0.5], epochs=2)
    stopped = Run.create(tmp_path / "stopped", {"settings": {"epochs": 9}, "parameters": 10})
    history = pl.History()
    history.add({"loss": 0.9})
    stopped.save_history(history)
    made = compare([done, stopped])
    assert made.settings["epochs asked for"] == (2, 9)
    assert made.results["epochs"] == (None, 1)


def test_runs_of_different_data_do_not_compare_by_loss(tmp_path: Path) -> None:
    same = [_run(tmp_path / f"same{k}", [0.5], source="xor", lr=k) for k in (1, 2)]
    other = _run(tmp_path / "other", [0.5], source="iris")
    assert compare(same).remark == ""
    made = compare([*same, other])
    assert made.remark == "These runs have different data: their losses do not compare."
    assert made.remark in made.report().html()


def test_many_runs_stand_in_several_tables(tmp_path: Path) -> None:
    made = compare([_run(tmp_path / f"run{k}", [0.5], lr=k) for k in range(8)])
    text = made.report().html()
    assert text.count("<table>") == 2
    assert all(f">run{k}</th>" in text for k in range(8))
