"""A webhook: each batch is one signed POST.

The body is ``{"alerts": […]}``. `Monitor-Timestamp` is the time of sending in seconds since 1970; `Monitor-Signature`
is ``v1=`` and the hex HMAC-SHA256, under the shared secret, of the timestamp, a full stop and the body. The receiver
computes it anew, compares in constant time and refuses a timestamp that is minutes old. `Monitor-Delivery` is the
same for the same batch, so that a repeated one can be told.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence

import httpx
import msgspec

from detectors.alerts import Alert

from .sink import SinkError

_CONTENT_REFUSED = frozenset({400, 409, 413, 415, 422})
"""What the receiver will answer again however often the same body comes; all else may be put right there."""
_MOST_ASKED_SECONDS = 300.0


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at a time."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    """POSTs alerts to a URL. `now` gives the time as an instant (microseconds)."""

    def __init__(
        self, name: str, url: str, secret: bytes, *, now: Callable[[], int], client: httpx.AsyncClient
    ) -> None:
        self.name = name
        self._url = url
        self._secret = secret
        self._now = now
        self._client = client

    async def send(self, batch: Sequence[Alert]) -> None:
        body = msgspec.json.encode({"alerts": batch}, order="sorted")
        timestamp = str(self._now() // 1_000_000)
        names = "".join(f"{alert.alert_id}/{alert.revision};" for alert in batch)
        headers = {
            "Content-Type": "application/json",
            "Monitor-Timestamp": timestamp,
            "Monitor-Signature": sign(self._secret, timestamp, body),
            "Monitor-Delivery": hashlib.blake2b(names.encode(), digest_size=16).hexdigest(),
        }
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise SinkError(f"webhook {self.name}: {type(error).__name__}", retry=True) from error
        if not answer.is_success:
            raise SinkError(
                f"webhook {self.name}: answered {answer.status_code}",
                retry=answer.status_code not in _CONTENT_REFUSED,
                after_seconds=_asked_seconds(answer.headers.get("Retry-After", "")),
            )

    async def close(self) -> None:
        await self._client.aclose()


def _asked_seconds(header: str) -> float:
    """`Retry-After` in seconds; one given as a date is left to the backoff."""
    return min(_MOST_ASKED_SECONDS, float(header)) if header.isascii() and header.isdigit() else 0.0
