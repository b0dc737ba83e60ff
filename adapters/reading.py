"""Values out of JSON as devices send it: numbers as strings, yes as 1, time in four units."""

import math
import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from adapters.mapping_file import Value
from domain.signals import FieldValue

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)  # an earlier time is a clock that was never set
LONGEST_TEXT = 200  # characters
MOST_FIELDS = 64  # of a signal that comes ready made
TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BEYOND_MICROSECONDS = re.compile(r"(\.\d{6})\d+")
_NAMES = {dict: "对象", list: "列表", str: "文字", bool: "是/否", int: "数字", float: "数字", type(None): "空"}


class Unfit(Exception):
    """The message lacks a field that is needed, or has it in a form that cannot be read."""

    def __init__(self, reason: str, field: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {field}")
        self.reason, self.field, self.detail = reason, field, detail


def find(message: Any, path: str) -> Any:
    """What lies at the dotted `path`; None where nothing does (null is nothing)."""
    for step in path.split("."):
        match message:
            case dict():
                message = message.get(step)
            case list() if step.isdigit() and int(step) < len(message):
                message = message[int(step)]
            case _:
                return None
    return message


def is_there(message: Any, value: Value) -> bool:
    return any(find(message, path) is not None for path in value.path)


def take(message: Any, value: Value) -> FieldValue:
    """The value as its type; raises Unfit (`missing-field`, `wrong-type`)."""
    for path in value.path:
        found = find(message, path)
        if found is not None:
            return _read(found, path, value)
    raise Unfit("missing-field", value.called)


def _read(found: Any, path: str, value: Value) -> FieldValue:
    if value.contains is not None:
        if not isinstance(found, list):
            raise _wrong(path, "列表", found)
        return value.contains in found
    if value.words and isinstance(found, str):
        meaning = value.words.get(found.strip().lower())
        if meaning is not None:
            return meaning
    match value.type:
        case "number":
            return _number(found, path, value.scale)
        case "boolean":
            return _boolean(found, path)
        case "text":
            if value.words:
                raise Unfit("wrong-type", path, f"不认识的取值，认识的是：{'、'.join(value.words)}")
            text = _text(found, path)
            return text.lower() if value.lower else text


def plain_fields(message: Any, path: str) -> dict[str, FieldValue]:
    """The numbers, truths and texts under `path`, by name; raises Unfit where one of them is none of these."""
    found = find(message, path)
    if not isinstance(found, dict):
        raise _wrong(path, "对象", found) if found is not None else Unfit("missing-field", path)
    fields: dict[str, FieldValue] = {}
    for name, value in islice(found.items(), MOST_FIELDS + 1):
        if not _NAME.fullmatch(name):
            raise Unfit("wrong-type", f"{path}.{name[:40]}", "字段名应为小写字母、数字和下划线")
        fields[name] = _plain(value, f"{path}.{name}")
    if len(fields) > MOST_FIELDS:
        raise Unfit("too-many", path, f"最多 {MOST_FIELDS} 个字段")
    return fields


def _plain(value: Any, path: str) -> FieldValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    number = as_number(value)
    if number is None:
        raise _wrong(path, "数字、文字或是/否", value)
    return number


def _wrong(path: str, expected: str, found: Any) -> Unfit:
    return Unfit("wrong-type", path, f"应为{expected}，实际是{_NAMES.get(type(found), '未知')}")


def _number(found: Any, path: str, scale: float) -> int | float:
    number = as_number(found)
    if number is None:
        raise _wrong(path, "数字", found)
    return number if scale == 1 else number * scale


def as_number(found: Any) -> int | float | None:
    """A finite number, also one written as text; None where it is none."""
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        return found if isinstance(found, int) and math.isfinite(found) else _finite(float(found))
    except (ValueError, OverflowError):
        return None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _boolean(found: Any, path: str) -> bool:
    answer = as_boolean(found)
    if answer is None:
        raise _wrong(path, "是/否", found)
    return answer


def as_boolean(found: Any) -> bool | None:
    """Yes or no, also as 1 and 0 or in words; None where it is neither."""
    word = str(found).strip().lower() if isinstance(found, bool | int | str) else ""
    return True if word in TRUE else False if word in FALSE else None


def _text(found: Any, path: str) -> str:
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise _wrong(path, "文字", found)
    text = str(found).strip()
    if not text:
        raise Unfit("missing-field", path, "是空的")
    if not is_storable(text):
        raise Unfit("wrong-type", path, f"超过 {LONGEST_TEXT} 字或含有不能保存的字符")
    return text


def is_storable(text: str) -> bool:
    """Whether a database takes it as text, and a person would call it a name or a word."""
    return len(text) <= LONGEST_TEXT and not _UNSTORABLE.search(text)


def as_time(found: Any) -> datetime | None:
    """The instant in UTC; None where it is none that one can trust.

    Numbers are seconds, ms, µs or ns since 1970, told apart by size; text is RFC 3339 with a zone.
    """
    number = as_number(found)
    try:
        instant = _since_epoch(number) if number is not None else _rfc3339(found)
    except (ValueError, OverflowError):
        return None
    return instant if instant is not None and instant >= OLDEST else None


def _since_epoch(number: float) -> datetime:
    for limit, per_second in ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000)):
        if abs(number) < limit:
            return EPOCH + timedelta(microseconds=round(number * (1_000_000 // per_second)))
    return EPOCH + timedelta(microseconds=round(number) // 1_000)


def _rfc3339(found: Any) -> datetime | None:
    if not isinstance(found, str):
        return None
    instant = datetime.fromisoformat(_BEYOND_MICROSECONDS.sub(r"\1", found.strip()))
    return instant.astimezone(UTC) if instant.tzinfo is not None else None
