"""The form of a ruleset as its page sends it, without JavaScript."""

import asyncio
from typing import Any

import pytest
from selectolax.lexbor import LexborNode

from web.console.rulesets.editing.applying import changed

pytestmark = pytest.mark.servers
LIFT = "/console/rulesets/ebike-in-elevator/edit"


def sent_by(form: LexborNode) -> list[tuple[str, str]]:
    """What a browser would send of it."""
    found: list[tuple[str, str]] = []
    for control in form.css("input[name], select[name]"):
        name, given = str(control.attributes["name"]), control.attributes
        if control.tag == "select":
            option = control.css_first("option[selected]") or control.css_first("option")
            found.append((name, (option.attributes.get("value") or "") if option is not None else ""))
        elif given.get("type") != "checkbox" or "checked" in given:
            found.append((name, given.get("value") or ""))
    return [(name, value) for name, value in found if not name.startswith("n:")]


def part(page: Any, name: str) -> Any:
    return next(form for form in page.css("form.part") if form.attributes["id"] == name)


@pytest.mark.parametrize("ruleset", ["noise-exceedance", "weather-disaster", "street-facility-fault"])
async def test_every_part_sent_as_it_is_shown_changes_nothing(as_person: Any, ruleset: str) -> None:
    author = await as_person("rules.xu")
    address = f"/console/rulesets/{ruleset}/edit"
    text = (await author.page(f"{address}?view=yaml")).css_first("textarea[name=yaml]").text()
    parts = (await author.page(f"{address}?open=rule-0")).css("form.part")
    assert len(parts) > 10
    for one in parts:
        assert changed(text, sent_by(one), "", {}) == {"text": text, "kept": True, "at": ""}, one.attributes["id"]


async def test_a_button_comes_back_to_what_it_made(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(LIFT)
    made = await author.submit(part(page, "new-detection"), do="detection:", **{"n:of": "ebike", "n:kind": "once"})
    assert (made.status_code, made.headers["location"]) == (303, f"{LIFT}?view=form#perceive-ebike_confidence")
    made = await author.submit(part(await author.page(LIFT), "rule-0"), do="open:rule-0")
    assert made.headers["location"] == f"{LIFT}?view=form&open=rule-0#rule-0-work"


async def test_what_is_still_used_is_not_taken_away_and_what_was_typed_stays(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(LIFT)
    refused = await author.submit(part(page, "perceive-riding"), do="remove:perceive/riding")
    assert refused.status_code == 422
    assert "没有删掉：还有地方在用它" in refused.text
    assert "规则“七日内第三次”" in refused.text
    refused = await author.submit(part(page, "new-signal"), do="signal:", **{"n:other": "Water Level"})
    assert (refused.status_code, 'value="Water Level"' in refused.text) == (422, True)


async def test_a_finding_stands_beside_its_control_and_what_has_no_field_names_its_line(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}?view=yaml")
    text = page.css_first("textarea[name=yaml]").text()
    wrong = text.replace("for: 60s", "for: soon").replace("lead: ", "mood: good\nlead: ", 1)
    await author.submit(page.css_first("form:has(textarea)"), yaml=wrong, do="save")
    page = await author.page(LIFT)
    field = part(page, "perceive-blocking").css_first("[name='v:q:perceive/blocking/for']").parent.parent
    assert "应为时长" in field.css_first(".fault").text()
    shown = part(page, "about").css_first(".only-shown")
    assert ("mood: good" in shown.text(), "YAML 第 3 行" in shown.text()) == (True, True)


async def test_two_parts_sent_at_the_same_moment_are_both_kept(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(LIFT)
    await author.submit(part(page, "about"), **{"v:s:title": "电瓶车乘电梯"})
    held, named = part(page, "perceive-blocking"), part(page, "rule-0")
    await asyncio.gather(
        author.submit(held, **{"v:q:perceive/blocking/for": "75s"}),
        author.submit(named, **{"v:q:classify/0/label": "堵门派单"}),
    )
    page = await author.page(LIFT)
    names = ("v:s:title", "v:q:perceive/blocking/for", "v:q:classify/0/label")
    kept = [page.css_first(f"[name='{name}']").attributes["value"] for name in names]
    assert kept == ["电瓶车乘电梯", "75s", "堵门派单"]


async def test_a_table_of_many_cells_is_kept_and_a_text_too_long_is_not_cut(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page(f"{LIFT}?view=yaml")
    text = page.css_first("textarea[name=yaml]").text()
    row = "    - {id: row-%d, when: [any, any, any], then: none}\n"
    rows = "".join(row % n for n in range(40))
    before, _, rest = text.partition("classify:")
    after = rest[rest.index("\ncase:") :]
    table = f"{before}classify:\n  columns: [riding, blocking, ebike.confidence]\n  rows:\n{rows}{after}"
    await author.submit(page.css_first("form:has(textarea)"), yaml=table, do="save")
    shown = part(await author.page(LIFT), "table")
    assert len(sent_by(shown)) > 200
    await author.submit(shown, **{"v:q:classify/rows/39/label": "最后一行"})
    assert "最后一行" in (await author.page(f"{LIFT}?view=yaml")).css_first("textarea[name=yaml]").text()
    words = part(await author.page(LIFT), "words")
    long = "地点：{{ place }}" * 2_000
    await author.submit(words, template=long)
    kept = (await author.page(f"{LIFT}?view=yaml")).css_first("textarea[name=template]").text()
    assert kept.strip() == long
    refused = await author.submit(words, template="\x00")
    assert refused.status_code == 422
