"""An OpenID provider as its client sees it: where to send a browser, and whether to believe what comes back.

Source: OpenID Connect Core 1.0, 3.1; Discovery 1.0; RP-Initiated Logout 1.0; RFC 7636 (PKCE), RFC 9207 (iss). Only the
code flow. It blocks, so it is not for an event loop; it knows no page, and nothing of what it reads goes to a log.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # it comes without types
from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry

from server.sign_on.config import ProviderConfig
from sync.clock import Clock

WITHIN_S = 10.0
"""The longest that one question to the provider may take."""
KNOWN_FOR_S = 3600.0
"""How long the provider's own description is believed."""
AWAY_FOR_S = 10.0
"""After a question that failed nobody waits for the next one so long."""
LEEWAY_S = 60
"""How far its clock may be from ours."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""What an ID token may be signed with: nothing unsigned, and nothing that whoever knows the secret could sign."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_CANCELLED = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})

_log = logging.getLogger(__name__)


class SignOnUnavailable(Exception):  # noqa: N818  # the house names failures by kind: unavailable
    """The provider cannot be asked now, or answers what no provider answers."""


class Doubt(StrEnum):
    """Why somebody is not let in."""

    CANCELLED = "it was given up at the provider"
    FOREIGN = "the answer belongs to no sign-on that this browser began here"
    CODE = "the provider does not take its code"
    TOKEN = "the provider's word cannot be believed"


class SignOnRefusedError(Exception):
    """What came back lets nobody in."""

    def __init__(self, why: Doubt, about: str = "") -> None:
        super().__init__(why.name)
        self.why = why
        self.about = about


@dataclass(frozen=True, slots=True)
class Begun:
    """What has to be the same when the browser comes back; nobody but this server may read it meanwhile."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def make(cls) -> Begun:
        """Return a new one, of random bits."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class Provider:
    """One provider; for many threads."""

    def __init__(self, config: ProviderConfig, back: str, clock: Clock) -> None:
        """`back` is the path that browsers come back to. Nothing is asked yet: a start does not hang on others."""
        self._config = config
        self._redirect = config.origin + back
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] | None = None
        self._metadata_at = 0.0
        self._away_until = 0.0
        self._keys: KeySet | None = None

    def address(self, begun: Begun, language: str) -> str:
        """Return where a browser signs in. Raises SignOnUnavailable."""
        metadata = self._known()
        with self._session() as session:
            url, _ = session.create_authorization_url(
                metadata["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
                ui_locales=language,
            )
        return str(url)

    def claims(self, begun: Begun, answer: Mapping[str, str], wanted: frozenset[str]) -> Mapping[str, Any]:
        """Return what the provider says of who came back with its answer, at least `sub`.

        Where the ID token lacks something that is wanted the provider is asked for it. Raises SignOnRefusedError and
        SignOnUnavailable.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise SignOnRefusedError(Doubt.FOREIGN, "state")
        metadata = self._known()
        named = answer.get("iss")
        if named != self._config.issuer and (
            named is not None or metadata.get("authorization_response_iss_parameter_supported")
        ):
            raise SignOnRefusedError(Doubt.FOREIGN, "iss")
        if "error" in answer:
            if answer["error"] in _CANCELLED:
                raise SignOnRefusedError(Doubt.CANCELLED)
            _log.warning("sign_on_error issuer=%s", self._config.issuer)
            raise SignOnUnavailable("the provider says that it failed")
        with self._session() as session:
            token = self._token(session, str(metadata["token_endpoint"]), answer.get("code", ""), begun.verifier)
            said = self._believed(token, begun.nonce)
            if wanted - said.keys() and "userinfo_endpoint" in metadata:
                said = self._asked(session, str(metadata["userinfo_endpoint"]), said["sub"]) | said
        return said

    def leaving(self, back: str) -> str | None:
        """Return where a browser signs out of the provider, None where it offers none. Raises SignOnUnavailable.

        Without the ID token as a hint: it may hold the CPR, which is in no address. The provider asks instead.
        """
        offered = self._known().get("end_session_endpoint")
        if not isinstance(offered, str):
            return None
        params = {"client_id": self._config.client_id, "post_logout_redirect_uri": self._config.origin + back}
        return str(add_params_to_uri(offered, list(params.items())))

    def _token(self, session: OAuth2Session, endpoint: str, code: str, verifier: str) -> Mapping[str, Any]:
        if not code:
            raise SignOnRefusedError(Doubt.CODE, "none")
        try:
            token: Mapping[str, Any] = session.fetch_token(
                endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except AuthlibBaseError as error:
            if error.error == "invalid_grant":
                raise SignOnRefusedError(Doubt.CODE, "invalid_grant") from error
            # Most likely this server's own secret is wrong: its operator has to hear of it.
            _log.error("sign_on_token_refused issuer=%s error=%.40r", self._config.issuer, error.error)
            raise SignOnUnavailable("the provider does not take this server for its client") from error
        except (requests.RequestException, ValueError) as error:
            raise SignOnUnavailable("the provider gives no token") from error
        return token

    def _believed(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """Return an ID token's claims once signature, issuer, audience, expiry and nonce are right."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise SignOnRefusedError(Doubt.TOKEN, "missing")
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            try:
                signed = jwt.decode(text, self._key_set(anew=False), registry=registry)
            except InvalidKeyIdError:
                # Providers change their keys: one that is not known yet may be there by now.
                signed = jwt.decode(text, self._key_set(anew=True), registry=registry)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": self._config.issuer},
                    "aud": {"essential": True, "value": self._config.client_id},
                },
                {"nonce": nonce, "client_id": self._config.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise SignOnRefusedError(Doubt.TOKEN, type(error).__name__) from error
        if not isinstance(claims.get("sub"), str):
            raise SignOnRefusedError(Doubt.TOKEN, "sub")
        return dict(claims)

    def _asked(self, session: OAuth2Session, endpoint: str, subject: str) -> dict[str, Any]:
        """Return what the provider says of somebody when it is asked with the token that it has just given."""
        try:
            answer = session.get(endpoint, allow_redirects=False)
            answer.raise_for_status()
            said = answer.json()
        except (requests.RequestException, ValueError, AuthlibBaseError) as error:
            raise SignOnUnavailable("the provider does not say who it is") from error
        # Core 5.3.2: an answer about somebody else must not be used.
        if not isinstance(said, dict) or said.get("sub") != subject:
            raise SignOnRefusedError(Doubt.TOKEN, "userinfo")
        return said

    def _known(self) -> Mapping[str, Any]:
        """Return the provider's own description. One that was good is kept for an hour, and while it cannot be had."""
        with self._lock:
            now = self._clock.monotonic()
            if self._metadata is not None and now - self._metadata_at < KNOWN_FOR_S:
                return self._metadata
            try:
                said = self._get(self._config.issuer.rstrip("/") + _WELL_KNOWN)
            except SignOnUnavailable:
                if self._metadata is None:
                    raise
                return self._metadata
            if said.get("issuer") != self._config.issuer or not all(
                isinstance(said.get(name), str) for name in _NEEDED
            ):
                _log.error("sign_on_misconfigured issuer=%s", self._config.issuer)
                raise SignOnUnavailable("the provider describes itself as another one")
            self._metadata, self._metadata_at = said, now
            return said

    def _key_set(self, *, anew: bool) -> KeySet:
        keys = self._keys
        if keys is None or anew:
            found = self._get(str(self._known()["jwks_uri"])).get("keys")
            known = [key for each in found if (key := _key(each)) is not None] if isinstance(found, list) else []
            if not known:
                _log.error("sign_on_misconfigured issuer=%s keys=none", self._config.issuer)
                raise SignOnUnavailable("the provider has no key that is known here")
            keys = self._keys = KeySet(known)
        return keys

    def _get(self, url: str) -> dict[str, Any]:
        if self._clock.monotonic() < self._away_until:
            raise SignOnUnavailable("the provider could not be asked a moment ago")
        try:
            answer = requests.get(url, timeout=WITHIN_S, allow_redirects=False, headers={"Accept": "application/json"})
            answer.raise_for_status()
            said = answer.json()
        except (requests.RequestException, ValueError) as error:
            _log.warning("sign_on_unavailable issuer=%s error=%s", self._config.issuer, type(error).__name__)
            self._away_until = self._clock.monotonic() + AWAY_FOR_S
            raise SignOnUnavailable("the provider cannot be asked") from error
        if not isinstance(said, dict):
            raise SignOnUnavailable("the provider answers what is no description")
        return said

    def _session(self) -> OAuth2Session:
        config = self._config
        return OAuth2Session(
            client_id=config.client_id,
            client_secret=config.client_secret or None,
            token_endpoint_auth_method=config.secret_sent if config.client_secret else "none",
            scope=" ".join(config.scopes),
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            default_timeout=WITHIN_S,
        )


def _key(said: Any) -> Key | None:
    """Return a key of the provider's, None for one of a kind or a curve that is not known here: it is not for us."""
    try:
        return import_key(said) if isinstance(said, dict) else None
    except (JoseError, ValueError, TypeError, LookupError, AttributeError):
        return None
