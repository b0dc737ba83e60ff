"""类别目录与权责清单: looked through, taken away as a file, and changed by a file that somebody has seen through."""

import asyncio
import base64
import io
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from selectolax.lexbor import LexborHTMLParser

from rules.catalogue import load_catalogue
from rules.exchange import catalogue_csv, catalogue_workbook
from settings.model import RULESETS
from store.catalogue import current, put_catalogue
from store.seed.load import person_id
from web.catalogue import category_label

pytestmark = pytest.mark.servers
SHIPPED = load_catalogue(RULESETS / "catalogue.csv")
CSV = catalogue_csv(SHIPPED).decode("utf-8-sig")
IMPORT = "/console/catalogue/import"
RENAMED = CSV.replace("lift-ebike,电动自行车进电梯,", "lift-ebike,电瓶车进电梯,")


@pytest.fixture
async def gu(as_person: Any) -> Any:
    """The system administrator."""
    return await as_person("sysadmin.gu")


async def sent(who: Any, data: bytes, name: str = "c.csv", table: str = "catalogue") -> Any:
    """The answer to a file that was chosen and sent, as a page."""
    form = (await who.page(f"{IMPORT}?table={table}")).css_first(f'form[action="{IMPORT}"]')
    return await who.submit(form, files={"file": (name, data, "application/octet-stream")})


def text_of(answer: Any) -> str:
    return LexborHTMLParser(answer.text).css_first("main").text()


async def test_a_category_is_found_by_word_class_and_kind(gu: Any) -> None:
    page = await gu.page("/console/catalogue?q=井盖&kind=component&group=公用设施")
    rows = page.css(".rows .title")
    assert "上水井盖损坏" in [row.text() for row in rows]
    assert all("井盖" in row.text() for row in rows)
    assert "没有符合条件的类别" in (await gu.page("/console/catalogue?q=nothing")).text()


async def test_every_category_is_reached_page_by_page(gu: Any) -> None:
    seen: list[str | None] = []
    path: str | None = "/console/catalogue"
    while path:
        page = await gu.page(path)
        seen += [row.attributes["data-row"] for row in page.css("[data-row]")]
        more = page.css_first("a[rel=next]")
        path = more.attributes["href"] if more else None
    assert seen == list(SHIPPED)


async def test_one_category_shows_its_triple_its_floor_who_does_it_and_the_rules(gu: Any) -> None:
    text = (await gu.page("/console/catalogue/categories/gas-smell")).css_first("main").text()
    for said in (
        "室内或公共部位闻到燃气味",
        "2 小时",
        "燃气单位检测正常",
        "不可退单",
        "必查",
        "燃气单位",
        "0403",
        "citizen-report",
    ):
        assert said in text, said
    assert (await gu.get("/console/catalogue/categories/nothing")).status_code == 404


async def test_duties_are_found_by_unit_and_part(gu: Any) -> None:
    page = await gu.page("/console/catalogue/duties?unit=gas&part=handle")
    rows = [row.text() for row in page.css(".rows .title")]
    assert any("可燃气体泄漏报警" in row for row in rows)
    assert all(row.startswith("燃气单位") for row in rows)


async def test_the_table_leaves_as_the_file_that_comes_back_unchanged(gu: Any) -> None:
    for form in ("csv", "xlsx"):
        answer = await gu.get(f"/console/catalogue/export?table=catalogue&form={form}")
        assert answer.headers["content-disposition"] == f'attachment; filename="catalogue.{form}"'
        assert "和现行的完全一样" in text_of(await sent(gu, answer.content, f"c.{form}"))
    assert (await gu.get("/console/catalogue/export?table=catalogue&form=pdf")).status_code == 422


async def test_what_a_file_changes_is_seen_field_by_field_before_it_counts(gu: Any) -> None:
    answer = await sent(gu, RENAMED.encode())
    assert answer.status_code == 200
    assert "电动自行车进电梯 → 电瓶车进电梯" in " ".join(text_of(answer).split())
    assert category_label("lift-ebike", "zh") == "电动自行车进电梯"
    assert (await confirmed(gu, answer)).headers["location"] == "/console/catalogue?done=imported"
    assert category_label("lift-ebike", "zh") == "电瓶车进电梯"
    assert "电瓶车进电梯" in (await gu.page("/console/catalogue?q=lift-ebike&done=imported")).text()
    assert "顾海波" in (await gu.page(IMPORT)).text()


async def confirmed(who: Any, shown: Any, **changed: str) -> Any:
    form = LexborHTMLParser(shown.text).css_first(f'form[action="{IMPORT}/confirm"]')
    return await who.submit(form, **changed)


async def test_a_file_that_would_break_a_rule_in_force_says_which_and_cannot_be_confirmed(gu: Any) -> None:
    answer = await sent(gu, CSV.replace("dog-attack,", "dog-bite,").encode())
    assert answer.status_code == 422
    assert "citizen-report" in text_of(answer)
    assert f"{IMPORT}/confirm" not in answer.text


async def test_what_is_wrong_in_a_file_is_named_by_row_and_column(gu: Any) -> None:
    book = load_workbook(io.BytesIO(catalogue_workbook(SHIPPED, {})))
    book["类别目录"]["P3"] = "也许"
    out = io.BytesIO()
    book.save(out)
    answer = await sent(gu, out.getvalue(), "c.xlsx")
    assert answer.status_code == 422
    assert "第 3 行" in text_of(answer)
    assert "可自动结案" in text_of(answer)
    assert (await sent(gu, b"\x00\x01", "c.xlsx")).status_code == 422


async def test_the_difference_is_shown_anew_where_somebody_else_was_faster(gu: Any) -> None:
    first = await sent(gu, RENAMED.encode())
    other = await sent(gu, CSV.replace("电动自行车进电梯,E-bike", "电瓶车入梯,E-bike").encode())
    assert (await confirmed(gu, other)).status_code == 303
    again = await confirmed(gu, first)
    assert again.status_code == 409
    assert "刚才有人导入了另一个版本" in text_of(again)
    assert (await confirmed(gu, again)).status_code == 303
    assert category_label("lift-ebike", "zh") == "电瓶车进电梯"


async def test_what_was_confirmed_is_checked_again(gu: Any, site: Any) -> None:
    answer = await sent(gu, RENAMED.encode())
    broken = base64.b64encode(CSV.replace("dog-attack,", "dog-bite,").encode()).decode()
    assert (await confirmed(gu, answer, data=broken)).status_code == 422
    assert (await confirmed(gu, answer, data="not base64")).status_code == 422
    async with site.app.state.services.pool.connection() as connection:
        assert (await current(connection)).catalogue == SHIPPED


async def test_a_form_without_a_file_says_so(gu: Any) -> None:
    form = (await gu.page(IMPORT)).css_first(f'form[action="{IMPORT}"]')
    assert (await gu.submit(form)).status_code == 422


async def test_duties_are_imported_too(gu: Any) -> None:
    exported = (await gu.get("/console/catalogue/export?table=duties&form=csv")).content.decode("utf-8-sig")
    fewer = exported.replace("sports,fitness-fault,handle", "sports,fitness-fault,assist")
    answer = await sent(gu, fewer.encode(), table="duties")
    assert "体育场 · 处置 · 健身设施故障" in " ".join(text_of(answer).split())
    assert (await confirmed(gu, answer)).headers["location"] == "/console/catalogue/duties?done=imported"


async def test_who_writes_rules_reads_and_does_not_import(as_person: Any) -> None:
    author = await as_person("rules.xu")
    page = await author.page("/console/catalogue")
    assert IMPORT not in page.html
    assert (await author.get(IMPORT)).status_code == 403
    assert (await author.post(IMPORT, data={"table": "catalogue"})).status_code == 403
    assert (await (await as_person("c07.wang")).get("/console/catalogue")).status_code == 403


async def test_what_was_imported_elsewhere_is_shown_without_a_restart(as_person: Any, site: Any) -> None:
    wang = await as_person("c07.wang")
    renamed = {**SHIPPED, "lift-ebike": replace(SHIPPED["lift-ebike"], label_zh="电瓶车进电梯")}
    async with site.app.state.services.pool.connection() as connection:
        now = await current(connection)
        assert await put_catalogue(connection, renamed, now.forms, person_id("sysadmin.gu"), base=now.catalogue_hash)
    async with asyncio.timeout(60):
        while category_label("lift-ebike", "zh") != "电瓶车进电梯":
            await wang.page("/m")
