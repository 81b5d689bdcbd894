"""Signed strings: access tokens and pre-signed addresses prove themselves, nothing is stored for them."""

import hmac
from hashlib import sha256


class Signer:
    """Signs with a key made from a secret of the configuration, so that a restart keeps what was signed valid."""

    def __init__(self, secret: str) -> None:
        self._key = sha256(secret.encode()).digest()

    def sign(self, purpose: str, text: str) -> str:
        """64 hexadecimal digits that only this key gives for ``text``."""
        return hmac.new(self._key, f"{purpose}\n{text}".encode(), sha256).hexdigest()

    def holds(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode("utf-8", "replace"))
