"""The tables [sign_on] and [staff_sign_on] of the server's configuration: which provider, and what its claims mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

_ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """An OpenID provider, and this server as its client.

    `origin` is this server as browsers reach it, without a path: the provider is told to send them back there.
    Without a `client_secret` the client is a public one; the proof of the code's key (PKCE) is asked for either way.
    """

    issuer: str
    client_id: str
    origin: str
    client_secret: str = ""
    secret_sent: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid", "profile")

    def __post_init__(self) -> None:
        """Refuse what no provider can be. Raises ValueError."""
        faults = [
            f"{name} begins with https://"
            for name, url in (("issuer", self.issuer), ("origin", self.origin))
            if not _is_safe(url)
        ]
        if urlsplit(self.origin).path:
            faults.append("origin has no path and no slash at its end")
        if "openid" not in self.scopes:
            faults.append("scopes has openid in it")
        if not self.client_id:
            faults.append("client_id is missing")
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnConfig(ProviderConfig):
    """The national sign-on for customers. `cpr`, `born`, `phone` and `names` say which claim is what.

    `names` are pairs of a language and a claim. Only the CPR's claim has to be there when somebody comes back.
    """

    cpr: str = "cpr"
    born: str = "birthdate"
    phone: str = "phone_number"
    names: tuple[tuple[str, str], ...] = (("en", "name"),)

    @property
    def claims(self) -> frozenset[str]:
        """What is wanted of whoever comes back."""
        return frozenset({self.cpr, self.born, self.phone, *(claim for _, claim in self.names)})


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSignOnConfig(ProviderConfig):
    """The sign-on of those who administer. `account` is the claim that an account is found by."""

    scopes: tuple[str, ...] = ("openid", "email")
    account: Literal["sub", "email"] = "email"


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Plain HTTP never leaves this machine: it is for tests and for trying things out.
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE)
