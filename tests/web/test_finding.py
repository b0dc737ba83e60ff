"""上报: what is found on patrol becomes a case, once, wherever its form was cut off."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from browsing import Browser, a_jpeg, just_now
from builders import a_case, a_matter
from databases import Database

from store.evidence import EvidenceStore

pytestmark = pytest.mark.servers
BUILDING = "/310110/kj/c07/n021/b01/"
ELSEWHERE = "/310110/kj/c09/n025/b01/"
BEFORE, AFTER = a_jpeg(64, 48), a_jpeg(48, 64)


def a_form(**changed: str) -> dict[str, str]:
    return {"case_id": str(uuid4()), "category": "bin-overflow", "place": BUILDING, "step": "settle"} | changed


def photos(before: bytes | None = BEFORE, after: bytes | None = AFTER) -> list[tuple[str, tuple[str, bytes, str]]]:
    sent = (("photo_before", before), ("photo_after", after))
    return [(name, (f"{name}.jpg", raw, "image/jpeg")) for name, raw in sent if raw]


async def send(worker: Browser, form: dict[str, str], **given: Any) -> httpx.Response:
    """As the phone sends it: an answer it can read, and the session's token."""
    headers = {"accept": "application/json"}
    sent = {"csrf": worker.csrf} | form
    answer: httpx.Response = await worker.post(
        "/m/report", data=sent, files=given.get("files", photos()), headers=headers
    )
    return answer


def events(database: Database, case_id: str) -> list[str]:
    with psycopg.connect(database.app_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        found = connection.execute("SELECT type FROM case_events WHERE case_id = %s ORDER BY version", (case_id,))
        return [kind for (kind,) in found.fetchall()]


def count(database: Database, table: str, case_id: str = "") -> int:
    with psycopg.connect(database.owner_dsn) as connection:
        row = connection.execute(
            f"SELECT count(*) FROM {table} WHERE %(id)s = '' OR case_id::text = %(id)s"
            if table != "cases"
            else "SELECT count(*) FROM cases WHERE %(id)s = '' OR id::text = %(id)s",
            {"id": case_id},
        ).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_small_thing_is_settled_on_the_spot_with_two_photos(at_work: Any, seeded: Database) -> None:
    fang, form = await at_work("grid.fang"), a_form()
    page = await fang.page("/m/report")
    assert [button.attributes["value"] for button in page.css("#finding button[type=submit]")] == ["report", "settle"]
    answer = await send(fang, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/m/report?done={form['case_id']}")
    assert events(seeded, form["case_id"])[:3] == ["received", "filed", "settled"]
    assert count(seeded, "evidence", form["case_id"]) == 2
    done = (await fang.page(answer.headers["location"])).css_first(".done").text()
    assert "已当场处置：双阳二村 6 号垃圾箱房满溢" in done.replace("\n", "").replace("  ", "")


async def test_the_same_form_twice_even_at_once_is_one_case_settled_once(at_work: Any, seeded: Database) -> None:
    fang, form = await at_work("grid.fang"), a_form()
    before = count(seeded, "cases")
    first, second = await asyncio.gather(send(fang, form), send(fang, form))
    again = await send(fang, form)
    assert {first.status_code, second.status_code, again.status_code} == {303}
    assert count(seeded, "cases") == before + 1
    assert events(seeded, form["case_id"]).count("settled") == 1
    assert count(seeded, "evidence", form["case_id"]) == 2


async def test_a_form_cut_off_between_its_steps_goes_on_where_it_was(
    at_work: Any, seeded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fang, form = await at_work("grid.fang"), a_form()
    keeps, tries = EvidenceStore.keep_developed, iter((False, True, False))

    async def cut(*given: Any, **named: Any) -> None:
        if next(tries, True) is False:
            raise psycopg.OperationalError("the line was cut")
        await keeps(*given, **named)

    monkeypatch.setattr(EvidenceStore, "keep_developed", cut)
    assert [(await send(fang, form)).status_code for _ in range(3)] == [503, 503, 303]
    assert events(seeded, form["case_id"])[:3] == ["received", "filed", "settled"]


async def test_without_temporal_the_finding_begins_and_is_settled_later(as_person: Any, seeded: Database) -> None:
    fang, form = await as_person("grid.fang"), a_form()
    answer = await send(fang, form)
    assert (answer.status_code, answer.json()["code"]) == (503, "temporal-unavailable")
    assert count(seeded, "cases", form["case_id"]) == 1
    kept = await fang.post("/m/report", data={"csrf": fang.csrf} | form, files=photos())
    assert form["case_id"] in kept.text, "a page without scripts sends the same form again"


async def test_a_finding_that_is_not_settled_waits_for_the_acceptor(as_person: Any, seeded: Database) -> None:
    sun, form = await as_person("c07.sun"), a_form(step="report", note="三个桶都满了")
    assert (await send(sun, form, files=photos(after=None))).status_code == 303
    with psycopg.connect(seeded.app_dsn) as connection:
        connection.execute("SET linli.scope = '*'")
        told = connection.execute("SELECT body FROM case_inbox WHERE case_id = %s", (form["case_id"],)).fetchall()
    ((news,),) = told
    assert (news["transport"], news["matter"]["policy"]["filing"]) == ("mobile", "desk")
    assert news["matter"]["text"] == "三个桶都满了"
    assert news["matter"]["why"]["facts"]["finder"] == "孙玉兰"


async def test_the_photo_of_a_finding_is_on_its_cases_page(as_person: Any, tell: Any, seeded: Database) -> None:
    case = await tell(a_case(a_matter(place=BUILDING), at=just_now()))
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute(
            """INSERT INTO evidence (id, case_id, kind, sha256, path, media_type, width, height, exif, uploaded_by)
               SELECT gen_random_uuid(), %s, 'photo_before', '', 'x', 'image/jpeg', 1, 1, '{}', id
               FROM people WHERE name = 'grid.fang'""",
            (case.id,),
        )
    page = await (await as_person("accept.wu")).page(f"/console/cases/{case.id}")
    assert "处置前照片" in page.css_first(".what .photos").text()


async def test_the_id_of_somebody_elses_case_is_refused(as_person: Any, seeded: Database) -> None:
    fang, yan, form = await as_person("grid.fang"), await as_person("grid.yan"), a_form(step="report")
    assert (await send(fang, form, files=photos(after=None))).status_code == 303
    assert (await send(yan, form)).json()["code"] == "form-used"
    assert (await send(fang, form | {"category": "stickers"})).json()["code"] == "form-used"
    assert count(seeded, "evidence", form["case_id"]) == 1, "nobody adds photos to what is not theirs"


async def test_a_place_outside_the_workers_areas_is_refused(as_person: Any, seeded: Database) -> None:
    fang = await as_person("grid.fang")
    refused = await send(fang, a_form(place=ELSEWHERE))
    assert (refused.status_code, refused.json()["code"]) == (422, "place-not-yours")
    assert "延吉七村" in refused.json()["detail"]
    nowhere = await send(fang, a_form(place="", lat="31.9", lon="121.9"))
    assert nowhere.json()["code"] == "place-nowhere"
    assert count(seeded, "cases") == 0


@pytest.mark.parametrize(
    ("changed", "files", "code", "field"),
    [
        ({}, photos(after=None), "evidence-missing", "photo_after"),
        ({"step": "report"}, photos(before=None), "evidence-missing", "photo_before"),
        ({}, photos(before=b"no picture"), "photo-unreadable", "photo_before"),
        ({"category": "lift-trapped"}, photos(), "category-missing", "category"),
        ({"place": ""}, photos(), "place-missing", "place"),
        ({"place": "/310110/kj/c07/n999/"}, photos(), "place-unknown", "place"),
        ({"note": "很" * 501}, photos(), "text-too-long", "note"),
        ({"case_id": "nonsense"}, photos(), "form-unknown", "case_id"),
    ],
)
async def test_what_is_wrong_is_named_before_anything_is_written(
    as_person: Any, seeded: Database, changed: dict[str, str], files: Any, code: str, field: str
) -> None:
    fang = await as_person("grid.fang")
    refused = await send(fang, a_form(**changed), files=files)
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)
    assert count(seeded, "cases") == 0


async def test_a_position_is_named_and_becomes_the_place(as_person: Any, seeded: Database) -> None:
    fang = await as_person("grid.fang")
    at = {"lat": "31.2762", "lon": "121.5171"}
    assert "双阳二村" in (await fang.get("/m/report/where", params=at)).text
    form = a_form(step="report", place="") | at
    assert (await send(fang, form, files=photos(after=None))).status_code == 303
    with psycopg.connect(seeded.owner_dsn) as connection:
        row = connection.execute("SELECT place FROM cases WHERE id = %s", (form["case_id"],)).fetchone()
    assert row is not None
    assert row[0].startswith("/310110/kj/c07/n021/")


async def test_the_code_on_the_wall_fills_in_the_place(as_person: Any) -> None:
    fang = await as_person("grid.fang")
    page = await fang.page(f"/m/report?place={BUILDING}")
    assert page.css_first("#finding [name=place]").attributes["value"] == BUILDING
    assert page.css_first(".here strong").text() == "双阳二村 6 号"
    assert (await fang.page(f"/m/report?place={ELSEWHERE}")).css_first("#finding select[name=place]") is not None


async def test_what_the_worker_finds_most_is_offered_first(as_person: Any, seeded: Database) -> None:
    with psycopg.connect(seeded.owner_dsn) as connection:
        connection.execute(
            """INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, category, state)
               SELECT gen_random_uuid(), 'k' || n, 'x', '/310110/kj/c0' || CASE WHEN n < 9 THEN 8 ELSE 9 END || '/n1/',
                      now() - interval '1 day', now(), CASE WHEN n < 9 THEN 'pests' ELSE 'odour' END, NULL
               FROM generate_series(1, 30) n"""
        )
    page = await (await as_person("grid.fang")).page("/m/report")
    first = [one.attributes["value"] for one in page.css(".kinds > label input")]
    assert (first[0], len(first)) == ("pests", 6)
    assert "odour" not in first, "what happens elsewhere counts elsewhere"
    assert len(page.css("#more-kinds input[name=category]")) > 20


@pytest.mark.parametrize("name", ["c07.wang", "dispatch.lin"])
async def test_only_who_goes_on_patrol_reports_findings(as_person: Any, name: str) -> None:
    person = await as_person(name)
    for path in ("/m/report", "/m/patrol"):
        assert (await person.get(path)).status_code == 403
    assert (await send(person, a_form())).status_code == 403


async def test_being_there_is_noted_once_by_code_or_position(as_person: Any) -> None:
    fang, check = await as_person("grid.fang"), str(uuid4())
    assert "今天还没有打卡" in (await fang.page("/m/patrol")).text()
    form = (await fang.page(f"/m/at?place={BUILDING}")).css_first("form.check-in")
    assert (await fang.submit(form)).status_code == 303
    at = {"csrf": fang.csrf, "check_id": check, "lat": "31.2781", "lon": "121.5189"}
    answers = [await fang.post("/m/patrol", data=at) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [f"/m/patrol?done={check}"] * 2
    lines = [line.text() for line in (await fang.page("/m/patrol")).css(".checks li")]
    assert len(lines) == 2
    assert "定位" in lines[0]
    assert "双阳二村 6 号" in lines[1]
    away = await fang.post("/m/patrol", data={"csrf": fang.csrf, "check_id": str(UUID(int=1)), "place": ELSEWHERE})
    assert away.status_code == 422
