"""What happened to a case, each event as a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain import events
from domain.cases import EvidenceRef, Request, RequestKind
from domain.people import RULE, PersonRef
from store.case_pages import Told
from web.i18n import N_
from web.reader import Reader

Sentence = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Line:
    """One line of the timeline; `note` is what somebody wrote, `photos` what they brought."""

    version: int
    at: datetime
    who: str
    way: str
    what: str
    note: str = ""
    photos: tuple[EvidenceRef, ...] = ()
    quiet: bool = False  # the system's own steps


def lines(told: tuple[Told, ...], reader: Reader, units: Mapping[str, str]) -> list[Line]:
    """Newest first."""
    return [_line(one, reader, units) for one in reversed(told)]


def _line(one: Told, reader: Reader, units: Mapping[str, str]) -> Line:
    by_itself = one.actor == RULE
    return Line(
        version=one.version,
        at=one.at,
        who=reader.say(N_("系统")) if by_itself else one.actor_name,
        way=reader.label("transport", one.transport),
        what=_what(one.event, reader, units),
        note=_note(one.event, reader, by_itself=by_itself),
        photos=tuple(getattr(one.event, "evidence", ())),
        quiet=by_itself,
    )


def _note(event: events.Event, reader: Reader, *, by_itself: bool) -> str:
    """What somebody wrote with it."""
    match event:
        case events.Requested(request=request):
            return request.reason
        case events.Paused(pause=pause):
            return pause.reason
        case events.TierRaised(why=why):
            return reader.say(RAISED.get(why, "" if by_itself else why))
    return next((getattr(event, name) for name in ("note", "reason", "text", "reply") if getattr(event, name, "")), "")


def _what(event: events.Event, reader: Reader, units: Mapping[str, str]) -> str:
    """The event's sentence with what it names filled in."""
    sentence, named = (
        _found_out(event, reader.label)
        or _on_the_way(event, reader, units)
        or _judged(event, units)
        or _waited(event, reader)
        or _told(event, reader.label)
        or (SIMPLE[event.type], {})
    )
    return reader.say(sentence).format(**named)


def _on_the_way(event: events.Event, reader: Reader, units: Mapping[str, str]) -> Sentence | None:
    found: Sentence
    match event:
        case events.Dispatched(unit=unit, person=person, ground=ground, by_phone=by_phone):
            named = {"to": _to(unit, person, units, reader.say), "ground": reader.label("ground", ground)}
            phoned = N_("派遣给{to}（{ground}），要打电话通知")
            found = (phoned if by_phone else N_("派遣给{to}（{ground}）"), named)
        case events.Reassigned(unit=unit, person=person):
            found = (N_("改派给{to}"), {"to": _to(unit, person, units, reader.say)})
        case events.Signed(spoken_to=spoken_to) if spoken_to:
            found = (N_("已打电话通知并代为签收，接电话的是{spoken_to}"), {"spoken_to": spoken_to})
        case events.Signed(person=None):
            found = (N_("签收，待内部分派"), {})
        case events.Signed(person=person) if person is not None:
            found = (N_("签收，处置人：{handler}"), {"handler": person.name})
        case events.HandedTo(person=person):
            found = (N_("内部分派给{person}"), {"person": person.name})
        case events.Filed(number=number):
            found = (N_("立案，编号 {number}"), {"number": number})
        case _:
            return None
    return found


def _found_out(event: events.Event, label: Callable[[str, str], str]) -> Sentence | None:
    found: Sentence
    match event:
        case events.Verified(true=true):
            found = (N_("核实：属实") if true else N_("核实：不属实"), {})
        case events.Declined(ending=ending):
            found = (N_("不予立案：{ending}"), {"ending": label("ending", ending.value)})
        case events.Arrived(via=via, metres=metres):
            found = (ARRIVALS[via], {"metres": str(metres)})
        case events.Handled(outcome=outcome, spoken_to=spoken_to) if spoken_to:
            named = {"outcome": label("outcome", outcome), "spoken_to": spoken_to}
            found = (N_("{spoken_to}在电话里答复处置结果：{outcome}"), named)
        case events.Handled(outcome=outcome):
            found = (N_("提交处置结果：{outcome}"), {"outcome": label("outcome", outcome)})
        case events.Inspected(passed=passed):
            found = (N_("核查通过") if passed else N_("核查不通过，返工"), {})
        case events.Closed(ending=ending):
            found = (N_("结案：{ending}"), {"ending": label("ending", ending.value)})
        case events.Worsened(matter=matter):
            found = (N_("情况加重：{title}"), {"title": matter.title})
        case events.Rated(stars=stars, solved=solved):
            found = (RATINGS[solved], {"stars": str(stars)})
        case _:
            return None
    return found


def _told(event: events.Event, label: Callable[[str, str], str]) -> Sentence | None:
    found: Sentence
    match event:
        case events.Pressed(urgency=urgency) if urgency:
            found = (N_("紧急案件还没有签收，已再次催办"), {})
        case events.Pressed(clock=clock, to=to):
            named = {"clock": label("clock", clock), "to": label("audience", to.value)}
            found = (N_("{clock}到提醒点，已提醒{to}"), named)
        case events.TierRaised(to=to):
            found = (N_("升级到{tier}"), {"tier": label("tier", to.value)})
        case events.SentDown(to=to):
            found = (N_("下派到{tier}"), {"tier": label("tier", to.value)})
        case events.ContactLogged(kind=kind, whom=whom, reached=reached):
            named = {"kind": label("contact", kind), "whom": whom}
            found = (N_("{kind}（{whom}），已接通") if reached else N_("{kind}（{whom}），没有打通"), named)
        case _:
            return None
    return found


def _judged(event: events.Event, units: Mapping[str, str]) -> Sentence | None:
    """What was said not to be theirs, or part of another matter."""
    found: Sentence
    match event:
        case events.Returned(unit=unit, owner=owner, ground=ground):
            named = {"unit": units.get(unit, unit), "owner": units.get(owner, owner), "ground": ground}
            found = (N_("退单：不属于{unit}，应由{owner}负责，依据：{ground}"), named)
        case events.ReturnRuled(granted=granted, unit=unit, owner=owner):
            named = {"unit": units.get(unit, unit), "owner": units.get(owner, owner)}
            found = (N_("同意退单，由{owner}负责") if granted else N_("不同意退单，仍由{unit}负责"), named)
        case events.PartiesCalled(units=called):
            found = (N_("请{units}同时到场会办"), {"units": "、".join(units.get(unit, unit) for unit in called)})
        case events.JointAnswered(unit=unit, spoken_to=spoken_to) if spoken_to:
            named = {"unit": units.get(unit, unit), "spoken_to": spoken_to}
            found = (N_("{unit}（{spoken_to}）在电话里答复会办结果"), named)
        case events.JointAnswered(unit=unit):
            found = (N_("{unit}填写了会办结果"), {"unit": units.get(unit, unit)})
        case events.Joined(title=title):
            found = (N_("并入又一起情况：{title}"), {"title": title})
        case events.Linked(number=number):
            found = (N_("关联到主件 {number}"), {"number": number})
        case events.Replanned(version=version):
            found = (N_("工作日历换成 {version} 版，时限已重新计算"), {"version": version})
        case _:
            return None
    return found


def _waited(event: events.Event, reader: Reader) -> Sentence | None:
    found: Sentence
    match event:
        case events.Requested(request=request):
            found = (N_("申请{what}"), {"what": _wish(request, reader)})
        case events.RequestRuled(granted=granted, request=request):
            found = (N_("同意{what}") if granted else N_("不同意{what}"), {"what": _wish(request, reader)})
        case events.Paused(pause=pause):
            named = {"kind": reader.label("pause", pause.kind.value), "until": reader.moment(pause.until)}
            found = (N_("暂停计时：{kind}，到{until}"), named)
        case events.Reopened(to=to):
            found = (N_("重办，交回原单位") if to == "assigned" else N_("重办，重新受理"), {})
        case _:
            return None
    return found


def _wish(request: Request, reader: Reader) -> str:
    """延期 3 小时; 缓办到 …; 作废."""
    kind = reader.label("request", request.kind.value)
    if request.kind is RequestKind.EXTENSION:
        return reader.say(N_("{kind} {hours} 小时")).format(kind=kind, hours=request.hours)
    if request.until is not None:
        return reader.say(N_("{kind}到{until}")).format(kind=kind, until=reader.moment(request.until))
    return kind


RAISED = {"third-return": N_("第三次退单，由街道城运中心裁定")}
RATINGS = {
    None: N_("诉求人评价：{stars} 星"),
    True: N_("诉求人评价：{stars} 星，问题已解决"),
    False: N_("诉求人评价：{stars} 星，问题没有解决"),
}
SIMPLE = {
    "received": N_("收到，待受理"),
    "verification_asked": N_("要求现场核实"),
    "sent_back": N_("退回处置"),
    "seen_again": N_("同样的情况又出现"),
    "cleared": N_("设备报告已恢复"),
    "commented": N_("留言"),
    "settled": N_("当场处置完毕"),
    "resumed": N_("恢复办理，时限继续走"),
    "supervised": N_("列为督办"),
}
ARRIVALS = {
    "qr": N_("到场打卡（现场扫码）"),
    "position": N_("到场打卡（定位，距案件地点 {metres} 米）"),
    "reason": N_("到场打卡（填写说明）"),
}


def _to(unit: str, person: PersonRef | None, units: Mapping[str, str], say: Callable[[str], str]) -> str:
    name = units.get(unit, unit)
    return say(N_("{unit} {person}")).format(unit=name, person=person.name) if person else name
