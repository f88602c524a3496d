"""Well-known networks, ready to be trained."""

from pellucid.models.generation import generate, next_token_probabilities
from pellucid.models.generative import (
    DCGAN,
    GAN,
    VAE,
    WGANGP,
    AdversarialPair,
    Autoencoder,
    ConditionalGAN,
    ConvAutoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
)
from pellucid.models.images import (
    CNN,
    VGG,
    AlexNet,
    BasicBlock,
    BottleneckBlock,
    CIFARResNet,
    DenseBlock,
    DenseNet,
    GoogLeNet,
    InceptionBlock,
    LeNet5,
    MobileNet,
    ResNet,
    SeparableBlock,
    UNet,
)
from pellucid.models.linear import LinearModel
from pellucid.models.mlp import MLP
from pellucid.models.model import Model
from pellucid.models.perceptron import Perceptron, PerceptronHistory
from pellucid.models.registry import MODELS, find_model
from pellucid.models.sequences import (
    CharRNN,
    RecurrentClassifier,
    RecurrentForecaster,
    Seq2Seq,
    SequenceAttention,
)
from pellucid.models.temporal_convolution import TCN
from pellucid.models.transformers import (
    GPT,
    Transformer,
    TransformerClassifier,
    TransformerForecaster,
)

__all__ = [
    "CNN",
    "DCGAN",
    "GAN",
    "GPT",
    "MLP",
    "MODELS",
    "TCN",
    "VAE",
    "VGG",
    "WGANGP",
    "AdversarialPair",
    "AlexNet",
    "Autoencoder",
    "BasicBlock",
    "BottleneckBlock",
    "CIFARResNet",
    "CharRNN",
    "ConditionalGAN",
    "ConvAutoencoder",
    "DenoisingAutoencoder",
    "DenseBlock",
    "DenseNet",
    "GoogLeNet",
    "InceptionBlock",
    "LeNet5",
    "LinearModel",
    "MobileNet",
    "Model",
    "Perceptron",
    "PerceptronHistory",
    "RecurrentClassifier",
    "RecurrentForecaster",
    "ResNet",
    "SeparableBlock",
    "Seq2Seq",
    "SequenceAttention",
    "SparseAutoencoder",
    "Transformer",
    "TransformerClassifier",
    "TransformerForecaster",
    "UNet",
    "find_model",
    "generate",
    "next_token_probabilities",
]
