"""The training loops timed side by side: `make bench`. Chapter 13 shows the same without JAX.

python -m tools.bench            all workloads into build/bench.json
python -m tools.bench sine lenet some of them
python -m tools.bench --rounds 1 sine    a quick look

Where JAX is installed it is a sixth way. The exit status is 1 if a floor is missed.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from utils.session import tf
from utils.stopwatch import peak_flops, time_call
from utils.training import train
from utils.training.five_loops import WAYS, measure
from utils.training.workloads import Workload, workloads

try:
    from tools import bench_jax
except ModuleNotFoundError:
    bench_jax = None


def convolution_fraction() -> float:
    """The rate of chapter 2's convolution as a fraction of a large matrix product's."""
    images = tf.random.stateless_uniform((100, 100, 100, 3), (0, 0))
    filters = tf.random.stateless_uniform((7, 7, 3, 32), (0, 1))
    flops = 2 * 100 * 94 * 94 * 32 * 7 * 7 * 3
    fractions = []
    for _ in range(3):
        seconds = min(
            time_call(lambda: tf.nn.conv2d(images, filters, 1, "VALID"), repeats=5)
        )
        fractions.append(flops / seconds / peak_flops())
    return statistics.median(fractions)


def checkpoint_share(work: Workload, every: int = 100, rounds: int = 9) -> float:
    """What checkpoints add to the training time, as a fraction: the median of paired rounds."""
    model, optimizer = work.build(), work.keras_optimizer()
    shares = []
    for number in range(1 + rounds):
        seconds = {}
        for saving in (False, True) if number % 2 else (True, False):
            with tempfile.TemporaryDirectory(dir="build") as folder:
                history = train(
                    model,
                    work.keras_loss(),
                    optimizer,
                    work.x,
                    work.y,
                    epochs=5,
                    batch_size=work.batch_size,
                    seed=number,
                    checkpoint=folder if saving else None,
                    checkpoint_every=every,
                )
            seconds[saving] = history.seconds
        if number:  # the first round warms up
            shares.append(seconds[True] / seconds[False] - 1)
    return statistics.median(shares)


# What the course promises, on two cores: how many times faster its loop is than the others.
FLOORS = {
    "sine": {"session": 20, "fit": 100, "jax": 1},
    "softmax": {"session": 5, "jax": 1},
    "deep50": {"session": 2, "fit": 3.5, "jax": 1},
    "deep200": {"session": 1.4, "fit": 2, "jax": 1},
    "lenet": {"fit": 1.25},
    "hello_rnn": {"fit": 10},
}
CHECKPOINTS = 0.1  # at most this much more time with a checkpoint every 100 steps
CONVOLUTION = 0.8  # at least this fraction of the machine's peak


def floor(sentence: str, kept: bool) -> bool:
    print(f"  {sentence}: {'kept' if kept else 'MISSED'}", flush=True)
    return kept


def bench(work: Workload, rounds: int) -> tuple[dict[str, object], bool]:
    """Time a workload and print a row for it; its results, and whether its floors are kept."""
    ways = dict(WAYS)
    if bench_jax and bench_jax.suits_jax(work):
        ways["jax"] = bench_jax.jax_way
    result = measure(work, rounds, ways)
    times = {way: result[f"{way}_us"] for way in ways}
    ratios = {way: time / times["course"] for way, time in times.items()}
    print(f"{work.name:20}" + "".join(f"{way:>10}" for way in ways))
    print(f"{'  microseconds':20}" + "".join(f"{t:10,.1f}" for t in times.values()))
    print(f"{'  times the course':20}" + "".join(f"{r:10.2f}" for r in ratios.values()))
    print(
        f"  compiled in {result['compile_s']:.1f} s, {result['peak_fraction']:.2f} of peak"
    )
    kept = [
        floor(f"floor {least} x {way}, {ratios[way]:.2f} here", ratios[way] >= least)
        for way, least in FLOORS[work.name].items()
        if way in ways
    ]
    if work.name == "deep200":
        share = checkpoint_share(work)
        result["checkpoint_fraction"] = round(share, 4)
        sentence = (
            f"a checkpoint every 100 steps: +{share:.1%}, at most {CHECKPOINTS:.0%}"
        )
        kept.append(floor(sentence, share <= CHECKPOINTS))
    return result, all(kept)


def main() -> None:
    known = workloads()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workloads", nargs="*", help=", ".join(known))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    chosen = options.workloads or list(known)
    if unknown := [name for name in chosen if name not in known]:
        parser.error(
            f"there is no workload {', '.join(unknown)}; there is {', '.join(known)}."
        )
    if not bench_jax:
        print("JAX is not installed: its floors are left out (make bench installs it).")
    Path("build").mkdir(exist_ok=True)
    results, kept = zip(
        *[bench(known[name], options.rounds) for name in chosen], strict=True
    )
    fraction = convolution_fraction()
    print("convolution of chapter 2")
    sentence = f"{fraction:.2f} of peak, at least {CONVOLUTION}"
    kept += (floor(sentence, fraction >= CONVOLUTION),)
    Path("build/bench.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    sys.exit(0 if all(kept) else "Not all floors are kept.")


if __name__ == "__main__":
    main()
