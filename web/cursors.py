"""Where the next page of a list begins, as an opaque text."""

import base64
import json
from datetime import datetime
from uuid import UUID

from web.problems import Problem

Key = tuple[datetime, UUID]


def written(key: Key | None) -> str | None:
    if key is None:
        return None
    return base64.urlsafe_b64encode(json.dumps([key[0].isoformat(), str(key[1])]).encode()).decode().rstrip("=")


def read(cursor: str | None) -> Key | None:
    """Raises Problem where the text is no cursor of ours."""
    if not cursor:
        return None
    try:
        moment, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = datetime.fromisoformat(moment), UUID(last)
    except (ValueError, TypeError, AttributeError) as wrong:
        raise Problem(422, "field-invalid", field="cursor", reason="") from wrong
    if key[0].tzinfo is None:
        raise Problem(422, "field-invalid", field="cursor", reason="")
    return key
