"""What can go wrong between Daybreak and Amazon, named by what must be done about it.

The exceptions and their four kinds stand here; :mod:`daybreak.spapi.judgement` alone decides which one an answer is,
:mod:`daybreak.spapi.fatal_reports` reads why a report went FATAL.
"""

from enum import StrEnum
from typing import Any

from daybreak.spapi.redaction import redact

_LONGEST_QUOTE = 600
_LONGEST_READ = 20_000
_LONGEST_SECRET = 4_000


class Kind(StrEnum):
    """What must be done."""

    RETRY = "retry"
    """Ask again later, unchanged: nobody has to act."""
    GIVE_UP = "give_up"
    """Asking again cannot help: a person must change something first."""
    SKIP = "skip"
    """There is nothing to be had here; record that and go on."""
    DATA_ERROR = "data_error"
    """The answer is not what was asked for: keep it and look at it."""


class SpApiFailure(Exception):
    """A call that did not give what was asked.

    Attributes:
        kind: what must be done, one of :class:`Kind`.
        message: which credential, which operation, what happened.
        advice: what a person should do next.
        operation: Amazon's name of the operation, ``login`` or ``download``.
        http_status: of the answer; ``None`` if none came.
        request_id: Amazon's, to quote in a support case.
        amazon_text: Amazon's own words, without secrets, possibly shortened.
        retry_after_seconds: not before this many seconds, where that is known.
        may_have_happened: the call creates something and its outcome is unknown: look for it before asking again.
    """

    def __init__(
        self,
        *,
        kind: Kind,
        message: str,
        advice: str,
        operation: str,
        http_status: int | None = None,
        request_id: str | None = None,
        amazon_text: str = "",
        retry_after_seconds: float | None = None,
        may_have_happened: bool = False,
    ) -> None:
        self.kind = kind
        self.message = redact(message)
        self.advice = redact(advice)
        self.operation = operation
        self.http_status = http_status
        self.request_id = redact(request_id) if request_id else None
        self.amazon_text = _quote(amazon_text)
        self.retry_after_seconds = retry_after_seconds
        self.may_have_happened = may_have_happened
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        parts = [self.message.rstrip(".")]
        if self.amazon_text:
            parts.append(f'Amazon says: "{self.amazon_text}"')
        traces = [f"HTTP {self.http_status}" if self.http_status else "", f"request id {self.request_id or ''}"]
        known = ", ".join(trace for trace in traces if trace and not trace.endswith(" "))
        if known:
            parts[-1] += f" ({known})"
        if self.may_have_happened:
            parts.append("It may have happened all the same: look for it before asking again")
        parts.append(f"Next: {self.advice.rstrip('.')}")
        return ". ".join(parts) + "."

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(cls: type[SpApiFailure], state: dict[str, Any]) -> SpApiFailure:
    return cls(**state)


def _quote(text: str) -> str:
    """The beginning of ``text`` on one line, without secrets."""
    is_cut = len(text) > _LONGEST_READ
    text = redact(text[:_LONGEST_READ])
    if is_cut:  # the cut may have gone through a secret, which then is not recognised
        text = text[:-_LONGEST_SECRET]
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_QUOTE and not is_cut else f"{text[:_LONGEST_QUOTE]}…"


class QuotaExceeded(SpApiFailure):
    """No token is left for the operation; ``retry_after_seconds`` is always given."""


class AccessDenied(SpApiFailure):
    """Amazon knows who asks and refuses: role missing, wrong marketplace or region, authorisation withdrawn."""


class RoleMissing(AccessDenied):
    """Amazon accepts the credential and refuses this operation: the authorisation lacks the role for it."""


class AuthorisationRevoked(AccessDenied):
    """The selling partner withdrew the authorisation, or Amazon no longer accepts it."""


class TokenExpired(SpApiFailure):
    """The access token is no longer valid; a fresh login cures it."""


class LoginRefused(SpApiFailure):
    """Login with Amazon refuses the credential itself."""


class RequestRefused(SpApiFailure):
    """The request as it stands will never be accepted, or only this item of many will not."""


class NotFound(SpApiFailure):
    """Amazon does not know what was asked about."""


class ReportNotFound(NotFound):
    """The report or document is not there: not yet, just after it was asked for, or no more after 90 days."""


class ServiceUnavailable(SpApiFailure):
    """Amazon answers that it cannot answer: 5xx, maintenance pages."""


class TransportBroken(SpApiFailure):
    """No complete answer arrived: timeout, reset, trickle, DNS, TLS."""


class DocumentAddressExpired(SpApiFailure):
    """The pre-signed address of a document is no longer honoured; a new one can be asked for."""


class UnexpectedAnswer(SpApiFailure):
    """Amazon answered with success, and with something else than was asked for."""
