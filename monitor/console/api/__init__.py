"""The JSON interface (OpenAPI 3.1 at /api), with the powers of the pages, for programs with a token.

Errors are problem details (RFC 9457). A step names the version that it is for in If-Match; with an Idempotency-Key
the same step sent again is answered as the first time and done once. What the service itself sends to others is
described beside it, as webhooks.
"""

from fastapi import APIRouter

from . import audit_log, centres, feeds, numbers, orders, steps, users, webhooks
from .problems import ANSWERS, add_handlers, problem

__all__ = ["add_handlers", "problem", "router", "webhooks"]

router = APIRouter(prefix="/api/v1", responses=ANSWERS)
for _part in (orders, steps, numbers, feeds, audit_log, users, centres):
    router.include_router(_part.router)
