"""Windows as other projects count them, translated; each says how many keys a middle row sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.masks.errors import MaskError
from attn_widgets.masks.limits import MAX_INT, whole
from attn_widgets.masks.patterns import windows
from attn_widgets.masks.patterns.blocks import blocks
from attn_widgets.masks.patterns.shifted import shifted
from attn_widgets.masks.patterns.windows import dilated, full, local

if TYPE_CHECKING:
    from attn_widgets.masks.expr import Mask


def from_longformer_hf(attention_window: int) -> Mask:
    """Longformer's paper and transformers: `attention_window` W counts both sides.

    A middle row sees ``W + 1`` keys: itself and ``W / 2`` on each side. W is even.

    Raises
    ------
    MaskError
        If W is odd, which transformers refuses as well, or below 2.
    """
    both = whole("attention_window", attention_window, 2)
    if both % 2:
        msg = f"Longformer's attention_window counts two equal sides: an even number, not {both}"
        raise MaskError(msg)
    return local(both // 2)


def from_longformer_allenai(attention_window: int, dilation: int = 1) -> Mask:
    """allenai/longformer: `attention_window` w is one side, its CUDA `dilation` the step.

    A middle row sees ``2 w + 1`` keys; dilated, they reach ``w dilation`` tokens away.
    """
    return dilated(attention_window, dilation) if dilation != 1 else local(attention_window)


def from_modernbert(local_attention: int) -> Mask:
    """ModernBERT: `local_attention` A counts both sides.

    A middle row sees ``2 (A // 2) + 1`` keys: 9 for A = 8 and for A = 9. The `sliding_window` it
    hands to attention functions is ``A // 2 + 1``, one more than its mask has on a side.
    """
    return local(whole("local_attention", local_attention, 1) // 2)


def from_hf_window(sliding_window: int) -> Mask:
    """`sliding_window` s of Mistral, Gemma and the rest of transformers: causal, itself included.

    A middle row sees ``s`` keys: itself and ``s - 1`` before.
    """
    return _keys_back("sliding_window", sliding_window)


def from_hf_bidirectional(sliding_window: int) -> Mask:
    """`sliding_window_bidirectional_overlay` of transformers: s is a radius.

    A middle row sees ``2 s + 1`` keys: itself and ``s`` on each side.
    """
    return local(sliding_window)


def from_attention_gym_window(window_size: int) -> Mask:
    """`generate_sliding_window` of attention-gym: always causal, s is how far it looks back.

    A middle row sees ``s + 1`` keys: itself and ``s`` before.
    """
    return local(left=whole("window_size", window_size, 0), right=0)


def from_attention_gym_dilated(window_size: int, dilation: int) -> Mask:
    """`generate_dilated_sliding_window` of attention-gym: the window is its reach, not its taps.

    A middle row sees ``2 (window_size // dilation) + 1`` keys, `dilation` apart.
    """
    step = whole("dilation", dilation, 1)
    return dilated(whole("window_size", window_size, 0) // step, step)


def from_xformers_local(window_size: int) -> Mask:
    """`local_1d_pattern` of xformers: the total W of a symmetric window, odd.

    A middle row sees ``W`` keys: itself and ``(W - 1) / 2`` on each side.

    Raises
    ------
    MaskError
        If W is even, which xformers refuses as well, or below 1.
    """
    total = whole("window_size", window_size, 1)
    if total % 2 == 0:
        msg = f"window_size of local_1d_pattern counts the middle key: an odd number, not {total}"
        raise MaskError(msg)
    return local(total // 2)


def from_xformers_causal(window_size: int) -> Mask:
    """`LowerTriangularFromBottomRightLocalAttentionMask` of xformers: causal, itself included.

    A middle row sees ``window_size`` keys: itself and ``window_size - 1`` before. Its last query
    sits at the last key: bind with ``q_offset = n_keys - n_queries``.
    """
    return _keys_back("window_size", window_size)


def from_local_attention(
    window_size: int,
    *,
    causal: bool = False,
    look_backward: int = 1,
    look_forward: int | None = None,
    exact: bool = False,
) -> Mask:
    """`LocalAttention` of local-attention: whole blocks of w, or with `exact_windowsize` a band.

    By blocks a row sees its own block of w, `look_backward` before and `look_forward` after (0 if
    causal, else 1, when left out): ``(1 + look_backward + look_forward) w`` keys in a middle row,
    those after the query dropped if causal. With `exact` a middle row sees itself,
    ``look_backward w`` before and ``look_forward w`` after.

    Raises
    ------
    MaskError
        If a number is not whole or out of range, or a causal one looks forward.
    """
    size = whole("window_size", window_size, 1)
    back = whole("look_backward", look_backward, 0)
    ahead = int(not causal) if look_forward is None else whole("look_forward", look_forward, 0)
    if causal and ahead:
        msg = f"a causal window cannot look {ahead} blocks forward; leave look_forward out"
        raise MaskError(msg)
    if exact:
        return local(left=back * size, right=ahead * size)
    kept = blocks(size, left=back, right=ahead)
    return kept & windows.causal() if causal else kept


def from_natten(kernel_size: int, dilation: int = 1) -> Mask:
    """`na1d` of NATTEN, not causal: the window shifts inward at the edges.

    Every row sees ``kernel_size`` keys, `dilation` apart. NATTEN wants texts of at least
    ``kernel_size dilation`` tokens.
    """
    return shifted(kernel_size, dilation)


def from_splash(left: int | None, right: int | None) -> Mask:
    """`LocalMask` of JAX splash attention: `window_size` is a pair of sides, None for an open one.

    A middle row sees ``left + right + 1`` keys. Its `offset` is the `q_offset` of `Mask.bind`.
    """
    if left is None and right is None:
        return full()
    if left is None and right == 0:
        return windows.causal()
    before = MAX_INT if left is None else left
    return local(left=before, right=MAX_INT if right is None else right)


def from_sparse_transformer(local_attn_ctx: int) -> Mask:
    """`local_attn_ctx` of the Sparse Transformer's code: causal, itself included.

    A middle row sees ``local_attn_ctx`` keys: itself and one fewer before. Its whole patterns are
    `strided` and `fixed`.
    """
    return _keys_back("local_attn_ctx", local_attn_ctx)


def _keys_back(name: str, keys: int) -> Mask:
    return local(left=whole(name, keys, 1) - 1, right=0)
