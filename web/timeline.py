"""What happened to a case, each event as a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain import events
from domain.cases import EvidenceRef
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
    note = next((getattr(one.event, name) for name in ("note", "reason", "text") if getattr(one.event, name, "")), "")
    return Line(
        version=one.version,
        at=one.at,
        who=reader.say(N_("系统")) if by_itself else one.actor_name,
        way=reader.label("transport", one.transport),
        what=_what(one.event, reader, units),
        note=note,
        photos=tuple(getattr(one.event, "evidence", ())),
        quiet=by_itself,
    )


def _what(event: events.Event, reader: Reader, units: Mapping[str, str]) -> str:
    """The event's sentence with what it names filled in."""
    sentence, named = _found_out(event, reader.label) or _on_the_way(event, reader, units) or (SIMPLE[event.type], {})
    return reader.say(sentence).format(**named)


def _on_the_way(event: events.Event, reader: Reader, units: Mapping[str, str]) -> Sentence | None:
    found: Sentence
    match event:
        case events.Dispatched(unit=unit, person=person, ground=ground):
            named = {"to": _to(unit, person, units, reader.say), "ground": reader.label("ground", ground)}
            found = (N_("派遣给{to}（{ground}）"), named)
        case events.Reassigned(unit=unit, person=person):
            found = (N_("改派给{to}"), {"to": _to(unit, person, units, reader.say)})
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
        case events.Handled(outcome=outcome):
            found = (N_("提交处置结果：{outcome}"), {"outcome": label("outcome", outcome)})
        case events.Inspected(passed=passed):
            found = (N_("核查通过") if passed else N_("核查不通过，返工"), {})
        case events.Closed(ending=ending):
            found = (N_("结案：{ending}"), {"ending": label("ending", ending.value)})
        case events.Worsened(matter=matter):
            found = (N_("情况加重：{title}"), {"title": matter.title})
        case events.Pressed(clock=clock, to=to):
            named = {"clock": label("clock", clock), "to": label("audience", to.value)}
            found = (N_("{clock}到提醒点，已提醒{to}"), named)
        case events.TierRaised(to=to):
            found = (N_("升级到{tier}"), {"tier": label("tier", to.value)})
        case _:
            return None
    return found


SIMPLE = {
    "received": N_("感知到，待受理"),
    "verification_asked": N_("要求现场核实"),
    "sent_back": N_("退回处置"),
    "seen_again": N_("同样的情况又出现"),
    "cleared": N_("设备报告已恢复"),
    "commented": N_("留言"),
}
ARRIVALS = {
    "qr": N_("到场打卡（现场扫码）"),
    "position": N_("到场打卡（定位，距案件地点 {metres} 米）"),
    "reason": N_("到场打卡（填写说明）"),
}


def _to(unit: str, person: PersonRef | None, units: Mapping[str, str], say: Callable[[str], str]) -> str:
    name = units.get(unit, unit)
    return say(N_("{unit} {person}")).format(unit=name, person=person.name) if person else name
