"""One spelling for one value: what is hashed or compared is written like this."""

import json
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks and plain UTF-8 (RFC 8785 for the values that occur here)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
