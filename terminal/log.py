"""The technical log: one JSON line an event, through the standard library's logging, redacted at the source.

`log.warning("host line down", cause="...")`. Nothing of a customer belongs here; the journal records what happened.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from terminal.redaction import redacted

_NAME = "medteller"


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Processor: replace what looks like a secret in every value, tracebacks included."""
    return {key: _safe(value) for key, value in event.items()}


def _safe(value: Any) -> Any:
    match value:
        case bool() | float() | None:
            return value
        case bytes() | bytearray() | memoryview():
            return f"({len(value)} bytes)"
        case int():
            return value if redacted(str(value)) == str(value) else "(redacted)"
        case str():
            return redacted(value)
        case Mapping():
            return {redacted(str(key)): _safe(inner) for key, inner in value.items()}
        case Sequence():
            return [_safe(inner) for inner in value]
        case _:
            return redacted(repr(value))


log: FilteringBoundLogger = structlog.wrap_logger(
    logging.getLogger(_NAME),
    # The standard library's own `exception` would add a traceback behind the back of `redact`; this class uses `error`.
    wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send the log to `stream` (standard error), each line after its local time. Called once, by a program's start."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger(_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
