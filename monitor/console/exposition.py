"""`/metrics` of the console: the figures of the work orders, for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from monitor.order_metrics import OrderMetrics

router = APIRouter()


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Open like `/readyz`: numbers only, and Prometheus has no account."""
    console = request.app.state.console
    registry = CollectorRegistry()
    with console.desk.database.reading() as session:
        OrderMetrics(registry).read(session, console.clock())
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
