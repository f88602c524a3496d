"""Transforms: what each does exactly, what it leaves alone, and what it refuses."""

import inspect

import numpy as np
import pytest

from pellucid.data import Loader, transforms
from pellucid.data.transforms.geometry import rotated, scaled
from pellucid.data.transforms.sampling import sample_series, spline_matrix
from pellucid.errors import DataError, DTypeError, ShapeError, UnknownNameError

t = transforms


def images(count=6, size=7, dtype=np.float32, channels=2):
    return np.random.default_rng(1).normal(size=(count, channels, size, size)).astype(dtype)


def series(count=6, steps=20, dtype=np.float32):
    return np.random.default_rng(2).normal(size=(count, steps, 3)).astype(dtype)


def tokens(count=6, steps=9):
    ids = np.random.default_rng(3).integers(2, 30, (count, steps))
    ids[:, 7:] = 0
    return ids


MADE = {
    "RandomShift": (t.RandomShift(2), images),
    "RandomCrop": (t.RandomCrop(2), images),
    "RandomFlip": (t.RandomFlip(probability=1), images),
    "RandomRotation": (t.RandomRotation(30), images),
    "RandomScale": (t.RandomScale(0.8, 1.3), images),
    "RandomBrightness": (t.RandomBrightness(0.3), images),
    "RandomContrast": (t.RandomContrast(0.3), images),
    "AddNoise": (t.AddNoise(0.3), images),
    "Cutout": (t.Cutout(3), images),
    "MixUp": (t.MixUp(6), images),
    "CutMix": (t.CutMix(6), images),
    "Jitter": (t.Jitter(0.3), series),
    "Scaling": (t.Scaling(0.3), series),
    "MagnitudeWarp": (t.MagnitudeWarp(0.3), series),
    "TimeWarp": (t.TimeWarp(0.3), series),
    "WindowSlice": (t.WindowSlice(0.7), series),
    "TokenDropout": (t.TokenDropout(0.4), tokens),
    "TokenSwap": (t.TokenSwap(0.9), tokens),
    "Compose": (t.Compose(t.RandomShift(1), t.RandomFlip()), images),
}
BASES = {"BatchTransform", "SampleTransform"}


def test_every_transform_is_tested():
    assert set(MADE) == set(t.__all__) - BASES


@pytest.mark.parametrize("name", MADE)
def test_common_to_all(name):
    transform, make = MADE[name]
    kinds = [np.int64] if make is tokens else [np.float32, np.float64]
    for dtype in kinds:
        x = make() if make is tokens else make(dtype=dtype)
        y = np.arange(len(x))
        kept = x.copy()
        x.setflags(write=False)
        first, targets = transform(x, y, np.random.default_rng(5))
        again, _ = transform(x, y, np.random.default_rng(5))
        other, _ = transform(x, y, np.random.default_rng(6))
        assert first.shape == x.shape
        assert first.dtype == dtype
        assert np.array_equal(x, kept)
        assert np.array_equal(first, again)
        assert not np.array_equal(first, x)
        assert name == "RandomFlip" or not np.array_equal(first, other)
        assert np.isfinite(first).all()
        if name not in ("MixUp", "CutMix"):
            assert targets is y
    assert type(transform).__name__ in repr(transform)
    loader = Loader((x, y), 4, transform=transform, rng=0)
    assert [len(batch) for batch, _ in loader] == [4, 2]


@pytest.mark.parametrize("name", sorted(set(MADE) - {"Compose", "MixUp", "CutMix"}))
def test_probability_is_the_share_of_samples(name):
    transform, make = MADE[name]
    values = {k: getattr(transform, k) for k in inspect.signature(type(transform)).parameters}
    x = make(400)
    rare = type(transform)(**values | {"probability": 0.25})
    changed = rare(x, None, np.random.default_rng(0))[0] != x
    share = changed.reshape(len(x), -1).any(axis=1).mean()
    assert 0.12 < share < 0.33  # 0.25 ± 4 deviations; a shift by 0 pixels changes nothing
    never = type(transform)(**values | {"probability": 0.0})
    assert np.array_equal(never(x, None, np.random.default_rng(0))[0], x)
    with pytest.raises(DataError, match=r"probability lies between 0 and 1, got 1\.5"):
        type(transform)(**values | {"probability": 1.5})


def test_shift_and_crop_move_by_whole_pixels():
    x = np.zeros((300, 1, 9, 9), np.float32)
    x[:, 0, 4, 4] = 1
    for transform in (t.RandomShift(3), t.RandomCrop(3)):
        moved, _ = transform(x, None, np.random.default_rng(0))
        assert (moved.sum(axis=(1, 2, 3)) == 1).all()
        rows, columns = np.nonzero(moved[:, 0])[1:]
        assert set(rows.tolist()) == set(columns.tolist()) == set(range(1, 8))
    ramp = np.broadcast_to(np.arange(9, dtype=np.float32), (50, 1, 9, 9))
    edge, _ = t.RandomShift(2)(ramp, None, np.random.default_rng(0))
    assert edge.min() == 0
    assert edge.max() == 8
    assert (np.diff(edge, axis=3) >= 0).all()  # what comes in is the nearest column
    filled, _ = t.RandomShift(2, fill=-5)(ramp, None, np.random.default_rng(0))
    assert set(np.unique(filled)) == {-5, *range(9)}


def test_flips():
    x = images()
    across, _ = t.RandomFlip(probability=1)(x, None, np.random.default_rng(0))
    down, _ = t.RandomFlip("vertical", probability=1)(x, None, np.random.default_rng(0))
    assert np.array_equal(across, np.flip(x, 3))
    assert np.array_equal(down, np.flip(x, 2))
    twice, _ = t.RandomFlip(probability=1)(across, None, np.random.default_rng(0))
    assert np.array_equal(twice, x)


@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("fill", ["edge", 0.0])
def test_right_angles_are_permutations(size, fill):
    x = images(size=size)
    for turns in range(-2, 4):
        turned = rotated(x, np.full(len(x), 90.0 * turns), fill)
        np.testing.assert_allclose(turned, np.rot90(x, turns, (2, 3)), atol=1e-6)


def test_rotation_of_a_plane_is_a_turned_plane():
    # Bilinear interpolation is exact on a plane, so only what comes from outside differs.
    rows, columns = np.mgrid[-8:9, -8:9].astype(np.float64)
    plane = (2 * rows + 3 * columns)[None, None]
    angle = np.deg2rad(25)
    turned = rotated(plane, np.array([25.0]))[0, 0]
    right = 2 * (np.cos(angle) * rows + np.sin(angle) * columns) + 3 * (
        np.cos(angle) * columns - np.sin(angle) * rows
    )
    inside = rows**2 + columns**2 <= 64
    np.testing.assert_allclose(turned[inside], right[inside], atol=1e-9)


def test_rotating_there_and_back_keeps_smooth_images():
    rows, columns = np.mgrid[-10:11, -10:11] / 10
    x = np.exp(-3 * ((rows - 0.2) ** 2 + columns**2))[None, None]
    back = rotated(rotated(x, np.array([30.0])), np.array([-30.0]))
    inside = rows**2 + columns**2 <= 0.9  # the corners were outside for a while
    assert np.abs(back - x)[0, 0][inside].max() < 0.04
    assert np.abs(rotated(x, np.array([30.0])) - x).max() > 0.1


def test_angles_and_factors_are_spread_over_their_ranges():
    columns = np.arange(-10.0, 11.0)
    x = np.broadcast_to(columns, (500, 1, 21, 21))
    turned, _ = t.RandomRotation(20)(x, None, np.random.default_rng(0))
    slope = (turned[:, 0, 12, 10] - turned[:, 0, 8, 10]) / 4  # −sin of the angle
    angles = np.rad2deg(np.arcsin(-slope))
    assert -20 <= angles.min() < -18
    assert 18 < angles.max() <= 20
    assert abs(angles.mean()) < 2
    grown, _ = t.RandomScale(0.5, 2)(x, None, np.random.default_rng(0))
    factors = 1 / (grown[:, 0, 10, 11] - grown[:, 0, 10, 10])
    assert 0.5 <= factors.min() < 0.52
    assert 1.9 < factors.max() <= 2.0001
    assert abs(np.log(factors).mean()) < 0.06  # as often smaller as larger


def test_scaling_by_one_and_by_two():
    x = images(size=9)
    np.testing.assert_allclose(scaled(x, np.ones(len(x))), x, atol=1e-6)
    double = scaled(x, np.full(len(x), 2.0))
    np.testing.assert_allclose(double[..., ::2, ::2], x[..., 2:7, 2:7], atol=1e-6)
    half = scaled(x, np.full(len(x), 0.5), 7.0)
    np.testing.assert_allclose(half[..., 2:7, 2:7], x[..., ::2, ::2], atol=1e-6)
    assert (half[..., 0, :] == 7).all()


def test_brightness_contrast_and_noise():
    x = images(500)
    brighter, _ = t.RandomBrightness(0.4)(x, None, np.random.default_rng(0))
    added = brighter - x
    assert np.ptp(added.reshape(500, -1), axis=1).max() < 1e-5  # the same for all pixels
    assert -0.4 <= added.min() < -0.38 < 0.38 < added.max() <= 0.4001
    stretched, _ = t.RandomContrast(0.5)(x, None, np.random.default_rng(0))
    np.testing.assert_allclose(stretched.mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-6)
    factors = stretched.std((1, 2, 3)) / x.std((1, 2, 3))
    assert 0.5 <= factors.min() < 0.52 < 1.48 < factors.max() <= 1.5001
    noise = t.AddNoise(0.3)(x, None, np.random.default_rng(0))[0] - x
    assert noise.std() == pytest.approx(0.3, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.01)


def test_cutout_blanks_one_square():
    x = np.ones((400, 2, 9, 9), np.float32)
    cut, _ = t.Cutout(4, fill=-1)(x, None, np.random.default_rng(0))
    blank = (cut == -1).all(axis=1)
    assert ((cut == 1) | (cut == -1)).all()
    area = blank.sum((1, 2))
    assert area.max() == 16
    assert area.min() == 4  # about a pixel in the corner
    assert (blank.any(2).sum(1) * blank.any(1).sum(1) == area).all()  # a box
    assert blank.mean(0).min() > 0.02  # every pixel has its turn


def test_mixup_mixes_samples_as_it_mixes_targets():
    x = np.eye(8, dtype=np.float32)[:, :, None]  # sample i is the i-th unit vector
    labels = np.arange(8)
    mixed, y = t.MixUp(8, alpha=1.0)(x, labels, np.random.default_rng(0))
    np.testing.assert_allclose(mixed[:, :, 0], y, atol=1e-6)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.sum(1), 1, atol=1e-6)
    assert (y > 0.01).sum() > 8
    values = np.random.default_rng(1).normal(size=(8, 2)).astype(np.float32)
    numbers, targets = t.MixUp()(values, 3 * values + 1, np.random.default_rng(0))
    np.testing.assert_allclose(targets, 3 * numbers + 1, atol=1e-5)
    shares = t.MixUp(2, alpha=0.2)(
        np.zeros((4000, 1)), np.zeros(4000, int), np.random.default_rng(0)
    )
    assert shares[1][:, 0] == pytest.approx(1)
    same, y = t.MixUp(8, probability=0)(x, labels, np.random.default_rng(0))
    assert np.array_equal(same, x)
    assert np.array_equal(y, np.eye(8))


def test_cutmix_counts_the_pixels():
    x = np.broadcast_to(np.arange(10.0)[:, None, None, None], (10, 1, 8, 8))
    mixed, y = t.CutMix(10)(x, np.arange(10), np.random.default_rng(3))
    for sample, target in zip(mixed, y, strict=True):
        counted = np.bincount(sample.ravel().astype(int), minlength=10) / 64
        np.testing.assert_allclose(target, counted, atol=1e-6)
    assert ((y > 0.1) & (y < 0.9)).any()


def test_spline_is_smooth_and_goes_through_its_points():
    matrix = spline_matrix(5, 401)
    np.testing.assert_allclose(matrix[::100], np.eye(5), atol=1e-12)
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    bend = np.diff(matrix @ [0.0, 1.0, -1.0, 2.0, 0.0], n=2) * 100**2
    assert np.abs(np.diff(bend)).max() < 0.5  # no jump of the second derivative
    assert np.abs(bend[[0, -1]]).max() < 0.5  # none at the ends


def test_spline_of_scipy():
    interpolate = pytest.importorskip("scipy.interpolate")
    values = np.random.default_rng(0).normal(size=6)
    ours = spline_matrix(6, 50) @ values
    theirs = interpolate.CubicSpline(np.arange(6), values, bc_type="natural")(np.linspace(0, 5, 50))
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_scaling_and_magnitude_are_factors():
    x = np.ones((500, 30, 2), np.float64)
    factors, _ = t.Scaling(0.2)(x, None, np.random.default_rng(0))
    assert np.ptp(factors, axis=1).max() == 0
    assert factors[:, 0].std() == pytest.approx(0.2, rel=0.1)
    curves, _ = t.MagnitudeWarp(0.2, knots=4)(x, None, np.random.default_rng(0))
    assert curves.mean() == pytest.approx(1, abs=0.01)
    assert curves[:, 0].std() == pytest.approx(0.2, rel=0.1)
    assert np.abs(np.diff(curves, n=2, axis=1)).max() < 0.05
    assert np.ptp(curves, axis=1).min() > 0.01


def test_warped_time_runs_forwards_from_start_to_end():
    x = np.broadcast_to(np.arange(40.0)[:, None], (200, 40, 1))  # each value is its time
    warped, _ = t.TimeWarp(0.5)(x, None, np.random.default_rng(0))
    assert (np.diff(warped, axis=1) > 0).all()
    np.testing.assert_allclose(warped[:, 0], 0)
    np.testing.assert_allclose(warped[:, -1], 39)
    assert np.abs(warped - x).max() > 3
    same, _ = t.TimeWarp(0.0)(x, None, np.random.default_rng(0))
    np.testing.assert_allclose(same, x, atol=1e-9)


def test_slices_are_parts_of_their_share():
    x = np.broadcast_to(np.arange(41.0)[:, None], (300, 41, 1))
    sliced, _ = t.WindowSlice(0.75)(x, None, np.random.default_rng(0))
    np.testing.assert_allclose(sliced[:, -1] - sliced[:, 0], 30)
    np.testing.assert_allclose(np.diff(sliced, axis=1), 0.75)
    assert sliced[:, 0].min() < 0.5
    assert sliced[:, 0].max() > 9.5
    whole, _ = t.WindowSlice(1.0)(x, None, np.random.default_rng(0))
    np.testing.assert_allclose(whole, x)


def test_reading_between_steps():
    x = np.array([[[0.0], [10.0], [40.0]]])
    read = sample_series(x, np.array([[0, 0.5, 1, 1.25, 2, 9]]))
    assert read[0, :, 0].tolist() == [0, 5, 10, 17.5, 40, 40]
    assert sample_series(x[:, :1], np.array([[0.0, 3.0]])).ravel().tolist() == [0, 0]


def test_token_dropout_and_swap():
    x = np.tile(np.arange(2, 22), (500, 1))
    x[:, 15:] = 0
    dropped, _ = t.TokenDropout(0.2, unknown=1)(x, None, np.random.default_rng(0))
    assert set(np.unique(dropped[dropped != x])) == {1}
    assert (dropped[:, :15] == 1).mean() == pytest.approx(0.2, abs=0.02)
    assert (dropped[:, 15:] == 0).all()
    swapped, _ = t.TokenSwap(0.5)(x, None, np.random.default_rng(0))
    assert np.array_equal(np.sort(swapped[:, :15], axis=1), x[:, :15])
    assert (swapped[:, 15:] == 0).all()
    assert np.abs(swapped - x).max() == 1  # nobody goes further than to its neighbour
    assert (swapped != x)[:, :15].mean() == pytest.approx(0.5 * 14 / 15, abs=0.03)
    one, _ = t.TokenSwap(1.0)(x[:, :1], None, np.random.default_rng(0))
    assert np.array_equal(one, x[:, :1])


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: t.RandomShift(-1), DataError, "pixels is a whole number of pixels ≥ 0, got -1"),
        (lambda: t.RandomCrop(2.5), DataError, "padding is a whole number of pixels"),
        (lambda: t.RandomShift(1, fill="wrap"), DataError, "a finite number or 'edge', got 'wrap'"),
        (lambda: t.RandomShift(1, fill=np.nan), DataError, "got nan"),
        (lambda: t.RandomFlip("horizontl"), UnknownNameError, "did you mean 'horizontal'"),
        (lambda: t.RandomRotation(-3), DataError, "degrees is a finite number ≥ 0, got -3"),
        (lambda: t.RandomScale(1.2, 0.8), DataError, "got 1.2 to 0.8"),
        (lambda: t.RandomBrightness(-1), DataError, "amount is a finite"),
        (lambda: t.RandomContrast(2), DataError, "amount lies between 0 and 1, got 2"),
        (lambda: t.AddNoise(float("inf")), DataError, "std is a finite number"),
        (lambda: t.Cutout(0), DataError, "size is a number of pixels, 1 or more"),
        (lambda: t.MixUp(3, alpha=0), DataError, "alpha is a number above 0, got 0"),
        (lambda: t.MagnitudeWarp(knots=1), DataError, "knots is a whole number ≥ 2, got 1"),
        (lambda: t.WindowSlice(0), DataError, "share is above 0"),
        (lambda: t.TokenDropout(2), DataError, "share lies between 0 and 1, got 2"),
        (lambda: t.Compose("flip"), DataError, "Compose takes transforms, got 'flip'"),
    ],
)
def test_wrong_settings(make, error, words):
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    ("transform", "x", "y", "error", "words"),
    [
        (t.RandomFlip(), np.zeros((4, 9)), None, ShapeError, r"\(N, C, H, W\).*\(4, 9\).*flat=F"),
        (t.CutMix(2), np.zeros((4, 9)), np.zeros(4, int), ShapeError, r"\(N, C, H, W\)"),
        (t.Scaling(), np.zeros((4, 9)), None, ShapeError, r"series \(N, T, F\).*x\[\.\.\., None\]"),
        (t.TokenSwap(), np.zeros((4, 9)), None, DTypeError, "tokens, whole numbers, got float64"),
        (t.AddNoise(), np.zeros((4, 9), int), None, DTypeError, r"floats, got int64; .*astype"),
        (t.MixUp(2), np.zeros((4, 9)), None, DataError, "there are none"),
        (t.MixUp(), np.zeros((4, 9)), np.zeros(4, int), DataError, r"MixUp\(classes=\.\.\.\)"),
        (t.MixUp(2), np.zeros((4, 9)), np.full(4, 2), DataError, "from 0 to 1, got 2 … 2"),
        (t.MixUp(2), np.zeros((4, 9)), np.zeros((4, 2)), ShapeError, "leave classes out"),
        (t.MixUp(2), np.zeros((4, 9), int), np.zeros(4, int), DataError, "takes floats"),
    ],
)
def test_what_a_transform_does_not_take(transform, x, y, error, words):
    with pytest.raises(error, match=words):
        transform(x, y, np.random.default_rng(0))
