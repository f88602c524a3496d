from __future__ import annotations

import pytest


@pytest.mark.slow
@pytest.mark.data
def test_changed_images_help(load_example, real_data) -> None:
    example = load_example("why/augmentation")
    plain, augmented = (example.run(augment, 0).last for augment in (False, True))
    assert augmented["val_accuracy"] > plain["val_accuracy"] + 0.005
    assert augmented["loss"] > plain["loss"]
