"""What the service sends to a webhook named in `sinks.yaml`, described beside the interface (OpenAPI's `webhooks`)."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

router = APIRouter()


class Sent(BaseModel):
    """A batch of revisions of alerts, as in the topic alerts.v1 (README and docs say what each field means)."""

    alerts: list[dict[str, Any]] = Field(min_length=1)


@router.post("alerts", status_code=204)
def alerts(
    body: Sent,
    monitor_timestamp: Annotated[str, Header(description="When it was sent: seconds since 1970.")],
    monitor_signature: Annotated[
        str,
        Header(
            description="`v1=` and the hex HMAC-SHA256, under the secret shared with the receiver, of the timestamp, "
            "a full stop and the body as it came. Compute it anew, compare in constant time, and refuse a timestamp "
            "that is more than five minutes old."
        ),
    ],
    monitor_delivery: Annotated[
        str, Header(description="The same for the same batch: one that comes again can be told by it.")
    ],
) -> None:
    """New revisions of alerts, in their order.

    Any answer of 2xx takes the batch. 400, 409, 413, 415 and 422 refuse its content for good; after anything else, or
    none, the same batch comes again, waiting longer each time, as long as `Retry-After` asks for where that is given.
    A batch may come twice; (`alert_id`, `revision`) names one content for ever.
    """
