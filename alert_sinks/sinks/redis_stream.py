"""A Redis stream: one entry an alert, with the fields `alert_id`, `revision` and `alert` (its JSON)."""

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from detectors.alerts import Alert, encode

from .sink import SinkError


class RedisStream:
    """Adds to a stream, in one transaction a batch. `max_length` bounds it roughly; 0 leaves it unbounded."""

    def __init__(self, name: str, client: Redis, stream: str, max_length: int = 0) -> None:
        self.name = name
        self._client = client
        self._stream = stream
        self._max_length = max_length or None

    async def send(self, batch: Sequence[Alert]) -> None:
        try:
            async with self._client.pipeline(transaction=True) as pipeline:
                for alert in batch:
                    entry: dict[FieldT, EncodableT] = {
                        "alert_id": alert.alert_id,
                        "revision": str(alert.revision),
                        "alert": encode(alert),
                    }
                    pipeline.xadd(self._stream, entry, maxlen=self._max_length, approximate=True)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise SinkError(f"stream {self.name}: {type(error).__name__}", retry=True) from error

    async def close(self) -> None:
        await self._client.aclose()
