r"""Who a device is: its Ed25519 key file, and the Authorization header that signs each of its requests.

    Authorization: Dawr-Ed25519 dev="kiosk-1",inc="1",ts="<unix ms>",nonce="<hex>",sig="<base64>"

The signature is over ``METHOD\npath?query\nsha256hex(body)\nts\nnonce``; the body is the bytes on the wire, after gzip.
It decides who calls, never what the caller may do (`sync.rights`), and keeps nothing from being read on the way.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from nacl.signing import SigningKey

from sync.clock import Clock

KEY_FILE = "device.key"
RUN_DIGITS = 16
"""Of a nonce, the first: by them a process of a device is known from its next one and from another machine."""
SCHEME = "Dawr-Ed25519"

_HEADER = re.compile(
    SCHEME + r' dev="(?P<dev>[^",.]{1,64})",inc="(?P<inc>[1-9][0-9]{0,8})",ts="(?P<ts>[0-9]{1,16})",'
    r'nonce="(?P<nonce>[0-9a-f]{16,64})",sig="(?P<sig>[A-Za-z0-9+/=]{86,88})"',
    re.ASCII,
)

# An Ed25519 key as `openssl genpkey` writes it (RFC 8410, section 7): what stands before its 32 bytes is always this.
_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
_PEM = re.compile(rb"\s*-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=]+)\s+-----END PRIVATE KEY-----\s*")


class IdentityError(Exception):
    """The key file is missing, unreadable, readable by others, or would be overwritten."""


class DeviceKey:
    """An Ed25519 key pair, made from 32 secret bytes; kept in `<data>/device.key` (PEM, 0600)."""

    def __init__(self, secret: bytes) -> None:
        # libsodium and not cryptography, which would be 10 MB of every kiosk.
        self._private = SigningKey(secret)

    @classmethod
    def make(cls, data: Path) -> DeviceKey:
        """Make a key and its file; the folder is made when missing. Raises IdentityError when there is one already."""
        secret = secrets.token_bytes(32)
        path = data / KEY_FILE
        try:
            data.mkdir(parents=True, exist_ok=True)
            # O_EXCL: a key that devices are enrolled with is never overwritten; 0600 from its first moment.
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(_pem(secret))
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise IdentityError(f"{path}: {error.strerror}") from error
        return cls(secret)

    @classmethod
    def load(cls, data: Path) -> DeviceKey:
        """Read `<data>/device.key`. Raises IdentityError."""
        path = data / KEY_FILE
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise IdentityError(f"{path}: others than its owner may use it (chmod 600)")
            secret = _secret(path.read_bytes())
        except OSError as error:
            raise IdentityError(f"{path}: {error.strerror}") from error
        if secret is None:
            raise IdentityError(f"{path}: holds no Ed25519 key")
        return cls(secret)

    @property
    def public(self) -> str:
        """The public key as the registers hold it: base64 of its 32 bytes."""
        return base64.b64encode(bytes(self._private.verify_key)).decode()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._private.sign(message).signature


class Signer:
    """Signs the requests of one device, by its own clock corrected to its peer's."""

    def __init__(
        self,
        key: DeviceKey,
        device: str,
        incarnation: int,
        clock: Clock,
        nonce: Callable[[], str] | None = None,
    ) -> None:
        """`nonce` gives 16 hexadecimal digits of this signer's own (its run, see `sync.twins`) and then new ones."""
        self._key = key
        self.device = device
        self.incarnation = incarnation
        self._clock = clock
        run = secrets.token_hex(RUN_DIGITS // 2)
        self._nonce = nonce or (lambda: run + secrets.token_hex(8))
        self._offset = timedelta(0)

    def authorization(self, method: str, target: str, body: bytes = b"") -> str:
        """Return the header's value; `target` is the path with its query as sent ("/v1/live?view=board")."""
        ts = str(int((self._clock.now() + self._offset).timestamp() * 1000))
        nonce = self._nonce()
        sig = base64.b64encode(self._key.sign(_message(method, target, body, ts, nonce))).decode()
        return f'{SCHEME} dev="{self.device}",inc="{self.incarnation}",ts="{ts}",nonce="{nonce}",sig="{sig}"'

    def correct(self, now: datetime) -> None:
        """Take the peer's `now` (from a 401 with code STALE) as the time from here on.

        Only requests are dated by it. An event keeps the device's own wall clock; by its boot and monotonic age the
        hub finds when it happened (`queueing.dating`).
        """
        self._offset = now - self._clock.now()

    @property
    def offset(self) -> timedelta:
        """How much later it is than this device's clock says, by a peer's word; nothing while they agree roughly."""
        return self._offset


class UnauthorisedError(Exception):
    """The request is not shown to come from that device.

    `code`: MISSING, UNKNOWN, STALE, REPLAYED, SIGNATURE; REVOKED for one that is signed with a key which the device had
    and may use no more: `device` and `key` say whose and which.
    """

    def __init__(self, code: str, device: str = "", key: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.device = device
        self.key = key


def run_of(authorization: str | None) -> str:
    """Return the run of the process that signed a request, "" when it is not signed."""
    return nonce_of(authorization)[:RUN_DIGITS]


def nonce_of(authorization: str | None) -> str:
    """Return the nonce of a signed request, "" when it is not signed."""
    parts = _HEADER.fullmatch(authorization or "")
    return "" if parts is None else parts["nonce"]


class Verifier:
    """Checks the header on the receiving side; remembers nonces, a bounded number for each device.

    `public_key` gives a device's key in base64, None when it is unknown or revoked; `retired` the keys that it
    may use no more: only who signs with one of them learns that it was revoked. Not for use by two threads at once.
    """

    def __init__(
        self,
        clock: Clock,
        public_key: Callable[[str], str | None],
        *,
        retired: Callable[[str], Iterable[str]] = lambda _: (),
        window_s: float = 60.0,
        nonces_per_device: int = 4096,
        heard: Callable[[str, str, str, int], object] = lambda device, public_key, run, signed_ms: None,
    ) -> None:
        """`heard` is told of each request that was found good."""
        from sync.signature import is_signed  # noqa: PLC0415  # who only signs never pays for it

        self._is_signed = is_signed
        self._clock = clock
        self._public_key = public_key
        self._retired = retired
        self._heard = heard
        self._window_ms = int(window_s * 1000)
        self._nonces_per_device = nonces_per_device
        # What was seen before this process began is forgotten, so nothing dated before it is believed.
        self._began_ms = self._now_ms()
        self._seen: dict[str, _Nonces] = {}

    def verify(self, authorization: str | None, method: str, target: str, body: bytes) -> tuple[str, int]:
        """Return (device, incarnation). Raises UnauthorisedError."""
        parts = _HEADER.fullmatch(authorization or "")
        if parts is None:
            raise UnauthorisedError("MISSING")
        device, ts, nonce = parts["dev"], parts["ts"], parts["nonce"]
        public, message = self._public_key(device), _message(method, target, body, ts, nonce)
        if public is None or not self._is_signed(public, message, parts["sig"]):
            for key in self._retired(device):
                if self._is_signed(key, message, parts["sig"]):
                    raise UnauthorisedError("REVOKED", device, key)
            raise UnauthorisedError("UNKNOWN" if public is None else "SIGNATURE")
        # Only now: an unsigned request learns nothing of the clock and fills no memory.
        now = self._now_ms()
        seen = self._seen.setdefault(device, _Nonces(self._began_ms, self._nonces_per_device))
        if abs(now - int(ts)) > self._window_ms or int(ts) < seen.floor_ms:
            raise UnauthorisedError("STALE")
        if not seen.add(nonce, int(ts), now - self._window_ms):
            raise UnauthorisedError("REPLAYED")
        self._heard(device, public, nonce[:RUN_DIGITS], int(ts))
        return device, int(parts["inc"])

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


class _Nonces:
    """The nonces of one device. When it holds too many the oldest go, and nothing as old as they is believed again."""

    def __init__(self, floor_ms: int, limit: int) -> None:
        self.floor_ms = floor_ms
        self._limit = limit
        self._ts: OrderedDict[str, int] = OrderedDict()

    def add(self, nonce: str, ts: int, expired_ms: int) -> bool:
        """Remember a nonce; False when it was seen already."""
        if nonce in self._ts:
            return False
        self._ts[nonce] = ts
        while self._ts:
            oldest, oldest_ts = next(iter(self._ts.items()))
            if len(self._ts) <= self._limit and oldest_ts >= expired_ms:
                break
            del self._ts[oldest]
            self.floor_ms = max(self.floor_ms, oldest_ts + 1)
        return True


def _message(method: str, target: str, body: bytes, ts: str, nonce: str) -> bytes:
    return "\n".join((method.upper(), target, hashlib.sha256(body).hexdigest(), ts, nonce)).encode()


def _pem(secret: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(_PKCS8 + secret) + b"\n-----END PRIVATE KEY-----\n"


def _secret(pem: bytes) -> bytes | None:
    """Return the 32 bytes of a key file, None when it holds no Ed25519 key."""
    found = _PEM.fullmatch(pem)
    try:
        der = base64.b64decode(found[1], validate=True) if found is not None else b""
    except binascii.Error:
        return None
    return der[len(_PKCS8) :] if der.startswith(_PKCS8) and len(der) == len(_PKCS8) + 32 else None
