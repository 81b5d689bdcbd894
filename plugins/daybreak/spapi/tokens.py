"""Access tokens, one login per credential and process however many threads ask at once."""

import copy
import hashlib
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from daybreak.spapi.credentials import SellingPartnerCredential
from daybreak.spapi.failures import SpApiFailure
from daybreak.spapi.redaction import remember_secret

_LONGEST_MARGIN_SECONDS: Final = 60.0
_MARGIN_RATIO: Final = 0.1


class _Slot:
    """The token of one credential, and how the latest login for it ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.token: str | None = None
        self.good_until = 0.0
        self.logins = 0
        self.failure: SpApiFailure | None = None


class TokenStore:
    """Keeps access tokens until shortly before they expire; threads that ask at once share a login and its failure."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._slots: dict[bytes, _Slot] = {}
        # a child forked while another thread was logging in would wait for that thread for ever
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._slots = {}

    def token(self, credential: SellingPartnerCredential, login: Callable[[], tuple[str, float]]) -> str:
        """A valid access token; ``login`` gives a new one and the seconds it lives.

        Raises:
            SpApiFailure: what ``login`` raised, in this thread or in the one that this thread waited for.
        """
        slot = self._slot(credential)
        logins_before = slot.logins
        with slot.lock:
            if slot.token is not None and self._clock() < slot.good_until:
                return slot.token
            if slot.failure is not None and slot.logins > logins_before:
                raise copy.copy(slot.failure)
            slot.token, slot.failure = None, None
            asked_at = self._clock()
            try:
                token, seconds = login()
            except SpApiFailure as failure:
                slot.failure = copy.copy(failure)
                raise
            finally:
                slot.logins += 1
            remember_secret(token)
            slot.token = token
            slot.good_until = asked_at + seconds - min(_LONGEST_MARGIN_SECONDS, _MARGIN_RATIO * seconds)
            return token

    def drop(self, credential: SellingPartnerCredential, token: str) -> None:
        """``token`` is not given out again; a newer one that another thread fetched meanwhile stays."""
        slot = self._slot(credential)
        with slot.lock:
            if slot.token == token:
                slot.token = None

    def _slot(self, credential: SellingPartnerCredential) -> _Slot:
        # two applications may hold the same refresh token, and a simulator the same credential as Amazon
        parts = (
            credential.login_url,
            credential.client_id.get_secret_value(),
            credential.refresh_token.get_secret_value(),
        )
        key = hashlib.sha256("\0".join(parts).encode()).digest()
        with self._lock:
            return self._slots.setdefault(key, _Slot())


TOKENS: Final = TokenStore()
"""The tokens of this process."""
