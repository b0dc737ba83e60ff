"""What Temporal stores is sealed: AES-256-GCM, with the id of the key beside it, so that keys can be changed."""

import os
from base64 import b64decode
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2


class SealingCodec(PayloadCodec):
    """Encrypts with the present key, decrypts with any known one."""

    def __init__(self, keys: Mapping[str, str], present: str) -> None:
        """`keys`: base64 of 32 bytes by key id; `present` names the one to seal with."""
        self._keys = {name: AESGCM(b64decode(key)) for name, key in keys.items()}
        self._present = present

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        name = self._present.encode()
        sealed = self._keys[self._present].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCODING, "key": name}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata["key"]
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        return Payload.FromString(self._keys[name.decode()].decrypt(nonce, sealed, name))
