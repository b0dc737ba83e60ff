"""What messages say: what it is, where, until when, and what to do now. People of the trade and residents apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from domain.cases import Case, Light
from domain.lifecycle import deadline, light

DAYS = {-1: "昨天", 0: "今天", 1: "明天"}
LISTED = 12  # titles in a bundle; the rest is counted


@dataclass(frozen=True)
class Words:
    title: str
    text: str


# reason: what it is called, and what to do now ({until} is the deadline's sentence)
WORDS = {
    "assigned": ("新派单", "请{until}签收，到场处置。"),
    "call-unit": ("请电话联系单位", "处置单位没有账号。请{until}打电话派单，并在案件里记下通话对象和时间。"),
    "inform": ("请知晓", "这件事发生在您负责的地方，不需要您办理，如有情况请在案件里留言。"),
    "worsened": ("情况加重", "请马上查看最新情况，{until}办理。"),
    "joint": ("请会办", "这件事请您单位同时到场处置，办完在案件里填写会办结果。{until}办理。"),
    "call-joint": ("请电话通知会办单位", "会办单位没有账号。请{until}打电话通知，并替它在案件里填写会办结果。"),
    "joint-answered": ("会办单位已答复", "请打开案件查看会办结果。"),
    "rework": ("请返工", "核查没有通过。请看核查意见，{until}重新处置。"),
    "reopened": ("请重办", "问题没有解决。请{until}重新处置。"),
    "returned": ("退单待裁定", "承办单位说不归它办。请{until}裁定。"),
    "return-ruled": ("退单已裁定", "请查看裁定，{until}按裁定办理。"),
    "requested": ("申请待审批", "请{until}审批。"),
    "request-ruled": ("申请已有结果", "请查看审批结果，{until}办理。"),
    "repeat": ("紧急，还没有签收", "请马上签收，或让能到场的人签收。"),
    "unread": ("紧急，请马上查看", "前一条消息还没有人看。请{until}办理。"),
}
CLOCK = {
    Light.NORMAL: ("时限提醒", "请{until}办理。"),
    Light.DUE_SOON: ("快到期", "请{until}办完；办不完请先申请延期。"),
    Light.OVERDUE: ("已超期", "已经超过时限，请马上办理或协调。"),
}
OTHER = ("案件有新情况", "请打开查看。")


def of_case(case: Case, reason: str, place: str, now: datetime, zone: tzinfo) -> Words:
    """For people who work on it. `now` decides how near the deadline is."""
    kind = reason.partition(":")[0]
    head, todo = CLOCK[light(case, now)] if kind == "clock" else WORDS.get(kind, OTHER)
    due = deadline(case)
    until = f"在{moment(due, now, zone)} 前" if due and due > now else "尽快"
    number = f"编号 {case.number}。" if case.number else ""
    return Words(f"{head}：{case.title}", f"{place}。{todo.format(until=until)}{number}")


def of_report(case: Case, reason: str, now: datetime, zone: tzinfo) -> Words:
    """For a resident who reported it, or the same as others: no words of the trade."""
    match reason:
        case "question":
            asked = case.pause.reason if case.pause else ""
            return Words("想请您补充一下", f"您反映的问题还缺一点情况：{asked}。请打开链接回复，收到后我们接着办。")
        case "postponed":
            why = f"{case.pause.reason}。预计{moment(case.pause.until, now, zone)} 继续。" if case.pause else ""
            return Words("您反映的问题要晚一些办", f"{why}打开链接可以看进展。")
        case "linked":
            return Words("您反映的问题合在一起办", "别人反映的是同一件事，已经合在一起办。打开链接可以看进展和结果。")
        case "followed":
            said = case.reply or "已经办完。"
            return Words("您反映的问题有结果了", f"和别人反映的同一件事：{said} 打开链接可以看经过。")
    return Words("您反映的问题有答复了", f"{case.reply} 打开链接可以看经过、评价；没解决请告诉我们。")


# of a ruleset's version; {problem} is what news of the kind bring with them
OF_RULESETS = {
    "quarantined": (
        "规则集改用备用方式判断",
        "这个版本三次让规则引擎中断，已改由备用程序判断：告警照常，只是慢一些。请简化条件，发布新版本，或联系管理员。",
    ),
    "storm": (
        "规则集立案过多",
        "一小时内立案超过 {per_hour} 件，之后的都并入一件汇总案件。请检查规则的条件，必要时退回上一版。",
    ),
    "cannot-run": ("规则集没有运行", "这个版本现在运行不了：{problem}。请打开规则集修改，发布新版本。"),
    "cannot-start": ("规则集没有按时启用", "批准之后它有了问题：{problem}。请改好，再申请一次。"),
    "asked": ("请审批规则集", "{by}申请{to}。请打开看看改了什么、试算结果怎样，再批准或驳回。"),
    "approved": ("规则集已批准", "{by}批准了{to}。{note}"),
    "refused": ("规则集的申请被驳回", "{by}没有同意{to}：{note}"),
}
STAGES = {"shadow": "试运行", "canary": "小范围试点", "active": "启用"}
OTHER_OF_RULESETS = ("规则集有新情况", "请打开查看。")


def of_ruleset(title: str, version: str | None, reason: str, params: Mapping[str, object]) -> Words:
    """For its author."""
    head, text = OF_RULESETS.get(reason, OTHER_OF_RULESETS)
    number = f"版本 {version[:12]}。" if version else ""
    said = {"problem": "", **params, "to": STAGES.get(str(params.get("to")), "")}
    return Words(f"{head}：{title}", text.format_map(said) + number)


def bundled(head: str, titles: Sequence[str]) -> Words:
    """Several as one: the first by their titles, the rest by their number."""
    shown = [f"{place}. {title}" for place, title in enumerate(titles[:LISTED], 1)]
    rest = [f"还有 {len(titles) - LISTED} 件，请打开列表查看。"] if len(titles) > LISTED else []
    return Words(f"{head}（{len(titles)} 件）", "\n".join([*shown, *rest]))


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """今天 16:30: the day only as far as people need it."""
    local = at.astimezone(zone)
    away = (local.date() - now.astimezone(zone).date()).days
    return f"{DAYS.get(away, f'{local.month}月{local.day}日')} {local:%H:%M}"
