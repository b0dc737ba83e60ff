"""The follow link: plain words at every stage, what the reporter may say, and nothing for who has no link."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from browsing import Browser, a_jpeg, just_now
from builders import DUTY_OFFICER, PROPERTY, WANG, Story, a_case, a_matter, a_policy
from databases import Database
from selectolax.lexbor import LexborHTMLParser

from domain.commands import Close, Decline, WaitFor
from domain.matters import Closing, Evidence
from store.evidence import EvidenceStore

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b03/"
TRADE = (
    *("立案", "派遣", "改派", "签收", "处置", "核查", "核实", "结案", "工单", "案件", "挂账", "缓办", "退单", "返工"),
    *("重办", "告警", "感知", "待受理", "承办", "督办", "作废", "诉求人", "牵头", "临期", "超期", "办结时限", "闭环"),
)
POLICY = a_policy(reopen_within=timedelta(days=15), evidence=(Evidence.PHOTO_AFTER,), closing=Closing.MANUAL)


async def reported(browser: Browser, database: Database, text: str = "楼道灯不亮") -> tuple[str, UUID]:
    """The follow page's address, and the report's id."""
    form = (await browser.page("/report")).css_first("form#report")
    sent = {"text": text, "place": BUILDING, "looked": "1"}
    answer = await browser.submit(form, {"photo": ("a.jpg", a_jpeg(), "image/jpeg")}, **sent)
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute("SELECT id FROM reports ORDER BY received_at DESC LIMIT 1").fetchone()
    assert row
    return answer.headers["location"].split("?")[0], row[0]


def its_case(report: UUID, minutes: float = 60) -> Story:
    matter = a_matter(
        POLICY, report=report, dedupe_key=f"citizen-report/{report}", category="street-light", ruleset="citizen-report"
    )
    return a_case(matter, at=just_now(minutes))


def read(page: LexborHTMLParser) -> str:
    """What a person reads on it."""
    return re.sub(r"\s+", " ", page.css_first("main").text())


STAGES = {
    "received": (lambda story: story, "已经收到，正在看"),
    "verifying": (lambda story: story.verification_asked(), "正在去现场看"),
    "dispatching": (lambda story: story.filed(), "正在安排人"),
    "assigned": (lambda story: story.filed().assigned_to(PROPERTY, WANG), "已经交给负责的单位"),
    "handling": (lambda story: story.filed().assigned_to(PROPERTY, WANG).signed_by(WANG), "正在处理"),
    "inspecting": (
        lambda story: story.filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG),
        "处理过了，正在检查",
    ),
}


@pytest.mark.parametrize("stage", STAGES)
async def test_every_stage_is_said_in_plain_words_with_until_when(
    anybody: Browser, seeded: Database, tell: Any, stage: str
) -> None:
    address, report = await reported(anybody, seeded)
    story, said = STAGES[stage]
    case = await tell(story(its_case(report)))
    assert case.stage.value == stage
    page = await anybody.page(address)
    words = read(page)
    assert said in words
    assert re.search(r"最晚 .*\d\d:\d\d|比说好的时间晚了", words)
    assert [word for word in TRADE if word in words] == []
    assert "照片不清楚" not in words


async def test_before_there_is_a_case_the_page_already_says_what_comes_next(anybody: Browser, seeded: Database) -> None:
    address, _ = await reported(anybody, seeded)
    answer = await anybody.get(f"{address}?new=1")
    words = read(LexborHTMLParser(answer.text))
    assert "已经收到，谢谢" in words
    assert "接下来：工作人员会看您写的内容，最晚" in words
    assert "楼道灯不亮" in words
    assert [word for word in TRADE if word in words] == []
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    photo = LexborHTMLParser(answer.text).css_first(".photos img").attributes["src"]
    assert (await anybody.get(photo)).headers["content-type"] == "image/jpeg"


def closed(report: UUID, reply: str = "灯已换好。") -> Story:
    story = its_case(report).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    inspector = DUTY_OFFICER.model_copy(update={"id": str(uuid4()), "roles": frozenset({"inspector"})})
    return story.passed_by(inspector).by(DUTY_OFFICER, Close(reply=reply))


async def test_the_reply_and_the_photo_afterwards_come_with_the_end(
    anybody: Browser, site: Any, seeded: Database, tell: Any
) -> None:
    address, report = await reported(anybody, seeded)
    story = closed(report)
    handled = next(one.event for one in story.recorded if one.event.type == "handled")
    case = await tell(story)
    objects: EvidenceStore = site.app.state.services.evidence
    (piece,) = handled.evidence
    pool = site.app.state.services.reach.pool
    await objects.keep(pool, ("*",), case.id, piece, a_jpeg(), by=UUID(WANG.id))
    page = await anybody.page(address)
    words = read(page)
    assert "已办结，问题解决了。" in words
    assert "灯已换好。" in words
    assert [word for word in TRADE if word in words] == []
    shown = [image.attributes["src"] for image in page.css(".photos img")]
    assert f"{address}/photos/{piece.id}" in shown
    assert (await anybody.get(f"{address}/photos/{piece.id}")).status_code == 200
    stranger, _ = await reported(anybody, seeded, "别的事")
    assert (await anybody.get(f"{stranger}/photos/{piece.id}")).status_code == 404


async def test_photos_of_the_work_are_not_shown_before_the_end(
    anybody: Browser, site: Any, seeded: Database, tell: Any
) -> None:
    address, report = await reported(anybody, seeded)
    story = its_case(report).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).handled_by(WANG)
    (piece,) = next(one.event for one in story.recorded if one.event.type == "handled").evidence
    case = await tell(story)
    served = site.app.state.services
    await served.evidence.keep(served.reach.pool, ("*",), case.id, piece, a_jpeg(), by=UUID(WANG.id))
    assert (await anybody.get(f"{address}/photos/{piece.id}")).status_code == 404


async def test_a_matter_that_is_not_ours_says_why(anybody: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(anybody, seeded)
    await tell(its_case(report).by(DUTY_OFFICER, Decline(reason="属于邻街道，已转告", ending="declined")))
    words = read(await anybody.page(address))
    assert "不归我们管" in words
    assert "属于邻街道，已转告" in words


async def test_a_link_that_leads_nowhere_is_the_same_for_all_and_counted(anybody: Browser, seeded: Database) -> None:
    tried = [await anybody.get(f"/f/{'x' * length}") for length in (1, 43, 200)]
    assert {answer.status_code for answer in tried} == {404}
    assert len({read(LexborHTMLParser(answer.text)) for answer in tried}) == 1
    for _ in range(57):
        await anybody.get("/f/guess")
    assert (await anybody.get("/f/guess")).status_code == 429
    address, _ = await reported(anybody, seeded)
    assert (await anybody.get(address)).status_code == 200, "who has a link is not held up by who guesses"


async def answered(browser: Browser, address: str, name: str, **fields: str) -> httpx.Response:
    form = (await browser.page(address)).css_first(f"form[action='{address}/{name}']")
    assert form is not None, name
    return await browser.submit(form, **fields)


@pytest.fixture
async def resident(working_site: httpx.ASGITransport) -> Any:
    async with Browser(transport=working_site, base_url="http://linli.test") as browser:
        yield browser


async def test_rated_once_with_words(resident: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(resident, seeded)
    await tell(closed(report))
    answer = await answered(resident, address, "rate", stars="2", solved="false", text="还是不亮")
    assert answer.status_code == 303, answer.text
    words = read(await resident.page(address))
    assert "您打了 2 分" in words
    again = await resident.post(f"{address}/rate", data={"command_id": str(uuid4()), "stars": "5"})
    assert again.status_code in (409, 422)
    assert "您已经评价过了" in again.text


async def test_not_solved_begins_it_again(resident: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(resident, seeded)
    case = await tell(closed(report))
    empty = await answered(resident, address, "reopen", reason="")
    assert empty.status_code == 422
    answer = await answered(resident, address, "reopen", reason="晚上又不亮了")
    assert answer.status_code == 303, answer.text
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        row = connection.execute(
            "SELECT stage, (SELECT transport FROM case_events e WHERE e.case_id = c.id AND type = 'reopened')"
            " FROM cases c WHERE id = %s",
            (case.id,),
        ).fetchone()
    assert row == ("assigned", "public")
    words = read(await resident.page(address))
    assert "已经交给负责的单位" in words
    assert "问题没解决" not in words


async def test_why_it_takes_days_longer_is_said_with_until_when(anybody: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(anybody, seeded)
    story = its_case(report).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    await tell(story.asked_for("suspension", days=90).ruled_on())
    words = read(await anybody.page(address))
    assert "先记下来" in words
    assert "原因：要等配件" in words
    assert [word for word in TRADE if word in words] == []


async def test_a_question_is_answered_on_the_page(resident: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(resident, seeded)
    story = its_case(report).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    until = datetime.now(UTC) + timedelta(days=2)
    case = await tell(story.by(WANG, WaitFor(whom="reporter", until=until, reason="是几楼的灯？")))
    assert "是几楼的灯？" in read(await resident.page(address))
    answer = await answered(resident, address, "resume", note="三楼")
    assert answer.status_code == 303, answer.text
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        events = connection.execute(
            "SELECT actor, data->>'note' FROM case_events WHERE case_id = %s AND type = 'resumed'", (case.id,)
        ).fetchall()
    assert events == [(str(report), "三楼")]


async def test_a_me_too_may_not_speak_for_who_reported(resident: Browser, seeded: Database, tell: Any) -> None:
    _, report = await reported(resident, seeded)
    case = await tell(its_case(report).filed())
    form = (await resident.page("/report")).css_first("form#report")
    sent = {"place": BUILDING, "looked": "1", "follows": str(case.id)}
    address = (await resident.submit(form, **sent)).headers["location"].split("?")[0]
    page = await resident.page(address)
    assert "共 2 人反映" in read(page)
    assert "楼道灯不亮" not in read(page)
    assert page.css("form") == []
    refused = await resident.post(f"{address}/comment", data={"command_id": str(uuid4()), "text": "x"})
    assert refused.status_code == 409


async def test_a_reporter_gives_no_command_of_the_trade(resident: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(resident, seeded)
    await tell(its_case(report).filed())
    for name in ("file", "close", "decline", "supervise"):
        assert (await resident.post(f"{address}/{name}", data={"command_id": str(uuid4())})).status_code == 404
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await resident.post(f"{address}/comment", data={}, headers=foreign)).status_code == 403


async def test_of_one_matter_not_without_end_is_said(anybody: Browser, seeded: Database, tell: Any) -> None:
    address, report = await reported(anybody, seeded)
    await tell(STAGES["handling"][0](its_case(report)))
    said = {"text": "还在漏水", "command_id": str(uuid4())}
    assert (await anybody.post(f"{address}/comment", data=said)).status_code == 503  # Temporal is down
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute(
            "INSERT INTO attempts (what, sender) SELECT what, sender FROM attempts, generate_series(1, 19) "
            "WHERE what = 'answers'"
        )
    refused = await anybody.post(f"{address}/comment", data=said)
    assert (refused.status_code, "说得太多了" in refused.text, "还在漏水" in refused.text) == (429, True, True)
    other, _ = await reported(anybody, seeded, "另一件")
    assert (await anybody.post(f"{other}/comment", data=said)).status_code != 429
