"""A matter that a person brings in begins one case, waits for the desk or is settled, and may come back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from builders import COMMITTEE, DUTY_OFFICER, REPORT, REPORTER, UNIT_2, a_matter, a_photo, a_policy, a_residents_matter
from psycopg.errors import UniqueViolation
from turns import Turns

from activities.receiving import receive
from domain.cases import Ending, Stage
from domain.commands import Decline, File, Reopen, Settle
from domain.lifecycle import task_of
from domain.matters import Evidence
from domain.people import the_reporter

pytestmark = pytest.mark.servers
FOUND = a_matter(
    a_policy(filing="desk", inspection="never"),
    ruleset="grid-patrol-finding",
    dedupe_key=f"grid-patrol-finding/main{UNIT_2}",
)
PHOTOS = (a_photo(Evidence.PHOTO_BEFORE), a_photo(Evidence.PHOTO_AFTER))


async def test_the_same_form_sent_twice_is_one_case_with_one_beginning(turns: Turns) -> None:
    case_id = uuid4()
    assert await receive(turns.connections, FOUND, case_id, "mobile")
    await turns.move(case_id)
    assert not await receive(turns.connections, FOUND, case_id, "mobile")
    await turns.move(case_id)
    record = await turns.record(case_id)
    assert [(one.event.type, one.transport) for one in record] == [("received", "mobile")]
    task = task_of(await turns.case(case_id))
    assert task is not None
    assert task.kind == "file"


async def test_what_is_open_already_is_not_begun_again(turns: Turns) -> None:
    await turns.begun(FOUND)
    with pytest.raises(UniqueViolation):
        await receive(turns.connections, FOUND, uuid4(), "mobile")


async def test_what_is_settled_on_the_spot_is_filed_and_closed_in_one_turn(turns: Turns) -> None:
    case_id = await turns.begun(FOUND)
    case = await turns.done(case_id, COMMITTEE, Settle(note="小广告已清除", evidence=PHOTOS))
    record = await turns.record(case_id)
    assert [one.event.type for one in record] == ["received", "filed", "settled", "closed"]
    assert (case.stage, case.ending, case.unit) == (Stage.CLOSED, Ending.SOLVED, COMMITTEE.unit)
    assert case.number is not None
    assert case.number.startswith("KJ-")


async def test_the_desk_gives_a_number_and_the_system_goes_on(turns: Turns) -> None:
    case_id = await turns.begun(FOUND)
    case = await turns.done(case_id, DUTY_OFFICER)
    assert case.stage is Stage.RECEIVED
    refused = await turns.give(case_id, COMMITTEE, File())
    assert (refused.accepted, refused.code) == (False, "not-permitted")


async def test_the_reporter_reopens_what_was_declined_and_nobody_elses_case(turns: Turns) -> None:
    matter = a_residents_matter(a_policy(filing="desk", reopen_within=timedelta(days=7)))
    case_id = await turns.begun(matter)
    assert await turns.rows("SELECT report FROM cases") == [(REPORT,)]
    await turns.done(case_id, DUTY_OFFICER, Decline(reason="现场没有看到"))
    refused = await turns.give(case_id, the_reporter(str(uuid4())), Reopen(reason="还在"))
    assert (refused.accepted, refused.code) == (False, "not-permitted")
    case = await turns.done(case_id, REPORTER, Reopen(reason="早上又来了"))
    record = await turns.record(case_id)
    assert (case.stage, case.reopened) == (Stage.RECEIVED, 1)
    assert (record[-1].event.type, record[-1].by) == ("reopened", str(REPORT))
    assert await turns.rows("SELECT actor_name FROM case_events ORDER BY version DESC LIMIT 1") == [("诉求人",)]


async def test_a_case_is_not_reopened_while_a_newer_one_of_the_same_key_is_open(turns: Turns) -> None:
    case_id = await turns.begun(FOUND)
    await turns.done(case_id, COMMITTEE, Settle(evidence=PHOTOS))
    newer = await turns.begun(FOUND)
    refused = await turns.give(case_id, DUTY_OFFICER, Reopen(reason="又贴上了"))
    assert (refused.accepted, refused.code, refused.params) == (False, "newer-case-open", {"number": FOUND.title})
    assert (await turns.case(newer)).stage is Stage.RECEIVED
