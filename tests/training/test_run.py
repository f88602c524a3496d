"""Run folders and model files: everything comes back, damage is noticed."""

import json

import numpy as np
import pytest

import pellucid as pl
from pellucid import data, nn
from pellucid.errors import CheckpointError
from pellucid.models import MLP
from pellucid.training import (
    History,
    Run,
    Trainer,
    fit,
    load_model,
    load_run,
    predict,
    save_checkpoint,
    save_model,
)

ARCHITECTURE = {
    "name": "mlp",
    "input_shape": [4],
    "outputs": 3,
    "options": {"hidden": [6], "activation": "tanh"},
}


@pytest.fixture
def finished(tmp_path, blobs):
    run = Run.create(tmp_path / "runs" / "blobs", {"data": "blobs", "epochs": 2})
    net = MLP([4], [6], 3, "tanh", rng=0)
    trainer = Trainer(net, blobs, epochs=2, callbacks=run.callbacks(), progress="none", rng=0)
    history = trainer.run()
    run.save_model(
        net,
        architecture=ARCHITECTURE,
        class_names=["a", "b", "ç"],
        loss=trainer.objective.name,
        extra={"seed": 0},
    )
    run.save_metrics({"test_accuracy": 0.5})
    return run, net, history


def test_a_run_comes_back(finished, blobs):
    run, net, history = finished
    found = load_run(run.path)
    assert found.config == {"data": "blobs", "epochs": 2}
    assert found.metrics == {"test_accuracy": 0.5}
    assert found.class_names == ("a", "b", "ç")
    assert found.model.loss == "cross_entropy"
    assert found.model.extra == {"seed": 0}
    assert not found.net.training
    np.testing.assert_array_equal(predict(found.net, blobs.x), predict(net, blobs.x))
    assert History.from_csv(run.history_path).columns == history.columns
    assert sorted(path.name for path in run.path.iterdir()) == [
        "checkpoint.safetensors", "config.json", "history.csv", "metrics.json", "model.safetensors",
    ]  # fmt: skip


def test_curves(finished):
    pytest.importorskip("matplotlib")
    run, _, history = finished
    run.save_curves(history)
    assert run.curves_path.read_bytes().startswith(b"\x89PNG")


def test_folders_are_never_mixed(tmp_path):
    names = [Run.create(tmp_path / "iris", {"n": n}).path.name for n in range(3)]
    assert names == ["iris", "iris-2", "iris-3"]
    assert [Run.open(tmp_path / name).config["n"] for name in names] == [0, 1, 2]
    (tmp_path / "empty").mkdir()
    assert Run.create(tmp_path / "empty", {}).path.name == "empty"
    (tmp_path / "file").write_text("x")
    assert Run.create(tmp_path / "file", {}).path.name == "file-2"


def test_what_is_no_run(tmp_path):
    with pytest.raises(CheckpointError, match=r"config\.json.*no such file"):
        Run.open(tmp_path)
    (tmp_path / "config.json").write_text("[1]")
    with pytest.raises(CheckpointError, match="not the config"):
        Run.open(tmp_path)
    with pytest.raises(CheckpointError, match="cannot make the run folder"):
        Run.create(tmp_path / "config.json" / "inner", {})


def test_loading_a_model_draws_nothing(finished):
    run, *_ = finished
    pl.seed(3)
    expected = pl.random.default_generator().random()
    pl.seed(3)
    load_model(run.model_path)
    assert pl.random.default_generator().random() == expected


def test_a_model_without_architecture_needs_its_network(tmp_path, blobs):
    net = nn.Sequential(nn.Linear(4, 3, rng=0))
    save_model(tmp_path / "m", net)
    with pytest.raises(CheckpointError, match=r"load_model\(path, net\)"):
        load_model(tmp_path / "m")
    lazy = nn.Sequential(nn.Linear(3))
    np.testing.assert_array_equal(
        predict(load_model(tmp_path / "m", lazy).net, blobs.x), predict(net, blobs.x)
    )


def test_another_architecture_is_named(tmp_path):
    save_model(tmp_path / "m", nn.Sequential(nn.Linear(4, 3)))
    with pytest.raises(CheckpointError, match=r"'.*m'.*(?s:.)*0\.weight.*\(4, 3\).*\(4, 2\)"):
        load_model(tmp_path / "m", nn.Sequential(nn.Linear(4, 2)))
    with pytest.raises(CheckpointError, match=r"float32 in it and float64"):
        load_model(tmp_path / "m", nn.Sequential(nn.Linear(4, 3, dtype=np.float64)))


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({**ARCHITECTURE, "name": "mpl"}, "mpl.*did you mean 'mlp'"),
        ({"name": "mlp"}, "input_shape"),
        ({**ARCHITECTURE, "options": {"hiden": [3]}}, "hiden"),
        ({**ARCHITECTURE, "outputs": 5}, r"\(6, 3\)"),
        ("mlp", "cannot be made"),
    ],
)
def test_a_model_that_cannot_be_made(tmp_path, finished, architecture, message):
    _, net, _ = finished
    values = {"kind": "model", "class_names": [], "preparation": None, "loss": None, "extra": {}}
    save_checkpoint(tmp_path / "m", net.state_dict(), {**values, "architecture": architecture})
    with pytest.raises(CheckpointError, match=message):
        load_model(tmp_path / "m")


def test_a_checkpoint_is_no_model(finished):
    run, *_ = finished
    with pytest.raises(CheckpointError, match=r"holds no model.*model\.safetensors"):
        load_model(run.checkpoint_path)
    save_checkpoint(run.model_path, {}, {"kind": "model"})
    with pytest.raises(CheckpointError, match="incomplete"):
        load_model(run.model_path)


def test_the_preparation_comes_with_the_model(tmp_path):
    iris = data.load("iris")
    net = nn.Sequential(nn.Linear(iris.num_features, iris.num_classes, rng=0))
    fit(net, iris.train, epochs=1, progress="none")
    save_model(tmp_path / "m", net, preparation=iris.preparation, class_names=iris.class_names)
    found = load_model(tmp_path / "m", net)
    assert found.class_names == iris.class_names
    assert json.dumps(found.preparation.to_json()) == json.dumps(iris.preparation.to_json())
