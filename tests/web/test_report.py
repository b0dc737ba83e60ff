"""A resident reports: without login, once however often it is sent, with what was typed kept when it fails."""

import asyncio
import json
import threading
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from browsing import Browser, a_jpeg, just_now
from builders import UNIT_2, a_case, a_matter
from databases import Database
from road import KEY

from domain.intake import IntakeUnavailable
from store import evidence
from store.contacts import Contacts

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b03/"
BY_THE_DOOR = {"lat": "31.2762", "lon": "121.5171"}
SAID = {"text": "楼道灯不亮", "place": BUILDING, "looked": "1"}


def rows(database: Database, statement: str, *given: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        connection.execute("SET linli.scope = '*'")
        return connection.execute(statement, given).fetchall()


async def a_form(browser: Browser, path: str = "/report") -> Any:
    return (await browser.page(path)).css_first("form#report")


async def report(browser: Browser, files: Any = None, path: str = "/report", **changed: str) -> httpx.Response:
    return await browser.submit(await a_form(browser, path), files, **{**SAID, **changed})


async def test_a_report_is_kept_and_goes_to_intake_under_its_id(anybody: Browser, seeded: Database) -> None:
    photo = ("lamp.jpg", a_jpeg(), "image/jpeg")
    answer = await report(anybody, {"photo": photo}, hint="facility-damage", place_kind="stairs", **BY_THE_DOOR)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/f/")
    (report_id,) = rows(seeded, "SELECT id FROM reports WHERE text = '楼道灯不亮'")[0]
    (body,) = rows(seeded, "SELECT body FROM inbox")[0]
    assert body["source"]["adapter"] == "citizen-report"
    assert body["source"]["device_id"] == str(report_id)
    assert (body["kind"], body["type"], body["phase"]) == ("event", "report", "none")
    assert body["location"]["place_code"] == BUILDING
    assert body["fields"] == {
        "text": "楼道灯不亮",
        "category_hint": "facility-damage",
        "place_kind": "stairs",
        "anonymous": True,
        "on_behalf": False,
    }
    assert rows(seeded, "SELECT report_id, width FROM report_photos") == [(report_id, 64)]


async def test_the_same_form_sent_twice_is_one_report_with_one_link(anybody: Browser, seeded: Database) -> None:
    form = await a_form(anybody)
    answers = [await anybody.submit(form, {"photo": ("a.jpg", a_jpeg(), "image/jpeg")}, **SAID) for _ in range(3)]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert rows(seeded, "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM inbox)") == [(1, 1)]


async def test_a_form_used_for_another_matter_is_not_swallowed(anybody: Browser, seeded: Database) -> None:
    form = await a_form(anybody)
    await anybody.submit(form, **SAID)
    answer = await anybody.submit(form, **{**SAID, "text": "另一件事"})
    assert answer.status_code == 409
    assert "再点一次发送" in answer.text
    assert "另一件事" in answer.text
    assert rows(seeded, "SELECT count(*) FROM reports") == [(1,)]


async def test_the_point_finds_the_building(anybody: Browser, seeded: Database) -> None:
    await report(anybody, place="", **BY_THE_DOOR)
    assert rows(seeded, "SELECT place FROM reports")[0][0].startswith("/310110/kj/c07/n021/")


async def test_a_place_that_is_not_in_the_list_goes_to_the_duty_desk(anybody: Browser, seeded: Database) -> None:
    assert (await report(anybody, place="", elsewhere="1")).status_code == 303
    assert rows(seeded, "SELECT place FROM reports") == [("/unplaced/",)]


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"text": ""}, "report_text", "请写一句"),
        ({"text": "字" * 1001}, "report_text", "最多 1000 个字"),
        ({"place": ""}, "place", "请在列表里选小区"),
        ({"place": "/310110/kj/c99/"}, "place", "没有找到这个位置"),
        ({"place": "", "lat": "north", "lon": "1"}, "place", "没有找到这个位置"),
        ({"place": "", "lat": "nan", "lon": "1"}, "place", "没有找到这个位置"),
        ({"phone": "12"}, "phone", "不像电话号码"),
        ({"name": "字" * 41}, "caller_name", "最多 40 个字"),
        ({"website": "http://spam.example"}, "website", "请空着不填"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    anybody: Browser, seeded: Database, changed: dict[str, str], field: str, said: str
) -> None:
    answer = await report(anybody, **{"text": "楼道灯不亮了", **changed})
    assert answer.status_code == 422
    form = httpx_html(answer).css_first("form#report")
    assert said in form.css_first(f"#wrong-{field}").text()
    if "text" not in changed:
        assert form.css_first("textarea").text() == "楼道灯不亮了"
    assert rows(seeded, "SELECT count(*) FROM reports") == [(0,)]


def httpx_html(answer: httpx.Response) -> Any:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - as in browsing

    return LexborHTMLParser(answer.text)


async def test_a_photo_that_is_none_is_refused_by_name(anybody: Browser, seeded: Database) -> None:
    answer = await report(anybody, {"photo": ("a.jpg", b"not a photo", "image/jpeg")})
    assert answer.status_code == 422
    assert "读不出来" in answer.text
    many = [("photo", (f"{n}.jpg", a_jpeg(), "image/jpeg")) for n in range(6)]
    assert "最多 5 张" in (await report(anybody, many)).text
    assert rows(seeded, "SELECT count(*) FROM reports") == [(0,)]


async def test_no_connection_is_held_while_photos_are_developed(
    anybody: Browser, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, developing, go_on, real = asyncio.get_running_loop(), asyncio.Event(), threading.Event(), evidence.developed

    def slowly(raw: bytes) -> evidence.Photo:
        loop.call_soon_threadsafe(developing.set)
        assert go_on.wait(60)
        return real(raw)

    monkeypatch.setattr(evidence, "developed", slowly)
    taken = asyncio.create_task(report(anybody, {"photo": ("lamp.jpg", a_jpeg(), "image/jpeg")}))
    async with asyncio.timeout(60):
        await developing.wait()
    stats = site.app.state.services.pool.get_stats()
    go_on.set()
    assert (await taken).status_code == 303
    assert stats["pool_available"] == stats["pool_size"]


async def test_a_chip_alone_is_enough(anybody: Browser, seeded: Database) -> None:
    assert (await report(anybody, text="", hint="bin-overflow")).status_code == 303
    assert rows(seeded, "SELECT text, hint FROM reports") == [("垃圾桶满了，没有人来收。", "bin-overflow")]


async def test_what_strangers_write_is_shown_as_they_wrote_it(anybody: Browser) -> None:
    script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    answer = await report(anybody, text=script, place="")
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    done = await report(anybody, text=script)
    shown = await anybody.get(done.headers["location"])
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert" in shown.text


async def test_while_intake_is_down_nothing_is_stored_and_the_words_stay(
    anybody: Browser, site: Any, seeded: Database
) -> None:
    served = site.app.state.services

    class Down:
        async def take(self, *_: Any) -> None:
            raise IntakeUnavailable("down")

    form = await a_form(anybody)
    site.app.state.services = type(served)(**{**vars(served), "intake": Down()})
    answer = await anybody.submit(form, **SAID)
    assert answer.status_code == 503
    assert "什么都没有存下" in answer.text
    assert "楼道灯不亮" in answer.text
    assert rows(seeded, "SELECT count(*) FROM reports") == [(0,)]
    site.app.state.services = served
    again = httpx_html(answer).css_first("form#report")
    assert (await anybody.submit(again, **SAID)).status_code == 303
    assert rows(seeded, "SELECT count(*) FROM reports") == [(1,)]


async def test_one_address_cannot_flood_the_desk(anybody: Browser, seeded: Database) -> None:
    for n in range(60):
        assert (await report(anybody, text=f"第 {n} 件")).status_code == 303, n
    answer = await report(anybody, text="再来一件")
    assert answer.status_code == 429
    assert "请稍后再发" in answer.text
    assert "再来一件" in answer.text
    kept = json.dumps([bytes(sender).hex() for (sender,) in rows(seeded, "SELECT DISTINCT sender FROM attempts")])
    assert "127.0.0.1" not in kept


async def test_one_address_cannot_look_around_without_end(anybody: Browser, seeded: Database) -> None:
    look = {"place": BUILDING}
    assert (await anybody.get("/report/nearby", params=look)).status_code == 200
    with psycopg.connect(seeded.owner_dsn) as owner:
        owner.execute("INSERT INTO attempts (what, sender) SELECT what, sender FROM attempts, generate_series(1, 599)")
    refused = await anybody.get("/report/nearby", params=look)
    assert (refused.status_code, "也可以直接上报" in refused.text) == (429, True)
    assert (await report(anybody)).status_code in (200, 303)


async def test_open_matters_nearby_are_shown_before_sending(anybody: Browser, tell: Any, seeded: Database) -> None:
    await tell(a_case(a_matter(dedupe_key="only a device saw it"), at=just_now()).filed())
    case = await tell(a_case(a_matter(title="王家门口", text="王家的秘密", report=uuid4()), at=just_now()).filed())
    form = await a_form(anybody, f"/report?place={BUILDING}")
    shown = form.css_first("#nearby").text()
    assert "附近已有 1 件类似的" in shown
    assert "双阳二村 12 号" in shown
    assert "2 单元" not in shown
    assert "王家" not in shown
    asked = await report(anybody, looked="")
    assert asked.status_code == 200
    assert rows(seeded, "SELECT count(*) FROM reports") == [(0,)]
    again = httpx_html(asked).css_first("form#report")
    followed = await anybody.submit(again, text="我也看到了", place=BUILDING, follows=str(case.id))
    page = await anybody.page(followed.headers["location"])
    assert "和其他人反映的同一件事一起办，共 2 人反映" in page.text()
    assert rows(seeded, "SELECT follows, (SELECT count(*) FROM inbox) FROM reports") == [(case.id, 0)]


async def test_a_matter_that_is_over_is_not_followed(anybody: Browser, tell: Any) -> None:
    answer = await report(anybody, follows=str(uuid4()))
    assert answer.status_code == 409
    assert "直接报上来" in answer.text
    case = await tell(a_case(a_matter(category="fire-alarm", dedupe_key="x"), at=just_now()))
    assert (await report(anybody, follows=str(case.id))).status_code == 409, "a fire alarm is nobody's news"


async def test_nearby_asks_with_the_point_alone(anybody: Browser, tell: Any) -> None:
    await tell(a_case(at=just_now()).filed())
    near = await anybody.get("/report/nearby", params={"lat": "31.2754", "lon": "121.5183", "hint": "lift-ebike"})
    assert "电动自行车进电梯" in near.text
    other = await anybody.get("/report/nearby", params={"place": UNIT_2, "hint": "bin-overflow"})
    assert "电动自行车" not in other.text
    assert (await anybody.get("/report/nearby", params={"lat": "x"})).status_code == 200


async def test_elders_mode_is_remembered(anybody: Browser) -> None:
    page = await anybody.page("/report?elder=1")
    assert "elder" in page.css_first("body").attributes["class"]
    assert [step.attributes["id"] for step in page.css(".step")] == [
        *("step-photo", "step-place"),
        *("step-text", "step-contact", "step-send"),
    ]
    assert "elder" in (await anybody.page("/report")).css_first("body").attributes["class"]
    assert "elder" not in (await anybody.page("/report?elder=0")).css_first("body").attributes["class"]


async def test_who_cannot_write_calls_the_committee_of_the_place(anybody: Browser) -> None:
    known = await anybody.page(f"/report?place={BUILDING}")
    assert known.css_first(".ways a[href^=tel]").attributes["href"] == "tel:021-5550-0307"
    assert (await anybody.page("/report")).css_first(".ways a[href^=tel]").attributes["href"] == "tel:021-5550-0100"


async def test_a_committee_worker_reports_on_behalf(as_person: Any, seeded: Database) -> None:
    sun = await as_person("c07.sun")
    answer = await report(sun, path="/m/report-for", phone="138 1234 5678", name="李阿婆", looked="1")
    assert answer.status_code == 303
    ((phone, blind, name, by),) = rows(seeded, "SELECT phone, phone_blind, name, on_behalf_by FROM reports")
    contacts = Contacts(KEY)
    assert contacts.open(bytes(phone)) == "13812345678"
    assert contacts.open(bytes(name)) == "李阿婆"
    assert bytes(blind) == contacts.index("13812345678")
    assert isinstance(by, UUID)
    ((body,),) = rows(seeded, "SELECT body FROM inbox")
    assert (body["fields"]["anonymous"], body["fields"]["on_behalf"]) == (False, True)
    assert "13812345678" not in json.dumps(body)
    wang = await as_person("c07.wang")
    assert (await wang.get("/m/report-for")).status_code == 403
    assert (await (await as_person("accept.wu")).get("/console/report")).status_code == 200


async def test_the_code_on_the_wall_leads_everybody_where_they_belong(anybody: Browser, as_person: Any) -> None:
    assert (await anybody.get("/at", params={"place": BUILDING})).headers["location"].startswith("/report?place=")
    wang = await as_person("c07.wang")
    assert (await wang.get("/at", params={"place": BUILDING})).headers["location"].startswith("/m/at?place=")
    page = await anybody.page(f"/report?place={BUILDING}")
    assert "双阳二村 12 号" in page.css_first(".here").text()
