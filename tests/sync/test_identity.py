"""Who is calling: the key file, the signature, the clock and the replay."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sync.identity import DeviceKey, IdentityError, Signer, UnauthorisedError, Verifier
from tests.sync.fakes import FakeClock

TARGET = "/v1/live?view=board"


def verifier_of(key: DeviceKey, clock: FakeClock, **more: float) -> Verifier:
    return Verifier(clock, lambda device: key.public if device == "kiosk-1" else None, **more)  # type: ignore[arg-type]  # tests name them


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    return DeviceKey.make(tmp_path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def code_of(verify: Callable[[], object]) -> str:
    with pytest.raises(UnauthorisedError) as error:
        verify()
    return error.value.code


def test_a_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    made = DeviceKey.make(tmp_path / "data")
    file = tmp_path / "data" / "device.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert DeviceKey.load(tmp_path / "data").public == made.public
    assert len(base64.b64decode(made.public)) == 32
    before = file.read_bytes()
    with pytest.raises(IdentityError):
        DeviceKey.make(tmp_path / "data")
    assert file.read_bytes() == before


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    DeviceKey.make(tmp_path)
    (tmp_path / "device.key").chmod(0o640)
    with pytest.raises(IdentityError, match="600"):
        DeviceKey.load(tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "device.key").write_bytes(content)
        (tmp_path / "device.key").chmod(0o600)
    with pytest.raises(IdentityError):
        DeviceKey.load(tmp_path)


def test_the_key_file_is_what_openssl_writes_and_reads(tmp_path: Path) -> None:
    made = DeviceKey.make(tmp_path)
    theirs = load_pem_private_key((tmp_path / "device.key").read_bytes(), password=None)
    assert isinstance(theirs, Ed25519PrivateKey)
    assert base64.b64encode(theirs.public_key().public_bytes_raw()).decode() == made.public
    written = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert written == (tmp_path / "device.key").read_bytes()
    theirs.public_key().verify(made.sign(b"message"), b"message")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    (tmp_path / "device.key").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "device.key").chmod(0o600)
    with pytest.raises(IdentityError, match="Ed25519"):
        DeviceKey.load(tmp_path)


def test_a_signed_request_is_let_in(key: DeviceKey, clock: FakeClock) -> None:
    header = Signer(key, "kiosk-1", 3, clock).authorization("POST", "/v1/events", b"body")
    assert verifier_of(key, clock).verify(header, "POST", "/v1/events", b"body") == ("kiosk-1", 3)


def test_the_header_is_as_the_contract_says(clock: FakeClock) -> None:
    key = DeviceKey(bytes(range(32)))
    header = Signer(key, "kiosk-1", 1, clock, lambda: "00" * 16).authorization("POST", "/v1/hello?a=b", b"{}")
    # A golden value: devices in the field sign like this.
    assert header == (
        'Dawr-Ed25519 dev="kiosk-1",inc="1",ts="1795320000000",nonce="00000000000000000000000000000000",'
        'sig="QPJDqoP7mJXO4tp3T7j8MeHlyzNt1eBqig7en2292FxJelEoL3GFYHfSspy2jxA5uwoJcPoIDXqPVvLVtChmAQ=="'
    )


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [("GET", TARGET, b"x"), ("POST", TARGET, b""), ("GET", "/v1/live?view=counter", b""), ("GET", "/v1/live", b"")],
)
def test_another_request_under_the_same_signature_is_not(
    key: DeviceKey, clock: FakeClock, method: str, target: str, body: bytes
) -> None:
    header = Signer(key, "kiosk-1", 1, clock).authorization("GET", TARGET)
    verifier = verifier_of(key, clock)
    assert code_of(lambda: verifier.verify(header, method, target, body)) == "SIGNATURE"
    verifier.verify(header, "GET", TARGET, b"")


def test_another_ones_key_is_not(tmp_path: Path, key: DeviceKey, clock: FakeClock) -> None:
    thief = DeviceKey.make(tmp_path / "thief")
    verifier = verifier_of(key, clock)
    header = Signer(thief, "kiosk-1", 1, clock).authorization("GET", TARGET)
    assert code_of(lambda: verifier.verify(header, "GET", TARGET, b"")) == "SIGNATURE"
    header = Signer(thief, "kiosk-9", 1, clock).authorization("GET", TARGET)
    assert code_of(lambda: verifier.verify(header, "GET", TARGET, b"")) == "UNKNOWN"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer x", "Dawr-Ed25519", 'Dawr-Ed25519 dev="kiosk-1"', "Dawr-Ed25519 " * 999]
)
def test_no_signature_is_not(key: DeviceKey, clock: FakeClock, header: str | None) -> None:
    assert code_of(lambda: verifier_of(key, clock).verify(header, "GET", TARGET, b"")) == "MISSING"


@pytest.mark.parametrize("seconds", [-61, 61, -(10**8)])
def test_a_wrong_clock_is_told_and_corrected(key: DeviceKey, clock: FakeClock, seconds: float) -> None:
    wrong = FakeClock(clock.at + timedelta(seconds=seconds))
    signer = Signer(key, "kiosk-1", 1, wrong)
    verifier = verifier_of(key, clock)
    header = signer.authorization("GET", TARGET)
    assert code_of(lambda: verifier.verify(header, "GET", TARGET, b"")) == "STALE"
    signer.correct(clock.now())
    verifier.verify(signer.authorization("GET", TARGET), "GET", TARGET, b"")
    wrong.pass_time(3600)
    clock.pass_time(3600)
    verifier.verify(signer.authorization("GET", TARGET), "GET", TARGET, b"")


def test_a_replay_is_refused_now_and_later(key: DeviceKey, clock: FakeClock) -> None:
    verifier = verifier_of(key, clock)
    header = Signer(key, "kiosk-1", 1, clock).authorization("GET", TARGET)
    verifier.verify(header, "GET", TARGET, b"")
    for seconds, code in ((0, "REPLAYED"), (59, "REPLAYED"), (2, "STALE")):
        clock.pass_time(seconds)
        assert code_of(lambda: verifier.verify(header, "GET", TARGET, b"")) == code


def test_a_replay_across_a_restart_is_refused(key: DeviceKey, clock: FakeClock) -> None:
    header = Signer(key, "kiosk-1", 1, clock).authorization("GET", TARGET)
    verifier_of(key, clock).verify(header, "GET", TARGET, b"")
    clock.pass_time(1)
    assert code_of(lambda: verifier_of(key, clock).verify(header, "GET", TARGET, b"")) == "STALE"


def test_forgetting_nonces_opens_no_door(key: DeviceKey, clock: FakeClock) -> None:
    verifier = verifier_of(key, clock, nonces_per_device=10)
    signer = Signer(key, "kiosk-1", 1, clock)
    headers = []
    for _ in range(50):
        clock.pass_time(0.01)
        headers.append(signer.authorization("GET", TARGET))
        verifier.verify(headers[-1], "GET", TARGET, b"")
    assert len(verifier._seen["kiosk-1"]._ts) == 10
    for header in headers:
        assert code_of(lambda h=header: verifier.verify(h, "GET", TARGET, b"")) in ("REPLAYED", "STALE")  # type: ignore[misc]  # binds the loop's value


def test_nonces_of_the_past_are_forgotten(key: DeviceKey, clock: FakeClock) -> None:
    verifier = verifier_of(key, clock)
    signer = Signer(key, "kiosk-1", 1, clock)
    for _ in range(20):
        verifier.verify(signer.authorization("GET", TARGET), "GET", TARGET, b"")
        clock.pass_time(10)
    assert len(verifier._seen["kiosk-1"]._ts) <= 8
