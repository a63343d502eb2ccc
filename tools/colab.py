"""Colab's versions of what the course needs, taken from its freeze: `make colab FREEZE=path`.

The freeze is pip-freeze.txt of github.com/googlecolab/backend-info; `make matrix` uses the result.
"""

import re
import sys
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    """The versions by name in a freeze or a lock; names are written as in a lock."""
    return {
        re.sub(r"[-_.]+", "-", n).lower(): version for n, version in PIN.findall(text)
    }


def renew(freeze: Path, root: Path = Path()) -> Path:
    """Write colab-DATE.txt into tools/: what both the freeze and requirements.lock name.

    An older one is removed.

    Raises:
        SystemExit: the freeze cannot be read, has no date in its name or does not fit the course.
    """
    date = re.search(r"\d{4}-\d{2}-\d{2}", freeze.name)
    if not date:
        sys.exit(
            f"{freeze.name} needs its date: rename it to pip-freeze-2026-08-19.txt."
        )
    try:
        theirs = pins(freeze.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{freeze} cannot be read: {error}.")
    ours = pins((root / "requirements.lock").read_text("utf-8"))
    both = [f"{name}=={theirs[name]}\n" for name in sorted(theirs.keys() & ours)]
    if not {"tensorflow", "keras", "numpy"} <= theirs.keys():
        sys.exit(
            f"{freeze} is no freeze of Colab: it lacks TensorFlow, Keras or NumPy."
        )
    head = f"# Colab's versions of {date[0]}. Renew them: make colab FREEZE=pip-freeze-DATE.txt\n"
    new = root / "tools" / f"colab-{date[0]}.txt"
    old = [path for path in new.parent.glob("colab-*.txt") if path != new]
    new.write_text(head + "".join(both), "utf-8")
    for path in old:
        path.unlink()
    return new


if __name__ == "__main__":
    if not "".join(sys.argv[1:]):
        sys.exit("Name Colab's freeze: make colab FREEZE=pip-freeze-2026-08-19.txt")
    print(f"written {renew(Path(sys.argv[1])).as_posix()}")
