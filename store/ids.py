"""Ids of entities: UUIDv7, so that they sort by when they were made (RFC 9562)."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    return UUID(bytes=uuid_utils.uuid7().bytes)
