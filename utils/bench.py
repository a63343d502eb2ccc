"""The same training in five ways, timed side by side: `make bench`, and chapter 13.

python -m utils.bench            all workloads into build/bench.json
python -m utils.bench sine lenet some of them
"""

import json
import math
import statistics
import sys
import tempfile
from pathlib import Path

from utils.devices import peak_flops, time_call
from utils.runtime import keras, tf
from utils.training import train
from utils.ways import WAYS, Workload, workloads


def measure(work: Workload, rounds: int) -> dict[str, object]:
    """Check that all ways train alike, then time them in turn, `rounds` times.

    Returns:
        "workload", "rounds"; for each way the median microseconds a step, such as "fit_us";
        "compile_s", the seconds that the course's way takes to compile; "peak_fraction", the
        arithmetic of the course's way as a fraction of a large matrix product's.

    Raises:
        AssertionError: a way reaches another loss than the first one.
    """
    keras.utils.set_random_seed(0)
    model = work.build()
    weights = model.get_weights()
    ways = {name: way(work, weights) for name, way in WAYS.items()}

    few = 20 * work.batch_size
    losses = {}
    for name, (run, get_weights) in ways.items():
        run(few, 1, 0)
        model.set_weights(get_weights())
        losses[name] = float(work.keras_loss()(work.y[:few], model(work.x[:few])))
    first = losses["session"]
    for name, loss in losses.items():
        assert abs(loss - first) <= 1e-3 * abs(first), (
            f"{work.name}: {name} reaches {losses}"
        )

    seconds = {name: [] for name in WAYS}
    peaks = []
    for number in range(1 + rounds):
        peaks.append(peak_flops())
        for name, (run, _) in ways.items():
            taken = run(len(work.x), work.epochs, number)
            if number:  # the first round warms up
                seconds[name].append(taken / work.steps)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    flops = step_flops(model, work.batch_size) / medians["course"]
    return {
        "workload": work.name,
        **{f"{name}_us": round(median * 1e6, 2) for name, median in medians.items()},
        "compile_s": round(ways["course"][0].compile_seconds, 3),
        "peak_fraction": float(f"{flops / max(peaks):.3g}"),
        "rounds": rounds,
    }


def step_flops(model: keras.Model, batch_size: int) -> int:
    """The multiplications and additions of one training step.

    Forwards, each weight is used once an example (in a convolution once a place, in a recurrent
    layer once a moment); backwards twice, once for the weights and once for the layer's input,
    which the first layer does not need.
    """
    total = 0
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        uses = sum(math.prod(w.shape) for w in layer.weights if len(w.shape) > 1)
        if len(layer.output.shape) > 2:
            uses *= math.prod(layer.output.shape[1:-1])
        total += uses * (2 if number == 0 else 3)
    return 2 * total * batch_size


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
