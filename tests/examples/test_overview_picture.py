from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.slow
def test_network_on_the_left_is_that_of_the_tutorial(load_example) -> None:
    matplotlib_figure = pytest.importorskip("matplotlib.figure")
    example = load_example("overview_picture")
    net = example.train_xor()
    (output,) = 1 / (1 + np.exp(-net(example.SAMPLE).data[0]))
    assert output == pytest.approx(0.9332739, abs=1e-4)  # the tutorial's, one update later
    axes = matplotlib_figure.Figure().add_subplot()
    example.draw_network(axes, net)
    assert "0.93" in " ".join(text.get_text() for text in axes.texts)


@pytest.mark.slow
def test_whole_picture(load_example, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    load_example("overview_picture").draw(tmp_path / "overview.png")
    assert (tmp_path / "overview.png").read_bytes().startswith(b"\x89PNG")
