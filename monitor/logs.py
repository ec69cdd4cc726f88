"""Structured logs on standard error, as JSON or as text; the libraries' own go the same way."""

import logging
import sys
from typing import Literal

import structlog

_LIBRARIES = ("faust", "mode", "aiokafka", "streams.batch_transport", "streams.consumption", "alembic", "httpx")


def configure(form: Literal["json", "text"]) -> None:
    """Set up this process's logs."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    # What these say is about their own life; their tracebacks could hold a record's values.
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
