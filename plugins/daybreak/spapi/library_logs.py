"""Keeps secrets out of what the HTTP libraries log, at every level."""

import logging
from typing import Final

from daybreak.spapi.redaction import redact

# a filter acts on the logger that a record is made with, so each is named
_LOGGERS: Final = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


_REDACTING: Final = _Redacting()


def guard_library_logs() -> None:
    """Afterwards httpx and httpcore log no secret, and no line per request unless their level is set on purpose."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_REDACTING)
    if logging.getLogger("httpx").level == logging.NOTSET:
        logging.getLogger("httpx").setLevel(logging.WARNING)
