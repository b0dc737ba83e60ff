"""The handler's phone."""

from typing import Any
from uuid import uuid4

import pytest
from browsing import a_jpeg, just_now
from builders import LI, PROPERTY, WANG, a_case, a_matter

from domain.matters import Why

pytestmark = pytest.mark.servers
ANOTHER = "/310110/kj/c07/n021/b01/u1/"


async def test_my_todos_are_what_waits_for_me_by_due_date(as_person: Any, tell: Any) -> None:
    late = await tell(a_case(at=just_now(200)).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    soon = a_matter(dedupe_key="b", place=ANOTHER)
    fresh = await tell(a_case(soon, at=just_now(3)).filed().assigned_to(PROPERTY, WANG))
    await tell(a_case(a_matter(dedupe_key="c"), at=just_now(3)).filed().assigned_to(PROPERTY, LI))
    page = await (await as_person("c07.wang")).page("/m")
    assert [card.attributes["id"] for card in page.css("article.todo")] == [f"todo-{late.id}", f"todo-{fresh.id}"]
    first, second = page.css("article.todo")
    assert "超期" in first.text()
    assert "还剩" in second.text()
    assert "双阳二村 6 号 1 单元" in second.text()
    assert second.css_first("button").text() == "签收"


async def test_what_waits_for_others_stands_behind_what_is_mine_to_do_now(as_person: Any, tell: Any) -> None:
    held_up = a_case(at=just_now(200)).filed().assigned_to(PROPERTY, WANG).waiting_for("other", days=3)
    waits = await tell(held_up)
    fresh = await tell(
        a_case(a_matter(dedupe_key="b", place=ANOTHER), at=just_now(3)).filed().assigned_to(PROPERTY, WANG)
    )
    page = await (await as_person("c07.wang")).page("/m")
    assert [card.attributes["id"] for card in page.css("article.todo")] == [f"todo-{fresh.id}", f"todo-{waits.id}"]


async def test_an_empty_list_says_what_would_be_here(as_person: Any) -> None:
    assert "现在没有待办" in (await (await as_person("c07.wang")).page("/m")).css_first("#todos").text()


async def test_a_case_shows_only_what_may_be_done(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    forms = {
        name: [
            form.attributes["id"]
            for form in (await (await as_person(name)).page(f"/m/cases/{case.id}")).css(".command")
        ]
        for name in ("c07.wang", "c07.li", "c07.zhao", "dispatch.lin")
    }
    besides = ["log_contact", "request", "wait_for", "raise_tier", "comment"]
    expected = {
        "c07.wang": ["sign", *besides],
        "c07.li": ["comment"],
        "c07.zhao": ["sign", "hand_to", *besides],
        "dispatch.lin": ["reassign", "link", *besides],
    }
    assert forms == {name: [f"form-{command}" for command in commands] for name, commands in expected.items()}


async def test_a_case_elsewhere_is_not_there(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    stranger = await as_person("c09.zhu")
    for path in (f"/m/cases/{case.id}", f"/console/cases/{case.id}", f"/m/cases/{uuid4()}", "/m/cases/nonsense"):
        assert (await stranger.get(path)).status_code == 404, path
    given = await stranger.post(f"/m/cases/{case.id}/sign", data={"csrf": stranger.csrf, "command_id": str(uuid4())})
    assert given.status_code == 404


async def test_why_shows_the_rule_its_facts_and_the_version(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    why = (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css_first("#why")
    assert "open" not in why.attributes
    assert all(part in why.text() for part in ("ebike-in-elevator", "blocked", "识别把握", "0.93"))


async def test_what_a_finding_was_noted_with_is_said_in_words(as_person: Any, tell: Any) -> None:
    noted = {"finder": "孙玉兰", "position": "31.27620, 121.51710"}
    why = Why(ruleset="grid-patrol-finding", hash="0" * 64, rule="stickers", facts=noted)
    case = await tell(a_case(a_matter(why=why), at=just_now()).filed().assigned_to(PROPERTY, WANG))
    shown = (await (await as_person("c07.wang")).page(f"/m/cases/{case.id}")).css_first("#why").text()
    assert all(part in shown for part in ("发现人", "孙玉兰", "定位坐标", "31.27620, 121.51710"))
    assert "finder" not in shown


async def test_without_temporal_a_command_says_so_and_the_page_still_reads(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    wang = await as_person("c07.wang")
    form = (await wang.page(f"/m/cases/{case.id}")).css_first("#form-sign")
    key = form.css_first("[name=command_id]").attributes["value"]
    answer = await wang.submit(form)
    assert answer.status_code == 503
    assert "流程服务暂时中断" in answer.text
    assert key in answer.text  # the next try is the same command


async def test_from_signing_to_inspection_on_plain_forms(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG))
    wang, inspector = await at_work("c07.wang"), await at_work("inspect.deng")
    page = f"/m/cases/{case.id}"
    signed = await wang.submit((await wang.page(page)).css_first("#form-sign"))
    assert (signed.status_code, signed.headers["location"]) == (303, f"{page}?done=sign")
    assert "✓ 已签收" in (await wang.page(signed.headers["location"])).text()

    form = (await wang.page(page)).css_first("#form-handle")
    missing = await wang.submit(form, outcome="solved", note="已劝离")
    assert missing.status_code == 422
    assert "还缺：处置后照片" in missing.text
    assert "已劝离" in missing.text

    photo = {"photo_after": ("after.jpg", a_jpeg(), "image/jpeg")}
    form = (await wang.page(page)).css_first("#form-handle")
    handled = await wang.submit(form, outcome="solved", note="已劝离", files=photo)
    again = await wang.submit(form, outcome="solved", note="已劝离", files=photo)
    assert handled.status_code == again.status_code == 303
    seen = await wang.page(page)
    assert len(seen.css(".timeline img")) == 1
    shown = await wang.get(seen.css_first(".timeline img").attributes["src"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")

    assert not (await wang.page("/console/inspect")).css("form[action$=inspect]"), "nobody inspects own work"
    form = (await inspector.page("/console/inspect")).css_first("form[action$=inspect]")
    failed = await inspector.submit(form, passed="false")
    assert "还缺：情况说明" in failed.text
    form = (await inspector.page("/console/inspect")).css_first("form[action$=inspect]")
    assert (await inspector.submit(form, passed="true")).status_code == 303
    assert "现在没有要核查的案件" in (await inspector.page("/console/inspect")).text()
    assert (await inspector.page(f"/console/cases/{case.id}")).css_first(".stage").text() == "已结案"


async def test_who_comes_second_is_told_who_was_first(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY))
    wang, li = await at_work("c07.wang"), await at_work("c07.li")
    stale = (await li.page(f"/m/cases/{case.id}")).css_first("#form-sign")
    await wang.submit((await wang.page(f"/m/cases/{case.id}")).css_first("#form-sign"))
    answer = await li.submit(stale)
    assert (answer.status_code, "已由王建国签收" in answer.text, "form-sign" in answer.text) == (409, True, False)


async def test_a_photo_that_cannot_be_read_is_named(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    wang = await as_person("c07.wang")
    form = (await wang.page(f"/m/cases/{case.id}")).css_first("#form-handle")
    answer = await wang.submit(form, outcome="solved", files={"photo_after": ("x.jpg", b"no picture", "image/jpeg")})
    assert (answer.status_code, "“处置后照片”读不出来" in answer.text) == (422, True)


async def test_the_code_on_the_wall_opens_the_case_ready_to_arrive(as_person: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    wang = await as_person("c07.wang")
    scanned = await wang.get("/m/at", params={"place": case.place})
    assert scanned.headers["location"].startswith(f"/m/cases/{case.id}?place=")
    form = (await wang.page(scanned.headers["location"])).css_first("#form-arrive")
    assert form.css_first("[name=place]").attributes["value"] == case.place
    assert "这里没有您的待办" in (await wang.page(f"/m/at?place={ANOTHER}")).text()


async def test_htmx_gets_only_the_refusal_where_the_inputs_stay_good(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG))
    wang = await at_work("c07.wang")
    headers = {"HX-Request": "true", "HX-Target": "article#case", "X-CSRF-Token": wang.csrf}
    sent = {"command_id": str(uuid4()), "outcome": "solved"}
    answer = await wang.post(f"/m/cases/{case.id}/handle", data=sent, headers=headers)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith('<div class="answer"')
    assert sent["command_id"] not in answer.text  # a refused try is over: the next one has a new id
    comment = {"command_id": str(uuid4()), "text": "在路上"}
    whole = await wang.post(f"/m/cases/{case.id}/comment", data=comment, headers=headers)
    assert whole.text.lstrip().startswith('<article id="case"')
    assert "在路上" in whole.text
