"""Data sets in memory, from a name, a file or a folder to batches.

>>> import pellucid.data as data
>>> moons = data.load("moons", samples=200)
>>> x, y = next(iter(data.Loader(moons.train, batch_size=16, rng=0)))
>>> x.shape, y.shape
((16, 2), (16,))
"""

from pellucid.data.array_file import load_arrays
from pellucid.data.array_preparation import ArrayPreparation
from pellucid.data.arrays import from_arrays
from pellucid.data.csv_file import read_table
from pellucid.data.dataset import Dataset
from pellucid.data.download import cache_dir, fetch
from pellucid.data.idx import read_idx
from pellucid.data.images import load_images, read_images
from pellucid.data.loader import Loader
from pellucid.data.loading import load
from pellucid.data.part import Part
from pellucid.data.preparation import Preparation
from pellucid.data.registry import DATASETS, describe, register
from pellucid.data.source import Source
from pellucid.data.splits import split, split_indices
from pellucid.data.table import MISSING, CSVFormat, Table
from pellucid.data.table_preparation import TablePreparation
from pellucid.data.tabular import load_table
from pellucid.data.target import ClassTarget, NumericTarget
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
    "BytePairTokenizer",
    "CSVFormat",
    "CharTokenizer",
    "ClassTarget",
    "Dataset",
    "Loader",
    "NumericTarget",
    "Part",
    "Preparation",
    "Source",
    "Table",
    "TablePreparation",
    "Tokenizer",
    "WordTokenizer",
    "cache_dir",
    "describe",
    "fetch",
    "find_tokenizer",
    "from_arrays",
    "load",
    "load_arrays",
    "load_images",
    "load_table",
    "read_idx",
    "read_images",
    "read_table",
    "register",
    "split",
    "split_indices",
]
