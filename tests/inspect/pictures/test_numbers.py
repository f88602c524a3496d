"""The numbers behind the pictures, against closed forms and independent calculations."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError, UnsupportedError
from pellucid.inspect import pictures
from pellucid.inspect.pictures.diagram import columns_of
from pellucid.inspect.pictures.histograms import density, magnitudes
from pellucid.inspect.pictures.recording import QUANTILES
from pellucid.models import GPT, Seq2Seq


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


# --- planes and surfaces --------------------------------------------------------------------------


def test_a_plane_is_that_of_scikit_learn(rng) -> None:
    from sklearn.decomposition import PCA

    x = rng.normal(size=(40, 6)) * [5, 3, 1, 1, 0.5, 0.1]
    plane = pictures.Plane.through(x)
    theirs = PCA(2).fit(x)
    np.testing.assert_allclose(np.abs(plane.axes), np.abs(theirs.components_), atol=1e-10)
    assert plane.share == pytest.approx(theirs.explained_variance_ratio_.sum())
    np.testing.assert_allclose(plane.coordinates(plane.points(np.eye(2))), np.eye(2), atol=1e-12)


def test_two_features_are_their_own_plane(rng) -> None:
    x = rng.normal(size=(10, 2))
    np.testing.assert_array_equal(pictures.Plane.through(x).coordinates(x), x)


def test_a_plane_needs_two_features_and_samples() -> None:
    with pytest.raises(ShapeError, match="single feature"):
        pictures.Plane.through(np.zeros((5, 1)))
    with pytest.raises(DataError, match="one sample"):
        pictures.Plane.through(np.zeros((1, 5)))


def test_a_surface_is_what_the_network_says(rng) -> None:
    net = nn.Sequential(nn.Linear(2, 3, rng=0)).astype("f8")
    surface = pictures.decision_surface(net, rng.normal(size=(20, 2)), resolution=7)
    point = np.array([[surface.horizontal[4], surface.vertical[1]]])
    logits = net(point).data[0]
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(surface.probabilities[1, 4], expected)
    assert surface.classes[1, 4] == np.argmax(logits)
    assert surface.confidence[1, 4] == pytest.approx(expected.max())


def test_a_single_logit_is_yes_or_no(rng) -> None:
    net = nn.Sequential(nn.Linear(2, 1, rng=0)).astype("f8")
    surface = pictures.decision_surface(net, rng.normal(size=(9, 2)), resolution=4)
    z = net(np.array([[surface.horizontal[0], surface.vertical[0]]])).data[0, 0]
    assert surface.probabilities[0, 0] == pytest.approx([1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))])


def test_images_are_cut_along_a_plane(rng) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(9, 2, rng=0))
    x = rng.normal(size=(12, 1, 3, 3)).astype(np.float32)
    surface = pictures.decision_surface(net, x, resolution=5)
    assert surface.probabilities.shape == (5, 5, 2)


# --- distributions --------------------------------------------------------------------------------


def test_density_of_even_values() -> None:
    shares = density(np.linspace(0, 1, 65), np.linspace(0, 1, 5))
    np.testing.assert_allclose(shares, 0.25)


def test_density_with_many_equal_values() -> None:
    """Half of a ReLU's outputs are zero: the bin that holds zero has half of them."""
    values = np.concatenate([np.zeros(500), np.linspace(0, 1, 501)[1:]])
    shares = density(np.quantile(values, QUANTILES), np.array([-0.5, 0.05, 0.5, 1.0]))
    np.testing.assert_allclose(shares, [0.525, 0.225, 0.25], atol=0.02)
    at_the_jump = density(np.quantile(values, QUANTILES), np.array([-0.5, 0.0, 1.0]))
    np.testing.assert_allclose(at_the_jump, [0.5, 0.5], atol=0.02)


def test_magnitudes_count_both_signs(rng) -> None:
    values = 10.0 ** rng.uniform(-4, -2, 4000) * rng.choice([-1, 1], 4000)
    edges, shares = magnitudes(np.quantile(values, QUANTILES)[None])
    assert shares.sum() == pytest.approx(1, abs=0.1)
    low, high = edges[:-1] < -3, edges[:-1] >= -3
    assert shares[0, high].sum() == pytest.approx(0.5, abs=0.05), "the logarithm is uniform"
    assert shares[0, low].sum() == pytest.approx(0.5, abs=0.1)


def test_a_recorder_keeps_quantiles_and_ratios(rng) -> None:
    x = rng.normal(size=(8, 3)).astype(np.float32)
    y = np.arange(8) % 2
    net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
    start = {path: p.data.copy() for path, p in net.named_parameters()}
    recorder = pictures.LayerRecorder(every=2)
    optimizer = pl.optim.SGD(net.parameters(), lr=0.1)
    hidden = x @ start["0.weight"]
    pl.fit(
        net,
        (x, y),
        validation=(x, y),
        optimizer=optimizer,
        epochs=5,
        batch_size=8,
        callbacks=recorder,
        progress="none",
    )
    assert recorder.steps == [1, 3, 5]
    assert list(recorder.activations) == ["0", "1", "2"]
    expected = np.quantile(hidden, QUANTILES)
    np.testing.assert_allclose(recorder.activations["0"][0], expected, rtol=1e-5, atol=1e-6)
    assert recorder.gradients["2"][0].shape == QUANTILES.shape
    assert np.isfinite(recorder.gradients["0"]).all()
    assert len(recorder.update_ratios["0.weight"]) == 3


def test_a_ratio_is_that_of_one_update(rng) -> None:
    x = rng.normal(size=(8, 3)).astype(np.float32)
    net = nn.Sequential(nn.Linear(3, 2, rng=0))
    before = net[0].weight.data.copy()
    recorder = pictures.LayerRecorder()
    pl.fit(net, (x, np.arange(8) % 2), epochs=1, batch_size=8, callbacks=recorder, progress="none")
    ratio = np.linalg.norm(net[0].weight.data - before) / np.linalg.norm(before)
    assert recorder.update_ratios["0.weight"] == [pytest.approx(ratio)]
    assert np.isnan(recorder.update_ratios["0.bias"][0]), "a bias of zeros has no relative change"


def test_a_recorder_remembers_across_a_resume(rng, tmp_path) -> None:
    x, y = rng.normal(size=(12, 3)).astype(np.float32), np.arange(12) % 2

    def trainer(recorder):
        net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 2, rng=1))
        return pl.Trainer(
            net, (x, y), epochs=4, batch_size=4, callbacks=recorder, progress="none", rng=0
        )

    whole = pictures.LayerRecorder(every=2)
    trainer(whole).run()
    first, second = pictures.LayerRecorder(every=2), pictures.LayerRecorder(every=2)
    half = trainer(first)
    half.run(2)
    half.save(tmp_path / "half.safetensors")
    rest = trainer(second)
    rest.restore(tmp_path / "half.safetensors")
    rest.run(4)
    assert second.steps == whole.steps
    assert second.update_ratios.keys() == whole.update_ratios.keys()
    for path, records in whole.gradients.items():
        np.testing.assert_array_equal(second.gradients[path], records)


# --- units ----------------------------------------------------------------------------------------


def test_the_input_of_a_given_length_that_excites_a_linear_unit_is_its_weight() -> None:
    net = nn.Sequential(nn.Linear(6, 3, rng=0)).astype("f8")
    weight = net[0].weight.data[:, 1]
    found = pictures.maximise_activation(net, (6,), "0", 1, length=2.0, steps=100)
    np.testing.assert_allclose(found.input, 2 * weight / np.linalg.norm(weight), atol=1e-3)
    assert found.activations[-1] == pytest.approx(2 * np.linalg.norm(weight), rel=1e-4)
    assert len(found.activations) == 101


def test_bounds_are_kept_and_reached() -> None:
    net = nn.Sequential(nn.Linear(4, 1, rng=0)).astype("f8")
    net[0].weight.data[:, 0] = [1.0, -2.0, 3.0, -4.0]
    found = pictures.maximise_activation(net, (4,), "", 0, bounds=(0.0, 1.0), steps=50)
    np.testing.assert_allclose(found.input, [1, 0, 1, 0], atol=1e-6)


def test_smoothing_takes_high_frequencies_out() -> None:
    """A unit that likes a checkerboard gets less of one."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 1, rng=0)).astype("f8")
    board = np.indices((6, 6)).sum(axis=0) % 2 - 0.5
    net[1].weight.data[:, 0] = (board + 0.2).ravel()
    rough, soft = (
        pictures.maximise_activation(net, (1, 6, 6), "1", 0, smooth=s, length=6.0).input[0]
        for s in (0.0, 0.5)
    )
    assert np.abs(np.diff(soft)).mean() < 0.5 * np.abs(np.diff(rough)).mean()
    assert np.linalg.norm(soft) <= 6.0 + 1e-9
    flat = pictures.maximise_activation(
        net, (1, 6, 6), "1", 0, smooth=0.5, steps=0, start=1 + 0 * soft[None]
    )
    np.testing.assert_array_equal(flat.input, 1)
    with pytest.raises(ShapeError, match="only images"):
        pictures.maximise_activation(net, (36,), "1", 0, smooth=0.5)


def test_a_dead_unit_ends_the_ascent() -> None:
    net = nn.Sequential(nn.Linear(4, 2, rng=0), nn.ReLU())
    net[0].bias.data[...] = -1e6
    found = pictures.maximise_activation(net, (4,), "1", 0, steps=10)
    np.testing.assert_array_equal(found.activations, np.zeros(11))


def test_the_most_exciting_samples(rng) -> None:
    net = nn.Sequential(nn.Linear(5, 3, rng=0)).astype("f8")
    x = rng.normal(size=(30, 5))
    indices, activations = pictures.most_exciting(net, x, "0", 2, count=4)
    values = x @ net[0].weight.data[:, 2]
    np.testing.assert_array_equal(indices, np.argsort(-values)[:4])
    np.testing.assert_allclose(activations, np.sort(values)[::-1][:4])


def test_of_maps_the_largest_value_counts(rng) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0))
    x = rng.normal(size=(10, 1, 6, 6)).astype(np.float32)
    maps = net(x).data[:, 1].reshape(10, -1).max(axis=1)
    assert pictures.most_exciting(net, x, "0", 1, count=1)[0] == [np.argmax(maps)]


def test_unknown_units_and_layers(rng) -> None:
    net = nn.Sequential(nn.Linear(5, 3, rng=0))
    x = rng.normal(size=(4, 5))
    with pytest.raises(DataError, match="no unit 3"):
        pictures.most_exciting(net, x, "0", 3)
    with pytest.raises(UnknownNameError, match="layer"):
        pictures.maximise_activation(net, (5,), "1", 0)


# --- representations ------------------------------------------------------------------------------


def test_a_representation_is_the_output_of_a_layer(rng) -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))
    x = rng.normal(size=(5, 1, 6, 6)).astype(np.float32)
    found = pictures.representation(net, x, "1")
    np.testing.assert_allclose(found, np.maximum(net[0](x).data, 0).reshape(5, -1))


def test_projections(rng) -> None:
    vectors = rng.normal(size=(20, 5))
    assert pictures.projected(vectors).shape == (20, 2)
    one = pictures.projected(vectors[:, :1])
    np.testing.assert_array_equal(one, np.c_[vectors[:, 0], np.zeros(20)])
    with pytest.raises(UnknownNameError, match="pca"):
        pictures.projected(vectors, "umap")


def test_tsne_keeps_clusters_apart(rng) -> None:
    vectors = np.concatenate([rng.normal(size=(20, 5)), rng.normal(size=(20, 5)) + 30])
    found = pictures.projected(vectors, "tsne")
    within = np.linalg.norm(found[:20] - found[:20].mean(0), axis=1).max()
    assert np.linalg.norm(found[:20].mean(0) - found[20:].mean(0)) > within
    np.testing.assert_array_equal(found, pictures.projected(vectors, "tsne"))


# --- mistakes -------------------------------------------------------------------------------------


def test_confusion_is_that_of_scikit_learn(rng) -> None:
    from sklearn.metrics import confusion_matrix

    y, predicted = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    np.testing.assert_array_equal(pictures.confusion(y, predicted), confusion_matrix(y, predicted))
    assert pictures.confusion([0], [0], 3).shape == (3, 3)
    with pytest.raises(ShapeError, match="2 true classes"):
        pictures.confusion([0, 1], [0])


def test_mistakes_are_sorted_by_the_chance_of_the_truth() -> None:
    net = nn.Sequential(nn.Linear(2, 2)).astype("f8")
    net[0].weight.data[...] = np.eye(2)
    x = np.array([[3.0, 0.0], [0.0, 1.0], [5.0, 0.0], [0.0, 2.0]])
    found = pictures.find_mistakes(net, x, [1, 0, 1, 1])
    assert found.indices.tolist() == [2, 0, 1]
    assert found.predicted.tolist() == [0, 0, 1]
    assert found.total == 3
    assert found.chance[0] == pytest.approx(1 / (1 + np.exp(5)))
    assert found.confidence[2] == pytest.approx(1 / (1 + np.exp(-1)))


# --- attention ------------------------------------------------------------------------------------


def test_attention_weights_are_those_the_layer_returns(rng) -> None:
    layer = nn.MultiHeadAttention(8, 2, causal=True, rng=0)
    x = rng.normal(size=(3, 5, 8)).astype(np.float32)
    expected = layer(x, return_weights=True)[1].data
    found = pictures.attention_weights(nn.Sequential(layer), x)
    np.testing.assert_array_equal(found["0"], expected)


def test_attention_of_a_language_model() -> None:
    gpt = GPT(11, layers=2, heads=2, width=8, context=6, rng=0)
    found = pictures.attention_weights(gpt, np.zeros((1, 6), int))
    assert [weights.shape for weights in found.values()] == [(1, 2, 6, 6)] * 2
    for weights in found.values():
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
        assert not np.triu(weights[0, 0], 1).any(), "the future is hidden"


def test_attention_between_two_sequences() -> None:
    net = Seq2Seq(9, 9, hidden=8, rng=0)
    found = pictures.attention_weights(net, np.ones((2, 5), int), np.ones((2, 4), int))
    (weights,) = found.values()
    assert weights.shape[0] == 2
    assert weights.shape[-1] == 5


# --- landscape ------------------------------------------------------------------------------------


def test_directions_are_as_long_as_the_filters() -> None:
    net = nn.Sequential(nn.Conv2d(2, 3, 3, rng=0), nn.Flatten(), nn.Linear(12, 4, rng=1))
    kernel, bias, dense, _ = pictures.filter_normalised_direction(net)
    np.testing.assert_allclose(
        np.linalg.norm(kernel.reshape(3, -1), axis=1),
        np.linalg.norm(net[0].weight.data.reshape(3, -1), axis=1),
        rtol=1e-5,
    )
    np.testing.assert_allclose(
        np.linalg.norm(dense, axis=0), np.linalg.norm(net[2].weight.data, axis=0), rtol=1e-5
    )
    assert not bias.any()


def test_the_landscape_of_a_linear_regression_in_closed_form(rng) -> None:
    net = nn.Sequential(nn.Linear(3, 1, bias=False, rng=0)).astype("f8")
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    weight = net[0].weight.data.copy()
    found = pictures.scan_landscape(net, (x, y), loss="mse", points=5, span=0.5, rng=3)
    draw = np.random.default_rng(3)
    first, second = (pictures.filter_normalised_direction(net, draw)[0] for _ in range(2))
    for i, b in enumerate(found.places):
        for j, a in enumerate(found.places):
            errors = x @ (weight + a * first + b * second) - y
            assert found.losses[i, j] == pytest.approx(np.mean(errors**2))
    np.testing.assert_array_equal(net[0].weight.data, weight)


def test_a_landscape_needs_a_middle(rng) -> None:
    net = nn.Sequential(nn.Linear(3, 2, rng=0))
    with pytest.raises(DataError, match="odd"):
        pictures.scan_landscape(net, (np.ones((2, 3)), [0, 1]), points=4)


# --- diagrams -------------------------------------------------------------------------------------


def test_the_columns_of_a_dense_network(rng) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, rng=0), nn.ReLU(), nn.Linear(3, 2, rng=1))
    sample = rng.normal(size=(2, 2)).astype(np.float32)
    columns = columns_of(net, sample)
    hidden = np.maximum(sample.reshape(1, 4) @ net[1].weight.data + net[1].bias.data, 0)
    assert [column.path for column in columns] == ["", "1", "3"]
    np.testing.assert_array_equal(columns[0].values, sample.ravel())
    np.testing.assert_allclose(columns[1].values, hidden[0], rtol=1e-6)
    assert columns[2].weights is net[3].weight.data


def test_other_networks_have_no_diagram() -> None:
    cnn = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2))
    with pytest.raises(UnsupportedError, match="Conv2d"):
        columns_of(cnn, np.zeros((1, 4, 4)))
    with pytest.raises(UnsupportedError, match="no dense layer"):
        columns_of(nn.Sequential(nn.ReLU()), np.zeros(4))


# --- frames ---------------------------------------------------------------------------------------


def test_frames_are_the_weights_of_their_moments(rng) -> None:
    x, y = rng.normal(size=(12, 2)), np.arange(12) % 2
    net = nn.Sequential(nn.Linear(2, 2, rng=0))
    start = net.state_dict()
    keeper = pictures.FrameKeeper(every=2)
    pl.fit(net, (x, y), epochs=5, callbacks=keeper, progress="none")
    assert [moment for moment, _ in keeper.frames] == ["epoch 0", "epoch 2", "epoch 4"]
    np.testing.assert_array_equal(keeper.frames[0][1]["0.weight"], start["0.weight"])
    assert not np.array_equal(keeper.frames[1][1]["0.weight"], keeper.frames[2][1]["0.weight"])
    again = pictures.FrameKeeper()
    again.load_state_dict(keeper.state_dict())
    assert [moment for moment, _ in again.frames] == [moment for moment, _ in keeper.frames]
    np.testing.assert_array_equal(again.frames[2][1]["0.bias"], keeper.frames[2][1]["0.bias"])


def test_an_animation_has_a_frame_for_each_moment(rng, tmp_path) -> None:
    from PIL import Image

    x, y = rng.normal(size=(12, 2)), np.arange(12) % 2
    net = nn.Sequential(nn.Linear(2, 2, rng=0))
    keeper = pictures.FrameKeeper(every=1, of="updates")
    pl.fit(net, (x, y), epochs=2, batch_size=6, callbacks=keeper, progress="none")
    net[0].bias.data += 1
    last = net.state_dict()

    def draw(net, ax):
        pictures.decision_boundary(net, x, y, resolution=12, ax=ax)

    path = pictures.animate(keeper, net, draw, tmp_path / "run.gif", size=(2, 2), dpi=50)
    with Image.open(path) as image:
        assert image.n_frames == len(keeper.frames) == 5
        assert image.size == (100, 100)
    np.testing.assert_array_equal(net.state_dict()["0.bias"], last["0.bias"])
    with pytest.raises(DataError, match=r"run\.mp4"):
        pictures.animate(keeper, net, draw, tmp_path / "run.mp4")
    with pytest.raises(DataError, match="no frame"):
        pictures.animate(pictures.FrameKeeper(), net, draw, tmp_path / "run.gif")
