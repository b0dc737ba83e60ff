"""Phones of people and residents: sealed where they are stored, found without being opened, masked where shown.

One key of the installation (`settings.contact_key`) gives three by HKDF: to seal, to find, to make one-time links.
"""

import hmac
import os
import re
from base64 import b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2
SHOWN_AHEAD, SHOWN_BEHIND = 3, 4  # digits
PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9}|0\d{9,11})")  # a Chinese mobile, or a fixed line with its area


class ContactKeyMissing(RuntimeError):
    """The installation has no usable `contact_key`, so no phone can be stored or read."""


class Unopenable(ValueError):
    """Sealed under another key, or changed since."""


class Contacts:
    """What the contact key can do."""

    def __init__(self, key: str) -> None:
        """`key`: base64 of 32 bytes. Raises ContactKeyMissing."""
        try:
            whole = b64decode(key, validate=True)
        except ValueError:
            whole = b""
        if len(whole) != KEY_BYTES:
            raise ContactKeyMissing("LINLI_CONTACT_KEY 不是 32 字节的 base64")
        self._aead = AESGCM(_derived(whole, b"seal"))
        self._index_key = _derived(whole, b"index")
        self._link_key = _derived(whole, b"link")

    def seal(self, phone: str) -> bytes:
        """The phone as it is stored; twice the same phone looks different."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, phone.encode(), None)

    def open(self, sealed: bytes) -> str:
        """The phone again. Raises Unopenable."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as wrong:
            raise Unopenable("联系电话解不开") from wrong

    def index(self, phone: str) -> bytes:
        """The blind index: the same for the same phone, of no use to who lacks the key."""
        return hmac.digest(self._index_key, phone.encode(), "sha256")

    def token(self, purpose: str) -> str:
        """256 bits that nobody guesses, the same each time for `purpose`: a repeated message carries the same link."""
        return urlsafe_b64encode(hmac.digest(self._link_key, purpose.encode(), "sha256")).rstrip(b"=").decode()


def _derived(key: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"linli contacts " + use).derive(key)


def normalised(text: str) -> str | None:
    """The digits of a phone as people type them; None: this is no phone."""
    found = PHONE.fullmatch(re.sub(r"[\s\-()（）]", "", text))
    return found[1] if found else None


def masked(phone: str) -> str:
    """`13812345678` as `138****5678`; of a short one only the last digit is shown."""
    if len(phone) <= SHOWN_AHEAD + SHOWN_BEHIND:
        return "*" * (len(phone) - 1) + phone[-1:]
    hidden = len(phone) - SHOWN_AHEAD - SHOWN_BEHIND
    return phone[:SHOWN_AHEAD] + "*" * hidden + phone[-SHOWN_BEHIND:]
