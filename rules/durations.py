"""Lengths of time and shares as an author writes them: `90s`, `15m`, `1h30m`, `7d`; `80%`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PATTERN = r"^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$"
_DURATION = re.compile(_PATTERN)
_LONGEST = timedelta(days=3660)
MOST_PERCENT = 200


def parse_duration(text: Any) -> timedelta:
    """The length of time that `text` names; raises ValueError with an example where it names none."""
    match = _DURATION.match(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("应为时长，如 90s、15m、1h30m 或 7d")
    parts = {_UNITS[unit]: int(count) for unit, count in zip("dhms", match.groups(), strict=True) if count}
    if any(count > 10**8 for count in parts.values()) or (length := timedelta(**parts)) > _LONGEST:
        raise ValueError("应不超过十年")
    return length


def parse_share(text: Any) -> float:
    """`80%` as 0.8."""
    match = re.fullmatch(r"(\d{1,3})%", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("应为百分比，如 80%")
    if not 0 < int(match.group(1)) <= MOST_PERCENT:
        raise ValueError(f"应为 1% 到 {MOST_PERCENT}% 的百分比")
    return int(match.group(1)) / 100


def in_words(length: timedelta) -> str:
    """`1h30m` for an hour and a half: the reverse of `parse_duration`."""
    seconds = int(length.total_seconds())
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["15m"]}),
]
Share = Annotated[
    float,
    BeforeValidator(parse_share),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}%$", "examples": ["80%"]}),
]
