"""From a part of the form to the working copy's texts."""

from datetime import datetime
from typing import Any

from starlette.requests import Request

from store.working_copies import WorkingCopy
from web.console.rulesets.access import at_the_workbench
from web.console.rulesets.creating.sources import sources
from web.i18n import N_
from web.problems import Problem
from web.reader import Reader, reader_of

MOST_CHARACTERS = 256 * 1024  # of a definition or a template
OURS = ("v:", "c:", "d:", "g:", "t:", "k:")
ADDED = "n:"
REASONS = {
    "number": N_("要填数字"),
    "gone": N_("这一处已经改过，请看最新的内容"),
    "used": N_("还有地方在用它，先改掉那里：{names}"),
    "last": N_("至少要留一个"),
    "type": N_("信息类型用小写英文字母写，如 water.level；请问设备管理员"),
    "name": N_("字段名要和设备发来的一样，用小写英文字母、数字和下划线，如 water_depth"),
    "taken": N_("已经有这个名字了"),
    "unwritable": N_("这样写，整份规则就读不出来了：太长，或有不能用的字符"),
}
KEPT = {"used", "last"}  # why something is not taken away
USERS = {
    "rule": N_("规则“{name}”"),
    "column": N_("判定表的一列"),
    "detection": N_("情况“{name}”"),
    "fact": N_("“{name}”这个数"),
    "derived": N_("推算的“{name}”"),
    "test": N_("测试“{name}”"),
}
MOST_NAMED = 4


async def changed(request: Request, copy: WorkingCopy, given: Any) -> tuple[tuple[str, str], str]:
    """Definition and template after what the form sent, and where to look then. Raises Problem naming the field."""
    fields = [(name, str(value)) for name, value in given.multi_items() if name.startswith(OURS)]
    new = {name.removeprefix(ADDED): str(value) for name, value in given.multi_items() if name.startswith(ADDED)}
    do = str(given.get("do") or "")
    added = await _known(request, do, new)
    made = await at_the_workbench(request, "changed", definition=copy.definition, fields=fields, do=do, new=added)
    if "wrong" in made:
        reason = _reason(made, reader_of(request))
        code = "rule-part-needed" if made["reason"] in KEPT else "rule-field-wrong"
        raise Problem(422, code, name=made["wrong"], reason=reason, part=given.get("part"))
    return (made["text"], text_of(given, "template", copy.template)), made["at"]


def text_of(given: Any, name: str, kept: str) -> str:
    """What was sent, with a browser's line ends made plain; `kept` where nothing was. Raises Problem."""
    sent = given.get(name)
    text = kept if sent is None else str(sent).replace("\r\n", "\n")
    if len(text) > MOST_CHARACTERS or "\x00" in text:
        raise Problem(422, "field-invalid", field=name, reason=f"≤ {MOST_CHARACTERS // 1024} kB")
    return text


async def _known(request: Request, do: str, new: dict[str, str]) -> dict[str, Any]:
    """A signal is added with what others know of its type: its label and its fields."""
    if do != "signal:" or new.get("other", "").strip():
        return {**new}
    of_type = [one for one in await sources(request) if one.type == new.get("type")]
    label = next((one.label for one in of_type if one.label != one.type), "")
    fields = {
        one.field: {
            "type": one.kind,
            "label": one.field_label if one.field_label != one.field else "",
            "unit": one.unit,
        }
        for one in of_type
        if one.field
    }
    return {**new, "label": label, "fields": fields}


def _reason(made: dict[str, Any], reader: Reader) -> str:
    users = [reader.say(USERS[kind]).format(name=name) for kind, name in made["by"]]
    several = "、".join(users[:MOST_NAMED]) + ("…" if len(users) > MOST_NAMED else "")
    return reader.say(REASONS[made["reason"]]).format(names=several)


def moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
