"""XOR by a hundred networks with two hidden units, section 9.5: the loss after 10,001 steps."""

from tools.trials import run_cells

CELLS = ["setup", "parameters", "xor", "stack", "forward", "losses", "train"]
NETWORKS = 100


def rows() -> list[dict]:
    chapter = run_cells("09_neural_networks", CELLS, NETWORKS=NETWORKS)
    losses = chapter["train_networks"](chapter["start"]([2, 2, 1]))[-1]
    return [{"seed": k, "loss": f"{loss:.4f}"} for k, loss in enumerate(losses)]
