"""Write the address of the course into everything that names it: `make stamp`.

pyproject.toml is the one place for the address. While it holds the placeholder, the address of
git's remote `origin` is taken and put there, so that a fork is right after one command.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACEHOLDER = "YOUR_ACCOUNT"


def address(root: Path = ROOT) -> str:
    """The address that pyproject.toml holds; it may be the placeholder."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return project["urls"]["repository"].removesuffix("/")


def web_address(remote: str) -> str | None:
    """The web address behind git's name for a repository, without user, password and port.

    git@github.com:a/b.git and https://github.com/a/b.git both give https://github.com/a/b;
    what is no address on the web, such as a folder, gives None.
    """
    host, path = r"([\w-]+(?:\.[\w-]+)+)", r"([\w.~/-]+?)(?:\.git)?/*"
    url = re.fullmatch(
        rf"(?:https?|ssh|git)://(?:[^@/]+@)?{host}(?::\d+)?/{path}", remote
    )
    short = re.fullmatch(rf"(?:[\w.-]+@)?{host}:{path}", remote)
    found = url or short
    return f"https://{found[1]}/{found[2]}" if found else None


def stamp(root: Path = ROOT) -> list[Path]:
    """Write the course's address into pyproject.toml, the notebooks and the README.

    Returns:
        the files that were changed.

    Raises:
        SystemExit: no address is set and `origin` has none on the web; nothing is changed.
    """
    here = address(root)
    if not here or PLACEHOLDER in here:
        here = _origin(root)
    changed = []
    folders = (root / "notebooks", root / "tools/template")
    notebooks = [path for folder in folders for path in sorted(folder.rglob("*.ipynb"))]
    for path in [root / "pyproject.toml", root / "README.md", *notebooks]:
        old = path.read_text("utf-8")
        new = _stamped(path.suffix, old, here)
        if new != old:
            path.write_text(new, "utf-8")
            changed.append(path.relative_to(root))
    return changed


def _origin(root: Path) -> str:
    command = ["git", "remote", "get-url", "origin"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        remote = done.stdout.strip()
    except FileNotFoundError:  # there is no git here
        remote = ""
    found = web_address(remote)
    if not found:
        what = f"git's remote origin is {remote or 'not set'}"
        sys.exit(
            f"{what}, no address on the web: put the address of the course into "
            "pyproject.toml, as repository, then run `make stamp` again."
        )
    return found


def _stamped(suffix: str, text: str, here: str) -> str:
    if suffix == ".toml":
        return re.sub(r'(?m)^(repository = ")[^"]*', rf"\g<1>{here}", text)
    if suffix == ".ipynb":
        text = re.sub(r'(COURSE = \\")[^"\\]*(\\")', rf"\g<1>{here}\g<2>", text)
    else:
        folder = here.rsplit("/", 1)[1]
        text = re.sub(r"(git clone )https\S+", rf"\g<1>{here}", text)
        text = re.sub(r"(git clone \S+\ncd )\S+", rf"\g<1>{folder}", text)
    place = here.removeprefix("https://github.com/")
    if place != here:  # Colab opens notebooks from GitHub
        link = r"(research\.google\.com/github/)[\w.-]+/[\w.-]+"
        text = re.sub(link, rf"\g<1>{place}", text)
    return text


if __name__ == "__main__":
    for path in stamp():
        print(f"stamped {path.as_posix()}")
