"""The clothes of chapter 11, section 11.9, five seeds: the accuracy on the test pictures."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "fashion", "fashion-fit"]


def rows() -> list[dict]:
    chapter = run_cells("11_deep_mnist", CELLS)
    fashion = chapter["fashion"]
    table = []
    for seed in range(5):
        model = chapter["fit_clothes"](seed)
        _, right = model.evaluate(fashion.x_test, fashion.y_test, verbose=0)
        table.append({"seed": seed, "test accuracy": f"{right:.4f}"})
    return table
