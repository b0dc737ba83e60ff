"""Two people at once, the same click twice, and people who may not."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from devices import Devices, cameras
from installation import Installation

pytestmark = pytest.mark.servers


@pytest.fixture
def case(installation: Installation) -> dict[str, str]:
    """A freshly assigned case."""
    taken = {row[0] for row in installation.sql("SELECT place FROM cases WHERE closed_at IS NULL")}
    camera = next(camera for camera in cameras(installation) if camera["place"] not in taken)
    with Devices(installation) as devices:
        devices.hold_door(camera["device_id"])
    rows = installation.until(
        lambda: installation.sql(
            """SELECT c.id::text, p.name, c.unit, c.place FROM cases c JOIN people p ON p.id = c.person
               WHERE c.place = %s""",
            camera["place"],
        )
    )
    return dict(zip(("id", "handler", "unit", "place"), rows[0], strict=True))


def command(client: httpx.Client, case_id: str, name: str, key: str, **body: object) -> httpx.Response:
    return client.post(f"/api/v1/cases/{case_id}/commands/{name}", json=body, headers={"Idempotency-Key": key})


def test_of_two_who_sign_at_once_the_other_hears_who_won(installation: Installation, case: dict[str, str]) -> None:
    (liaison,) = installation.sql(
        "SELECT name, display_name FROM people WHERE unit = %s AND 'liaison' = ANY (roles) LIMIT 1", case["unit"]
    )
    names = {row[0]: row[1] for row in installation.sql("SELECT name, display_name FROM people")}
    with installation.browser(name=case["handler"]) as one, installation.browser(name=liaison[0]) as other:
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda client: command(client, case["id"], "sign", str(uuid4())), (one, other)))
        again = command(one, case["id"], "comment", key := str(uuid4()), text="已到楼下")
        twice = command(one, case["id"], "comment", key, text="已到楼下")

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = next(answer.json() for answer in answers if answer.status_code == 409)
    winner = case["handler"] if answers[0].status_code == 200 else liaison[0]
    assert (loser["code"], loser["params"]["by"]) == ("already-signed", names[winner])
    assert (again.status_code, twice.status_code) == (200, 200)
    assert again.json() == twice.json()
    counted = "SELECT count(*) FROM case_events WHERE case_id = %s AND type = 'commented'"
    assert installation.sql(counted, case["id"]) == [(1,)]


def test_no_case_is_seen_from_another_area(installation: Installation, case: dict[str, str]) -> None:
    (stranger,) = installation.sql(
        """SELECT name FROM people WHERE 'handler' = ANY (roles)
           AND NOT EXISTS (SELECT FROM unnest(areas) a WHERE starts_with(%s, a)) LIMIT 1""",
        case["place"],
    )
    with installation.browser(name=stranger[0]) as client:
        for path in (f"/m/cases/{case['id']}", f"/console/cases/{case['id']}", f"/api/v1/cases/{case['id']}"):
            assert client.get(path).status_code == 404
        assert command(client, case["id"], "sign", str(uuid4())).status_code == 404


def test_without_a_session_only_public_routes_answer(installation: Installation) -> None:
    base = installation.data["urls"]["console"].rsplit("/", 1)[0]
    listed = installation.linli("routes")["data"]["items"]
    with httpx.Client(base_url=base) as nobody:
        for route in listed:
            path = re.sub(r"\{[^}]+\}", str(uuid4()), route["path"])
            for method in set(route["methods"]) - {"HEAD", "OPTIONS"}:
                answered = nobody.request(method, path)
                refused = answered.status_code in (401, 403, 404) or answered.headers.get("location", "").startswith(
                    "/login"
                )
                assert refused or "public" in route["needs"], (method, path, answered.status_code)
