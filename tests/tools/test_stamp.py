"""The address of the course, in one place and stamped from there."""

import subprocess
from pathlib import Path

from tools.stamp import address, stamp, web_address

import pytest

PROJECT = '[project]\nname = "x"\n\n[project.urls]\nrepository = "{}"\n'
NOTEBOOK = (
    '{"source": ["COURSE = \\"https://github.com/old/name\\"\\n", '
    '"https://colab.research.google.com/github/a/b/blob/main/notebooks/01_a.ipynb"]}'
)
README = "git clone https://x/y\ncd y\nhttps://colab.research.google.com/github/a/b/blob/main\n"
FILES = {
    "notebooks/01_a.ipynb": NOTEBOOK,
    "notebooks/solutions/01_a.ipynb": NOTEBOOK,
    "tools/template/99_example.ipynb": NOTEBOOK,
}


@pytest.fixture
def course(tmp_path):
    """A course with a placeholder for its address, in a git repository without a remote."""
    root = tmp_path / "딥러닝 course"
    for name, text in {
        "pyproject.toml": PROJECT.format("https://github.com/YOUR_ACCOUNT/course"),
        "README.md": README,
        **FILES,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def add_origin(root: Path, remote: str) -> None:
    command = ["git", "remote", "add", "origin", remote]
    subprocess.run(command, cwd=root, check=True)


def texts(root: Path) -> dict[str, str]:
    names = ["pyproject.toml", "README.md", *FILES]
    return {name: (root / name).read_text("utf-8") for name in names}


@pytest.mark.parametrize(
    ("remote", "web"),
    [
        ("git@github.com:us/ours.git", "https://github.com/us/ours"),
        ("https://github.com/us/ours.git", "https://github.com/us/ours"),
        ("https://github.com/us/ours/", "https://github.com/us/ours"),
        ("https://name:secret@github.com/us/ours", "https://github.com/us/ours"),
        ("ssh://git@git.example.org:2222/a/b/c.git", "https://git.example.org/a/b/c"),
        ("gitlab.com:us/ours.v2.git", "https://gitlab.com/us/ours.v2"),
        ("/srv/course.git", None),
        ("../course", None),
        ("file:///srv/course.git", None),
        ("C:\\course", None),
        ("C:/course", None),
        ("", None),
    ],
)
def test_a_remote_has_a_web_address_or_none(remote, web):
    assert web_address(remote) == web


@pytest.mark.parametrize("held", ["https://github.com/YOUR_ACCOUNT/course", ""])
def test_a_fork_is_right_after_one_command(course, held):
    (course / "pyproject.toml").write_text(PROJECT.format(held), "utf-8")
    add_origin(course, "git@github.com:us/ours.git")
    assert len(stamp(course)) == 5
    assert address(course) == "https://github.com/us/ours"
    after = texts(course)
    for name in FILES:
        new = NOTEBOOK.replace("old/name", "us/ours")
        assert after[name] == new.replace("github/a/b", "github/us/ours")
    assert "git clone https://github.com/us/ours\ncd ours\n" in after["README.md"]
    assert "/github/us/ours/blob/main" in after["README.md"]
    assert stamp(course) == []


def test_an_address_that_is_set_is_used_whatever_origin_is(course):
    (course / "pyproject.toml").write_text(PROJECT.format("https://github.com/we/w"))
    add_origin(course, "git@github.com:us/ours.git")
    stamp(course)
    assert address(course) == "https://github.com/we/w"
    notebook = texts(course)["notebooks/01_a.ipynb"]
    assert "https://github.com/we/w" in notebook
    assert "/github/we/w/blob/main/notebooks/01_a.ipynb" in notebook


def test_colab_opens_only_what_lies_on_github(course):
    add_origin(course, "https://gitlab.com/us/ours")
    stamp(course)
    assert "git clone https://gitlab.com/us/ours\n" in texts(course)["README.md"]
    assert "/github/a/b/blob/main" in texts(course)["README.md"]


@pytest.mark.parametrize("remote", [None, "/srv/course.git"])
def test_without_an_address_on_the_web_nothing_is_stamped(course, remote):
    if remote:
        add_origin(course, remote)
    before = texts(course)
    with pytest.raises(SystemExit, match="no address on the web: put the address"):
        stamp(course)
    assert texts(course) == before
