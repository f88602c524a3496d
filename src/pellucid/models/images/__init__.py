"""Networks that see images."""

from pellucid.models.images.cnn import CNN
from pellucid.models.images.entries import ENTRIES
from pellucid.models.images.lenet import LeNet5

__all__ = ["CNN", "ENTRIES", "LeNet5"]
