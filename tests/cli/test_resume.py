"""``--resume``: the same bits as without the pause, and what may not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pellucid.training import load_run


def weights(folder):
    state = load_run(folder).net.state_dict()
    return {name: (array.dtype.str, array.tobytes()) for name, array in state.items()}


QUICK = ("iris", "--epochs", 12, "--hidden", "8", "--dropout", "0.2", "-q")


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--schedule", "constant", "--optimizer", "sgd", "--set", "optimizer.momentum=0.9"),
        ("--patience", "3", "--metric", "f1"),
    ],
)
def test_stopped_and_resumed_gives_the_same_bits(run, more):
    assert run("train", *QUICK, *more, "--out", "whole").code == 0
    stopped = run("train", *QUICK, *more, "--out", "parts", "--stop-after", 5)
    assert stopped.code == 0
    assert "Stopped after 5 of 12 epochs" in stopped.out
    assert not Path("parts/metrics.json").exists()
    assert run("train", "--resume", "parts", "-q").code == 0
    assert weights("parts") == weights("whole")
    same = ("test_accuracy", "test_loss", "epochs")
    whole, parts = (json.loads(Path(f"{d}/metrics.json").read_text()) for d in ("whole", "parts"))
    assert [whole[name] for name in same] == [parts[name] for name in same]


def test_more_epochs_with_a_constant_rate_are_those_of_one_go(run):
    constant = ("--schedule", "constant")
    run("train", *QUICK, *constant, "--out", "whole")
    run("train", *QUICK, *constant, "--out", "parts", "--epochs", 7)
    resumed = run("train", "iris", "--out", "parts", "--resume", "--epochs", 12)
    assert resumed.code == 0, resumed.err
    assert "Note" not in resumed.out
    assert weights("parts") == weights("whole")
    assert json.loads(Path("parts/config.json").read_text())["settings"]["epochs"] == 12


def test_more_epochs_of_a_schedule_are_said_to_differ(run):
    run("train", *QUICK, "--out", "parts")
    resumed = run("train", "--resume", "parts", "--epochs", 15)
    assert "the cosine schedule is laid out anew over 15 epochs" in resumed.out
    assert "epoch 15/15" in resumed.err
    assert "epoch 12/15" not in resumed.err


def test_which_folder_is_meant(run):
    run("train", *QUICK, "--stop-after", 2)
    run("train", *QUICK, "--stop-after", 2)
    assert run("train", "iris", "--resume", "--json", "-q").json["run"] == "runs/iris-2"
    assert run("train", "runs/iris", "--resume", "--json", "-q").json["run"] == "runs/iris"


def test_a_finished_training(run):
    run("train", *QUICK, "--out", "done")
    again = run("train", "--resume", "done")
    assert again.code == 0
    assert "All 12 epochs are done" in again.out
    assert "test accuracy" in again.out


def test_a_training_that_was_killed_before_its_first_checkpoint(run):
    run("train", *QUICK, "--out", "whole")
    run("train", *QUICK, "--out", "killed")
    for name in ("checkpoint.safetensors", "model.safetensors", "metrics.json", "history.csv"):
        Path("killed", name).unlink()
    assert "has not come to an end" in run("evaluate", "killed").err
    assert run("train", "--resume", "killed", "-q").code == 0
    assert weights("killed") == weights("whole")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--resume"], "needs the run folder"),
        (["--resume", "nothing"], "neither 'nothing' nor 'runs/nothing' is a run folder"),
        (["--resume", "iris", "--out", "nothing"], "no training to go on with in 'nothing'"),
        (["--resume", "wine", "--out", "there"], "was trained on 'iris', not on 'wine'"),
        (["--resume", "there", "--lr", "0.5"], "--lr 0.5: 'there' was trained with --lr 0.01"),
        (["--resume", "there", "--l1", "0.5"], "--l1 0.5: 'there' was trained without it"),
        (["--resume", "there", "--overwrite"], "--overwrite replaces it"),
        (["there"], "pellucid train --resume there"),
    ],
)
def test_what_cannot_be_resumed(run, words, said):
    run("train", *QUICK, "--out", "there")
    outcome = run("train", *words)
    assert outcome.code == 2
    assert said in outcome.err


def test_the_same_setting_may_be_repeated(run):
    run("train", *QUICK, "--out", "there")
    assert run("train", "--resume", "there", "--hidden", "8", "-q").code == 0


def test_changed_data_are_noticed(run, write_table):
    write_table("things.csv")
    run("train", "things.csv", "--epochs", 2, "-q")
    text = Path("things.csv").read_text()
    Path("things.csv").write_text(text.replace("round", "square", 1))
    for words in (["train", "--resume", "runs/things"], ["evaluate", "runs/things"]):
        outcome = run(*words)
        assert outcome.code == 2
        assert "changed" in outcome.err


def test_damaged_checkpoints_are_refused_and_left_alone(run):
    run("train", *QUICK, "--out", "there", "--stop-after", 3)
    path = Path("there/checkpoint.safetensors")
    good = path.read_bytes()
    for bad in (good[:-100], good[:5], b"", good[:-50] + bytes([good[-50] ^ 1]) + good[-49:]):
        path.write_bytes(bad)
        outcome = run("train", "--resume", "there")
        assert outcome.code == 2
        assert "checkpoint" in outcome.err
        assert len(outcome.err.strip().splitlines()) == 1
        assert path.read_bytes() == bad
    path.write_bytes(good)
    assert run("train", "--resume", "there", "-q").code == 0


def test_a_checkpoint_of_another_architecture(run):
    run("train", *QUICK, "--out", "there", "--stop-after", 3)
    run("train", *QUICK, "--hidden", "9", "--out", "other", "--stop-after", 3)
    Path("other/checkpoint.safetensors").replace("there/checkpoint.safetensors")
    outcome = run("train", "--resume", "there")
    assert outcome.code == 2
    assert "another architecture" in outcome.err
    Path("other/model.safetensors").write_bytes(Path("there/model.safetensors").read_bytes()[:-9])
    assert "damaged" in run("evaluate", "other").err


@pytest.mark.parametrize(
    "config", ["{", "[]", '{"settings": 3}', '{"settings": {"source": "iris", "x": 1}}']
)
def test_a_damaged_config(run, config):
    Path("there").mkdir()
    Path("there/config.json").write_text(config)
    outcome = run("train", "--resume", "there")
    assert outcome.code == 2
    assert "config" in outcome.err


def test_fewer_epochs_than_are_done_change_nothing(run):
    run("train", *QUICK, "--out", "parts")
    before = {file.name: file.read_bytes() for file in Path("parts").iterdir()}
    outcome = run("train", "--resume", "parts", "--epochs", 3)
    assert outcome.code == 2
    assert "--epochs 3: the training in 'parts' has done 12 already" in outcome.err
    assert {file.name: file.read_bytes() for file in Path("parts").iterdir()} == before


def test_a_finished_training_is_not_said_to_go_on(run):
    run("train", *QUICK, "--out", "parts")
    assert "going on" not in run("train", "--resume", "parts").err


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", "x"), ("hidden", ["a"]), ("lr", {}), ("metric", [3])]
)
def test_a_config_that_was_edited_wrongly_is_named(run, name, value):
    run("train", *QUICK, "--out", "parts")
    path = Path("parts/config.json")
    config = json.loads(path.read_text())
    config["settings"][name] = value
    path.write_text(json.dumps(config))
    outcome = run("train", "--resume", "parts")
    assert outcome.code == 2
    assert f"config.json', {name}: " in outcome.err
