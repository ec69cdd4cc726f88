"""Signing in by an identity provider: OpenID Connect's code flow with PKCE.

The provider says who somebody is; what the person may do is the account's of that name, made by an administrator.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from detectors.alerts import Text
from detectors.yaml_file import Faults, Node, load
from streams.moments import SECOND

_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures by the provider's own key only: a shared secret, or none, would let others make tokens."""
_LEEWAY_SECONDS = 60
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """A provider as `provider.yaml` names it. `back` is the console's own address, to which browsers come back."""

    issuer: str
    client_id: str
    client_secret: str
    back: str
    claim: str
    name: Text


@dataclass(frozen=True)
class Begun:
    """What the browser keeps while it is at the provider: it ties the answer to the question."""

    state: str
    nonce: str
    verifier: str

    def encode(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"

    @classmethod
    def decode(cls, text: str) -> "Begun | None":
        """None for what is no such thing."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None


class ProviderError(Exception):
    """The provider is away, or did not vouch for anybody; the text is for the log and names no person."""


class Provider:
    """Asks one provider. `clock` gives the present instant."""

    def __init__(self, settings: ProviderSettings, client: httpx.Client, clock: Callable[[], int]) -> None:
        self.settings = settings
        self._client = client
        self._clock = clock

    def begin(self) -> tuple[str, Begun]:
        """Where to send the browser, and what it has to keep. Raises ProviderError."""
        begun = Begun(*(secrets.token_urlsafe(48) for _ in range(3)))
        address: str = prepare_grant_uri(
            _text(self._discovered(), "authorization_endpoint"),
            self.settings.client_id,
            "code",
            redirect_uri=self.settings.back,
            scope="openid profile",
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return address, begun

    def name_of(self, code: str, begun: Begun) -> str:
        """Whom the provider vouches for. Raises ProviderError."""
        found = self._discovered()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.back,
            "client_id": self.settings.client_id,
            "code_verifier": begun.verifier,
        }
        basic = (self.settings.client_id, self.settings.client_secret) if self.settings.client_secret else None
        given = self._json("POST", _text(found, "token_endpoint"), data=sent, auth=basic)
        keys = self._json("GET", _text(found, "jwks_uri"))
        return self._vouched_for(_text(given, "id_token"), keys, begun.nonce)

    def _vouched_for(self, token: str, keys: Mapping[str, Any], nonce: str) -> str:
        options = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        try:
            read = jwt.decode(token, KeySet.import_key_set({"keys": keys.get("keys", [])}), algorithms=_ALGORITHMS)
            params = {"nonce": nonce, "client_id": self.settings.client_id}
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=self._clock() // SECOND, leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError) as error:
            raise ProviderError(f"token refused: {type(error).__name__}") from error
        return _text(claims, self.settings.claim)

    def _discovered(self) -> Mapping[str, Any]:
        """Asked anew each time: endpoints and keys may change."""
        found = self._json("GET", self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise ProviderError("discovery names another issuer")
        return found

    def _json(self, method: str, address: str, **sent: Any) -> Mapping[str, Any]:
        try:
            answer = self._client.request(method, address, **sent).raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ProviderError(f"provider: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ProviderError("provider: no JSON object")
        return answer


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderError(f"provider: no {name}")
    return value


def load_provider(path: Path, faults: Faults | None = None) -> ProviderSettings | None:
    """Read `provider.yaml`; no such file, no provider. Raises FaultyError, or collects where `faults` is given."""
    if not path.exists():
        return None
    collected = Faults() if faults is None else faults
    top = load(path, collected, name=path.name)
    settings = ProviderSettings(
        issuer=_address(top, "issuer"),
        client_id=top.text("client_id"),
        client_secret=_secret(top, path.parent),
        back=_address(top, "back"),
        claim=top.text("claim", "preferred_username"),
        name=top.both("name"),
    )
    top.done()
    if faults is None:
        collected.check()
    return settings


def _address(node: Node, key: str) -> str:
    text = node.text(key)
    parts = urlsplit(text)
    if text and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        node.fault(f"{key} must be an https address")
    return text


def _secret(node: Node, folder: Path) -> str:
    """The client's secret, from a file of its own; none for a client that has only PKCE."""
    name = node.text("client_secret_file", "")
    if not name:
        return ""
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        node.fault(f"client_secret_file {name} cannot be read")
        return ""
