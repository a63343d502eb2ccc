"""What is kept, and what code depends on."""

import subprocess
import sys
import threading
from importlib import metadata

from utils import cache

import numpy as np
import pytest

# What is kept


def toy():
    return {"a": np.array([1, 2, 3])}


def toy_folder(folder):
    for name in "ab":
        (folder / name).mkdir(parents=True)
        (folder / name / "0.txt").write_text(name)


def make_folder():
    return cache.cached_folder(toy_folder, (), 2)


def kept(folder):
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


def test_a_stand_in_is_made_once_and_again_when_damaged(empty_cache, capsys):
    made = []

    def counted():
        made.append(1)
        return toy()

    for _ in range(2):
        cache.cached_stand_in(counted, ())
    assert len(made) == 1
    (path,) = kept(empty_cache / "standins")
    path.write_bytes(path.read_bytes()[:100])
    assert cache.cached_stand_in(counted, ())["a"].tolist() == [1, 2, 3]
    assert len(made) == 2
    assert "damaged" in capsys.readouterr().out


def test_a_folder_is_made_once_and_again_when_not_whole(empty_cache, capsys):
    folder = make_folder()
    before = (folder.stat().st_ino, (folder / "a/0.txt").stat().st_mtime_ns)
    (folder / "a/.DS_Store").write_text("the Finder was here")
    assert make_folder() == folder
    assert before == (folder.stat().st_ino, (folder / "a/0.txt").stat().st_mtime_ns)
    assert capsys.readouterr().out == ""
    (folder / "b/0.txt").write_bytes(b"")
    assert make_folder() == folder
    assert (folder / "b/0.txt").read_text() == "b"
    said = capsys.readouterr().out
    assert said == f"{folder} is not whole and is made again.\n"
    assert kept(empty_cache / "standins") == [folder]


@pytest.mark.parametrize("kind", ["arrays", "folder"])
def test_two_at_once_make_it_once_and_the_slower_one_removes_nothing(empty_cache, kind):
    begun, go, made = [threading.Event(), threading.Event()], threading.Event(), []

    def slow(*folder):
        made.append(threading.get_ident())
        begun[len(made) - 1].set()
        go.wait(60)
        return toy_folder(*folder) if folder else toy()

    def run():
        if kind == "arrays":
            cache.cached_stand_in(slow, ())
        else:
            seen.append(cache.cached_folder(slow, (), 2).stat().st_ino)

    seen = []
    threads = [threading.Thread(target=run) for _ in range(2)]
    threads[0].start()
    assert begun[0].wait(60)
    threads[1].start()
    begun[1].wait(1)  # it would begin here, were there no lock
    go.set()
    for thread in threads:
        thread.join(60)
    assert len(made) == 1
    assert len(set(seen)) == len(seen) / 2


def test_an_unwritable_cache_costs_only_the_cache(empty_cache, capsys):
    empty_cache.write_text("a file where the folder should be")
    assert cache.cached_stand_in(toy, ())["a"].tolist() == [1, 2, 3]
    folder = make_folder()
    assert (folder / "a/0.txt").read_text() == "a"
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and all("cannot be written" in line for line in said)
    assert empty_cache.read_text() == "a file where the folder should be"


def test_a_cache_that_can_only_be_read_is_read(empty_cache, monkeypatch, capsys):
    folder = make_folder()
    cache.cached_stand_in(toy, ())

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.FileLock, "acquire", refuse)
    monkeypatch.setattr(cache.tempfile, "TemporaryDirectory", refuse)
    assert make_folder() == folder
    assert cache.cached_stand_in(toy, ())["a"].tolist() == [1, 2, 3]
    assert capsys.readouterr().out == ""


# Versions

FILES = {
    "utils/__init__.py": "",
    "utils/plain.py": "import numpy as np",
    "utils/deep.py": "def f():\n    from utils import plain",
    "utils/wing/__init__.py": "from utils.wing import ways\n"
    "from utils.wing.loop import train as train_it\n"
    "from utils.wing.layers import Layer\n"
    "HERE = 1",
    "utils/wing/loop.py": "from utils.deep import f\nfrom utils.wing.state import State",
    "utils/wing/layers.py": "",
    "utils/wing/state.py": "",
    "utils/wing/ways.py": "import utils.wing.loop",
    "utils/wing/alone.py": "",
}


@pytest.fixture
def toy_course(tmp_path, monkeypatch):
    """sources() sees these files instead of the course."""
    for name, code in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    return tmp_path


LOOP = "wing/__init__ wing/loop wing/state deep plain"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import os, numpy.random\nfrom keras import layers", None),
        ("import utils", ""),
        ("from utils import plain", "plain"),
        ("from utils.deep import f", "deep plain"),
        ("def g():\n    import utils.deep as d", "deep plain"),
        ("from utils.wing import Layer as L", "wing/__init__ wing/layers"),
        ("from utils.wing import train_it", LOOP),
        ("from utils.wing import ways", LOOP + " wing/ways"),
        ("from utils.wing import alone", "wing/__init__ wing/alone"),
        ("from utils.wing.alone import x", "wing/__init__ wing/alone"),
        ("from utils.wing import HERE", LOOP + " wing/ways wing/layers"),
        ("from utils.wing import *", LOOP + " wing/ways wing/layers"),
        ("import utils.wing", LOOP + " wing/ways wing/layers"),
        ("from utils import wing", LOOP + " wing/ways wing/layers"),
    ],
)
def test_code_depends_on_what_it_imports_and_on_no_more(toy_course, code, names):
    found = {path.relative_to(toy_course).as_posix() for path in cache.sources(code)}
    expected = {f"utils/{name}.py" for name in names.split()} if names else set()
    assert found == expected | ({"utils/__init__.py"} if names is not None else set())


@pytest.mark.parametrize(
    ("code", "error"), [("%magic", SyntaxError), ("from . import a", ValueError)]
)
def test_what_cannot_be_followed_is_refused(code, error):
    with pytest.raises(error):
        cache.sources(code)


def test_names_of_the_course_lead_to_the_modules_that_define_them():
    found = cache.sources("from utils.training import train")
    assert cache.ROOT / "utils/training/loop.py" in found
    assert cache.ROOT / "utils/training/five_loops.py" not in found
    found = cache.sources("from utils.training import five_loops")
    assert cache.ROOT / "utils/training/five_loops.py" in found


def place_of(toy_course, made_with=()):
    """Where the stand-in of a drawing in the toy course is kept."""
    path = toy_course / "utils/drawing.py"
    path.write_text("from utils.deep import f")
    found = {}
    exec(compile("def draw(): pass", path, "exec"), found)
    return cache._stand_in_place(found["draw"], made_with, ".npz")


def test_a_stand_in_has_a_new_version_when_what_makes_it_changes(toy_course):
    first = place_of(toy_course)
    (toy_course / "utils/wing/loop.py").write_text("# not needed by the drawing")
    assert place_of(toy_course) == first
    (toy_course / "utils/plain.py").write_text("# the drawing needs it in the end")
    assert place_of(toy_course) != first


def test_a_stand_in_has_a_new_version_with_another_release(toy_course, monkeypatch):
    def place(version):
        monkeypatch.setattr(metadata, "version", lambda package: version)
        return place_of(toy_course, ["numpy"])

    assert place("2.4.6") == place("2.4.7")
    assert place("2.4.6") != place("2.3.6")


def test_a_shape_of_the_backbone_is_no_source_of_the_flowers():
    code = (cache.ROOT / "utils/drawings/flowers.py").read_text()
    names = {path.name for path in cache.sources(code)}
    assert "scene.py" in names and not names & {"shapes.py", "things.py"}


def test_the_cache_loads_no_tensorflow():
    code = "import sys, utils.cache; sys.exit(bool({'tensorflow', 'keras'} & {*sys.modules}))"
    subprocess.run([sys.executable, "-c", code], cwd=cache.ROOT, check=True)
