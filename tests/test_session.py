"""What C++ code logs stays out of a notebook; everything else on descriptor 2 comes through."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Descriptor 2 becomes a pipe whose end is read here, as Jupyter reads it.
CHILD = """
import os
from utils import session

end, start = os.pipe()
os.dup2(start, 2)
session._drop_log_lines()
os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written\\n"
            b"I0000 00:00:1795541579.331764    8837 device_compiler.h:196] Compiled cluster\\n")
os.write(2, b"E0000 00:00:1795541579.331764    8837 some.cc:1] an error\\n")
os.write(2, b"I am a sentence, W1234 too\\n")
seen = b""
while b"too" not in seen:
    seen += os.read(end, 1000)
print(seen.decode(), end="")
"""


def test_only_log_lines_are_dropped():
    done = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        "E0000 00:00:1795541579.331764    8837 some.cc:1] an error",
        "I am a sentence, W1234 too",
    ]
