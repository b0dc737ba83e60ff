"""Cases and people with meaning: `a_case().filed().assigned_to(PROPERTY, WANG).signed_by(WANG)`.

Every step is a command that the decider carries out, so no test holds a case that could not be.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID, uuid4

from activities.advance.turn import Turn
from activities.advance.writing import write
from domain.calendars import Calendars, in_force
from domain.cases import Case, EvidenceRef, NewCase, RequestKind
from domain.commands import (
    Arrive,
    Ask,
    AskVerification,
    Close,
    Command,
    Dispatch,
    File,
    Handle,
    HandTo,
    Inspect,
    Link,
    LogContact,
    NoteCleared,
    NoteWorsened,
    Press,
    RaiseTier,
    Rate,
    Receive,
    Reopen,
    Resume,
    ReturnIt,
    RuleOn,
    RuleOnReturn,
    SendDown,
    Settle,
    Sign,
    Supervise,
    WaitFor,
)
from domain.events import Recorded
from domain.lifecycle import Context, Main
from domain.matters import Audience, Evidence, Limits, Matter, Policy, Priority, Rung, Tier, Why
from domain.people import BY_RULE, Actor, Role, the_reporter
from store.pool import Connection
from store.seed.load import person_id

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
UNIT_2 = "/310110/kj/c07/n021/b03/u2/"
LIFT = f"{UNIT_2}lift1/"
PROPERTY, FIRE_STATION, BRAIN = "property-c07", "fire-station", "urban-operations"
COMMITTEE_C07, ENFORCEMENT, GAS = "committee-c07", "enforcement", "gas"  # the gas company has no accounts
REPORT = UUID("01900000-0000-7000-8000-00000000c0de")


def a_person(login: str, name: str, *roles: Role, unit: str, areas: tuple[str, ...] = ("/310110/kj/",)) -> Actor:
    """Someone of the demo organisation, with the id under which `seeded` databases know them."""
    return Actor(id=str(person_id(login)), name=name, roles=frozenset(roles), areas=areas, unit=unit)


WANG = a_person(
    "c07.wang", "王建国", Role.HANDLER, Role.INSPECTOR, unit=PROPERTY, areas=("/310110/kj/c07/n021/",)
)  # handles and inspects
LI = a_person("c07.li", "李卫民", Role.HANDLER, unit=PROPERTY, areas=("/310110/kj/c07/n021/",))
ZHAO = a_person("c07.zhao", "赵敏", Role.LIAISON, unit=PROPERTY, areas=("/310110/kj/c07/",))
LEI = a_person("fire.lei", "雷鸣", Role.HANDLER, unit=FIRE_STATION)
INSPECTOR = a_person("inspect.deng", "邓志刚", Role.INSPECTOR, unit=BRAIN)
ELSEWHERE = a_person("inspect.tang", "唐雪梅", Role.INSPECTOR, unit="grid-east", areas=("/310110/kj/c09/",))
GRID_WORKER = a_person("grid.fang", "方立群", Role.GRID_WORKER, unit="grid-west", areas=("/310110/kj/c07/",))
ACCEPTOR = a_person("accept.wu", "吴佳怡", Role.ACCEPTOR, unit=BRAIN)
DISPATCHER = a_person("dispatch.lin", "林晓燕", Role.DISPATCHER, unit=BRAIN)
DUTY_OFFICER = a_person("duty.chen", "陈国强", Role.DUTY_OFFICER, unit=BRAIN)
SUPERVISOR = a_person("super.zhou", "周正明", Role.SUPERVISOR, unit=BRAIN)
COMMITTEE = a_person("c07.sun", "孙玉兰", Role.HANDLER, Role.COMMITTEE, unit=COMMITTEE_C07, areas=("/310110/kj/c07/",))
REPORTER = the_reporter(str(REPORT))


def a_policy(**changes: Any) -> Policy:
    """The e-bike's: four hours in all, a photo afterwards, always inspected, closed by rule once inspected."""
    limits = Limits(overall=timedelta(hours=4), handle=timedelta(hours=2))
    ladder = (
        Rung(at=0.8, to=Audience.HOLDER),
        Rung(at=1.0, to=Audience.TIER_ABOVE),
        Rung(after=timedelta(minutes=30), to=Audience.BRAIN),
    )
    given: dict[str, Any] = {"limits": limits, "ladder": ladder, "evidence": (Evidence.PHOTO_AFTER,)}
    return Policy.model_validate({**given, "closing": "auto_when_inspected", **changes})


def a_matter(policy: Policy | None = None, **changes: Any) -> Matter:
    """An e-bike that holds the door of the lift open in 12 号 2 单元."""
    given: dict[str, Any] = {
        "ruleset": "ebike-in-elevator",
        "dedupe_key": f"ebike-in-elevator/main{UNIT_2}",
        "title": "双阳二村 12 号 2 单元：电瓶车进电梯",
        "text": "电瓶车在电梯里挡门超过一分钟。",
        "category": "lift-ebike",
        "priority": Priority.NORMAL,
        "tier": Tier.COMMITTEE,
        "place": UNIT_2,
        "lead": "urban-operations",
        "handler": "property",
        "skills": ("lift",),
        "policy": policy or a_policy(),
        "why": Why(ruleset="ebike-in-elevator", hash="0" * 64, rule="blocked", facts={"ebike.confidence": 0.93}),
    }
    return Matter.model_validate({**given, **changes})


def a_residents_matter(policy: Policy | None = None, **changes: Any) -> Matter:
    """What REPORTER sent: it waits for the desk, and is answered."""
    at_desk = a_policy(closing="manual", filing="desk", reopen_within=timedelta(days=7))
    return a_matter(policy or at_desk, **{"report": REPORT, "dedupe_key": f"citizen-report/main/{REPORT}", **changes})


def a_photo(kind: Evidence = Evidence.PHOTO_AFTER) -> EvidenceRef:
    return EvidenceRef(id=uuid4(), kind=kind)


class Story:
    """A case as it goes along; each step takes a minute and is decided like any other command."""

    def __init__(self, at: datetime, case_id: UUID | None = None, calendars: Calendars | None = None) -> None:
        self.turn = Turn(NewCase(id=case_id or uuid4()), at, calendars or in_force(()))

    @property
    def case(self) -> Case:
        assert isinstance(self.turn.case, Case), "nothing happened yet: begin with of(...)"
        return self.turn.case

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        return tuple(entry.recorded for entry in self.turn.entries)

    @property
    def now(self) -> datetime:
        return self.turn.now

    def after(self, **passed: float) -> Self:
        """Let time pass: `after(minutes=20)`."""
        self.turn.now += timedelta(**passed)
        return self

    def by(self, actor: Actor, command: Command, person: Actor | None = None, **looked_up: Any) -> Self:
        """Any command; `person` is whom it names. Raises Refused like the decider."""
        ref = person.ref if person else None
        context = Context(actor=actor, now=self.turn.now, person=ref, **looked_up)
        self.turn.apply(command, context, transport="rule" if actor is BY_RULE else "mobile")
        return self.after(minutes=1)

    def of(self, matter: Matter) -> Self:
        return self.by(BY_RULE, Receive(matter=matter, seen_at=self.now))

    def verification_asked(self) -> Self:
        return self.by(BY_RULE, AskVerification())

    def filed(self, number: str | None = None) -> Self:
        return self.by(BY_RULE, File(number=number or self._a_number()))

    def _a_number(self) -> str:
        return f"KJ-20261121-{self.case.id.int % 1_000_000:06d}"

    def settled_by(self, actor: Actor, note: str = "") -> Self:
        """On the spot, with photos before and after."""
        photos = (a_photo(Evidence.PHOTO_BEFORE), a_photo(Evidence.PHOTO_AFTER))
        return self.by(actor, Settle(note=note, evidence=photos, number=self._a_number()))

    def linked_to(self, main: Case, by: Actor = ACCEPTOR) -> Self:
        named = Main(id=main.id, name=main.number or main.title, linked_to=main.linked_to)
        return self.by(by, Link(to=main.id), main=named)

    def assigned_to(self, unit: str, person: Actor | None = None, *, by_phone: bool = False) -> Self:
        """`person` None: to the unit as a team; `by_phone`: it has no accounts."""
        command = Dispatch(unit=unit, person=UUID(person.id) if person else None)
        return self.by(BY_RULE, command, person, by_phone=by_phone)

    def signed_by(self, actor: Actor, spoken_to: str = "") -> Self:
        return self.by(actor, Sign(spoken_to=spoken_to))

    def returned_by(self, actor: Actor, owner: str = ENFORCEMENT, ground: str = "占道经营归综合执法") -> Self:
        return self.by(actor, ReturnIt(owner=owner, ground=ground))

    def ruled_on_return(self, by: Actor = DISPATCHER, *, granted: bool = True, note: str = "权责清单如此") -> Self:
        return self.by(by, RuleOnReturn(granted=granted, note=note))

    def handed_to(self, person: Actor, by: Actor = ZHAO) -> Self:
        return self.by(by, HandTo(person=UUID(person.id)), person)

    def arrived(self, actor: Actor) -> Self:
        return self.by(actor, Arrive(place=self.case.place))

    def handled_by(self, actor: Actor, outcome: str | None = None) -> Self:
        """With everything that the category demands."""
        photos = tuple(a_photo(kind) for kind in self.case.policy.evidence if kind is not Evidence.NOTE)
        chosen = outcome or self.case.policy.outcomes[0]
        return self.by(actor, Handle(outcome=chosen, note="已处理", evidence=photos))

    def passed_by(self, actor: Actor) -> Self:
        return self.by(actor, Inspect(passed=True))

    def failed_by(self, actor: Actor, note: str = "照片不清楚") -> Self:
        return self.by(actor, Inspect(passed=False, note=note))

    def worsened(self, matter: Matter) -> Self:
        return self.by(BY_RULE, NoteWorsened(matter=matter, seen_at=self.now))

    def cleared(self, detection: str = "blocking") -> Self:
        return self.by(BY_RULE, NoteCleared(detection=detection, seen_at=self.now))

    def pressed(self) -> Self:
        return self.by(BY_RULE, Press())

    def closed(self, by: Actor = BY_RULE, reply: str = "") -> Self:
        return self.by(by, Close(reply=reply))

    def asked_for(self, kind: str, by: Actor = WANG, *, hours: int | None = None, days: float | None = None) -> Self:
        """`hours` of working time for an extension, `days` for a pause."""
        until = self.now + timedelta(days=days) if days is not None else None
        return self.by(by, Ask(kind=RequestKind(kind), reason="要等配件", hours=hours, until=until))

    def ruled_on(self, by: Actor = DUTY_OFFICER, *, granted: bool = True, note: str = "同意") -> Self:
        return self.by(by, RuleOn(granted=granted, note=note))

    def waiting_for(self, whom: Literal["reporter", "other"], by: Actor = WANG, *, days: float = 1) -> Self:
        return self.by(by, WaitFor(whom=whom, until=self.now + timedelta(days=days), reason="要先问清楚"))

    def resumed(self, by: Actor = WANG) -> Self:
        return self.by(by, Resume())

    def reopened_by(self, actor: Actor, **looked_up: Any) -> Self:
        return self.by(actor, Reopen(reason="问题还在"), **looked_up)

    def rated(self, stars: int, *, solved: bool | None = None, by: Actor = REPORTER) -> Self:
        return self.by(by, Rate(stars=stars, solved=solved))

    def contact_logged(self, by: Actor = ACCEPTOR, *, reached: bool = True) -> Self:
        return self.by(by, LogContact(kind="first-contact", whom="张阿姨", reached=reached))

    def supervised(self, by: Actor = SUPERVISOR) -> Self:
        return self.by(by, Supervise(note="今天内要有结果"))

    def raised(self, by: Actor = WANG) -> Self:
        return self.by(by, RaiseTier(reason="物业解决不了"))

    def sent_down(self, by: Actor = DUTY_OFFICER) -> Self:
        return self.by(by, SendDown(reason="居委可以办"))


def a_case(
    matter: Matter | None = None,
    *,
    at: datetime = NOON,
    case_id: UUID | None = None,
    calendars: Calendars | None = None,
) -> Story:
    """A case that was just received; without `calendars` every clock runs round the clock."""
    return Story(at, case_id, calendars).of(matter or a_matter())


async def store_case(connection: Connection, story: Story) -> Case:
    """Write the story as the system would have: events with their chain, projection, tasks, messages."""
    case, first = story.case, story.recorded[0]
    async with connection.transaction():
        await connection.execute(
            """INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (case.id, case.dedupe_key, case.ruleset, case.place, first.at, case.last_seen),
        )
        await write(connection, story.turn, None, b"")
    return case
