"""The forms of a case's page: what they ask for, what they show before, and what becomes of what is sent."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from browsing import a_jpeg, just_now
from builders import (
    COMMITTEE_C07,
    ENFORCEMENT,
    GAS,
    LI,
    PROPERTY,
    UNIT_2,
    WANG,
    a_case,
    a_matter,
    a_policy,
    a_residents_matter,
)
from databases import Database

from domain.cases import Case
from domain.matters import Filing

SHANGHAI = ZoneInfo("Asia/Shanghai")
RETURNABLE = a_policy(return_within=timedelta(hours=24))
WAITS_FOR_DESK = a_policy(filing=Filing.AT_DESK)


def at_wang(**changes: Any) -> Any:
    matter = a_matter(RETURNABLE, **changes)
    return a_case(matter, at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)


def in_days(days: float) -> datetime:
    """To the minute, as a field of date and time says it."""
    return (datetime.now(SHANGHAI) + timedelta(days=days)).replace(second=0, microsecond=0, tzinfo=None)


async def sent(person: Any, case: Case, name: str, **fields: Any) -> httpx.Response:
    form = (await person.page(f"/console/cases/{case.id}")).css_first(f"#form-{name}")
    assert form is not None, f"no form to {name}"
    return await person.submit(form, **fields)


async def done(person: Any, case: Case, name: str, **fields: Any) -> Any:
    """The page after the command was carried out."""
    answer = await sent(person, case, name, **fields)
    assert answer.status_code == 303, (name, answer.status_code, answer.text[-3000:])
    return await person.page(answer.headers["location"])


def standing(database: Database, case: Case) -> Case:
    with psycopg.connect(database.owner_dsn) as connection:
        row = connection.execute("SELECT state::text FROM cases WHERE id = %s", (case.id,)).fetchone()
    assert row is not None
    return Case.model_validate_json(row[0])


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("request", {"kind": "extension", "reason": "要等配件"}, "请填写“延长几小时”"),
        ("request", {"kind": "extension", "hours": "八", "reason": "要等配件"}, "“延长几小时”填写不对：要填整数"),
        ("request", {"kind": "deferral", "reason": "台风天"}, "请填写“到什么时候”"),
        ("request", {"kind": "deferral", "until": "明天", "reason": "台风天"}, "“到什么时候”填写不对：要填日期和时间"),
        ("request", {"kind": "party", "reason": "要等配件"}, "“申请什么”填写不对"),
        ("wait_for", {"whom": "other", "until": "2020-01-01T08:00", "reason": "等供电公司"}, "日期要晚于现在"),
        ("wait_for", {"whom": "other", "until": "2999-01-01T08:00", "reason": "等供电公司"}, "日期要晚于现在"),
        ("return", {"owner": ENFORCEMENT}, "依据"),
        ("return", {"ground": "占道归综合执法"}, "请填写“应由哪个单位负责”"),
        ("log_contact", {"kind": "call-unit", "whom": "张师傅"}, "请填写“打通没有”"),
        ("raise_tier", {"reason": "难"}, "“理由”填写不对：至少 2 个字"),
    ],
)
async def test_a_refusal_names_the_field_beside_its_button_and_keeps_what_was_written(
    as_person: Any, tell: Any, name: str, fields: dict[str, str], said: str
) -> None:
    case = await tell(at_wang())
    wang = await as_person("c07.wang")
    answer = await sent(wang, case, name, **fields)
    assert answer.status_code == 422
    form = (answer.text.partition(f'id="form-{name}"')[2]).partition("</form>")[0]
    assert said in form, form[-900:]
    for value in fields.values():
        assert value in form or value == "party"


async def test_who_may_not_decline_a_residents_matter_sees_no_such_button(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(a_residents_matter(), at=just_now()))
    acceptor, officer = await as_person("accept.wu"), await as_person("duty.chen")
    assert not (await acceptor.page(f"/console/cases/{case.id}")).css("#form-decline")
    assert (await officer.page(f"/console/cases/{case.id}")).css("#form-decline")


async def test_what_cannot_be_asked_for_is_turned_off_with_the_reason(as_person: Any, tell: Any) -> None:
    late = a_case(a_matter(RETURNABLE), at=just_now(300)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    case = await tell(late)
    form = (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css_first("#form-request")
    extension = form.css_first("[value=extension]")
    assert "disabled" in extension.attributes
    assert "已超期" in extension.parent.text()
    assert "disabled" not in form.css_first("[value=deferral]").attributes


async def test_a_case_is_linked_by_picking_a_nearby_one_or_by_its_number(as_person: Any, tell: Any) -> None:
    other = await tell(a_case(a_matter(dedupe_key="other", title="先来的一件"), at=just_now(40)).filed())
    elsewhere = await tell(a_case(a_matter(dedupe_key="far", place="/310110/kj/c09/n025/"), at=just_now()).filed())
    case = await tell(a_case(at=just_now()).filed())
    dispatcher = await as_person("dispatch.lin")
    form = (await dispatcher.page(f"/console/cases/{case.id}")).css_first("#form-link")
    assert [pick.attributes["value"] for pick in form.css("[name=to]")] == [str(other.id)]
    assert "先来的一件" in form.text()
    unknown = await sent(dispatcher, case, "link", to_number="KJ-19700101-000000")
    assert (unknown.status_code, "KJ-19700101-000000" in unknown.text) == (422, True)
    itself = await sent(dispatcher, case, "link", to_number=case.number or "")
    assert itself.status_code == 422
    assert elsewhere.number is not None


async def test_a_number_of_another_area_is_not_found(as_person: Any, tell: Any) -> None:
    far = await tell(a_case(a_matter(dedupe_key="far", place="/310110/nj/c01/"), at=just_now()).filed())
    case = await tell(a_case(at=just_now()).filed())
    answer = await sent(await as_person("dispatch.lin"), case, "link", to_number=far.number or "")
    assert answer.status_code == 422


async def test_a_return_that_comes_too_late_is_not_shown(as_person: Any, tell: Any) -> None:
    brief = a_matter(a_policy(return_within=timedelta(minutes=1)))
    case = await tell(a_case(brief, at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    assert not (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css("#form-return")


@pytest.mark.servers
async def test_time_is_asked_for_granted_and_given_back(at_work: Any, tell: Any, seeded: Database) -> None:
    case = await tell(at_wang())
    wang, officer = await at_work("c07.wang"), await at_work("duty.chen")
    # what does not go with an extension is left out, however the form was filled in
    stray = f"{in_days(3):%Y-%m-%dT%H:%M}"
    await done(wang, case, "request", kind="extension", hours="8", until=stray, reason="要等配件")
    asked = standing(seeded, case).request
    assert asked is not None
    assert (asked.hours, asked.until) == (8, None)
    assert not (await wang.page(f"/m/cases/{case.id}")).css("#form-rule_on")
    refused = await sent(officer, case, "rule_on", granted="false")
    assert (refused.status_code, "还缺：情况说明" in refused.text) == (422, True)
    page = await done(officer, case, "rule_on", granted="true", note="同意")
    assert not page.css(".standing .asks")
    assert standing(seeded, case).extensions == 1

    until = in_days(2)
    page = await done(wang, case, "wait_for", whom="other", until=f"{until:%Y-%m-%dT%H:%M}", reason="等供电公司断电")
    paused = standing(seeded, case).pause
    assert paused is not None
    assert paused.until == until.replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert "等供电公司断电" in page.css_first(".standing").text()
    await done(wang, case, "resume", note="已断电")
    assert standing(seeded, case).pause is None


@pytest.mark.servers
async def test_a_return_goes_to_the_dispatcher_and_its_ruling_is_shown_next_time(
    at_work: Any, tell: Any, seeded: Database
) -> None:
    case = await tell(at_wang())
    wang, dispatcher = await at_work("c07.wang"), await at_work("dispatch.lin")
    await done(wang, case, "return", owner=ENFORCEMENT, ground="权责清单第 3 条")
    page = await dispatcher.page(f"/console/cases/{case.id}")
    assert page.css_first(".first").attributes["id"] == "do-rule_on_return"
    await done(dispatcher, case, "rule_on_return", granted="true", note="同意")
    assert standing(seeded, case).unit == ENFORCEMENT
    like = await tell(a_case(a_matter(dedupe_key="like"), at=just_now()).filed())
    form = (await dispatcher.page(f"/console/cases/{like.id}")).css_first("#form-dispatch")
    assert "退单裁定由控江街道综合行政执法队负责，依据“权责清单第 3 条”" in form.text()
    assert form.css_first("[name=unit] [selected]").attributes["value"] == ENFORCEMENT


@pytest.mark.servers
async def test_a_unit_without_accounts_is_called_signed_for_and_answered_for(
    at_work: Any, tell: Any, seeded: Database
) -> None:
    case = await tell(at_wang())
    dispatcher = await at_work("dispatch.lin")
    form = (await dispatcher.page(f"/console/cases/{case.id}")).css_first("#form-reassign")
    assert "电话派单 021-5550-0601" in form.css_first(f"[value={GAS}]").text()
    page = await done(dispatcher, case, "reassign", unit=GAS, reason="闻到燃气味")
    assert page.css(".standing a[href='tel:021-5550-0601']")
    mute = await sent(dispatcher, case, "sign")
    assert (mute.status_code, 'name="spoken_to"' in mute.text) == (422, True)
    await done(dispatcher, case, "log_contact", kind="call-unit", whom="燃气调度", reached="false", note="占线")
    await done(dispatcher, case, "sign", spoken_to="周师傅 0731")
    form = (await dispatcher.page(f"/console/cases/{case.id}")).css_first("#form-handle")
    assert not form.css("[type=file]"), "nobody sends photos by telephone"
    await done(dispatcher, case, "handle", outcome="solved", note="已关阀检修", spoken_to="周师傅 0731")
    assert standing(seeded, case).outcome == "solved"


@pytest.mark.servers
async def test_the_duty_officer_edits_the_draft_and_releases_it(at_work: Any, tell: Any, seeded: Database) -> None:
    story = a_case(a_residents_matter(), at=just_now(60)).filed().assigned_to(PROPERTY, LI).signed_by(LI)
    case = await tell(story)
    li, wang, officer = await at_work("c07.li"), await at_work("c07.wang"), await at_work("duty.chen")
    photo = {"photo_after": ("after.jpg", a_jpeg(), "image/jpeg")}
    await done(li, case, "handle", outcome="solved", note="已搬走", reply="已处理", files=photo)
    await done(wang, case, "inspect", passed="true")
    form = (await officer.page(f"/console/cases/{case.id}")).css_first("#form-close")
    assert form.css_first("[name=reply]").text() == "已处理"
    page = await done(officer, case, "close", ending="solved", reply="您反映的电瓶车已经搬走。")
    assert "您反映的电瓶车已经搬走。" in page.css_first(".what").text()
    await done(officer, case, "reopen", reason="诉求人来电说又停了")
    assert (standing(seeded, case).reopened, standing(seeded, case).unit) == (1, PROPERTY)


@pytest.mark.servers
async def test_a_small_thing_is_settled_on_the_spot(at_work: Any, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(a_matter(WAITS_FOR_DESK), at=just_now()))
    grid = await at_work("grid.fang")
    before = {"photo_before": ("before.jpg", a_jpeg(), "image/jpeg")}
    missing = await sent(grid, case, "settle", files=before)
    assert (missing.status_code, "还缺：处置后照片" in missing.text) == (422, True)
    both = {**before, "photo_after": ("after.jpg", a_jpeg(80, 60), "image/jpeg")}
    await done(grid, case, "settle", note="已清走", files=both)
    settled = standing(seeded, case)
    assert (settled.on_the_spot, settled.number is not None, settled.unit) == (True, True, "grid-west")


@pytest.mark.servers
async def test_what_is_linked_by_number_closes_with_a_way_to_its_main_case(at_work: Any, tell: Any) -> None:
    main = await tell(a_case(a_matter(dedupe_key="main", place=UNIT_2), at=just_now(40)).filed())
    case = await tell(a_case(a_matter(WAITS_FOR_DESK), at=just_now()))  # nobody and nothing moves it but the desk
    dispatcher = await at_work("dispatch.lin")
    page = await done(dispatcher, case, "link", to_number=f" {(main.number or '').lower()} ", note="同一辆车")
    assert page.css_first(".stage").text() == "已结案"
    assert page.css(f".standing a[href='/console/cases/{main.id}']")


@pytest.mark.servers
async def test_the_brain_watches_raises_and_sends_down(at_work: Any, tell: Any, seeded: Database) -> None:
    case = await tell(at_wang())
    wang, officer = await at_work("c07.wang"), await at_work("duty.chen")
    await done(wang, case, "raise_tier", reason="物业解决不了")
    page = await done(officer, case, "supervise", note="今天内要有结果")
    assert "督办" in page.css_first("header .line").text()
    assert not page.css("#form-supervise")
    await done(officer, case, "send_down", reason="居委可以办")
    assert standing(seeded, case).tier.value == "committee"


async def test_a_number_is_never_given_by_a_script(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(a_matter(WAITS_FOR_DESK), at=just_now()))
    answer = await (await as_person("grid.fang")).command(case.id, "settle", {"number": "KJ-20200101-000001"})
    assert (answer.status_code, answer.json()["field"]) == (422, "number")


async def test_units_of_elsewhere_are_not_offered(as_person: Any, tell: Any) -> None:
    case = await tell(at_wang())
    owners = (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css("#form-return [name=owner] option")
    offered = {option.attributes["value"] for option in owners}
    assert {COMMITTEE_C07, ENFORCEMENT, GAS} <= offered
    assert not {PROPERTY, "property-c08"} & offered
