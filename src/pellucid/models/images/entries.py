"""The image models by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pellucid.models.images.alexnet import AlexNet
from pellucid.models.images.cnn import CNN
from pellucid.models.images.densenet import DenseNet
from pellucid.models.images.googlenet import GoogLeNet
from pellucid.models.images.lenet import LeNet5
from pellucid.models.images.mobilenet import MobileNet
from pellucid.models.images.resnet import CIFARResNet, ResNet
from pellucid.models.images.unet import UNet
from pellucid.models.images.vgg import VGG
from pellucid.models.model import Model
from pellucid.nn import Module

__all__ = ["ENTRIES"]


def _cnn(
    input_shape: tuple[int, ...],
    outputs: int,
    channels: Sequence[int] = (16, 32, 64),
    convolutions: int = 1,
    dropout: float = 0.25,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return CNN(input_shape, outputs, channels, convolutions, dropout, dtype=dtype, rng=rng)


def _lenet5(
    input_shape: tuple[int, ...],
    outputs: int,
    activation: str = "tanh",
    pooling: Any = "average",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return LeNet5(input_shape, outputs, activation, pooling, dtype=dtype, rng=rng)


def _alexnet(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: Sequence[int] = (1024, 512),
    width: float = 0.5,
    dropout: float = 0.5,
    stem: Any = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return AlexNet(input_shape, outputs, _units(hidden), width, dropout, stem, dtype=dtype, rng=rng)


def _vgg(depth: int) -> Callable[..., Module]:
    def build(
        input_shape: tuple[int, ...],
        outputs: int,
        hidden: Sequence[int] = (512,),
        width: float = 0.25,
        batch_norm: bool = True,
        dropout: float = 0.5,
        dtype: str | None = None,
        rng: int | None = None,
    ) -> Module:
        return VGG(
            input_shape,
            outputs,
            depth,
            _units(hidden),
            width,
            batch_norm,
            dropout,
            dtype=dtype,
            rng=rng,
        )

    return build


def _googlenet(
    input_shape: tuple[int, ...],
    outputs: int,
    width: float = 0.25,
    batch_norm: bool = True,
    dropout: float = 0.2,
    stem: Any = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return GoogLeNet(input_shape, outputs, width, batch_norm, dropout, stem, dtype=dtype, rng=rng)


def _resnet(blocks: tuple[int, ...], bottleneck: bool) -> Callable[..., Module]:
    def build(
        input_shape: tuple[int, ...],
        outputs: int,
        width: int = 16,
        stem: Any = None,
        dtype: str | None = None,
        rng: int | None = None,
    ) -> Module:
        return ResNet(input_shape, outputs, blocks, bottleneck, width, stem, dtype=dtype, rng=rng)

    return build


def _resnet20(
    input_shape: tuple[int, ...],
    outputs: int,
    depth: int = 20,
    width: int = 16,
    shortcut: Any = "padding",
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return CIFARResNet(input_shape, outputs, depth, width, shortcut, dtype=dtype, rng=rng)


def _densenet(
    input_shape: tuple[int, ...],
    outputs: int,
    growth: int = 12,
    blocks: Sequence[int] = (4, 4, 4),
    stem: Any = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return DenseNet(input_shape, outputs, growth, blocks, stem, dtype=dtype, rng=rng)


def _mobilenet(
    input_shape: tuple[int, ...],
    outputs: int,
    width: float = 0.25,
    stem: Any = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return MobileNet(input_shape, outputs, width, stem, dtype=dtype, rng=rng)


def _unet(
    input_shape: tuple[int, ...],
    outputs: int,
    width: int = 16,
    depth: int = 2,
    batch_norm: bool = True,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return UNet(input_shape, outputs, width, depth, batch_norm, dtype=dtype, rng=rng)


def _units(hidden: int | Sequence[int]) -> Sequence[int]:
    return (hidden,) if isinstance(hidden, int) else hidden


_HE = "He, Zhang, Ren & Sun (2016)"

ENTRIES: tuple[Model, ...] = (
    Model(
        "cnn",
        _cnn,
        "Blocks of convolution, batch normalisation, ReLU and pooling, and one dense layer.",
        "LeCun et al. (1998); Ioffe & Szegedy (2015)",
        takes="images",
    ),
    Model(
        "lenet5",
        _lenet5,
        "Three 5×5 convolutions with pooling between them, and two dense layers.",
        "LeCun, Bottou, Bengio & Haffner (1998)",
        smaller="All maps of C3 see all of S2, pooling has no weights, the output is logits.",
        takes="images",
    ),
    Model(
        "alexnet",
        _alexnet,
        "Five convolutions with ReLU, three poolings, dense layers with dropout.",
        "Krizhevsky, Sutskever & Hinton (2012)",
        smaller="Half the channels, dense layers of 1,024 and 512 instead of 4,096; one tower.",
        takes="images",
    ),
    *(
        Model(
            f"vgg{depth}",
            _vgg(depth),
            "Five stages of 3×3 convolutions with pooling between them, and dense layers.",
            "Simonyan & Zisserman (2015)",
            smaller="A quarter of the channels, one dense layer of 512 and not two of 4,096; batch "
            "normalisation is added.",
            takes="images",
        )
        for depth in (11, 16)
    ),
    Model(
        "googlenet",
        _googlenet,
        "Inception blocks: 1×1, 3×3 and 5×5 convolutions side by side.",
        "Szegedy et al. (2015)",
        smaller="A quarter of the channels, no auxiliary classifiers; with batch normalisation.",
        takes="images",
    ),
    Model(
        "resnet18",
        _resnet((2, 2, 2, 2), False),
        "Eight blocks of two 3×3 convolutions whose input is added to their output.",
        _HE,
        smaller="16 channels in the first stage instead of 64.",
        takes="images",
    ),
    Model(
        "resnet34",
        _resnet((3, 4, 6, 3), False),
        "Sixteen blocks of two 3×3 convolutions whose input is added to their output.",
        _HE,
        smaller="16 channels in the first stage instead of 64.",
        takes="images",
    ),
    Model(
        "resnet50",
        _resnet((3, 4, 6, 3), True),
        "Sixteen bottleneck blocks whose input is added to their output.",
        _HE,
        smaller="16 channels in the first stage instead of 64.",
        takes="images",
    ),
    Model(
        "resnet20",
        _resnet20,
        "Nine blocks in stages of 16, 32 and 64 channels: the residual network for CIFAR-10.",
        _HE,
        takes="images",
    ),
    Model(
        "densenet",
        _densenet,
        "Dense blocks, in which each layer sees the outputs of all before it.",
        "Huang, Liu, van der Maaten & Weinberger (2017)",
        smaller="Growth 12 in three blocks of 4 layers; the paper has 32 and 6, 12, 24, 16.",
        takes="images",
    ),
    Model(
        "mobilenet",
        _mobilenet,
        "Depthwise and 1×1 convolutions in turn, for small machines.",
        "Howard et al. (2017)",
        smaller="Width multiplier 0.25.",
        takes="images",
    ),
    Model(
        "unet",
        _unet,
        "A class for each pixel, from what is around it and what is at its place.",
        "Ronneberger, Fischer & Brox (2015)",
        smaller="16 channels at the top instead of 64, two halvings instead of four.",
        takes="images",
    ),
)
