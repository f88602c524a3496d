from __future__ import annotations


def test_raw_units_hardly_learn(load_example) -> None:
    example = load_example("why/input_scaling")
    assert example.run(True, 0).last["val_accuracy"] > 0.9
    assert example.run(False, 0).last["val_accuracy"] < 0.8
