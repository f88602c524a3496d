from __future__ import annotations

import pytest


@pytest.mark.slow
def test_network_on_the_left_is_that_of_the_tutorial(load_example) -> None:
    matplotlib_figure = pytest.importorskip("matplotlib.figure")
    example = load_example("overview_picture")
    net = example.train_xor()
    (output,) = net(example.SAMPLE[None]).data[0]
    assert output == pytest.approx(0.9332739, abs=1e-4)  # the tutorial's, one update later
    forward, backward = matplotlib_figure.Figure(figsize=(11, 4)).subplots(1, 2)
    example.draw_network(forward, backward, net)
    assert "0.933" in [text.get_text() for text in forward.texts]
    assert "−0.0667" in [text.get_text() for text in backward.texts]  # 0.933 − 1


@pytest.mark.slow
def test_whole_picture(load_example, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    load_example("overview_picture").draw(tmp_path / "overview.png")
    assert (tmp_path / "overview.png").read_bytes().startswith(b"\x89PNG")
