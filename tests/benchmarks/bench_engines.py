"""What the flex engine is worth under ``local(128)``: ratios within one run, compiling apart.

Run with ``python tests/benchmarks/bench_engines.py``. Contestants take turns, so that a machine
that drifts is unfair to none; every answer is checked in the same run. The kernel is compiled from
nothing, in a cache of its own. On a GPU the lengths go up to 128k tokens.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import torch

    from attn_widgets.models import ModelRunner

    Contestants = Mapping[str, Callable[[], torch.Tensor]]

WINDOW = 128
HEADS, DIM = 8, 64
LAYER_LENGTHS = {2048: 21, 8192: 7}
MODEL_LENGTHS = {32: 41, 128: 41, 512: 31, 2048: 11, 8192: 5}
GPU_LENGTHS = {8192: 50, 32768: 30, 131072: 10}
RECORDED_UP_TO = 2048
TOLERANCE = {"float32": 1e-4, "bfloat16": 3e-2}
FLEX = "flex"


def measured(contestants: Contestants, rounds: int, wait: Callable[[], None]) -> dict[str, list]:
    """Time contestants in turns, in ms, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, action in contestants.items():
            wait()
            start = time.perf_counter()
            action()
            wait()
            if number:
                taken[name].append((time.perf_counter() - start) * 1000)
    return taken


def row(what: str, length: int, taken: Mapping[str, list[float]], error: float) -> None:
    """Print one row: median (best) of each, and how many times as long as flex the others take."""
    cells = []
    for name in ("dense", "masked", "recorded", FLEX):
        times = taken.get(name)
        cells.append(f"{statistics.median(times):.1f} ({min(times):.1f})" if times else "not run")
    for name in ("dense", "masked"):
        pairs = zip(taken[name], taken[FLEX], strict=True)
        median = statistics.median(other / own for other, own in pairs)
        cells.append(f"{median:.2f} ({min(taken[name]) / min(taken[FLEX]):.2f})")
    print(f"| {what} | {length:,} |", " | ".join(cells), f"| {error:.0e} |", flush=True)


def check(answers: Mapping[str, torch.Tensor], dtype: str) -> float:
    """Compare flex with the masked run, and with ours where there is one."""
    others = [name for name in ("masked", "recorded") if name in answers]
    error = max(
        float((answers[FLEX].float() - answers[name].float()).abs().max()) for name in others
    )
    if error > TOLERANCE[dtype]:
        msg = f"flex differs by {error:.2g} from {' and '.join(others)}"
        raise AssertionError(msg)
    return error


def layer(length: int, device: str, dtype: str, *, masked: bool = True) -> Contestants:
    """Give one attention layer, without the projections."""
    import torch  # noqa: PLC0415 - the cache's place is set before

    from attn_widgets.masks import local  # noqa: PLC0415 - as above
    from attn_widgets.models import flex, tables  # noqa: PLC0415 - as above
    from attn_widgets.models.attention import Inputs  # noqa: PLC0415 - as above

    torch.manual_seed(0)
    shape = (1, HEADS, length, DIM)
    query, key, value = (
        torch.randn(shape, device=device, dtype=getattr(torch, dtype)) for _ in range(3)
    )
    bound = local(WINDOW).bind(length)
    blocks = tables.block_mask((bound,) * HEADS, torch.device(device))
    inputs = Inputs(query, key, value, None, DIM**-0.5)
    attend = torch.nn.functional.scaled_dot_product_attention
    found = {
        "dense": lambda: attend(query, key, value),
        FLEX: lambda: flex.kernel(inputs, blocks, None),
    }
    if masked:
        dense = torch.from_numpy(bound.to_dense(limit=None)).to(device)
        found["masked"] = lambda: attend(query, key, value, attn_mask=dense)
    return found


def small_model() -> ModelRunner:
    """Make a random encoder of 2 layers, and a tokenizer of one word."""
    import transformers  # noqa: PLC0415 - as above
    from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: PLC0415 - as above

    from attn_widgets.models import ModelRunner  # noqa: PLC0415 - as above

    transformers.logging.set_verbosity_error()
    words = Tokenizer(models.WordLevel({"[UNK]": 0, "[PAD]": 1, "word": 2}, "[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="[UNK]",  # noqa: S106 - no password
        pad_token="[PAD]",  # noqa: S106 - no password
    )
    config = transformers.BertConfig(
        vocab_size=8,
        hidden_size=HEADS * DIM,
        num_hidden_layers=2,
        num_attention_heads=HEADS,
        intermediate_size=2 * HEADS * DIM,
        max_position_embeddings=max(MODEL_LENGTHS),
    )
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    return ModelRunner.from_pretrained(model, tokenizer, engine=FLEX)


def model(runner: ModelRunner, length: int) -> Contestants:
    """Give whole runs from text to hidden states: the library's own, and both engines of ours."""
    import torch  # noqa: PLC0415 - as above

    from attn_widgets.masks import local  # noqa: PLC0415 - as above
    from attn_widgets.models import ModelRunner  # noqa: PLC0415 - as above

    text, mask = " ".join(["word"] * length), local(WINDOW)
    four = torch.from_numpy(mask.bind(length).to_dense(limit=None))[None, None]

    def library(given: torch.Tensor | None) -> torch.Tensor:
        with torch.no_grad():
            ids = runner.tokenizer(text, return_tensors="pt")["input_ids"]
            return runner.model(input_ids=ids, attention_mask=given)[0][0]

    def ours(one: ModelRunner) -> torch.Tensor:
        return torch.from_numpy(one.outputs(text, mask=mask).hidden.copy())

    found = {
        "dense": lambda: library(None),
        "masked": lambda: library(four),
        FLEX: lambda: ours(runner),
    }
    if length <= RECORDED_UP_TO:
        plain = ModelRunner.from_pretrained(runner.model, runner.tokenizer)
        found["recorded"] = lambda: ours(plain)
    return found


def on_cpu() -> None:
    """Print the table of this machine's CPU."""
    print(
        "| what | tokens | SDPA dense, ms | SDPA bool mask, ms | recorded, ms | flex, ms "
        "| dense / flex | bool mask / flex | largest difference |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for length, rounds in LAYER_LENGTHS.items():
        contestants = layer(length, "cpu", "float32")
        answers = {name: action() for name, action in contestants.items()}
        taken = measured(contestants, rounds, lambda: None)
        row("one layer", length, taken, check(answers, "float32"))
    runner = small_model()
    for length, rounds in MODEL_LENGTHS.items():
        contestants = model(runner, length)
        answers = {name: action() for name, action in contestants.items()}
        taken = measured(contestants, rounds, lambda: None)
        row("2-layer encoder", length, taken, check(answers, "float32"))


def on_gpu() -> None:
    """Print how near the flex engine comes to its ideal on a GPU, in bfloat16."""
    import torch  # noqa: PLC0415 - as above

    from attn_widgets.masks import count_tiles, local  # noqa: PLC0415 - as above

    print(torch.cuda.get_device_name())
    print("| tokens | SDPA dense, ms | flex, ms | speed-up | 1 / block density | share of it |")
    print("|---|---|---|---|---|---|")
    for length, rounds in GPU_LENGTHS.items():
        small = min(GPU_LENGTHS)
        contestants = layer(length, "cuda", "bfloat16", masked=length == small)
        if length == small:
            check({name: action() for name, action in contestants.items()}, "bfloat16")
        taken = measured(contestants, rounds, torch.cuda.synchronize)
        dense, flex = (statistics.median(taken[name]) for name in ("dense", FLEX))
        (tiles,) = count_tiles(local(WINDOW).bind(length), [128])
        ideal = 1 / tiles.density
        print(
            f"| {length:,} | {dense:.2f} | {flex:.2f} | {dense / flex:.1f} | {ideal:.1f} "
            f"| {dense / flex / ideal:.2f} |",
            flush=True,
        )


def main() -> None:
    """Compile, then measure."""
    import torch  # noqa: PLC0415 - as above

    with torch.no_grad():
        start = time.perf_counter()
        first = layer(1024, "cpu", "float32")[FLEX]
        first()
        cold = time.perf_counter() - start
        start = time.perf_counter()
        first()
        print(f"first call {cold:.1f} s (compiling from nothing), second ", end="")
        print(f"{(time.perf_counter() - start) * 1000:.0f} ms; {torch.get_num_threads()} threads")
        print("median (best); ratios above 1 say that flex is faster", flush=True)
        on_cpu()
        if torch.cuda.is_available():
            on_gpu()
        else:
            print("GPU part skipped: torch sees no GPU")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        main()
