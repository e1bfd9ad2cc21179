"""Links to video rooms: nobody guesses a name, and a token is what Jitsi's token authentication asks for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey, RSAKey

from server.config import ServerConfig
from server.rooms.jitsi import CLOSES, OPENS, Jitsi, RoomsConfig
from server.rooms.room import Meeting, Names, Who
from server.vault import Vault, VaultError
from sync.config import ConfigError, load

TEN = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
MEETING = Meeting("muharraq", "a1b2c3", TEN, "ar")
SECRET = "s" * 40
NAMES = Names(b"n" * 32)


def held(folder: Path, content: bytes) -> Path:
    path = folder / "jitsi.key"
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def room_and_token(link: str) -> tuple[str, str]:
    parts = urlsplit(link)
    return parts.path.removeprefix("/"), parse_qs(parts.query)["jwt"][0]


def part(token: str, which: int) -> Any:
    text = token.split(".")[which]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_room_is_unguessable_and_lasts(tmp_path: Path) -> None:
    names = Names.of_vault(Vault.make(tmp_path))
    name = names.of("muharraq", "a1b2c3")
    assert name == Names.of_vault(Vault.open(tmp_path)).of("muharraq", "a1b2c3"), "in each process of the server"
    assert len(name) == 32 and "a1b2c3" not in name and "muharraq" not in name
    others = {names.of("muharraq", "a1b2c4"), names.of("riffa", "a1b2c3"), names.of("muharraq/a", "1b2c3"), name}
    assert len(others) == 4
    assert Names(b"k" * 32).of("muharraq", "a1b2c3") != name, "by this server's own key"
    lookup = base64.b64decode(Vault.open(tmp_path).lookup_key)
    assert Names(lookup).of("muharraq", "a1b2c3") != name, "kiosks know that key"


def test_without_an_application_a_link_is_the_room_alone() -> None:
    jitsi = Jitsi(RoomsConfig("https://meet.example.bh/"), NAMES)
    room = NAMES.of("muharraq", "a1b2c3")
    assert jitsi.link(MEETING, "clerk") == f"https://meet.example.bh/{room}?lang=ar"
    assert jitsi.link(Meeting("muharraq", "a1b2c3", TEN), "customer") == f"https://meet.example.bh/{room}"


@pytest.mark.parametrize(("who", "affiliation"), [("clerk", "owner"), ("customer", "member")])
def test_a_token_by_a_shared_secret(tmp_path: Path, who: Who, affiliation: str) -> None:
    jitsi = Jitsi(RoomsConfig("https://meet.example.bh", "dawr", key=held(tmp_path, f"{SECRET}\n".encode())), NAMES)
    link = jitsi.link(MEETING, who)
    room, token = room_and_token(link)
    told = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"])
    registry = jwt.JWTClaimsRegistry(
        now=int(TEN.timestamp()),
        aud={"essential": True, "value": "jitsi"},
        iss={"essential": True, "value": "dawr"},
        sub={"essential": True, "value": "meet.example.bh"},
        room={"essential": True, "value": room},
        exp={"essential": True},
    )
    registry.validate(told.claims)
    assert told.claims["context"]["user"] == {"moderator": who == "clerk", "affiliation": affiliation}
    assert told.claims["exp"] == int((TEN + CLOSES).timestamp())
    assert told.claims["nbf"] == int((TEN - OPENS).timestamp())
    with pytest.raises(BadSignatureError):
        jwt.decode(token, OctKey.import_key("t" * 40), algorithms=["HS256"])
    # By the standard alone, with no library of ours between.
    head, body, signature = token.split(".")
    mine = hmac.new(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(mine).rstrip(b"=").decode() == signature
    assert jitsi.link(MEETING, who) == link, "the same at any time: a page that is asked for again has not changed"


def test_a_token_by_an_rsa_key(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    config = RoomsConfig("https://8x8.vc/vpaas-1", "chat", "RS256", held(tmp_path, pem), "vpaas-1/k", subject="vpaas-1")
    link = Jitsi(config, NAMES).link(MEETING, "clerk")
    token = parse_qs(urlsplit(link).query)["jwt"][0]
    assert urlsplit(link).path == f"/vpaas-1/{NAMES.of('muharraq', 'a1b2c3')}"
    public = private.public_key()
    spki = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    told = jwt.decode(token, RSAKey.import_key(spki), algorithms=["RS256"])
    assert (told.claims["sub"], told.claims["iss"]) == ("vpaas-1", "chat")
    assert part(token, 0) == {"alg": "RS256", "typ": "JWT", "kid": "vpaas-1/k"}
    head, body, signature = token.split(".")
    signed = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    public.verify(signed, f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())


def test_nothing_of_anybody_is_in_a_token(tmp_path: Path) -> None:
    jitsi = Jitsi(RoomsConfig("https://meet.example.bh", "dawr", key=held(tmp_path, SECRET.encode())), NAMES)
    claims = part(room_and_token(jitsi.link(MEETING, "customer"))[1], 1)
    assert set(claims) == {"aud", "iss", "sub", "room", "nbf", "exp", "context"}
    assert "a1b2c3" not in json.dumps(claims)


def test_another_day_a_token_opens_nothing(tmp_path: Path) -> None:
    jitsi = Jitsi(RoomsConfig("https://meet.example.bh", "dawr", key=held(tmp_path, SECRET.encode())), NAMES)
    claims = part(room_and_token(jitsi.link(MEETING, "customer"))[1], 1)
    for at in (TEN - timedelta(days=1), TEN + timedelta(days=1)):
        assert not claims["nbf"] <= at.timestamp() < claims["exp"]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ('url = "http://meet.example.bh"', "https"),
        ('url = "javascript:alert(1)"', "https"),
        ('url = "https://meet.example.bh/?a=b"', "https"),
        ('url = "https://meet.example.bh"\napp_id = "dawr"', "belong together"),
        ('url = "https://meet.example.bh"\napp_id = "dawr"\nkey = "k"\nalgorithm = "RS256"', "key_id"),
        ('url = "https://meet.example.bh"\nalgorithm = "none"', "HS256"),
        ("", "rooms.url is missing"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, said: str, fault: str) -> None:
    path = tmp_path / "server.toml"
    path.write_text(f'data = "data"\n[rooms]\n{said}\n')
    with pytest.raises(ConfigError, match=fault):
        load(path, ServerConfig)


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    short = held(tmp_path, b"too short")
    with pytest.raises(VaultError, match="32 bytes"):
        Jitsi(RoomsConfig("https://meet.example.bh", "dawr", key=short), NAMES)
    with pytest.raises(VaultError, match="RSA"):
        Jitsi(RoomsConfig("https://meet.example.bh", "dawr", "RS256", short, "k"), NAMES)
    short.chmod(0o644)
    with pytest.raises(VaultError, match="others"):
        Jitsi(RoomsConfig("https://meet.example.bh", "dawr", key=short), NAMES)
