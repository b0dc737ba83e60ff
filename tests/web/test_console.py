"""The desk's pages: cases, devices, quarantine, codes for the wall; and the way in over HTTP."""

import json
from typing import Any

import httpx
import psycopg
import pytest
from browsing import just_now
from builders import PROPERTY, WANG, a_case, a_matter
from databases import Database

pytestmark = pytest.mark.servers
BROKER = ("linli", "broker-secret")
HEARD = {
    "type": "new",
    "before": {},
    "after": {
        "id": "1700000000.1-abc",
        "camera": "cam-new",
        "label": "ebike",
        "score": 0.9,
        "frame_time": 1795000000.5,
        "current_zones": [],
    },
}


async def test_every_open_case_has_its_forms_at_the_desk(as_person: Any, tell: Any) -> None:
    waiting = await tell(a_case(at=just_now()).filed())
    signed = await tell(
        a_case(a_matter(dedupe_key="b"), at=just_now()).filed().assigned_to(PROPERTY, WANG).signed_by(WANG)
    )
    dispatcher = await as_person("dispatch.lin")
    form = (await dispatcher.page(f"/console/cases/{waiting.id}")).css_first("#form-dispatch")
    assert "王建国" in form.css_first("select[name=person]").text()
    assert (await dispatcher.page(f"/console/cases/{signed.id}")).css_first("#form-reassign")


async def test_dispatch_to_somebody_of_another_unit_is_refused_beside_the_form(at_work: Any, tell: Any) -> None:
    case = await tell(a_case(a_matter(handler="nobody-does-this"), at=just_now()).filed())
    dispatcher = await at_work("dispatch.lin")
    form = (await dispatcher.page(f"/console/cases/{case.id}")).css_first("#form-dispatch")
    wrong = await dispatcher.submit(form, unit="fire-station", person=WANG.id)
    assert (wrong.status_code, "王建国不属于所选单位" in wrong.text) == (422, True)
    right = await dispatcher.submit(
        (await dispatcher.page(f"/console/cases/{case.id}")).css_first("#form-dispatch"), unit=PROPERTY, person=WANG.id
    )
    assert right.headers["location"].endswith("?done=dispatch")


async def test_the_list_is_empty_in_words_and_paged_in_fifties(as_person: Any, tell: Any) -> None:
    dispatcher = await as_person("dispatch.lin")
    assert "没有符合条件的案件" in (await dispatcher.page("/console/cases")).text()
    for n in range(51):
        await tell(a_case(a_matter(dedupe_key=str(n)), at=just_now(n)).filed())
    page = await dispatcher.page("/console/cases")
    assert len(page.css(".rows li")) == 50
    last = await dispatcher.page(page.css_first("a[rel=next]").attributes["href"])
    assert len(last.css(".rows li")) == 1


async def test_an_unknown_device_is_adopted_with_a_place(
    as_person: Any, seeded: Database, anybody: httpx.AsyncClient
) -> None:
    await anybody.post("/intake/frigate?topic=frigate/events", json=HEARD, auth=BROKER)
    manager = await as_person("devices.he")
    form = (await manager.page("/console/devices?tab=unregistered")).css_first(".adopt")
    assert (await manager.submit(form, place="")).status_code == 422
    assert (await manager.submit(form, place="/310110/other/")).status_code == 422
    done = await manager.submit(form, place="/310110/kj/c07/n021/b01/u1/")
    assert done.status_code == 303
    with psycopg.connect(seeded.owner_dsn) as connection:
        row = connection.execute("SELECT place, registered FROM devices WHERE device_id = 'cam-new'").fetchone()
    assert row == ("/310110/kj/c07/n021/b01/u1/", True)
    assert "cam-new" in (await manager.page("/console/devices?q=cam-new")).text()


async def test_what_cannot_be_read_waits_in_quarantine_with_its_reason(
    as_person: Any, anybody: httpx.AsyncClient
) -> None:
    broken = json.loads(json.dumps(HEARD))
    del broken["after"]["score"]
    taken = await anybody.post("/intake/frigate?topic=frigate/events", json=broken, auth=BROKER)
    assert (taken.status_code, taken.json()["quarantined"]) == (202, 1)
    await anybody.post("/intake/chirpstack", content=bytes(range(256)), auth=BROKER)
    manager = await as_person("devices.he")
    page = await manager.page("/console/quarantine")
    assert len(page.css("article.message")) == 2
    message = page.css("article.message")[1]
    assert all(part in message.text() for part in ("缺少字段", "after.score", "mapping"))
    still = await manager.submit(message.css_first("form"))
    assert (still.status_code, "还是读不懂" in still.text) == (422, True)


async def test_the_way_in_over_http_counts_a_message_once(anybody: httpx.AsyncClient) -> None:
    first = await anybody.post("/intake/frigate?topic=frigate/events", json=HEARD, auth=BROKER)
    second = await anybody.post("/intake/frigate?topic=frigate/events", json=HEARD, auth=BROKER)
    assert (first.status_code, first.json()["stored"]) == (202, 1)
    assert (second.json()["stored"], second.json()["duplicates"]) == (0, 1)
    assert (await anybody.post("/intake/frigate", json=HEARD)).status_code == 401
    assert (await anybody.post("/intake/frigate", json=HEARD, auth=("linli", "wrong"))).status_code == 401
    assert (await anybody.post("/intake/nothing", json=HEARD, auth=BROKER)).status_code == 404


async def test_codes_for_the_wall_lead_to_the_place(as_person: Any) -> None:
    manager = await as_person("devices.he")
    page = await manager.page("/console/places/qr?place=/310110/kj/c07/n021/b01/")
    assert len(page.css(".codes li")) == 5  # the building, two units, a lift in each
    code = await manager.get(page.css_first(".codes img").attributes["src"])
    assert (code.status_code, code.headers["content-type"]) == (200, "image/svg+xml")
    assert (await manager.get("/console/places/qr.svg?place=/elsewhere/")).status_code == 404


async def test_a_page_of_another_role_is_refused(as_person: Any) -> None:
    wang = await as_person("c07.wang")
    assert (await wang.get("/console/devices")).status_code == 403
    assert (await (await as_person("devices.he")).get("/m")).status_code == 403
    auditor = await as_person("auditor.shi")
    assert (await auditor.get("/")).headers["location"] == "/console"
    assert "还没有对您的岗位开放的页面" in (await auditor.page("/console")).text()
