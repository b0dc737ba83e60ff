"""Carry out a command, take the news, and do what the system does by itself (DESIGN §7, `advance`)."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import AsyncPipeline
from pydantic_core import to_jsonable_python

from activities.advance.calendars import Shelf
from activities.advance.choosing import Chosen, Meant, case_number, choose, look_up, open_children, parties_of
from activities.advance.further import with_further
from activities.advance.reading import Found, Given, lock_and_read
from activities.advance.reopening import passed_on
from activities.advance.turn import Turn
from activities.advance.writing import remember, write
from domain.cases import Case
from domain.commands import (
    AskVerification,
    CallParties,
    Close,
    Command,
    Dispatch,
    File,
    Press,
    Resume,
    Settle,
    from_news,
)
from domain.lifecycle import Context, Refused, Step, automatic, ending_by_rule, next_due, scaled
from domain.matters import News
from domain.people import BY_RULE
from store.pool import Connection, Pool, piped_transaction
from workflows.ports import Advanced, Outcome

MOST_STEPS = 12  # by itself in one turn: filing, dispatch, every rung of two ladders; more would be a loop


@dataclass(frozen=True)
class House:
    """What an installation decides: how numbers begin, what day it is there, how fast demonstrations run."""

    number_prefix: str
    zone: ZoneInfo
    clock_rate: float = 1.0
    calendars: Shelf = field(default_factory=Shelf)


async def advance(connections: Pool, house: House, case_id: UUID, command_id: UUID | None = None) -> Advanced:
    """Let the case move; idempotent by `command_id`. Raises CaseUnknown, or psycopg's errors when the store is down."""
    async with connections.connection() as connection, piped_transaction(connection) as pipeline:
        found = await lock_and_read(connection, pipeline, case_id, command_id)
        turn = Turn(found.case, found.now, await house.calendars.of(connection, found.calendars))
        if _has_children(found):
            turn.children = await open_children(connection, case_id)
        for news in found.news:
            if await passed_on(connection, turn, news):
                continue
            _take(turn, await with_further(connection, turn, news), house)
        lookups = _Lookups(connection, pipeline, turn, house)
        outcome = await _carry_out(connection, turn, found.given, lookups)
        await _by_itself(turn, lookups)
        if turn.entries:
            await write(connection, turn, found.case if isinstance(found.case, Case) else None, found.head)
        if outcome and outcome.accepted and found.given and not found.given.stored_outcome:
            await remember(connection, found.given.id, outcome.model_dump_json(), turn.version)
    return _standing(turn, outcome, command_id)


def _has_children(found: Found) -> bool:
    if isinstance(found.case, Case):
        return found.case.children > 0 and not found.case.settled
    return any(news.matter is not None and news.matter.children for news in found.news)


def _take(turn: Turn, news: News, house: House) -> None:
    if news.matter is not None:
        news = news.model_copy(update={"matter": scaled(news.matter, house.clock_rate)})
    command = from_news(news, known=isinstance(turn.case, Case))
    if command is not None and not (isinstance(turn.case, Case) and turn.case.settled):
        turn.apply(command, transport=news.transport)


def words_of(command: Command) -> str:
    """What tells a command from another under the same id."""
    return sha256(command.model_dump_json().encode()).hexdigest()[:32]


class _Lookups:
    """What filing and dispatch need, asked of the store once in a turn."""

    def __init__(self, connection: Connection, pipeline: AsyncPipeline, turn: Turn, house: House) -> None:
        self._connection, self._pipeline, self._turn, self._house = connection, pipeline, turn, house
        self._chosen: Chosen | None = None

    async def chosen(self) -> Chosen:
        case = self._turn.case
        assert isinstance(case, Case)  # noqa: S101 - only a case that has begun is filed or dispatched
        if self._chosen is None:
            self._chosen = await choose(self._connection, self._pipeline, case, self._turn.now)
        return self._chosen

    async def parties(self) -> CallParties:
        assert isinstance(self._turn.case, Case)  # noqa: S101 - as in `chosen`
        return await parties_of(self._connection, self._turn.case)

    async def number(self) -> str:
        serial = (await self.chosen()).serial
        return case_number(self._house.number_prefix, self._turn.now.astimezone(self._house.zone), serial)


async def _carry_out(connection: Connection, turn: Turn, given: Given | None, lookups: _Lookups) -> Outcome | None:
    if given is None:
        return None
    if given.stored_outcome is not None:
        return Outcome.model_validate_json(given.stored_outcome)
    known = isinstance(turn.case, Case)
    meant = await look_up(connection, turn.case, given.command, given.actor) if isinstance(turn.case, Case) else Meant()
    context = meant.context(given.actor, turn.now, turn.children)
    command = given.command
    if known and isinstance(command, File | Settle):
        command = command.model_copy(update={"number": await lookups.number()})
    try:
        turn.apply(command, context, transport=given.transport, command_id=given.id)
    except Refused as refused:
        return Outcome(accepted=False, code=refused.code, params=to_jsonable_python(refused.params))
    return Outcome(accepted=True, words=words_of(given.command))


async def _by_itself(turn: Turn, lookups: _Lookups) -> None:
    nobody_free = False
    for _ in range(MOST_STEPS):
        if not isinstance(turn.case, Case):
            return
        step = automatic(turn.case, turn.now, nobody_free=nobody_free, children_open=bool(turn.children))
        if step is None:
            return
        if step is Step.DISPATCH:
            nobody_free = not _dispatch(turn, await lookups.chosen())
        else:
            turn.apply(await _command_of(step, turn.case, lookups))


async def _command_of(step: Step, case: Case, lookups: _Lookups) -> Command:
    match step:
        case Step.ASK_VERIFICATION:
            return AskVerification()
        case Step.FILE:
            return File(number=await lookups.number())
        case Step.CALL_PARTIES:
            return await lookups.parties()
        case Step.CLOSE:
            return Close(ending=ending_by_rule(case))
        case Step.RESUME:
            return Resume()
        case _:
            return Press()


def _dispatch(turn: Turn, chosen: Chosen) -> bool:
    if chosen.candidate is None:
        return False
    found = chosen.candidate
    command = Dispatch(unit=found.unit, person=UUID(found.person.id) if found.person else None)
    by_load = "least-load" if found.person else "chosen"
    ground = "precedent" if found.ruled else by_load
    turn.apply(
        command,
        Context(actor=BY_RULE, now=turn.now, person=found.person, by_phone=found.by_phone, ground=ground),
    )
    return True


def _standing(turn: Turn, outcome: Outcome | None, command_id: UUID | None) -> Advanced:
    if outcome is None and command_id is not None:
        outcome = Outcome(accepted=False, code="unknown-command")
    case = turn.case
    if not isinstance(case, Case):
        return Advanced(version=0, stage="received", settled=True, outcome=outcome)
    return Advanced(
        version=case.version,
        stage=case.stage.value,
        tier=case.tier.value,
        area=case.place,
        settled=case.settled,
        next_due=next_due(case),
        outcome=outcome,
    )
