"""Several processes that train together on this machine: chapter 25 starts them.

Each worker writes two small files into the folder of the run: `heart-INDEX`, touched by a thread
of its own while the process can run at all, and `step-INDEX`, the last step that it has made.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path


def free_addresses(count: int) -> list[str]:
    """Addresses of this machine's loopback whose ports were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Workers:
    """Processes of one training; when the block ends, none of them is left.

        with Workers("worker.py", folder, 2) as workers:
            codes = workers.wait()

    Args:
        program: the worker's Python file. It gets the folder as its argument.
        folder: of the run; what the processes print goes into `log-INDEX` there.
        count: of one, the process gets no TF_CONFIG; of several, each gets its own.
    """

    def __init__(
        self, program: str | os.PathLike, folder: str | os.PathLike, count: int
    ):
        self.program, self.folder, self.count = Path(program), Path(folder), count
        self.addresses = free_addresses(count)
        self.processes: list[subprocess.Popen] = []

    def __enter__(self) -> "Workers":
        for file in [*self.folder.glob("heart-*"), *self.folder.glob("step-*")]:
            file.unlink()
        try:
            for index in range(self.count):
                self._start(index)
        except BaseException:  # __exit__ is not called when this method fails
            self.__exit__()
            raise
        return self

    def _start(self, index: int) -> None:
        """One more process, with its own TF_CONFIG and its own log."""
        command = [sys.executable, str(self.program.resolve()), str(self.folder)]
        environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}
        environment.pop("TF_CONFIG", None)
        if self.count > 1:
            task = {"type": "worker", "index": index}
            config = {"cluster": {"worker": self.addresses}, "task": task}
            environment["TF_CONFIG"] = json.dumps(config)
        with open(self.folder / f"log-{index}", "w") as log:
            self.processes.append(
                subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            )

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def wait(self, seconds: float = 300) -> list[int]:
        """The return codes. When a worker ends badly, the others are killed.

        Raises:
            TimeoutError: not all have ended after so many seconds.
        """
        end = time.monotonic() + seconds
        while True:
            codes = [process.poll() for process in self.processes]
            failed = [code for code in codes if code]
            if failed or None not in codes:
                break
            if time.monotonic() > end:
                left = [i for i, code in enumerate(codes) if code is None]
                raise TimeoutError(f"After {seconds:g} s workers {left} still run.")
            time.sleep(0.05)
        self.__exit__()  # of those that have ended, it changes nothing
        return [process.returncode for process in self.processes]

    def silent(self, behind: float = 3, seconds: float = 300) -> list[int]:
        """The workers whose heart has stopped: their file is older by `behind` seconds than the
        newest one, so a slow machine alone stops none. Waits until there is one.

        Raises:
            TimeoutError: none was found after so many seconds, or all have ended.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            hearts = [self.folder / f"heart-{index}" for index in range(self.count)]
            if all(heart.exists() for heart in hearts):
                beats = [heart.stat().st_mtime for heart in hearts]
                found = [i for i, b in enumerate(beats) if max(beats) - b > behind]
                if found:
                    return found
            if all(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.05)
        raise TimeoutError("No worker has fallen silent.")

    def steps(self) -> list[int]:
        """The last step that each worker has made; 0 if none."""
        files = [self.folder / f"step-{index}" for index in range(self.count)]
        return [int(file.read_text() or 0) if file.exists() else 0 for file in files]
