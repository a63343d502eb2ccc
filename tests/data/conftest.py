"""Web servers on this machine, and files to download from them."""

import gzip
import hashlib
import http.server
import threading

from utils.data import fetch
from utils.data.archives import GzipFile

import numpy as np
import pytest


def to_idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim])
    return head + np.array(array.shape, ">i4").tobytes() + array.tobytes()


@pytest.fixture
def idx():
    """idx(array): a uint8 array in the format of MNIST's files."""
    return to_idx


@pytest.fixture
def content():
    """The bytes of a small file in the format of MNIST."""
    return to_idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


@pytest.fixture
def packed(content):
    return gzip.compress(content)


@pytest.fixture
def file_at(content):
    """file_at(sites...): the GzipFile of `content` on these sites."""

    def make(*sites: str, name: str = "toy/file.gz") -> GzipFile:
        sha256 = hashlib.sha256(content).hexdigest()
        return GzipFile(name, sha256, len(content), tuple(f"{s}/f.gz" for s in sites))

    return make


@pytest.fixture
def online(empty_cache, monkeypatch):
    """Downloads are allowed; a site that answers has all the time it needs."""
    monkeypatch.delenv("COURSE_OFFLINE")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(fetch, "PROBE_SECONDS", 60)
    monkeypatch.setattr(fetch, "SILENCE_SECONDS", 60)
    monkeypatch.setattr(fetch, "_answered", set())
    return empty_cache


@pytest.fixture
def serve():
    """serve(answer): a web server; `answer(path)` gives the bytes, or None for a 404."""
    servers = []

    def start(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response(200)
                self.end_headers()

            def do_GET(self):
                body = answer(self.path)
                if body is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
