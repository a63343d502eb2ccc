"""What is kept, and what code depends on."""

from utils import cache

import pytest

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
