"""Make takeoff_train.csv and takeoff_test.csv: how far an aeroplane rolls before it lifts off.

A constant force brings a weight to its take-off speed over a distance that grows with both:
distance = 7.4446e-5 * weight * speed**2, in metres, tonnes and km/h. The constant is that of the
old course's take-off table, found from its 80 exact rows. Chapter 10 finds it again. The seed of
the noise is 10: of 0 to 11, the one whose least-squares plane errs most like the old table's.

    python -m tools.make_takeoff
"""

from pathlib import Path

from utils.cache import ROOT

import numpy as np

FOLDER = ROOT / "data"
K = 7.4446e-5  # m / (t * (km/h)**2)
SEED = 10
NOISE = 100  # metres to either side, in the training rows only


def tables() -> dict[str, np.ndarray]:
    """The rows of each table, whole numbers: speed (km/h), weight (t), distance (m)."""
    rng = np.random.default_rng(SEED)
    rows = {}
    for name, count, noise in [("train", 300, NOISE), ("test", 80, 0)]:
        speed = rng.integers(290, 320, count, endpoint=True)
        weight = rng.integers(210, 300, count, endpoint=True)
        exact = K * weight * speed**2
        distance = np.rint(exact + rng.uniform(-noise, noise, count)).astype(int)
        rows[f"takeoff_{name}.csv"] = np.column_stack([speed, weight, distance])
    return rows


def write(folder: Path = FOLDER) -> None:
    """Write both tables into `folder`."""
    for name, rows in tables().items():
        lines = ["speed_kmh,weight_t,distance_m"]
        lines += [",".join(map(str, row)) for row in rows]
        (folder / name).write_bytes(("\n".join(lines) + "\n").encode("ascii"))


if __name__ == "__main__":
    write()
