"""A training step in five ways on six networks (chapter 13, section 13.7): the microseconds of a
step, medians of five rounds in which the ways take turns, with the price of a call of `fit` in
them, on random data. "steps" is how many a round has, "of peak" the arithmetic of the course's
loop as a fraction of what the machine does in one large matrix product, "compile, s" the seconds
that this loop compiles once."""

from utils.training.five_loops import WAYS, measure
from utils.training.workloads import workloads


def rows() -> list[dict]:
    table = []
    for name, work in workloads().items():
        result = measure(work, rounds=5)
        row = {"network": name, "batch": work.batch_size, "steps": work.steps}
        row |= {way: f"{result[f'{way}_us']:.0f}" for way in WAYS}
        row["compile, s"] = f"{result['compile_s']:.1f}"
        row["of peak"] = f"{result['peak_fraction']:.3f}"
        print(row, flush=True)
        table.append(row)
    return table
