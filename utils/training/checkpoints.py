"""Checkpoints that survive a kill at any moment: chapter 20 writes the idea out."""

import hashlib
import io
import json
import os
import re
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

KEEP = 2
DIGEST_BYTES = 32


class CheckpointFolder:
    """The numbered checkpoints of one training run; one process at a time may hold the folder.

    A checkpoint is a file such as `step-000001200.npz`: NumPy's npz (np.load reads it), then the
    SHA-256 of all that. It is written aside, flushed to the disk and renamed into place, so that
    a kill leaves either the old files or the new one. The newest two are kept.

        with CheckpointFolder("build/run", {"batch_size": 100}) as folder:
            found = folder.load()

    Args:
        path: the folder; made if it is not there.
        about: what the run is, in values that JSON can hold. A checkpoint of another run is
            refused.
    """

    def __init__(self, path: str | os.PathLike, about: dict):
        self.path = Path(path)
        self.about = json.loads(json.dumps(about, default=str))
        self._lock = FileLock(self.path / "lock")

    def __enter__(self) -> "CheckpointFolder":
        """Hold the folder.

        Raises:
            OSError: the folder cannot be made.
            RuntimeError: another process holds it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotADirectoryError(
                f"The checkpoint folder {self.path} is a file: name a folder."
            ) from None
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise RuntimeError(
                f"Another process is training with the checkpoint folder {self.path}: "
                "wait for its end, or name another folder."
            ) from None
        return self

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def save(self, step: int, arrays: dict[str, np.ndarray]) -> bool:
        """Write a checkpoint; if the disk does not take it, say so and keep the ones before it."""
        buffer = io.BytesIO()
        np.savez(buffer, about=json.dumps(self.about), **arrays)
        place, part = self._file(step), self.path / "writing.part"
        try:
            with open(part, "wb") as file:
                file.write(buffer.getbuffer())
                file.write(hashlib.sha256(buffer.getbuffer()).digest())
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, place)
        except OSError as error:
            part.unlink(missing_ok=True)
            print(
                f"The checkpoint {place} cannot be written ({error.strerror}): "
                f"{self._newest()} stays, and the training goes on."
            )
            return False
        for old in self._files()[:-KEEP]:
            old.unlink(missing_ok=True)
        return True

    def load(self) -> tuple[int, dict[str, np.ndarray]] | None:
        """The step and the arrays of the newest whole checkpoint; None if there is none.

        A damaged file is named in a printed line and renamed to `*.damaged`.

        Raises:
            ValueError: the newest whole checkpoint is of another run.
        """
        for place in reversed(self._files()):
            content = place.read_bytes()
            body = memoryview(content)[:-DIGEST_BYTES]
            if hashlib.sha256(body).digest() != content[-DIGEST_BYTES:]:
                place.replace(place.with_suffix(".damaged"))
                print(
                    f"The checkpoint {place} is damaged and set aside: "
                    f"{self._newest()} is used."
                )
                continue
            with np.load(io.BytesIO(body), allow_pickle=False) as file:
                arrays = dict(file)
            self._compare(place, json.loads(str(arrays.pop("about"))))
            return int(place.stem.removeprefix("step-")), arrays
        return None

    def _compare(self, place: Path, there: dict) -> None:
        for name, here in self.about.items():
            if there.get(name) != here:
                values = f" ({there.get(name)} there, {here} here)"
                raise ValueError(
                    f"The checkpoint {place} is of another training run: not the same {name}"
                    f"{values if isinstance(here, int) else ''}. "
                    "Name another folder, or delete this one to begin anew."
                )

    def _file(self, step: int) -> Path:
        return self.path / f"step-{step:09d}.npz"

    def _files(self) -> list[Path]:
        """The checkpoints, the oldest first."""
        found = (
            re.fullmatch(r"step-(\d{9,})\.npz", p.name) for p in self.path.iterdir()
        )
        steps = sorted(int(name[1]) for name in found if name)
        return [self._file(step) for step in steps]

    def _newest(self) -> str:
        files = self._files()
        return (
            f"the checkpoint of step {int(files[-1].stem[5:]):,}"
            if files
            else "no checkpoint"
        )
