"""The console of rule authors without JavaScript: list, new, editor as form and YAML, versions, explain."""

import json
from typing import Any

import psycopg
import pytest
from databases import Database
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from web.console.rulesets.creating.answers import READ
from web.problems import Problem

pytestmark = pytest.mark.servers
LIFT = "/console/rulesets/ebike-in-elevator"
LEVEL = {
    "title": "河道水位超限",
    "id": "river-level",
    "source": "water.level#water_depth",
    "threshold": "120",
    "hold": "10 分钟",
    "category": "flooding",
    "handler": "property",
    "priority": "high",
}


async def begun(author: Any, **changed: str) -> Any:
    """A scenario out of the first template, opened in the editor."""
    page = await author.page("/console/rulesets/new/threshold")
    return await author.submit(page.css_first("form.questions"), **{**LEVEL, **changed})


async def test_an_author_finds_every_ruleset_with_its_stage_and_health(as_person: Any) -> None:
    page = await (await as_person("rules.xu")).page("/console/rulesets")
    row = page.css_first("[data-row='ebike-in-elevator']")
    assert ("电瓶车进电梯" in row.text(), "已启用" in row.text(), "误报还没有数" in row.text()) == (True, True, True)
    drafts = await (await as_person("rules.xu")).page("/console/rulesets?stage=draft")
    assert "没有符合条件的规则" in drafts.text()


async def test_supervisors_read_and_do_not_write(as_person: Any) -> None:
    supervisor = await as_person("super.zhou")
    page = await supervisor.page(LIFT)
    assert page.css_first(".steps details") is None
    assert page.css_first("a[href$='/edit']") is None
    for path in (f"{LIFT}/edit", "/console/rulesets/new"):
        assert (await supervisor.get(path)).status_code == 403
    assert (await (await as_person("c07.wang")).get("/console/rulesets")).status_code == 403


async def test_a_template_and_a_few_answers_give_a_sound_scenario(as_person: Any) -> None:
    author = await as_person("rules.xu")
    made = await begun(author)
    assert (made.status_code, made.headers["location"]) == (303, "/console/rulesets/river-level/edit")
    page = await author.page(made.headers["location"])
    said = page.css_first("[data-results]").text()
    assert "没有问题，4 个测试都通过" in said
    assert "河道水位超限" in said
    copies = await author.page("/console/rulesets")
    assert copies.css_first("a[href='/console/rulesets/river-level/edit']") is not None


async def test_the_parts_of_the_form_are_counted_without_a_gap(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    for path in ("/console/rulesets/river-level/edit?view=form", f"{LIFT}/edit?view=form"):
        numbers = [one.text().split()[0] for one in (await author.page(path)).css("h2") if one.text()[0].isdigit()]
        assert numbers == list("12345678")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"threshold": "很高"}, "“到多少算”填写不对：要填数字"),
        ({"hold": "一会儿"}, "“持续多久才算”填写不对：要填时长"),
        ({"title": " "}, "请填写"),
        ({"id": "River"}, "编号只能用小写字母"),
        ({"id": "new"}, "编号只能用小写字母"),
        ({"id": "ebike-in-elevator"}, "已经有人用了"),
        ({"source": "nothing#x"}, "请从列表中选"),
        ({"threshold": "1e999"}, "要填数字"),
        ({"hold": "9" * 5000 + "h"}, "要填时长"),
    ],
)
async def test_a_wrong_answer_is_named_beside_its_field_and_the_rest_stays(
    as_person: Any, changed: dict[str, str], said: str
) -> None:
    refused = await begun(await as_person("rules.xu"), **changed)
    assert refused.status_code == 422
    assert said in refused.text
    kept = HTMLParser(refused.text).css_first("select[name=priority] option[selected]")
    assert kept.attributes["value"] == "high"


def test_a_count_of_endless_digits_is_no_count() -> None:
    with pytest.raises(Problem) as refused:
        READ["count"]("count", "9" * 5000)
    assert refused.value.params["field"] == "count"


async def test_what_is_no_area_is_no_place_to_try_a_version_in(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    made = await author.submit(
        (await author.page("/console/rulesets/river-level/edit")).css_first("form[action$=submit]")
    )
    assert made.status_code == 303
    page = await author.page("/console/rulesets/river-level")
    form = next(form for form in page.css("form") if (form.attributes.get("action") or "").endswith("/ask"))
    for area in ("../../", "x\x00", "", "/310110"):
        refused = await author.submit(form, stage="canary", areas=area)
        assert (refused.status_code, "这个区域" in refused.text) == (422, True), area


async def test_a_script_hears_whether_a_text_was_looked_through_at_all(as_person: Any) -> None:
    author = await as_person("rules.xu")
    sent = {"csrf": author.csrf, "yaml": "a: &a [*a]"}
    said = (await author.post(f"{LIFT}/check", data=sent, headers={"accept": "application/json"})).json()
    assert (said["sound"], len(said["problems"]), said["unanswered"]) == (False, 1, "")


async def test_yaml_and_form_are_two_views_of_one_text_and_comments_stay(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    page = await author.page("/console/rulesets/river-level/edit?view=form")
    part = next(form for form in page.css("form.part") if form.attributes["id"] == "perceive-over")
    sent = {"v:q:perceive/over/for": "15m", "c:perceive/over/enter:field": "reading.water_depth"}
    more = {"c:perceive/over/enter:op": "gt", "c:perceive/over/enter:value": "130"}
    assert (await author.submit(part, **sent, **more)).status_code == 303
    page = await author.page("/console/rulesets/river-level/edit?view=yaml")
    text = page.css_first("textarea[name=yaml]").text()
    assert "enter: {reading.water_depth: {gt: 130}}" in text
    assert "for: 15m                           # 持续这么久才算" in text
    assert "没有通过" in page.css_first("[data-results]").text()


async def test_rules_are_moved_added_and_taken_back(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}/edit")
    before = [one.attributes["value"] for one in page.css("input[name^='v:q:classify/'][name$='/label']")]
    part = next(form for form in page.css("form.part") if form.attributes["id"] == "rule-0")
    await author.submit(part, do="down:classify/0")
    page = await author.page(f"{LIFT}/edit")
    after = [one.attributes["value"] for one in page.css("input[name^='v:q:classify/'][name$='/label']")]
    assert after == [before[1], before[0], *before[2:]]
    back = next(form for form in page.css("form") if form.css_first("button[value=undo]"))
    await author.submit(back, do="undo")
    page = await author.page(f"{LIFT}/edit")
    assert [one.attributes["value"] for one in page.css("input[name^='v:q:classify/'][name$='/label']")] == before


async def test_what_is_no_number_is_refused_beside_its_part_and_nothing_is_kept(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    page = await author.page("/console/rulesets/river-level/edit")
    part = next(form for form in page.css("form.part") if form.attributes["id"] == "perceive-over")
    sent = {"c:perceive/over/enter:field": "reading.water_depth", "c:perceive/over/enter:op": "gte"}
    refused = await author.submit(part, **sent, **{"c:perceive/over/enter:value": "高"})
    assert (refused.status_code, "要填数字" in refused.text, 'aria-invalid="true"' in refused.text) == (422, True, True)


async def test_a_mistake_is_answered_with_line_code_reason_fix_and_link(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}/edit?view=yaml")
    text = page.css_first("textarea[name=yaml]").text().replace("ebike.confidence: {gte", "ebike.confidense: {gte", 1)
    answer = await author.post(
        f"{LIFT}/check", data={"yaml": text, "csrf": author.csrf}, headers={"accept": "application/json"}
    )
    first = answer.json()["problems"][0]
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "confidense" in row)
    assert (first["line"], first["code"]) == (line, "unknown-name")
    assert "ebike.confidence" in first["fix"]
    assert (await author.get(first["link"])).status_code == 200


async def test_another_window_does_not_overwrite_what_was_saved_since(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    page = await author.page("/console/rulesets/river-level/edit?view=yaml")
    form = page.css_first("form:has(textarea)")
    text = page.css_first("textarea[name=yaml]").text()
    first = await author.submit(form, yaml=text + "# a\n", template="x", do="save")
    second = await author.submit(form, yaml=text + "# b\n", template="x", do="save")
    assert (first.status_code, second.status_code, "另一个窗口" in second.text) == (303, 409, True)


async def test_a_hostile_text_is_stopped_and_the_next_question_is_answered(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}/edit?view=yaml")
    text = page.css_first("textarea[name=yaml]").text()
    endless = (
        "{% block title %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endblock %}"
    )
    bomb = "a: &a [x, x]\nb: [*a, *a]\n"
    for sent in ({"yaml": bomb}, {"yaml": text, "template": endless + "{% block text %}{% endblock %}"}):
        answer = await author.post(f"{LIFT}/check", data={**sent, "csrf": author.csrf})
        assert answer.status_code == 200
    answer = await author.post(f"{LIFT}/check", data={"yaml": text, "csrf": author.csrf})
    assert "没有问题" in answer.text


async def test_two_people_bring_a_new_version_into_force(as_person: Any, seeded: Database) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    page = await author.page("/console/rulesets/river-level/edit")
    form = page.css_first("form[action$='/submit']")
    submitted = await author.submit(form, note="第一版")
    assert (submitted.status_code, "done=submitted" in submitted.headers["location"]) == (303, True)
    page = await author.page("/console/rulesets/river-level")
    asked = await author.submit(page.css_first("form[action$='/ask']"), stage="active", note="")
    assert asked.status_code == 303, asked.text
    page = await author.page("/console/rulesets/river-level")
    assert page.css_first("form[action$='/approve']") is None
    with psycopg.connect(seeded.app_dsn) as connection:
        found = connection.execute("SELECT name FROM people WHERE 'rule_author' = ANY (roles)").fetchall()
    other = next(name for (name,) in found if name != "rules.xu")
    second = await as_person(other)
    page = await second.page("/console/rulesets/river-level")
    assert "徐文博申请“已启用”" in page.text()
    approved = await second.submit(page.css_first("form[action$='/approve']"), note="同意")
    assert approved.status_code == 303, approved.text
    page = await second.page(approved.headers["location"].partition("#")[0])
    assert page.css_first(".version .tag.active") is not None
    assert "批准了申请" in page.css_first(".history").text()


async def test_a_refusal_needs_a_reason_and_is_shown_beside_its_version(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(LIFT)
    refused = await author.submit(page.css_first("form[action$='/retire']"), note="")
    assert (refused.status_code, "请填写" in refused.text) == (422, True)


async def test_two_versions_stand_side_by_side(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}/edit?view=yaml")
    text = page.css_first("textarea[name=yaml]").text().replace("for: 60s", "for: 90s").replace("{at: 61s", "{at: 91s")
    template = page.css_first("textarea[name=template]").text()
    await author.submit(page.css_first("form:has(textarea)"), yaml=text, template=template, do="save")
    page = await author.page(f"{LIFT}/edit")
    await author.submit(page.css_first("form[action$='/submit']"), note="多等半分钟")
    page = await author.page(LIFT)
    link = page.css_first("a[href*='/diff?']").attributes["href"]
    diff = await author.page(link)
    assert [one.text().strip() for one in diff.css("td.old, td.new")][:2] == [
        "原来：    for: 60s",
        "现在：    for: 90s",
    ]


async def test_whoever_asks_about_what_never_came_is_told_so(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page("/console/rulesets/why?device=cam-nowhere")
    assert "没有收到这台设备的信息" in page.text()
    assert (await author.get("/console/rulesets/why?signal=x")).status_code == 422
    unknown = await author.get("/console/rulesets/why?signal=018f0000-0000-7000-8000-000000000000")
    assert unknown.status_code == 404


async def test_a_signal_that_raised_nothing_is_explained_in_the_authors_words(as_person: Any, seeded: Database) -> None:
    """What intake stored, as perception copies it: the camera was not sure enough."""
    body = {
        "id": "018f0000-0000-7000-8000-00000000000a",
        "source": {"adapter": "frigate", "instance": "demo", "device_id": "cam-1", "channel": ""},
        "kind": "event",
        "type": "elevator.ebike",
        "phase": "start",
        "event_time": "2026-11-20T02:00:00+00:00",
        "location": {"place_code": "/310110/kj/c07/n021/b01/"},
        "fields": {"confidence": 0.41, "in_doorway": True},
        "raw_ref": "mqtt:frigate/events",
    }
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute(
            """INSERT INTO signals (id, partition, seq, adapter, device_id, type, kind, phase, place, event_time,
                                    received_at, body)
               VALUES (%s, 0, 1, 'frigate', 'cam-1', 'elevator.ebike', 'event', 'start', %s, %s, %s, %s)""",
            (
                body["id"],
                "/310110/kj/c07/n021/b01/",
                body["event_time"],
                body["event_time"],
                json.dumps(body),
            ),
        )
    page = await (await as_person("rules.xu")).page(f"/console/rulesets/why?signal={body['id']}")
    said = page.css_first("main").text()
    assert ("电瓶车乘梯" in said, "置信度 0.41 ≥ 0.8" in said, "没有报警" in said) == (True, True, True)


async def test_changes_that_no_test_notices_are_named(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    answer = await author.post("/console/rulesets/river-level/mutants", data={"csrf": author.csrf})
    assert answer.status_code == 200
    assert "没有一个测试会发现" in answer.text or "都有测试会发现" in answer.text


async def test_what_the_case_says_is_written_in_the_form_too(as_person: Any) -> None:
    author = await as_person("rules.xu")
    await begun(author)
    page = await author.page("/console/rulesets/river-level/edit")
    part = next(form for form in page.css("form.part") if form.attributes["id"] == "words")
    said = "{% block title %}{{ place }}水位太高{% endblock %}\r\n{% block text %}请到场{% endblock %}\r\n"
    await author.submit(part, template=said)
    page = await author.page("/console/rulesets/river-level/edit")
    assert "某处水位太高" in page.css_first("[data-results]").text()
