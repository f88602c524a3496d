"""PyTorch's operators that nothing here is compared with, each with the reason."""

from __future__ import annotations

NOT_SHARED: dict[str, str] = {
    "complex numbers": """
        cdouble cfloat chalf complex imag istft linalg.eig linalg.eigvals
        nn.functional.silu.complex polar stft view_as_complex view_as_real
        fft.fft2 fft.fftn fft.hfft2 fft.hfftn fft.ifft2 fft.ifftn fft.ihfft2 fft.ihfftn fft.irfft2
        fft.irfftn fft.rfft2 fft.rfftn
        """,
    "whole numbers and bits": """
        __rand__ __ror__ __rxor__ bincount bitwise_and bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor broadcast_shapes frexp gcd hash_tensor lcm
        nn.functional.one_hot tril_indices triu_indices unravel_index
        """,
    "random numbers": """
        bernoulli cauchy exponential geometric log_normal multinomial normal normal.in_place
        normal.number_mean rand_like randint randint_like randn randn_like uniform
        nn.functional.feature_alpha_dropout.with_train
        nn.functional.feature_alpha_dropout.without_train
        nn.functional.fractional_max_pool2d nn.functional.fractional_max_pool3d
        nn.functional.multi_head_attention_forward svd_lowrank pca_lowrank
        """,
    "arrays made from nothing but sizes and numbers, which NumPy makes": """
        arange empty empty_like empty_permuted empty_strided eye full linspace
        linspace.tensor_overload logspace logspace.tensor_overload new_empty new_empty_strided
        new_full new_ones new_zeros ones scalar_tensor zeros
        signal.windows.bartlett signal.windows.blackman signal.windows.cosine
        signal.windows.exponential signal.windows.gaussian signal.windows.general_cosine
        signal.windows.general_hamming signal.windows.hamming signal.windows.hann
        signal.windows.kaiser signal.windows.nuttall
        """,
    "changes of type, which are `astype` here": """
        bfloat16 bool byte char double half int long short to
        """,
    "a Python number, or a change in place": """
        item resize_ resize_as_ zero_
        """,
    "PyTorch's memory, engines and inner functions": """
        _batch_norm_with_update _chunk_cat _native_batch_norm_legit
        _segment_reduce.lengths _segment_reduce.offsets _unsafe_masked_index_put_accumulate
        _upsample_bilinear2d_aa as_strided.partial_views bmm.triton_optimized
        jiterator_2inputs_2outputs jiterator_4inputs_with_extra_args jiterator_binary
        jiterator_binary_return_by_ref jiterator_unary max_pool2d_with_indices_backward
        native_batch_norm native_group_norm native_layer_norm
        nn.functional.batch_norm.without_cudnn nonzero_static
        torch._scaled_mm torch._scaled_mm_v2 torch.ops.aten._efficient_attention_forward
        torch.ops.aten._flash_attention_forward
        """,
    "sparse tensors": """
        sparse.mm.reduce sparse.sampled_addmm to_sparse
        """,
    "special functions that NumPy has not, or not on Tensors": """
        digamma erfinv i0 igamma igammac lgamma mvlgamma.mvlgamma_p_1 mvlgamma.mvlgamma_p_3
        mvlgamma.mvlgamma_p_5 polygamma.polygamma_n_0 polygamma.polygamma_n_1
        polygamma.polygamma_n_2 polygamma.polygamma_n_3 polygamma.polygamma_n_4
        special.airy_ai special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1
        special.chebyshev_polynomial_t special.chebyshev_polynomial_u
        special.chebyshev_polynomial_v special.chebyshev_polynomial_w special.erfcx
        special.hermite_polynomial_h special.hermite_polynomial_he special.i0e special.i1
        special.i1e special.laguerre_polynomial_l special.legendre_polynomial_p
        special.modified_bessel_i0 special.modified_bessel_i1 special.modified_bessel_k0
        special.modified_bessel_k1 special.ndtri special.polygamma.special_polygamma_n_0
        special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1
        special.shifted_chebyshev_polynomial_t special.shifted_chebyshev_polynomial_u
        special.shifted_chebyshev_polynomial_v special.shifted_chebyshev_polynomial_w
        special.spherical_bessel_j0 special.zeta
        """,
    "decompositions whose factors are not determined, and functions of them": """
        geqrf linalg.cholesky_ex linalg.householder_product linalg.inv_ex
        linalg.ldl_factor linalg.ldl_factor_ex linalg.ldl_solve linalg.lstsq
        linalg.lstsq.grad_oriented linalg.lu linalg.lu_factor linalg.lu_factor_ex linalg.lu_solve
        linalg.matrix_rank linalg.matrix_rank.hermitian linalg.pinv.singular
        linalg.solve_ex linalg.svd lu lu_solve lu_unpack matrix_exp ormqr qr svd
        """,
    "pooling, sampling and transposed convolution of volumes": """
        grid_sampler_3d nn.functional.adaptive_avg_pool3d nn.functional.adaptive_max_pool3d
        nn.functional.avg_pool3d nn.functional.conv_transpose3d
        nn.functional.interpolate.trilinear nn.functional.max_pool3d nn.functional.max_unpool3d
        nn.functional.max_unpool3d.grad
        """,
    "functions of networks that Pellucid has not": """
        grid_sampler_2d nn.functional.ctc_loss nn.functional.embedding_bag
        nn.functional.grid_sample nn.functional.interpolate.bicubic
        nn.functional.interpolate.nearest-exact nn.functional.linear_cross_entropy
        nn.functional.linear_cross_entropy.chunked
        nn.functional.linear_cross_entropy.chunked_none nn.functional.multilabel_margin_loss
        """,
    "counts, sets and places, which NumPy computes from plain numbers": """
        bucketize histc histogram histogramdd isin masked.argmax masked.argmin mode searchsorted
        unique unique_consecutive
        """,
    "folding by places": """
        index_reduce.amax index_reduce.amin index_reduce.mean index_reduce.prod masked.median
        scatter_reduce.amax scatter_reduce.amin scatter_reduce.mean scatter_reduce.prod
        scatter_reduce.sum
        """,
}
"""Names by reason."""


def not_shared() -> dict[str, str]:
    """The reason by name."""
    return {name: reason for reason, names in NOT_SHARED.items() for name in names.split()}
