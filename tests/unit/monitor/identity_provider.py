"""A small identity provider of OpenID Connect on a port of its own: it checks PKCE, and lies where a test wants it."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "monitor", "the client's secret"


class IdentityProvider:
    """Vouches for `person`. `claims` replace those of its tokens, `signing` its key; `now` is in seconds.

    `wrong_verifiers` counts codes that came without the secret of the browser that asked for them.
    """

    def __init__(self, now: int) -> None:
        self.person = "li"
        self.now = now
        self.claims: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.signing = self.key
        self.wrong_verifiers = 0
        self._asked: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers: dict[str, Callable[[], dict[str, Any]]] = {
                    "/.well-known/openid-configuration": provider.discovery,
                    "/keys": lambda: {"keys": [provider.key.as_dict(private=False)]},
                }
                self._answer(200, answers[urlsplit(self.path).path]())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                given = provider.token(_fields(body), self.headers.get("Authorization", ""))
                self._answer(200 if given else 400, given or {"error": "invalid_grant"})

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests need no log of requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, address: str) -> str:
        """What its page does once the person has signed in there: the address that the browser is sent back to."""
        asked = _fields(urlsplit(address).query)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._asked)}"
        self._asked[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, sent: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The answer to a code, which is good once; None for a wrong secret, code, address or verifier."""
        asked = self._asked.pop(sent.get("code", ""), None)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != basic or sent["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            self.wrong_verifiers += 1
            return None
        claims = {
            "iss": self.issuer,
            "sub": "7",
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
            "preferred_username": self.person,
            **self.claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "first"}, claims, self.signing)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
