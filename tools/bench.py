"""The same training in five ways, timed side by side: `make bench`, and chapter 13.

python -m tools.bench            all workloads into build/bench.json
python -m tools.bench sine lenet some of them
"""

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
    "sine": {"session": 20, "fit": 100},
    "softmax": {"session": 5},
    "deep50": {"session": 2, "fit": 3.5},
    "deep200": {"session": 1.4, "fit": 2},
    "lenet": {"fit": 1.25},
    "hello_rnn": {"fit": 10},
}


def main() -> None:
    known = workloads()
    chosen = sys.argv[1:] or list(known)
    if unknown := [name for name in chosen if name not in known]:
        sys.exit(
            f"There is no workload {', '.join(unknown)}; there is {', '.join(known)}."
        )
    results = []
    Path("build").mkdir(exist_ok=True)
    print(f"{'microseconds a step':20}" + "".join(f"{way:>10}" for way in WAYS))
    for name in chosen:
        result = measure(known[name], rounds=5)
        results.append(result)
        times = {way: result[f"{way}_us"] for way in WAYS}
        print(f"{name:20}" + "".join(f"{value:10,.1f}" for value in times.values()))
        ratios = {way: value / times["course"] for way, value in times.items()}
        print(
            f"{'  times the course':20}"
            + "".join(f"{r:10.1f}" for r in ratios.values())
        )
        print(
            f"  compiled in {result['compile_s']:.1f} s, {result['peak_fraction']:.2f} of peak"
        )
        for way, floor in FLOORS[name].items():
            verdict = "kept" if ratios[way] >= floor else "MISSED"
            print(f"  floor {floor} x {way}: {verdict}", flush=True)
        if name == "deep200":
            share = checkpoint_share(known[name])
            result["checkpoint_fraction"] = round(share, 4)
            verdict = "kept" if share <= 0.1 else "MISSED"
            print(
                f"  a checkpoint every 100 steps: +{share:.1%}, floor 10 %: {verdict}"
            )
    print(f"convolution of chapter 2: {convolution_fraction():.2f} of peak, floor 0.8")
    Path("build/bench.json").write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
