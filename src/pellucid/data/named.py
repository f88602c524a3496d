"""Texts and series that have a name: each a file, found on disk or downloaded once."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pellucid.data.arrays import Scale, from_arrays
from pellucid.data.csv_file import read_table
from pellucid.data.dataset import Dataset
from pellucid.data.language import TokenizerLike, load_text
from pellucid.data.progress import Progress
from pellucid.data.remote import RemoteFile
from pellucid.data.series_dataset import SeriesDataset
from pellucid.data.series_file import load_series
from pellucid.data.table import CSVFormat
from pellucid.data.texts import load_texts
from pellucid.dtypes import as_array
from pellucid.errors import DataError
from pellucid.random import Seed

__all__ = ["FILES", "ecg5000", "named_series", "named_text", "sms_spam"]

_JASON = "https://raw.githubusercontent.com/jbrownlee/Datasets/master/"
FILES: dict[str, RemoteFile] = {
    "tiny-shakespeare": RemoteFile(
        "tiny-shakespeare",
        "input.txt",
        (
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/"
            "input.txt",
        ),
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ("tinyshakespeare", "tiny-shakespeare", "tiny_shakespeare"),
        ("input.txt", "input.txt.gz"),
    ),
    "names": RemoteFile(
        "names",
        "names.txt",
        ("https://raw.githubusercontent.com/karpathy/makemore/master/names.txt",),
        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
        ("names",),
        ("names.txt", "names.txt.gz"),
    ),
    "sms-spam": RemoteFile(
        "sms-spam",
        "sms+spam+collection.zip",
        ("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",),
        "1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3",
        ("sms_spam", "sms-spam", "."),
        ("sms.tsv", "SMSSpamCollection", "sms+spam+collection.zip"),
    ),
    "ecg5000": RemoteFile(
        "ecg5000",
        "ecg5000_binary.csv.gz",
        (),
        "",
        ("ecg5000", "ECG5000"),
        ("ecg5000_binary.csv.gz", "ecg5000_binary.csv", "ecg5000.csv.gz", "ecg5000.csv"),
        "take ECG5000 from timeseriesclassification.com, write a CSV file of 140 values and then a "
        "1 for normal (class 1) or a 0 in each row",
    ),
    "airline-passengers": RemoteFile(
        "airline-passengers",
        "airline-passengers.csv",
        (_JASON + "airline-passengers.csv",),
        "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
        ("timeseries", "airline-passengers"),
        ("airline-passengers.csv",),
    ),
    "daily-min-temperatures": RemoteFile(
        "daily-min-temperatures",
        "daily-min-temperatures.csv",
        (_JASON + "daily-min-temperatures.csv",),
        "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da",
        ("timeseries", "daily-min-temperatures"),
        ("daily-min-temperatures.csv",),
    ),
}
"""The file of each set."""

_BEATS = 140  # values of a heartbeat


def named_text(name: str, *, lines: bool, description: str) -> Callable[..., Dataset]:
    """Return the loader of a text: a running one, or one of lines."""
    each_line = lines

    def load_named_text(
        *,
        tokenizer: TokenizerLike = "char",
        context: int | None = None,
        vocabulary_size: int | None = None,
        lines: bool = each_line,
        test_fraction: float = 0.1,
        validation: float = 0.0,
        progress: Progress = "auto",
        rng: Seed = 0,
    ) -> Dataset:
        """Load a text as `load_text` does.

        Parameters
        ----------
        tokenizer, context, vocabulary_size, lines, test_fraction, validation, rng
            As in `from_text`.
        progress : "auto", bool or callable
            How to show a download.

        Raises
        ------
        DataError
            If the file is neither on disk nor to be downloaded.
        """
        data = load_text(
            FILES[name].path(progress),
            tokenizer=tokenizer,
            context=context,
            vocabulary_size=vocabulary_size,
            lines=lines,
            test_fraction=test_fraction,
            validation=validation,
            rng=rng,
        )
        return replace(data, name=name, description=description)

    return load_named_text


def named_series(name: str, *, season: int, description: str) -> Callable[..., SeriesDataset]:
    """Return the loader of a series with a season of so many steps."""
    usual = season

    def load_named_series(
        *,
        window: int = 24,
        horizon: int = 1,
        season: int | None = usual,
        log: bool = False,
        difference: int = 0,
        test_fraction: float = 0.2,
        validation: float = 0.0,
        standardize: bool = True,
        progress: Progress = "auto",
        rng: Seed = 0,
    ) -> SeriesDataset:
        """Load a series as `load_series` does.

        Parameters
        ----------
        window, horizon, season, log, difference, test_fraction, validation, standardize
            As in `from_series`.
        progress : "auto", bool or callable
            How to show a download.
        rng : int, numpy.random.Generator or None
            Not used: a series is cut in time order.

        Raises
        ------
        DataError
            If the file is neither on disk nor to be downloaded.
        """
        data = load_series(
            FILES[name].path(progress),
            window=window,
            horizon=horizon,
            season=season,
            log=log,
            difference=difference,
            test_fraction=test_fraction,
            validation=validation,
            standardize=standardize,
        )
        return replace(data, name=name, description=description)

    return load_named_series


def sms_spam(
    *,
    tokenizer: TokenizerLike = "word",
    vocabulary_size: int | None = 10_000,
    lowercase: bool = True,
    max_length: int | None = None,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    progress: Progress = "auto",
    rng: Seed = 0,
) -> Dataset:
    """Load 5,574 short messages, of which 747 are spam.

    Parameters
    ----------
    tokenizer, vocabulary_size, lowercase, max_length, test_fraction, validation, rng
        As in `load_texts`.
    progress : "auto", bool or callable
        How to show a download.

    Raises
    ------
    DataError
        If the file is neither on disk nor to be downloaded.
    """
    data = load_texts(
        _unzipped(FILES["sms-spam"].path(progress), "SMSSpamCollection"),
        text=1,
        target=0,
        tokenizer=tokenizer,
        vocabulary_size=vocabulary_size,
        lowercase=lowercase,
        max_length=max_length,
        test_fraction=test_fraction,
        validation=validation,
        delimiter="\t",
        header=False,
        quote=None,
        rng=rng,
    )
    return replace(data, name="sms-spam", description="short messages, spam or not")


def ecg5000(
    *,
    flat: bool = True,
    test_fraction: float = 0.2,
    validation: float = 0.0,
    scale: Scale = "standard",
    progress: Progress = "auto",
    rng: Seed = 0,
) -> Dataset:
    """Load 5,000 heartbeats of 140 values, normal or not.

    Parameters
    ----------
    flat : bool
        Give x as rows (N, 140); otherwise as series (N, 140, 1).
    test_fraction, validation : float
        Shares set aside, 0 for none; stratified by class.
    scale : str
        "standard": one mean and deviation for all values; others as in `from_arrays`.
    progress : "auto", bool or callable
        Not used: there is no lasting address to download it from.
    rng : int, numpy.random.Generator or None
        Where the splits come from.

    Raises
    ------
    DataError
        If the file is not on disk, or has other columns.
    """
    path = FILES["ecg5000"].path(progress)
    table = read_table(path, CSVFormat(header=False))
    if len(table.columns) != _BEATS + 1:
        raise DataError(
            f"'{path}' has {len(table.columns)} columns; expected {_BEATS} values and the label"
        )
    try:
        values = as_array([list(map(float, column)) for column in table.columns]).T  # (N, 141)
    except ValueError as error:
        raise DataError(f"'{path}' holds something that is not a number: {error}") from error
    return from_arrays(
        "ecg5000",
        (values[:, :_BEATS, None], values[:, _BEATS].astype(int)),  # x (N, 140, 1)
        task="classification",
        test_fraction=test_fraction,
        validation_fraction=validation,
        scale=scale,
        flat=flat,
        class_names=("anomalous", "normal"),
        target_name="beat",
        description="heartbeats, normal or not",
        rng=rng,
    )


def _unzipped(path: Path, member: str) -> Path:
    """Return a file of a zip archive, unpacked beside it; any other file as it is."""
    if path.suffix != ".zip":
        return path
    place = path.with_name(member)
    if not place.exists():
        try:
            with zipfile.ZipFile(path) as archive:
                data = archive.read(member)
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise DataError(
                f"'{path}' is damaged or lacks {member} ({error}); delete it"
            ) from error
        place.write_bytes(data)
    return place
