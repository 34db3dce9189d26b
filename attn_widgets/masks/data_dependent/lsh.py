"""Locality-sensitive hashing: a query sees the keys that fall into its bucket's chunks."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np

from attn_widgets.masks.data_dependent import lsh_chunks
from attn_widgets.masks.data_dependent.lsh_hash import buckets_of, rotations
from attn_widgets.masks.data_dependent.settled import DataMask
from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.limits import flag, whole
from attn_widgets.masks.rows.runs import Runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.masks.expr import Mask
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData

MAX_BUCKETS = 4096
MAX_ROUNDS = 64


@dataclass(frozen=True, slots=True, repr=False)
class Lsh(DataMask):
    """Keys that hash near the query; made by `lsh`."""

    kind: ClassVar[str] = "lsh"
    wants: ClassVar[frozenset[str]] = frozenset({"q", "k"})
    buckets: int
    rounds: int = 1
    chunk: int | None = None
    same_bucket: bool = False
    share_qk: bool = False
    causal: bool = False
    look_back: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be hashed."""
        values: dict[str, object] = {
            "buckets": whole("the number of buckets", self.buckets, 2, MAX_BUCKETS),
            "rounds": whole("the number of rounds", self.rounds, 1, MAX_ROUNDS),
            "chunk": None if self.chunk is None else whole("the chunk", self.chunk, 1),
            "look_back": whole("the chunks looked back at", self.look_back, 0, MAX_ROUNDS),
            "seed": whole("the seed", self.seed, 0),
        }
        for name in ("same_bucket", "share_qk", "causal"):
            values[name] = flag(name, getattr(self, name))
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if self.buckets % 2:
            msg = f"the number of buckets must be even, half of them opposites; not {self.buckets}"
            raise MaskError(msg)
        if self.causal and not self.share_qk:
            msg = "causal=True belongs to share_qk=True; here write lsh(...) & causal()"
            raise MaskError(msg)

    @property
    def needs(self) -> frozenset[str]:
        """Queries, and keys where they are other vectors."""
        return frozenset({"q"}) if self.share_qk else self.wants

    def chunk_for(self, n_keys: int) -> int:
        """Return the size of a chunk: `chunk`, or twice the mean bucket, ``2 n / buckets``."""
        return math.ceil(2 * n_keys / self.buckets) if self.chunk is None else self.chunk

    def scores_computed(self, n_queries: int, n_keys: int) -> int:
        """Return ``rounds * n_queries * (1 + look_back) * chunk``, the query-key products.

        Exact in Reformer's form where every chunk is full; a text no longer than a chunk is seen
        whole, and once. With keys of their own, chunks hold `chunk` keys on average: where one or
        no chunk is looked back at, there are at most ``rounds * (1 + look_back) * chunk²`` more.
        """
        chunk = self.chunk_for(n_keys)
        if self.share_qk and n_keys <= chunk:
            return n_queries * n_keys * (self.rounds if self.same_bucket else 1)
        seen = (1 + self.look_back) * chunk
        return self.rounds * n_queries * (seen if self.share_qk else min(seen, n_keys))

    def sort_steps(self, n_queries: int, n_keys: int) -> int:
        """Return ``rounds * n * ceil(log2 n)`` for the n vectors that are sorted."""
        n = n_keys if self.share_qk else n_queries + n_keys
        return self.rounds * n * max(math.ceil(math.log2(n)), 1)

    def runs(self, data: HeadData, frame: Frame) -> Runs:
        """Hash, sort, cut into chunks, and keep who met."""
        query = cast("NDArray[np.float64]", data.q)
        how = lsh_chunks.Chunking(self.chunk_for(frame.n_keys), self.look_back, self.same_bucket)
        matrices = rotations(self.seed, self.rounds, query.shape[1], self.buckets // 2)
        hidden = np.zeros(frame.n_keys, dtype=np.bool_)
        hidden[list(dict(frame.places or ()).get("pad", ()))] = True
        if self.share_qk:
            self._check_shared(data, frame)
            buckets = buckets_of(query, matrices)
            met = lsh_chunks.shared(buckets, how, causal=self.causal, hidden=hidden)
        else:
            key = cast("NDArray[np.float64]", data.k)
            own = data.own_keys(frame)
            met = lsh_chunks.joint(
                np.where((own >= 0) & hidden[own], self.buckets, buckets_of(query, matrices)),
                np.where(hidden, self.buckets, buckets_of(key, matrices)),
                how,
                frame.positions(0, frame.n_queries),
                own,
            )
        return Runs.from_codes(met.codes, (frame.n_queries, frame.n_keys), met.counts)

    def _check_shared(self, data: HeadData, frame: Frame) -> None:
        if data.cross or frame.n_queries != frame.n_keys or frame.q_offset:
            msg = (
                "share_qk=True makes each token query and key at once, which needs as many "
                f"queries as keys of one text, not {frame.n_queries} queries from position "
                f"{frame.q_offset} and {frame.n_keys} keys; use share_qk=False"
            )
            raise MaskBindError(msg)

    def __repr__(self) -> str:
        """Return the call that makes it, without what is as usual."""
        others = ", ".join(
            f"{field.name}={value!r}"
            for field in fields(self)[1:]
            if (value := getattr(self, field.name)) != field.default
        )
        return f"lsh({self.buckets}{others and ', ' + others})"

    def __str__(self) -> str:
        """Say what a row sees, and in which of the two forms."""
        chunk = f"2N/{self.buckets}" if self.chunk is None else f"{self.chunk}"
        before = f" and {self.look_back} before" if self.look_back else ""
        own = "Reformer: queries are keys, itself only if alone" if self.share_qk else "and itself"
        return (
            f"keys met in chunks of {chunk} (its own{before}) when sorted into {self.buckets} "
            f"buckets, {'in any of' if self.rounds > 1 else 'in'} {self.rounds} "
            f"{'rounds' if self.rounds > 1 else 'round'}"
            f"{', equal buckets only' if self.same_bucket else ''}"
            f"{', none after itself' if self.causal else ''}, {own}"
        )


def lsh(
    buckets: int,
    rounds: int = 1,
    chunk: int | None = None,
    *,
    same_bucket: bool = False,
    share_qk: bool = False,
    causal: bool = False,
    look_back: int = 1,
    seed: int = 0,
) -> Mask:
    """Let each query see the keys that are hashed near it: `bind_data` or `bind_record` it.

    Each round turns the vectors by a random matrix R and puts each into the bucket
    ``argmax([x R; -x R])``, sorts by (bucket, position), and cuts the order into chunks. A query
    meets the keys of its own chunk and of the `look_back` chunks before it. There are two forms.

    **For any model** (``share_qk=False``): queries and keys are hashed by the same matrix, their
    lengths ignored, and sorted together, so that equal buckets lie side by side; a chunk holds
    `chunk` keys on average. The look-back stops at the start of a round. Each query keeps its own
    key, so that no row is empty. Add ``& causal()`` for a decoder.

    **Faithful to Reformer** (``share_qk=True``): only q is used, each token being query and key at
    once (the key ``q / (rms(q) sqrt(d))``, of unit length, decides scores but not buckets). The
    look-back goes around a ring of all rounds. A token sees itself only where it sees nothing
    else. With `causal`, original positions are compared before that is decided, so write
    ``causal=True`` rather than ``& causal()``. A text no longer than a chunk is all seen. Padding
    gets a bucket of its own and is hidden.

    Parameters
    ----------
    buckets : int
        Number of buckets, even, 2 to 4096.
    rounds : int
        Number of hash rounds, 1 to 64. The first rounds of a seed stay the same when more are
        added, so that for any model's form more rounds never lose a key.
    chunk : int, optional
        Keys per chunk; ``ceil(2 n_keys / buckets)``, twice the mean bucket, when left out.
    same_bucket : bool
        Whether a pair must also share a bucket, as Reformer's definition says; the form in
        Hugging Face's transformers, and this by default, let all of a chunk meet.
    share_qk, causal : bool
        The form; see above.
    look_back : int
        Chunks before its own that a query meets, 0 to 64.
    seed : int
        Which random matrices; the same for every head, so give heads seeds of their own
        where they should differ.

    Raises
    ------
    MaskError
        If a value is out of range, or `causal` is given without `share_qk`.

    Warnings
    --------
    **Several rounds are not a boolean mask** in Hugging Face's form, whose output is
    ``softmax(s + log m)``, where m counts in how many places a pair met; the mask is only where
    ``m > 0``, and a softmax under it differs (by 0.1 and more in single weights).
    `to_multiplicity` gives m. The authors' own program can divide repeated meetings out, which is
    the plain mask.

    Notes
    -----
    Kitaev, Kaiser & Levskaya 2020, "Reformer", section 2. Cost: ``rounds N (1 + look_back) chunk``
    scores, ``rounds N d buckets / 2`` products to hash, and ``rounds N log2 N`` steps to sort
    (2N vectors where keys are their own), so linear in N but for the sort where the chunk is fixed;
    see `scores_computed` and `sort_steps`. Keys per row: at most ``rounds (1 + look_back) chunk``
    in the faithful form.
    """
    return Lsh(buckets, rounds, chunk, same_bucket, share_qk, causal, look_back, seed)
