"""Spreads that take too long for a chapter: a script a table, `make trials ONLY=09` runs them.

A script NN_name.py has a docstring that says what it measures and a function `rows()` that
returns the table as a list of dicts. Its table is data/trials/NN_name.csv, which a chapter reads
with `utils.data.load_trials("NN_name")`. A script takes its code from the chapter's own cells.
"""

import linecache
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class NotHere(Exception):
    """This machine lacks what a trial needs; the table that is there stays."""


def run_cells(chapter: str, ids: Sequence[str], **parameters: object) -> dict:
    """Execute these cells of a chapter and return their names, so that a trial measures just
    what the chapter does.

    Args:
        chapter: the notebook's name, such as "09_neural_networks".
        ids: the cells, in their order.
        parameters: values for names of the cell tagged `parameters`.

    Raises:
        KeyError: the chapter has no such cell or parameter.
    """
    import nbformat  # not above: the machine of a trial that reads no chapter may lack it

    notebook = nbformat.read(ROOT / "notebooks" / f"{chapter}.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    names: dict[str, object] = {"__name__": chapter}
    for cell in (cells[name] for name in ids):
        place = f"<{chapter}, {cell.id}>"
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[place] = len(cell.source), None, lines, place  # for tf.function
        exec(compile(cell.source, place, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            if unknown := sorted(set(parameters) - set(names)):
                raise KeyError(f"{chapter} has no parameter {', '.join(unknown)}.")
            names |= parameters
    return names
