"""Attention, the positions that it needs, and the layers of transformers."""

from pellucid.nn.attention.alibi import alibi_bias, alibi_slopes
from pellucid.nn.attention.cache import KeyValueCache
from pellucid.nn.attention.decoder import TransformerDecoder, TransformerDecoderLayer
from pellucid.nn.attention.dot_product import scaled_dot_product_attention
from pellucid.nn.attention.encoder import TransformerEncoder, TransformerEncoderLayer
from pellucid.nn.attention.masks import causal_mask
from pellucid.nn.attention.multi_head import MultiHeadAttention
from pellucid.nn.attention.positions import LearnedPositions, SinusoidalPositions, sinusoids
from pellucid.nn.attention.rotary import RotaryPositions

__all__ = [
    "KeyValueCache",
    "LearnedPositions",
    "MultiHeadAttention",
    "RotaryPositions",
    "SinusoidalPositions",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "alibi_bias",
    "alibi_slopes",
    "causal_mask",
    "scaled_dot_product_attention",
    "sinusoids",
]
