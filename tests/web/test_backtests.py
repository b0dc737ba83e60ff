"""试算: a rule author asks what last month would have been, watches it, and reads what would change."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from databases import Database
from stored_month import AREA, BEGAN, SMOKE, Month, a_month

from activities.backtest.job import carry_out
from store.backtests import MOST_UNFINISHED
from store.working_copies import save

PAGES = "/console/rulesets/corridor-smoke/backtests"
PERIOD = {"period": "days", "first": "2026-10-01", "last": "2026-11-05"}


@pytest.fixture
async def month(seeded: Database, tmp_path: Path) -> AsyncIterator[Month]:
    async with a_month(seeded, tmp_path) as found:
        yield found


async def test_an_author_asks_watches_and_reads_what_would_change(as_person: Any, month: Month) -> None:
    author = await as_person("rules.xu")
    held = month.held()
    assert held.definition
    assert held.template
    await save(month.pool, UUID(month.author.id), "corridor-smoke", (held.definition, held.template))

    form = (await author.page(f"{PAGES}/new")).css_first("form.backtest-form")
    assert form.css_first("option[selected]").attributes["value"] == "copy"
    asked = await author.submit(form, version="copy", against=SMOKE.hash, area=AREA, **PERIOD)
    assert asked.status_code == 303, asked.text[-900:]
    address = asked.headers["location"]
    waiting = await author.page(address)
    assert "在排队" in waiting.text()
    assert waiting.css_first("[data-live-case]").attributes["data-live-case"] == address.rpartition("/")[2]

    await carry_out(month.pool, month.settings, UUID(form.css_first("input[name=id]").attributes["value"]))

    done = await author.page(address)
    figures = [" ".join(one.text().split()) for one in done.css(".figure")]
    assert figures == ["案件少 21 件", "误报少 1 件", "漏掉真警 1 件"]
    assert len(done.css("svg.hours rect")) == 48
    assert "控江街道" in done.css_first("h1").text()
    first = done.css_first(".changes li")
    assert "漏掉的真警" in first.text()
    assert first.css_first(".links span") is not None  # an author reads its number; the case itself is not theirs
    assert first.css_first(".links a").attributes["href"].startswith("/console/rulesets/why?signal=")
    same = await author.page(f"{address}?change=same")
    assert len(same.css(".changes li")) == 7
    assert "不再有 21，多出 0，改变 0" in (await author.page(PAGES)).text()


async def test_a_long_list_goes_on_on_another_page(as_person: Any, month: Month) -> None:
    author = await as_person("rules.xu")
    done = await month.played(month.wanted())

    page = await author.page(f"{PAGES}/{done.id}?change=same&after=20")

    assert len(page.css(".changes li")) == 8
    assert not page.css("[rel=next]")


async def test_one_that_waits_is_cancelled_on_its_page(as_person: Any, month: Month) -> None:
    author = await as_person("rules.xu")
    asked = await month.ask(month.wanted())

    cancelled = await author.submit((await author.page(f"{PAGES}/{asked}")).css_first("form[action$=cancel]"))

    assert cancelled.status_code == 303
    assert "已取消" in (await author.page(f"{PAGES}/{asked}")).text()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": "f" * 64}, "version"),
        ({"version": "copy"}, "version"),
        ({"against": "x"}, "against"),
        ({"period": "always"}, "period"),
        ({"first": ""}, "first"),
        ({"first": "gestern"}, "first"),
        ({"last": "2026-09-01"}, "last"),
        ({"area": "/310110/elsewhere/"}, "area"),
        ({"area": ""}, "area"),
        ({"area": AREA.rstrip("/")}, "area"),
        ({"area": f"{AREA}nowhere/"}, "area"),
    ],
)
async def test_what_cannot_be_meant_is_named_beside_its_field(
    as_person: Any, month: Month, changed: dict[str, str], said: str
) -> None:
    author = await as_person("rules.xu")
    form = (await author.page(f"{PAGES}/new")).css_first("form.backtest-form")

    answer = await author.submit(
        form, **{"version": SMOKE.hash, "against": SMOKE.hash, "area": AREA, **PERIOD, **changed}
    )

    assert answer.status_code == 422
    assert f'id="wrong-{said}"' in answer.text
    async with month.pool.connection() as connection:
        assert await (await connection.execute("SELECT 1 FROM backtests")).fetchone() is None


async def test_nobody_keeps_the_backtester_from_the_others(as_person: Any, month: Month) -> None:
    asked = [await month.ask(month.wanted()) for _ in range(MOST_UNFINISHED)]
    author, other = await as_person("rules.xu"), await as_person("rules.pei")

    async def one_more(browser: Any) -> Any:
        form = (await browser.page(f"{PAGES}/new")).css_first("form.backtest-form")
        return await browser.submit(form, version=SMOKE.hash, against=SMOKE.hash, area=AREA, **PERIOD)

    refused = await one_more(author)
    assert (refused.status_code, "还没有算完" in refused.text) == (429, True)
    assert (await one_more(other)).status_code == 303
    await author.post(f"{PAGES}/{asked[0]}/cancel", data={"csrf": author.csrf})
    assert (await one_more(author)).status_code == 303


async def test_others_find_nothing_and_may_not_ask(as_person: Any, month: Month) -> None:
    asked = await month.ask(month.wanted())
    officer = await as_person("duty.chen")

    assert (await officer.get(f"{PAGES}/{asked}")).status_code == 200  # reads
    assert (await officer.get(f"{PAGES}/new")).status_code == 403
    assert (await officer.post(f"{PAGES}/{asked}/cancel", data={"csrf": officer.csrf})).status_code == 403
    assert (await officer.get(f"{PAGES}/{uuid4()}")).status_code == 404
    assert (await officer.get(f"/console/rulesets/door-left-open/backtests/{asked}")).status_code == 404
    assert (await (await as_person("c07.wang")).get(f"{PAGES}/{asked}")).status_code == 403


async def test_before_the_first_one_the_list_says_what_would_be_there(as_person: Any) -> None:
    author = await as_person("rules.xu")

    assert "还没有试算过" in (await author.page(PAGES)).text()
    assert (await author.get("/console/rulesets/no-such-ruleset/backtests")).status_code == 404


async def test_a_failed_one_says_what_to_do(as_person: Any, month: Month) -> None:
    author = await as_person("rules.xu")
    failed = await month.played(month.wanted(hash=None, definition="ruleset: x", template=""))

    assert "这一版有错误" in (await author.page(f"{PAGES}/{failed.id}")).text()


async def test_where_nothing_came_in_it_says_so(as_person: Any, month: Month) -> None:
    author = await as_person("rules.xu")
    done = await month.played(month.wanted(until=BEGAN.replace(hour=1, minute=30)))

    assert "没有这条规则要听的信息" in (await author.page(f"{PAGES}/{done.id}")).text()
