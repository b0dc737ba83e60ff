"""What is wrong with what is written and what came of its tests, in an author's words."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request

from rules.lint.codes import CODES, severity_of
from web.console.rulesets.access import at_the_workbench
from web.console.rulesets.editing.beside import YAML, part_of
from web.i18n import N_
from web.problems import Problem
from web.reader import Reader, reader_of
from web.services import services
from web.workbench.texts import texts_given

# what the compiler and a ruleset's own tests say most often, so that it can be read in another language too
SENTENCES = (
    N_("没有“{name}”这个名字"),
    N_("没有这一项"),
    N_("模板里没有这个变量"),
    N_("没有“{name}”这个类别"),
    N_("缺少这一项"),
    N_("写了两遍"),
    N_("YAML 的写法不对：{why}"),
    N_("是不是要写“{name}”？"),
    N_("可以写：{names}"),
    N_("立案件数应为 {wanted}，实际为 {found}"),
    N_("命中次数应为 {wanted}，实际为 {found}"),
    N_("判定的规则应为 {wanted}，实际为 {found}"),
    N_("处置单位应为 {wanted}，实际为 {found}"),
    N_("优先级应为 {wanted}，实际为 {found}"),
    N_("类别应为 {wanted}，实际为 {found}"),
    N_("告警开始的次数应为 {wanted}，实际为 {found}"),
)
OF_KIND = {"处置单位": "handler", "优先级": "priority"}  # what a difference tells in codes that people have words for
NAMED = ("判定的规则", "告警开始的次数")  # and what in names that have labels
_PATTERNS = tuple((re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(words))), words) for words in SENTENCES)


async def results(request: Request, ruleset: str, texts: tuple[str, str]) -> dict[str, Any]:
    """Raises no Problem for a text that takes too long: that is a finding like any other."""
    reader = reader_of(request)
    try:
        found: dict[str, Any] = await at_the_workbench(
            request, "check", texts=texts_given(ruleset, *texts), zone=services(request).settings.zone.key
        )
    except Problem as problem:
        words = reader.refusal(problem.code, problem.params)
        return {"sound": False, "problems": [], "tests": [], "missed": [], "hash": "", "unanswered": words}
    problems = [_shown(one, reader) for one in found["problems"]]
    if found.get("id", ruleset) != ruleset:
        problems.append(_other_id(found["id"], ruleset, reader))
    tests = [
        {**one, "problems": [said(line, reader, found["names"]) for line in one["problems"]]} for one in found["tests"]
    ]
    errors = sum(one["weight"] == "error" for one in problems)
    failed = sum(not one["passed"] for one in tests)
    return {
        **found,
        "problems": problems,
        "tests": tests,
        "errors": errors,
        "failed": failed,
        "sound": not errors and not failed,
        "unanswered": "",
    }


def said(text: str, reader: Reader, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A sentence of the compiler in the reader's language, with the labels of `names`; without one, as it is."""
    for pattern, words in _PATTERNS:
        if match := pattern.fullmatch(text):
            kind = OF_KIND.get(words.partition("应为")[0])
            given = {key: reader.label(kind, one) if kind else one for key, one in match.groupdict().items()}
            if words.startswith(NAMED):
                given = {key: "、".join(_called(one, names) for one in all_.split("、")) for key, all_ in given.items()}
            return reader.say(words).format(**given)
    return text


def _called(said_of: str, names: Mapping[str, str]) -> str:
    """`over`, or `over 2` where it is said how often."""
    name, space, count = said_of.partition(" ")
    return f"{names.get(name, name)}{space}{count}"


def _shown(one: dict[str, Any], reader: Reader) -> dict[str, Any]:
    known = CODES.get(one["code"])
    return {
        **one,
        "title": known.title if known else one["code"],
        "why": known.why if known else "",
        "weight": severity_of(one["code"]).value,
        "reason": said(one["reason"], reader),
        "fix": said(one["fix"], reader),
        "link": f"/console/rulesets/faults/{one['code']}",
        "part": part_of(one["field"]) if one["file"] == YAML else "words",
    }


def _other_id(written: str, ruleset: str, reader: Reader) -> dict[str, Any]:
    reason = reader.say(N_("这里写的是“{written}”，正在编辑的是“{ruleset}”")).format(written=written, ruleset=ruleset)
    one = {
        "file": YAML,
        "line": 1,
        "field": "ruleset",
        "code": "invalid",
        "reason": reason,
        "fix": "",
    }
    return _shown(one, reader)
