"""The five ways to train: alike in what they learn; what their arithmetic is counted as."""

from utils.training import five_loops
from utils.training.workloads import Workload, step_flops, workloads

import pytest


def test_operations_of_a_training_step_are_counted():
    sine = workloads()["sine"]
    # forwards 5 + 15 + 3, for the weights the same, for the inputs all but the first layer's
    assert step_flops(sine.build(), 1) == 2 * (23 + 23 + 18)
    lenet = workloads()["lenet"].build()
    first, second = 28 * 28 * 25 * 6, 10 * 10 * 25 * 6 * 16
    dense = 400 * 120 + 120 * 84 + 84 * 10
    assert step_flops(lenet, 2) == 2 * 2 * (2 * first + 3 * second + 3 * dense)


@pytest.mark.parametrize("name", ["sine", "lenet", "hello_rnn"])
def test_all_ways_train_alike(name):
    work = workloads()[name]
    count = min(len(work.x), 20 * work.batch_size)
    small = Workload(
        **{**vars(work), "x": work.x[:count], "y": work.y[:count], "epochs": 1}
    )
    result = five_loops.measure(small, rounds=1)
    assert result["workload"] == name
    assert all(result[f"{way}_us"] > 0 for way in five_loops.WAYS)
    assert 0 < result["peak_fraction"] < 2
