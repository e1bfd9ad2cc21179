"""requests without its guesser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

_ASK = """
import sys, warnings
warnings.simplefilter("error")
import sync.light_requests
import requests, json
answer = requests.get(sys.argv[1], timeout=5)
print(json.dumps([answer.json(), answer.text, requests.compat.chardet is None]))
import charset_normalizer
print(charset_normalizer.__name__)
"""


class _Arabic(BaseHTTPRequestHandler):
    """Answers without saying what encoding it is."""

    def do_GET(self) -> None:
        body = json.dumps({"name": "خدمة"}, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Arabic)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_answers_are_read_as_utf_8_and_the_guesser_is_there_for_others(url: str) -> None:
    ran = subprocess.run([sys.executable, "-c", _ASK, url], capture_output=True, text=True, timeout=60, check=True)
    said, guesser = ran.stdout.splitlines()
    assert json.loads(said) == [{"name": "خدمة"}, '{"name": "خدمة"}', True]
    assert guesser == "charset_normalizer"
    assert ran.stderr == ""
