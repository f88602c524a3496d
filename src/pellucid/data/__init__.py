"""Data sets in memory, from a name, a file or a folder to batches.

>>> import pellucid.data as data
>>> moons = data.load("moons", samples=200)
>>> x, y = next(iter(data.Loader(moons.train, batch_size=16, rng=0)))
>>> x.shape, y.shape
((16, 2), (16,))
"""

from pellucid.data import transforms
from pellucid.data.array_file import load_arrays
from pellucid.data.array_preparation import ArrayPreparation
from pellucid.data.arrays import from_arrays
from pellucid.data.baselines import naive_forecast, seasonal_naive_forecast
from pellucid.data.bucket_loader import BucketLoader
from pellucid.data.csv_file import read_table
from pellucid.data.dataset import Dataset
from pellucid.data.download import cache_dir, fetch
from pellucid.data.idx import read_idx
from pellucid.data.images import load_images, read_images
from pellucid.data.language import from_text, load_text
from pellucid.data.language_preparation import LanguagePreparation
from pellucid.data.loader import Loader, Transform
from pellucid.data.loading import load
from pellucid.data.part import Part
from pellucid.data.preparation import Preparation
from pellucid.data.registry import DATASETS, describe, register
from pellucid.data.sequences import pad_sequences, sequence_lengths
from pellucid.data.series import from_series
from pellucid.data.series_dataset import SeriesDataset
from pellucid.data.series_file import load_series
from pellucid.data.series_preparation import SeriesPreparation
from pellucid.data.source import Source
from pellucid.data.splits import split, split_indices
from pellucid.data.table import MISSING, CSVFormat, Table
from pellucid.data.table_preparation import TablePreparation
from pellucid.data.tabular import load_table
from pellucid.data.target import ClassTarget, NumericTarget
from pellucid.data.text_preparation import TextPreparation
from pellucid.data.texts import load_texts
from pellucid.data.tokenizers import (
    TOKENIZERS,
    BytePairTokenizer,
    CharTokenizer,
    Tokenizer,
    WordTokenizer,
    find_tokenizer,
)

__all__ = [
    "DATASETS",
    "MISSING",
    "TOKENIZERS",
    "ArrayPreparation",
    "BucketLoader",
    "BytePairTokenizer",
    "CSVFormat",
    "CharTokenizer",
    "ClassTarget",
    "Dataset",
    "LanguagePreparation",
    "Loader",
    "NumericTarget",
    "Part",
    "Preparation",
    "SeriesDataset",
    "SeriesPreparation",
    "Source",
    "Table",
    "TablePreparation",
    "TextPreparation",
    "Tokenizer",
    "Transform",
    "WordTokenizer",
    "cache_dir",
    "describe",
    "fetch",
    "find_tokenizer",
    "from_arrays",
    "from_series",
    "from_text",
    "load",
    "load_arrays",
    "load_images",
    "load_series",
    "load_table",
    "load_text",
    "load_texts",
    "naive_forecast",
    "pad_sequences",
    "read_idx",
    "read_images",
    "read_table",
    "register",
    "seasonal_naive_forecast",
    "sequence_lengths",
    "split",
    "split_indices",
    "transforms",
]
