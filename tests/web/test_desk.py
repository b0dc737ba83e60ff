"""The duty desk's queues: what waits in each, what is beside it, and what a step leads to."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from browsing import just_now
from builders import (
    ACCEPTOR,
    DISPATCHER,
    GAS,
    PROPERTY,
    REPORT,
    UNIT_2,
    WANG,
    Story,
    a_case,
    a_matter,
    a_policy,
    a_residents_matter,
)
from databases import Database

from domain.commands import AnswerJoint, CallParties
from domain.matters import Filing, Why
from domain.people import BY_RULE

pytestmark = pytest.mark.servers
WAITS = a_policy(filing=Filing.AT_DESK)


def an_alarm(n: int = 0, **changes: Any) -> Any:
    return a_case(a_matter(WAITS, dedupe_key=f"alarm-{n}", title=f"疑似火情 {n}", **changes), at=just_now(60 - n))


async def test_an_alarm_waits_for_judgement_and_a_report_for_filing(as_person: Any, tell: Any) -> None:
    alarm = await tell(an_alarm())
    report = await tell(a_case(a_residents_matter(), at=just_now()))
    patrol = await tell(a_case(a_matter(WAITS, ruleset="grid-patrol-finding", dedupe_key="p"), at=just_now(5)))
    acceptor = await as_person("accept.wu")
    page = await acceptor.page("/console/alarms")
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(alarm.id)]
    page = await acceptor.page("/console/intake")
    assert {row.attributes["data-row"] for row in page.css("[data-row]")} == {str(report.id), str(patrol.id)}
    assert report.report == REPORT


async def test_the_desk_is_closed_to_a_committee_worker(as_person: Any) -> None:
    worker = await as_person("c07.sun")
    for path in ("alarms", "intake", "dispatch", "approvals", "handover", "roster"):
        assert (await worker.get(f"/console/{path}")).status_code == 403, path


async def test_a_false_alarm_leaves_and_the_next_one_is_open(at_work: Any, tell: Any) -> None:
    first, second = await tell(an_alarm(0)), await tell(an_alarm(1))
    acceptor = await at_work("accept.wu")
    page = await acceptor.page("/console/alarms")
    form = page.css_first("#judge-decline")
    reason = form.css_first("[name=reason]").attributes["value"]
    answer = await acceptor.submit(form, reason=reason)
    assert answer.status_code == 303, answer.text[-2000:]
    page = await acceptor.page(answer.headers["location"])
    assert page.css_first("#duty-open").attributes["data-open"] == str(second.id)
    assert first.title in page.css_first(".duty-last").text()
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(second.id)]


async def test_a_list_that_is_not_there_is_refused(as_person: Any) -> None:
    assert (await (await as_person("accept.wu")).get("/console/alarms?list=closing")).status_code == 422


async def test_what_nobody_was_found_for_waits_beside_the_teams_with_their_load(as_person: Any, tell: Any) -> None:
    await tell(a_case(a_matter(dedupe_key="held"), at=just_now(50)).filed().assigned_to(PROPERTY, WANG))
    waiting = await tell(a_case(at=just_now(20)).filed())
    dispatcher = await as_person("dispatch.lin")
    page = await dispatcher.page("/console/dispatch")
    assert page.css_first("#duty-open").attributes["data-open"] == str(waiting.id)
    assert page.css_first("#form-dispatch") is not None
    team = page.css_first(".teams li").text()
    assert ("双阳物业服务处" in team, "在办 1 件" in team, "王建国（在岗，1 件）" in team) == (True, True, True)


async def test_a_unit_without_accounts_waits_for_a_call(as_person: Any, tell: Any) -> None:
    called = await tell(a_case(at=just_now(20)).filed().assigned_to(GAS, by_phone=True))
    dispatcher = await as_person("dispatch.lin")
    page = await dispatcher.page("/console/dispatch?list=calls")
    assert page.css_first("#duty-open").attributes["data-open"] == str(called.id)
    assert page.css_first("#form-sign [name=spoken_to]") is not None
    assert "021-5550-0601" in page.css_first(".teams").text()


async def test_a_party_without_accounts_waits_for_a_call_until_the_desk_answered_for_it(
    as_person: Any, tell: Any
) -> None:
    """Whoever handles the case has an account, and is at work."""

    def with_the_gas_company(key: str) -> Story:
        matter = a_matter(a_policy(), dedupe_key=key, parties=("gas",))
        story = a_case(matter, at=just_now(20)).filed().by(BY_RULE, CallParties(units=(GAS,), by_phone=(GAS,)))
        return story.assigned_to(PROPERTY, WANG).signed_by(WANG)

    waits = await tell(with_the_gas_company("waits"))
    answer = AnswerJoint(unit=GAS, spoken_to="小李 0417", note="已关阀检测")
    await tell(with_the_gas_company("answered").by(DISPATCHER, answer))
    page = await (await as_person("dispatch.lin")).page("/console/dispatch?list=calls")
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(waits.id)]
    assert "会办待通知" in page.css_first("#waiting").text()
    form = page.css_first("#duty-open #form-answer_joint")
    assert form.css_first("[name=spoken_to]") is not None
    assert form.css_first("a[href='tel:021-5550-0601']") is not None


async def test_a_return_waits_for_its_ruling_and_a_third_one_for_the_brain(as_person: Any, tell: Any) -> None:
    returnable = a_policy(return_within=timedelta(days=2))
    story = a_case(a_matter(returnable), at=just_now(60)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    once = await tell(story.returned_by(WANG))
    again = a_case(a_matter(returnable, dedupe_key="thrice"), at=just_now(60)).filed().assigned_to(PROPERTY, WANG)
    for _ in range(2):
        again.returned_by(WANG).ruled_on_return(granted=False)
    thrice = await tell(again.returned_by(WANG))
    page = await (await as_person("dispatch.lin")).page("/console/dispatch?list=returned")
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(once.id)]
    assert page.css_first("#form-rule_on_return") is not None
    page = await (await as_person("super.zhou")).page("/console/approvals?list=returned-thrice")
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(thrice.id)]
    assert page.css_first("#form-rule_on_return") is not None


async def test_a_request_is_ruled_on_beside_what_is_used_already(at_work: Any, tell: Any) -> None:
    story = a_case(at=just_now(60)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG).asked_for("extension", hours=2)
    case = await tell(story)
    officer = await at_work("duty.chen")
    page = await officer.page("/console/approvals")
    assert "已延期" in page.css_first(".duty-beside").text()
    assert "限 4 小时" in page.css_first(".duty-beside").text()
    answer = await officer.submit(page.css_first("#form-rule_on"), granted="true", note="同意")
    assert (answer.status_code, f"of={case.id}" in answer.headers["location"]) == (303, True)
    page = await officer.page(answer.headers["location"])
    assert ("审批已作出" in page.css_first(".duty-last").text(), page.css("[data-row]")) == (True, [])


async def test_a_refusal_comes_back_with_the_case_it_belongs_to(as_person: Any, tell: Any) -> None:
    """Temporal is down; the next alarm is not opened, and what was written stays."""
    case = await tell(an_alarm())
    acceptor = await as_person("accept.wu")
    form = (await acceptor.page("/console/alarms")).css_first("#judge-decline")
    answer = await acceptor.submit(form, reason="画面里是蒸汽")
    assert answer.status_code == 503
    assert ("画面里是蒸汽" in answer.text, f'data-open="{case.id}"' in answer.text) == (True, True)


async def test_marked_alarms_are_declined_one_command_each_and_refusals_are_listed(at_work: Any, tell: Any) -> None:
    alarms = [await tell(an_alarm(n)) for n in range(3)]
    acceptor = await at_work("accept.wu")
    form = (await acceptor.page("/console/alarms")).css_first("#marked")
    fields = {field.attributes["name"]: field.attributes.get("value") or "" for field in form.css("input")}
    gone = await acceptor.command(alarms[2].id, "decline", {"reason": "已有人判"})
    assert gone.status_code == 200, gone.text
    marked = {"marked": [str(one.id) for one in alarms], "command": "decline"}
    answer = await acceptor.post("/console/alarms/marked", data=fields | marked)
    assert answer.status_code == 200, answer.text[-800:]
    assert "已不予立案：2 件" in answer.text
    assert "没办成 1 件" in answer.text
    assert "案件已结案，不能再办理" in answer.text
    assert answer.text.count("data-row=") == 0


async def test_told_again_by_the_same_phone_or_of_the_same_kind_stands_beside_the_text(
    as_person: Any, tell: Any, seeded: Database
) -> None:
    reports = [uuid4(), uuid4()]
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        for report in reports:
            connection.execute(
                "INSERT INTO reports (id, follow_hash, text, place, phone_blind) VALUES (%s, %s, '', %s, '\\x01')",
                (report, report.bytes, UNIT_2),
            )
    before = a_residents_matter(report=reports[0], dedupe_key="before", title="上月也报过", category="lift-fault")
    await tell(a_case(before, at=just_now(600)))
    kind = a_matter(dedupe_key="kind", title="同楼同类的一件")
    await tell(a_case(kind, at=just_now(500)).filed())
    now = await tell(a_case(a_residents_matter(report=reports[1], dedupe_key="now"), at=just_now()))
    page = await (await as_person("accept.wu")).page(f"/console/intake?case={now.id}")
    beside = page.css_first(".duty-beside").text()
    assert "同一诉求人 90 天内" in beside
    assert "上月也报过" in beside.partition("同楼栋同类")[0]
    assert "同楼同类的一件" in beside.partition("同楼栋同类")[2]


async def test_the_next_page_begins_where_the_last_one_ended(as_person: Any, tell: Any) -> None:
    for n in range(51):
        await tell(an_alarm(n))
    acceptor = await as_person("accept.wu")
    page = await acceptor.page("/console/alarms")
    assert len(page.css("[data-row]")) == 50
    last = await acceptor.page(page.css_first("a[rel=next]").attributes["href"])
    assert len(last.css("[data-row]")) == 1
    found = await acceptor.page("/console/alarms?q=疑似火情 7")
    assert len(found.css("[data-row]")) == 1


async def test_a_paused_case_is_listed_behind_those_whose_clocks_run(as_person: Any, tell: Any) -> None:
    paused = await tell(an_alarm(0).waiting_for("other", by=ACCEPTOR))
    running = await tell(an_alarm(1))
    page = await (await as_person("accept.wu")).page("/console/alarms")
    assert [row.attributes["data-row"] for row in page.css("[data-row]")] == [str(running.id), str(paused.id)]


async def test_the_officer_takes_a_false_alarm_back(at_work: Any, tell: Any) -> None:
    case = await tell(an_alarm())
    officer = await at_work("duty.chen")
    form = (await officer.page("/console/alarms")).css_first("#judge-decline")
    answer = await officer.submit(form, reason="看错了")
    page = await officer.page(answer.headers["location"])
    back = await officer.submit(page.css_first(".duty-last form"))
    page = await officer.page(back.headers["location"])
    assert page.css_first("#duty-open").attributes["data-open"] == str(case.id)


async def test_an_alarm_shows_the_curve_of_its_device_first(as_person: Any, tell: Any, seeded: Database) -> None:
    ids = [uuid4() for _ in range(5)]
    source = {"adapter": "chirpstack", "instance": "i", "device_id": "smoke-7", "channel": ""}
    with psycopg.connect(seeded.owner_dsn) as owner:
        for n, id_ in enumerate(ids):
            at = just_now(20 - n)
            said = {"source": source, "metric": "smoke", "value": 10.0 * n, "unit": "%", "fields": {"floor": "3 层"}}
            body = json.dumps(said | {"event_time": at.isoformat(), "evidence": ["clip-19"]})
            owner.execute(
                "INSERT INTO signals (id, partition, seq, adapter, device_id, type, kind, phase, event_time,"
                " received_at, body)"
                " VALUES (%s, 0, %s, 'chirpstack', 'smoke-7', 'smoke', 'reading', 'none', %s, %s, %s)",
                (id_, n, at, at, body),
            )
    why = Why(ruleset="corridor-smoke", hash="0" * 64, rule="smoke", facts={"smoke": 40}, signals=(ids[4],))
    await tell(an_alarm(0, why=why))
    page = await (await as_person("accept.wu")).page("/console/alarms")
    evidence = page.css_first(".evidence")
    assert len((evidence.css_first("polyline").attributes["points"] or "").split()) == 5
    assert "smoke：最低 0 %，最高 40 %，最近 40 %" in evidence.text()
    assert ("3 层" in evidence.text(), "clip-19" in evidence.text()) == (True, True)
    sections = [part.attributes.get("class") for part in page.css("#judged > section")]
    assert sections == ["evidence", "verdicts"]
