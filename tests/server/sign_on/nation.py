"""A real OpenID provider in a process of its own, and people who sign in with it."""

from __future__ import annotations

import html
import json
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from server.sign_on.config import SignOnConfig, StaffSignOnConfig

HERE = Path(__file__).parent
CLIENT, SECRET = "dawr", "a secret that is long enough to sign with it, as HS256 would"
CPR = {
    "ahmed": "850000001",
    "sara": "920000002",
    "child": "120000011",
    "newcomer": "830000013",
    "no-birth": "770000017",
}
ACCOUNTS: Mapping[str, Mapping[str, object]] = {
    "ahmed": {"cpr": CPR["ahmed"], "birthdate": "1985-03-14", "name": "Ahmed Al Haddad"},
    "sara": {"cpr": CPR["sara"], "birthdate": "1992-07-02", "name": "Sara Al Nuaimi"},
    "child": {"cpr": CPR["child"], "birthdate": "2012-06-18", "name": "Salman"},
    "newcomer": {
        "cpr": CPR["newcomer"],
        "birthdate": "1983-01-05",
        "name": "Noora Ali",
        "name_ar": "نورة علي",
        "phone_number": "+97336000013",
        "phone_number_verified": True,
    },
    "no-birth": {"cpr": CPR["no-birth"], "birthdate": "0000", "name": "John"},
    "no-cpr": {"birthdate": "1990-01-01", "name": "Somebody"},
    "staff": {"email": "staff@example.bh", "email_verified": True},
    "unverified": {"email": "staff@example.bh", "email_verified": False},
}


class Nation:
    """The provider; it can be stopped and started anew with other keys, on the same port."""

    def __init__(self, back: Sequence[str], origin: str) -> None:
        self.port = free_port()
        self.issuer = f"http://localhost:{self.port}"
        self.origin = origin
        self._back = back
        self._process: subprocess.Popen[str] | None = None

    def start(self, key: str = "first") -> None:
        client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [self.origin + back for back in self._back],
            "post_logout_redirect_uris": [f"{self.origin}/ar", f"{self.origin}/en"],
        }
        said = {"port": self.port, "key": key, "clients": [client], "accounts": ACCOUNTS}
        self._process = subprocess.Popen(
            ["node", "--no-warnings", str(HERE / "provider.mjs"), json.dumps(said)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        # Whatever else it says, it says before.
        assert any(line.strip() == "ready" for line in self._process.stdout)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def bend(self, mode: str) -> None:
        requests.post(f"{self.issuer}/bend", json={"mode": mode}, timeout=10).raise_for_status()

    def config(self, **changes: Any) -> SignOnConfig:
        said = {"scopes": ("openid", "profile", "phone"), "names": (("en", "name"), ("ar", "name_ar"))}
        return SignOnConfig(**self._client() | said | changes)

    def staff_config(self) -> StaffSignOnConfig:
        return StaffSignOnConfig(**self._client())

    def _client(self) -> dict[str, Any]:
        return {"issuer": self.issuer, "client_id": CLIENT, "client_secret": SECRET, "origin": self.origin}


@contextmanager
def nation(back: Sequence[str], port: int) -> Iterator[Nation]:
    """Start a provider for a server that will listen on a port of this machine."""
    made = Nation(back, f"http://127.0.0.1:{port}")
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Citizen:
    """Somebody with a browser who goes to the provider and comes back, step by step."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.url = url
        self.root = f"/{language}"
        self.session = requests.Session()

    def get(self, path: str, *, follow: bool = True) -> requests.Response:
        return self.session.get(urljoin(self.url, path), timeout=20, allow_redirects=follow)

    def way_back(self, account: str, to: str = "/en/mine", by: str = "/sign-in/national") -> str:
        """Go to the provider, enter as an account, and return the address that leads back, unvisited."""
        asked = self.get(f"{self.root}{by}?to={to}")
        assert 'name="account"' in asked.text, asked.text
        action = re.findall(r'action="([^"]+)"', asked.text)[0 if account else 1]
        answer = self.session.post(
            urljoin(asked.url, html.unescape(action)), {"account": account}, timeout=20, allow_redirects=False
        )
        while not answer.headers["Location"].startswith(f"{self.url}/"):
            there = urljoin(answer.url, answer.headers["Location"])
            answer = self.session.get(there, timeout=20, allow_redirects=False)
        return answer.headers["Location"]

    def sign_in(self, account: str, to: str = "/en/mine") -> requests.Response:
        return self.get(self.way_back(account, to))

    @property
    def is_in(self) -> bool:
        return self.get(f"{self.root}/mine", follow=False).status_code == 200


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port
