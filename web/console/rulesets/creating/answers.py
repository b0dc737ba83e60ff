"""What an author answered, read and checked: each wrong answer is named."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from web.console.rulesets.access import RESERVED
from web.console.rulesets.creating.shapes import Shape, duration
from web.console.rulesets.creating.sources import Source
from web.i18n import N_
from web.problems import Problem

ID = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
APART = re.compile(r"[、,，;；\s]+")
LONGEST_ID = 60
FEWEST, MOST = 2, 50  # of a count
LONGEST_COUNT = 4  # digits, with zeros before it
NUMBER_WANTED = N_("要填数字，例如 20 或 0.8")
COUNT_WANTED = N_("要填 2 到 50 的整数")
DURATION_WANTED = N_("要填时长，例如 90s、5m、2h、7d，或 5 分钟")
CLOCK_WANTED = N_("要填时刻，例如 22:00")
LISTED = N_("请从列表中选")
WORDS_WANTED = N_("至少填一个词，每个词 2 到 20 个字")


def ruleset_id(given: str) -> str:
    """Raises Problem."""
    if not ID.match(given) or len(given) > LONGEST_ID or given in RESERVED:
        raise Problem(422, "ruleset-id-wrong", field="id")
    return given


def answers_of(shape: Shape, given: Mapping[str, str], sources: list[Source]) -> dict[str, Any]:
    """Raises Problem with the name of the question in `field` and what would do in `reason`."""
    found: dict[str, Any] = {"title": given.get("title", "").strip()}
    if not 1 <= len(found["title"]) <= 40:  # noqa: PLR2004 - as the language has it
        raise Problem(422, "field-missing", field="title")
    for name in shape.asks:
        found[name] = _answer(name, given.get(name, "").strip(), sources)
    if found.get("from") is not None and found["from"] == found["to"]:
        raise _wrong("to", CLOCK_WANTED)
    source = found.get("source")
    found["field"] = source["field"] if source else shape.field
    return found


def _answer(name: str, given: str, sources: list[Source]) -> Any:
    if not given:
        raise Problem(422, "field-missing", field=name)
    if name == "source":
        return _source(given, sources)
    return READ[name](name, given) if name in READ else given


def _count(name: str, given: str) -> int:
    if not given.isdecimal() or len(given) > LONGEST_COUNT or not FEWEST <= int(given) <= MOST:
        raise _wrong(name, COUNT_WANTED)
    return int(given)


def _clock(name: str, given: str) -> str:
    if not CLOCK.match(given):
        raise _wrong(name, CLOCK_WANTED)
    return given


def _words(name: str, given: str) -> list[str]:
    words = [word for word in APART.split(given) if word]
    if not words or any(not 2 <= len(word) <= 20 for word in words):  # noqa: PLR2004 - as WORDS_WANTED says
        raise _wrong(name, WORDS_WANTED)
    return words


def _source(given: str, sources: list[Source]) -> dict[str, str]:
    for one in sources:
        if one.value == given:
            return one.as_data
    raise _wrong("source", LISTED)


def _number(name: str, given: str) -> float | int:
    try:
        number = float(given)
    except ValueError:
        raise _wrong(name, NUMBER_WANTED) from None
    if not abs(number) < 10**9:
        raise _wrong(name, NUMBER_WANTED)
    return int(number) if number.is_integer() else number


def _duration(name: str, given: str) -> Any:
    try:
        length = duration("0s" if given == "0" else given)
    except ValueError:
        raise _wrong(name, DURATION_WANTED) from None
    if not length and name != "hold":
        raise _wrong(name, DURATION_WANTED)
    return length


def _wrong(field: str, reason: str) -> Problem:
    return Problem(422, "field-invalid", field=field, reason=reason)


READ: Mapping[str, Callable[[str, str], Any]] = {
    "threshold": _number,
    "count": _count,
    "hold": _duration,
    "within": _duration,
    "silent": _duration,
    "from": _clock,
    "to": _clock,
    "keywords": _words,
}
