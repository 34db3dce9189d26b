"""What every key hands on through one attention layer, and how large it arrives."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from attn_widgets.analysis.products import ALONE, product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Floats64

_BYTES_AT_ONCE = 2**26
_NOISE = float(np.finfo(np.float32).eps)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """The normalisation that takes a residual stream after an attention layer (post-LN).

    Attributes
    ----------
    gain
        What it multiplies each dimension by, shape ``(hidden,)``.
    scale
        What it divides each token's whole vector by, shape ``(queries,)``: its standard deviation,
        or 1 where it does not divide.
    centred
        Whether the mean of a vector's dimensions is taken away.
    """

    gain: Floats64
    scale: Floats64
    centred: bool

    def __call__(self, vectors: Floats64) -> Floats64:
        """Apply the linear part to vectors ``(..., hidden)``: all but `scale` and the shift."""
        if self.centred:
            vectors = vectors - vectors.mean(axis=-1, keepdims=True)
        return vectors * self.gain


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What one attention layer works with, for one text; all but the weights is float64.

    Attributes
    ----------
    weights
        Shape ``(heads, queries, keys)``.
    values
        Each key's value with its bias, shape ``(value heads, keys, value_dim)``; heads that share
        values follow each other.
    output
        The output weight, split by head, shape ``(heads, value_dim, hidden)``; its bias is of no
        token, and left out.
    residual
        What the layer's output is added to, shape ``(queries, hidden)``, where query i is key i;
        None where that is not defined.
    norm
        What takes the sum after that; None where nothing does.
    """

    weights: NDArray[np.floating]
    values: Floats64
    output: Floats64
    residual: Floats64 | None = None
    norm: Norm | None = None

    @property
    def groups(self) -> int:
        """Heads that share a value."""
        return len(self.output) // len(self.values)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """How large the parts of one layer's output are; see :func:`sizes`.

    Attributes
    ----------
    values
        Shape ``(heads, keys)``.
    summed, residual, normed
        Shape ``(queries, keys)``.
    mixed, mixed_normed
        Shape ``(queries,)``.

    What is not defined is None.
    """

    values: Floats64
    summed: Floats64
    residual: Floats64 | None = None
    normed: Floats64 | None = None
    mixed: Floats64 | None = None
    mixed_normed: Floats64 | None = None


def messages(layer: Layer, keys: slice = slice(None)) -> Floats64:
    r"""Give what each key says through each head, shape ``(heads, keys, hidden)``.

    .. math:: f^h(x_j) = (x_j W_V^h + b_V^h) W_O^h

    Kobayashi et al. 2020 (arXiv 2004.10102), section 2.2: the value's bias is counted in, the
    output's is not.
    """
    values = layer.values[:, keys]
    heads, _, hidden = layer.output.shape
    said = np.empty((heads, values.shape[1], hidden))
    for head, output in enumerate(layer.output):
        said[head] = product(values[head // layer.groups], output)
    return said


def written(layer: Layer) -> Floats64:
    """Add up all messages: the layer's output without its bias, shape ``(queries, hidden)``."""
    total = np.zeros((layer.weights.shape[1], layer.output.shape[2]))
    for head, (weights, output) in enumerate(zip(layer.weights, layer.output, strict=True)):
        mixed = product(weights.astype(np.float64), layer.values[head // layer.groups])
        total += product(mixed, output)
    return total


def sizes(layer: Layer) -> Sizes:
    r"""Measure the Euclidean length of every part of a layer's output.

    .. math::

        \text{values}_{hj} = \lVert f^h(x_j) \rVert, \qquad
        \text{summed}_{ij} = \lVert y_{ij} \rVert, \qquad
        y_{ij} = \sum_h \alpha^h_{ij} f^h(x_j)

    (Kobayashi et al. 2020, arXiv 2004.10102, section 3). Where query i is key i, with
    :math:`z_{ij} = y_{ij} + \delta_{ij} x_i` and the residual connection :math:`x_i`,

    .. math::

        \text{residual}_{ij} = \lVert z_{ij} \rVert, \qquad
        \text{normed}_{ij} = \lVert g_i(z_{ij}) \rVert, \qquad
        g_i(z) = \frac{z - m(z)}{s_i} \odot \gamma

    with m the mean over dimensions and :math:`s_i` the standard deviation of query i's whole
    vector; the shift :math:`\beta` is of no token, and left out. What others give together is

    .. math::

        \text{mixed}_i = \Bigl\lVert \sum_{j \ne i} y_{ij} \Bigr\rVert, \qquad
        \text{mixed-normed}_i = \Bigl\lVert \sum_{j \ne i} g_i(y_{ij}) \Bigr\rVert

    (Kobayashi et al. 2021, arXiv 2109.07152).

    The sum over heads is measured through the products of the messages with each other, so that
    memory grows by ``queries x keys``, not by ``queries x keys x hidden``. In float64, an error is
    below 1e-7 of the heads' lengths added up.

    Returns
    -------
    Sizes
        In the units of the hidden states.
    """
    heads, n_queries, n_keys = layer.weights.shape
    values = np.empty((heads, n_keys))
    summed, normed = np.empty((2, n_queries, n_keys))
    for part in _parts(layer):
        said = messages(layer, part)
        given = np.ascontiguousarray(layer.weights[:, :, part].T, dtype=np.float64)
        values[:, part] = np.linalg.norm(said, axis=-1)
        summed[:, part] = _together(given, said)
        if layer.norm is not None:
            normed[:, part] = _together(given, layer.norm(said))
    if layer.residual is None:
        return Sizes(values, summed)
    own = _own(layer)
    others, own = written(layer) - own, own + layer.residual
    residual = _with_diagonal(summed, own)
    mixed = np.linalg.norm(others, axis=-1)
    if layer.norm is None:
        return Sizes(values, summed, residual, mixed=mixed)
    normed = _with_diagonal(normed, layer.norm(own)) / layer.norm.scale[:, None]
    mixed_normed = np.linalg.norm(layer.norm(others), axis=-1) / layer.norm.scale
    return Sizes(values, summed, residual, normed, mixed, mixed_normed)


def effective_attention(layer: Layer) -> Floats64:
    r"""Take from the weights what cannot reach the layer's output.

    .. math:: A^\perp = A - \mathrm{proj}_{\mathrm{LN}(T)} A, \qquad T_j = f^h(x_j)

    Brunner et al. 2020 (arXiv 1908.04211): weights in the left null space LN(T) of the
    messages T, shape ``(keys, hidden)``, of rank at most ``value_dim``, change nothing. Of fewer
    keys than that the weights come back as they are. Rows need not sum to 1, and may go below 0.

    Returns
    -------
    ndarray of float64, shape (heads, queries, keys)
        With ``A⊥ T`` equal to ``A T``.
    """
    made = layer.weights.astype(np.float64)
    for head, output in enumerate(layer.output):
        # turned onto axes of their own, the messages are short and keep their left null space
        axes, strengths = _axes(product(output, output.T))
        said = product(layer.values[head // layer.groups], axes * strengths)
        axes, strengths = _axes(product(said.T, said))
        left = product(said, axes / strengths)
        if left.shape[1] < len(left):
            made[head] = product(product(made[head], left), left.T)
    return made


def _axes(squares: Floats64) -> tuple[Floats64, Floats64]:
    """Find the axes ``(n, rank)`` of a matrix from its product with itself, and its strengths."""
    strengths, axes = np.linalg.eigh(squares)
    strengths = np.sqrt(np.maximum(strengths, 0.0))
    enough = strengths > strengths[-1] * len(strengths) * _NOISE
    return axes[:, enough], strengths[enough]


def _parts(layer: Layer) -> Iterator[slice]:
    """Cut the keys into runs whose messages, and their weights, fit a bounded memory."""
    heads, n_queries, n_keys = layer.weights.shape
    each = 8 * heads * (2 * layer.output.shape[2] + 3 * n_queries)
    step = max(1, _BYTES_AT_ONCE // each)
    for start in range(0, n_keys, step):
        yield slice(start, min(start + step, n_keys))


def _together(given: Floats64, said: Floats64) -> Floats64:
    """Measure ``|sum_h given[j, i, h] * said[h, j]|``, shape ``(queries, keys)``."""
    by_key = said.swapaxes(0, 1)
    products = by_key @ by_key.swapaxes(1, 2)
    n_keys, n_queries, heads = given.shape
    lengths = np.empty((n_queries, n_keys))
    step = max(1, ALONE // heads**2)
    for start in range(0, n_queries, step):
        rows = given[:, start : start + step]
        squares = np.einsum("jih,jih->ij", rows @ products, rows)
        lengths[start : start + step] = np.sqrt(np.maximum(squares, 0.0))
    return lengths


def _own(layer: Layer) -> Floats64:
    """Give what each query gets from its own key, shape ``(queries, hidden)``."""
    diagonal = np.diagonal(layer.weights, axis1=1, axis2=2).astype(np.float64)
    total = np.zeros((diagonal.shape[1], layer.output.shape[2]))
    for head, (weights, output) in enumerate(zip(diagonal, layer.output, strict=True)):
        total += product(weights[:, None] * layer.values[head // layer.groups], output)
    return total


def _with_diagonal(lengths: Floats64, own: Floats64) -> Floats64:
    """Copy lengths, those on the diagonal being of other vectors."""
    made = lengths.copy()
    np.fill_diagonal(made, np.linalg.norm(own, axis=-1))
    return made
