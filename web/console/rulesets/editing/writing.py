"""How a value of a ruleset is written down as YAML: on one line where it fits, else on lines of its own."""

import json
import re
from typing import Any

from rules.problems import RulesetInvalid
from rules.reading import read_yaml

WIDEST = 110  # characters of a line before a collection is broken into several
STEP = 2  # spaces
UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # YAML refuses them, or breaks the line there


def flow(value: Any) -> str:
    """On one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, float):
        return _with_point(json.dumps(value))
    return "null" if value is None else json.dumps(value)


def _with_point(number: str) -> str:
    """`1e-05` is a word in YAML, `1.0e-05` a number."""
    return number if "." in number else number.replace("e", ".0e")


def plain(text: str) -> str:
    """Without quotes where it reads as the same text, also inside brackets."""
    quoted = UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))
    if not text or "\n" in text or any(sign in text for sign in "{}[],#\"'&*!|>%@`\\") or ": " in text:
        return quoted
    try:
        return (
            text if read_yaml(f"a: [{text}]\nb: {{{text}: 1}}\n", "").value == {"a": [text], "b": {text: 1}} else quoted
        )
    except RulesetInvalid:
        return quoted


def written(value: dict[str, Any], indent: int = 0) -> str:
    """A mapping on lines of its own; what fits on a line stands on one."""
    return "".join(entry(key, one, indent) for key, one in value.items())


def entry(key: str, value: Any, indent: int) -> str:
    head = " " * indent + flow(key) + ":"
    short = flow(value)
    if not isinstance(value, dict | list | tuple) or not value or (indent and len(head) + len(short) < WIDEST):
        return f"{head} {short}\n"
    if isinstance(value, dict):
        return f"{head}\n{written(value, indent + STEP)}"
    return f"{head}\n" + "".join(item(one, indent + STEP) for one in value)


def item(value: Any, indent: int) -> str:
    lead = " " * indent + "- "
    short = flow(value)
    if not isinstance(value, dict) or not value or len(lead) + len(short) < WIDEST:
        return f"{lead}{short}\n"
    return lead + written(value, indent + STEP)[indent + STEP :]
