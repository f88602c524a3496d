from __future__ import annotations

import numpy as np
import pytest


def test_principal_components_are_those_of_scikit_learn(load_example) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    example = load_example("dimension_reduction")
    rng = np.random.default_rng(0)
    train, test = rng.random((50, 6)) @ rng.random((6, 8)), rng.random((9, 8))
    found = example.principal_components(train, test, 3)
    pca = decomposition.PCA(3).fit(train)
    expected = pca.inverse_transform(pca.transform(test))
    np.testing.assert_allclose(found.restored, expected, atol=1e-8)
    assert found.error == pytest.approx(np.mean((expected - test) ** 2))


@pytest.mark.data
@pytest.mark.slow
def test_a_bent_surface_is_closer_than_a_plane(
    load_example, data_dir, monkeypatch, tmp_path, capsys
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setenv("PELLUCID_DATA", str(data_dir))
    example = load_example("dimension_reduction")
    example.main([str(tmp_path / "map.png"), "--images", "4000", "--epochs", "6"])
    lines = capsys.readouterr().out.splitlines()
    for line in lines[1:3]:  # with 2 and 8 numbers
        _, plane, bent = map(float, line.split())
        assert bent < plane
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
