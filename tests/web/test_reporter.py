"""Who reported: masked for all who see the case, open for who must call, each opening on record."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from browsing import just_now
from builders import PROPERTY, WANG, a_case, a_matter
from databases import Database

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b03/"
PHONE, MASKED = "13812345678", "138****5678"


@pytest.fixture
async def case(as_person: Any, seeded: Database, tell: Any) -> Any:
    """A case that 李阿婆 reported by telephone; Wang holds it."""
    desk = await as_person("accept.wu")
    form = (await desk.page("/console/report")).css_first("form#report")
    sent = {"text": "灯不亮", "place": BUILDING, "looked": "1", "phone": PHONE, "name": "李阿婆"}
    assert (await desk.submit(form, **sent)).status_code == 303
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute("SELECT id FROM reports").fetchone()
    assert row
    story = a_case(a_matter(report=row[0], dedupe_key="citizen-report/1"), at=just_now())
    return await tell(story.filed().assigned_to(PROPERTY, WANG))


def openings(database: Database, case_id: UUID) -> list[str]:
    with psycopg.connect(database.owner_dsn) as connection:
        found = connection.execute(
            "SELECT data->>'name' FROM audit WHERE action = 'reporter-opened' AND subject = %s ORDER BY seq",
            (str(case_id),),
        )
        return [name for (name,) in found.fetchall()]


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("accept.wu", True),
        ("duty.chen", True),
        ("c07.wang", True),  # holds it
        ("c07.li", False),
        ("c07.zhao", False),
        ("dispatch.lin", False),
        ("inspect.deng", False),
        ("super.zhou", False),
        ("c07.sun", False),
    ],
)
async def test_only_who_must_call_reads_the_number(
    as_person: Any, seeded: Database, case: Any, name: str, opens: bool
) -> None:
    browser = await as_person(name)
    page = await browser.page(f"/reporter/{case.id}")
    assert MASKED in page.text()
    assert "李**" in page.text()
    assert PHONE not in page.html
    assert (page.css_first("form") is not None) is opens
    answer = await browser.post(f"/reporter/{case.id}", data={"csrf": browser.csrf})
    assert answer.status_code == (200 if opens else 403)
    assert (PHONE in answer.text) is opens
    assert len(openings(seeded, case.id)) == opens


async def test_who_does_not_see_the_case_sees_no_reporter(as_person: Any, seeded: Database, case: Any) -> None:
    stranger = await as_person("c09.zhu")
    assert (await stranger.get(f"/reporter/{case.id}")).status_code == 404
    assert (await stranger.post(f"/reporter/{case.id}", data={"csrf": stranger.csrf})).status_code == 404
    assert (await stranger.get(f"/reporter/{uuid4()}")).status_code == 404
    assert openings(seeded, case.id) == []


async def test_an_opening_needs_the_sessions_token(as_person: Any, seeded: Database, case: Any) -> None:
    desk = await as_person("accept.wu")
    assert (await desk.post(f"/reporter/{case.id}")).status_code == 403
    assert openings(seeded, case.id) == []


async def test_an_alarm_was_reported_by_nobody(as_person: Any, tell: Any) -> None:
    alarm = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    page = await (await as_person("c07.wang")).page(f"/reporter/{alarm.id}")
    assert "没有留下反映人的记录" in page.text()
