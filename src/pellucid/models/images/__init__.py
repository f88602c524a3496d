"""Networks that see images."""

from pellucid.models.images.alexnet import AlexNet
from pellucid.models.images.cnn import CNN
from pellucid.models.images.densenet import DenseBlock, DenseNet
from pellucid.models.images.entries import ENTRIES
from pellucid.models.images.googlenet import GoogLeNet, InceptionBlock
from pellucid.models.images.lenet import LeNet5
from pellucid.models.images.mobilenet import MobileNet, SeparableBlock
from pellucid.models.images.resnet import BasicBlock, BottleneckBlock, CIFARResNet, ResNet
from pellucid.models.images.unet import UNet
from pellucid.models.images.vgg import VGG

__all__ = [
    "CNN",
    "ENTRIES",
    "VGG",
    "AlexNet",
    "BasicBlock",
    "BottleneckBlock",
    "CIFARResNet",
    "DenseBlock",
    "DenseNet",
    "GoogLeNet",
    "InceptionBlock",
    "LeNet5",
    "MobileNet",
    "ResNet",
    "SeparableBlock",
    "UNet",
]
