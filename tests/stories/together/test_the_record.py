"""The record of events cannot be changed by the application, and not unseen by anybody."""

import psycopg
import pytest
from devices import Devices, sensors
from installation import Installation

pytestmark = pytest.mark.servers
TAMPER = "UPDATE case_events SET data = '{\"number\": \"KJ-00000000-000000\"}' WHERE case_id = %s AND type = 'filed'"


@pytest.fixture
def case_id(installation: Installation) -> str:
    sensor = sensors(installation)[40]
    with Devices(installation) as devices:
        devices.smoke(sensor["device_id"])
    place = sensor["place"]
    rows = installation.until(
        lambda: installation.sql("SELECT id::text FROM cases WHERE place = %s AND number IS NOT NULL", place)
    )
    return str(rows[0][0])


@pytest.mark.parametrize("statement", ["UPDATE case_events SET actor = 'x'", "DELETE FROM case_events"])
def test_the_application_may_neither_change_nor_delete_events(installation: Installation, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        installation.sql(statement)


def test_what_the_owner_changes_is_found_and_named(installation: Installation, case_id: str) -> None:
    (before,) = installation.sql("SELECT data::text FROM case_events WHERE case_id = %s AND type = 'filed'", case_id)
    installation.sql(TAMPER, case_id, owner=True)
    try:
        code, answer = installation.run("audit", "verify")
    finally:
        restore = "UPDATE case_events SET data = %s WHERE case_id = %s AND type = 'filed'"
        installation.sql(restore, before[0], case_id, owner=True)

    assert code == 1
    assert [(problem["code"], problem["field"]) for problem in answer["problems"]] == [
        ("event-changed", f"{case_id}/2")
    ]
    assert installation.run("audit", "verify")[0] == 0
