"""值班表 and 交接班: shifts with their conflicts, and what one shift hands to the next."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from browsing import just_now
from builders import GAS, PROPERTY, WANG, a_case, a_matter
from databases import Database
from psycopg.rows import dict_row

pytestmark = pytest.mark.servers
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(days: float) -> str:
    return f"{datetime.now(SHANGHAI) + timedelta(days=days):%Y-%m-%dT%H:%M}"


async def put(browser: Any, **fields: str) -> Any:
    form = (await browser.page("/console/roster")).css_first("#shift-form form")
    return await browser.submit(form, **fields)


async def test_a_shift_is_added_changed_and_removed_and_each_is_on_the_record(as_person: Any, seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("DELETE FROM rosters WHERE person_id = %s", (WANG.id,))
    officer = await as_person("duty.chen")
    added = await put(officer, person=WANG.id, starts=at(0), ends=at(0.3))
    assert added.status_code == 303, added.text[-900:]
    page = await officer.page("/console/roster?unit=" + PROPERTY)
    assert "王建国" in page.css_first(".pair").text()
    row = next(one for one in page.css(".week tbody tr") if "王建国" in one.text())
    link = row.css_first("a")
    form = (await officer.page(link.attributes["href"].partition("#")[0])).css_first("#shift-form form")
    assert (await officer.submit(form, person=WANG.id, starts=at(0), ends=at(0.4))).status_code == 303
    page = await officer.page(link.attributes["href"].partition("#")[0])
    removed = await officer.submit(page.css_first("#shift-form details form"))
    assert removed.headers["location"].endswith("done=remove")
    with psycopg.connect(seeded.app_dsn) as connection:
        said = connection.execute("SELECT action FROM audit WHERE action LIKE 'shift-%' ORDER BY seq").fetchall()
    assert [action for (action,) in said] == ["shift-added", "shift-changed", "shift-removed"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": WANG.id, "starts": at(1), "ends": at(2)}, "王建国在"),
        ({"person": WANG.id, "starts": at(2), "ends": at(1)}, "下班要晚于上班"),
        ({"person": "", "starts": at(1), "ends": at(2)}, "请填写“人员”"),
        ({"person": WANG.id, "starts": "明天", "ends": at(2)}, "“上班”填写不对"),
    ],
)
async def test_a_conflict_is_named_and_what_was_written_stays(
    as_person: Any, fields: dict[str, str], said: str
) -> None:
    answer = await put(await as_person("duty.chen"), **fields)
    form = answer.text.partition('id="shift-form"')[2]
    assert (answer.status_code in (409, 422), said in form, fields["ends"] in form) == (True, True, True)


async def test_who_may_only_read_the_roster_has_no_form_and_no_right(as_person: Any) -> None:
    dispatcher = await as_person("dispatch.lin")
    assert (await dispatcher.page("/console/roster")).css_first("#shift-form") is None
    refused = await dispatcher.post("/console/roster", data={"csrf": dispatcher.csrf})
    assert refused.status_code == 403


async def test_a_handover_keeps_the_open_items_and_is_taken_by_somebody_else(
    as_person: Any, tell: Any, seeded: Database
) -> None:
    late = await tell(a_case(at=just_now(600)).filed().assigned_to(PROPERTY, WANG))
    await tell(a_case(a_matter(dedupe_key="gas"), at=just_now(5)).filed().assigned_to(GAS, by_phone=True))
    outgoing, incoming = await as_person("duty.chen"), await as_person("super.zhou")
    page = await outgoing.page("/console/handover")
    assert ("超期" in page.text(), "要打的电话" in page.text()) == (True, True)
    form = page.css_first("form[action='/console/handover']")
    assert (await outgoing.submit(form, note="")).status_code == 409
    for _twice in range(2):
        assert (await outgoing.submit(form, note="12 号楼电梯盯紧")).status_code == 303
    assert (await outgoing.page("/console/handover")).css_first(".handed form") is None
    taking = (await incoming.page("/console/handover")).css_first(".handed form")
    assert (await incoming.submit(taking, note="知道了")).status_code == 303
    again = await incoming.submit(taking, note="再来")
    assert (again.status_code, "已由周正明接班" in again.text) == (409, True)
    with psycopg.connect(seeded.app_dsn, row_factory=dict_row) as connection:
        kept = connection.execute("SELECT * FROM handovers").fetchone()
        assert kept is not None
        assert connection.execute("SELECT count(*) AS n FROM handovers").fetchone() == {"n": 1}
        assert str(late.id) in {item["id"] for item in kept["items"]}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE handovers SET note = ''")


async def test_another_sub_districts_people_are_not_on_this_roster(as_person: Any, seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("UPDATE units SET area = '/310110/nj/' WHERE id = %s", (PROPERTY,))
    answer = await put(await as_person("duty.chen"), person=WANG.id, starts=at(400), ends=at(401))
    assert (answer.status_code, "王建国" in answer.text) == (409, False)


async def test_all_units_stay_chosen_from_week_to_week(as_person: Any) -> None:
    officer = await as_person("duty.chen")
    page = await officer.page("/console/roster?unit=all")
    following = page.css("nav a[href*=week]")[-1].attributes["href"]
    page = await officer.page(following)
    assert (len(page.css(".week tbody tr")) > 30, "双阳物业服务处" in page.css_first(".week").text()) == (True, True)
