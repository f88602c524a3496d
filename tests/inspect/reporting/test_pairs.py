"""The report of a generator and a discriminator: what it shows is what the two networks do."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid.data import Dataset, Part
from pellucid.inspect.reporting import pairs, report
from pellucid.inspect.reporting.material import Material
from pellucid.models import MODELS
from pellucid.training import AdversarialTrainer, Run, load_run

pytest.importorskip("matplotlib")

SHAPE = (1, 8, 8)
RNG = np.random.default_rng(0)
DATA = Dataset(
    "squares",
    Part(RNG.uniform(-1, 1, (40, *SHAPE)).astype(np.float32), RNG.integers(0, 2, 40)),
    class_names=("dark", "light"),
    task="classification",
)


@pytest.fixture(scope="module", params=["gan", "conditional-gan", "wgan-gp"])
def material(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair") / "run"
    pl.seed(0)
    net = MODELS[request.param].build(SHAPE, 2, {"rng": 0, "hidden": [12]})
    run = Run.create(folder, {"command": "pellucid train squares", "settings": {"batch_size": 8}})
    trainer = AdversarialTrainer(net, DATA.train, epochs=2, batch_size=8, progress="none", rng=0)
    run.save_history(trainer.run())
    run.save_metrics({"seconds": 0.5})
    made = {
        "name": request.param,
        "input_shape": list(SHAPE),
        "outputs": 2,
        "options": {"hidden": [12]},
    }
    run.save_model(net, architecture=made, extra={"kind": "adversarial", "task": "samples"})
    return Material(load_run(folder), DATA)


def test_every_section_is_there(material):
    before = {name: value.copy() for name, value in material.net.state_dict().items()}
    made = report(material.run, DATA)
    assert [section.title for section in made.page.sections] == [
        "Result",
        "Data",
        "Model",
        "Training",
        "What it makes",
        "Is it learnt by heart?",
        "How real it looks",
        "Cost",
        "Reproduce it",
    ]
    assert all(section.parts for section in made.page.sections)
    assert dict(made.skipped) == {"Samples of the epochs": "the run folder has fewer than two"}
    words = made.html()
    assert "Generator" in words
    assert "Discriminator" in words
    for name, value in material.net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_the_ways_end_where_the_two_noises_lead(material):
    pair = material.net
    ways = pairs._ways(material).reshape(5, 9, *SHAPE)
    labels = np.arange(5) % pair.classes if pair.classes else None
    for column, seed in ((0, 1), (8, 2)):
        expected = pair.made_of(pair.noise(5, seed), labels)
        np.testing.assert_allclose(ways[:, column], expected, atol=1e-5)


def test_the_nearest_sample_is_the_nearest(material, monkeypatch):
    wanted = [3, 3, 39, 0, 7, 21, 8, 1]
    close = DATA.train.x[wanted] + np.float32(0.01)
    monkeypatch.setattr(pairs, "_made", lambda *_, **__: close)
    drawn = []
    monkeypatch.setattr(pairs, "_grid", lambda images, columns: drawn.append(images))
    pairs._nearest(material)
    np.testing.assert_array_equal(drawn[0][8:], DATA.train.x[wanted])


def test_a_sheet_of_images_has_each_in_its_place():
    images = np.stack([np.full(SHAPE, level, np.float32) for level in (-1, 0, 1)])
    figure = pairs._grid(images, columns=2)
    sheet = np.asarray(figure.axes[0].images[0].get_array())
    assert sheet.shape == (17, 17)
    assert (sheet[0, 0], sheet[0, 9], sheet[9, 0]) == (0, 0.5, 1)
    assert sheet[9, 9] == 1, "nothing is there"
