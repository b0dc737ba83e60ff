"""Every list is read from its index, out of tables that are much longer than a page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from builders import DUTY_OFFICER, INSPECTOR, LI, WANG, a_case, a_matter
from databases import Database, Postgres, fresh

from domain.cases import Light, PauseKind, Stage
from domain.people import Actor, Role
from store import around, board, case_index, case_pages, desk, devices, quarantine, signals, staff
from store.case_pages import Filter, concerning, list_cases
from store.geometry import points_of_cases
from store.pool import Connection, Pool, pool, viewed_by
from store.seed import Account
from web.console.devices import queries as device_pages

pytestmark = pytest.mark.servers
LONG = 20_000  # rows; a page has 50
MANY_TIMES_A_PAGE = 12 * case_pages.PAGE  # rows read for one: what is near its beginning but not shown
NOW = datetime.now(UTC)
BEHIND = (NOW - timedelta(hours=30), uuid4())  # of 20,000 minutes of cases
AN_HOUR_AGO = NOW - timedelta(hours=1)
DUE_BEHIND = (NOW + timedelta(hours=2), uuid4())
SUB_DISTRICT = "/310110/kj/"
AREA = desk.Wanted()
A_CASE = a_case(a_matter(place="/310110/kj/c7/n7/b7/")).case
CASES = """
    INSERT INTO cases (id, dedupe_key, ruleset, place, received_at, last_seen, version, state, stage, number, title,
                       unit, person, due_at, filed_at, closed_at)
    SELECT gen_random_uuid(), 'long/main/' || n, 'long',
           '/310110/kj/c' || n %% 25 || '/n' || n %% 60 || '/b' || n %% 40 || '/',
           now() - n * interval '1 minute', now(), 3, %(state)s,
           CASE WHEN n %% 10 < 9 THEN 'closed' ELSE (%(stages)s::text[])[1 + n / 10 %% 7] END, 'LONG-' || n,
           '电瓶车进电梯', 'unit-' || n %% 400, CASE WHEN n %% 3 > 0 THEN md5((n %% 2000)::text)::uuid END,
           now() + (n %% 600 - 5) * interval '1 minute', now() - n * interval '1 minute',
           CASE WHEN n %% 10 < 9 THEN now() - n * interval '30 seconds' END
    FROM generate_series(1, %(long)s) n"""
OTHERS = """
    INSERT INTO case_events (case_id, version, type, v, data, at, actor, actor_name, transport, hash)
    SELECT id, v, CASE v WHEN 1 THEN 'received' WHEN 2 THEN 'dispatched' ELSE 'signed' END, 1, '{{}}',
           received_at + v * interval '1 second', 'rule', '', 'rule', '' FROM cases, generate_series(1, 3) v;
    INSERT INTO areas (path, level, label) SELECT DISTINCT place, 5, 'b' FROM cases;
    INSERT INTO areas (path, level, label) SELECT '/310110/kj/d' || n || '/', 3, 'd' FROM generate_series(1, 5000) n;
    INSERT INTO signals (id, partition, seq, adapter, device_id, type, kind, phase, event_time, received_at, body)
    SELECT gen_random_uuid(), n % 4, n, 'frigate', 'cam-' || n % 500, 'elevator.ebike', 'event', 'start',
           now() - n * interval '1 second', now() - n * interval '1 second', '{{}}' FROM generate_series(1, {long}) n;
    INSERT INTO inbox (id, partition, seq, digest, body, received_at)
    SELECT id, partition, seq, '', body, received_at FROM signals;
    UPDATE partitions SET position = {long} - 20;
    INSERT INTO quarantine (id, at, adapter, reason, sha256, raw, replayed_at)
    SELECT gen_random_uuid(), now() - n * interval '1 second', 'frigate', 'not-json', '', '',
           CASE WHEN n % 100 > 0 THEN now() END FROM generate_series(1, {long}) n;
    INSERT INTO devices (adapter, device_id, kind, place, registered)
    SELECT 'frigate', 'cam-' || n, 'camera', '/310110/kj/c' || n % 25 || '/', true FROM generate_series(1, {long}) n"""


@pytest.fixture(scope="module")
def full(postgres: Postgres, demo_template: tuple[str, tuple[Account, ...]]) -> Iterator[Database]:
    """The demo organisation after two weeks of cases, signals and what could not be read."""
    state = a_case().filed().case.model_dump_json()
    for database in fresh(postgres, *demo_template):
        with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
            owner.execute(CASES, {"state": state, "stages": [stage.value for stage in Stage][:-1], "long": LONG})
            owner.execute(OTHERS.format(long=LONG))
            owner.execute("ANALYZE")
        yield database


@pytest.fixture
async def connections(full: Database) -> AsyncIterator[Pool]:
    async with pool(full.app_dsn, most=2) as opened:
        yield opened


def of_unit(unit: str, *roles: Role) -> Actor:
    return Actor(id=WANG.id, name="王建国", roles=frozenset(roles), areas=(SUB_DISTRICT,), unit=unit)


async def rows_read(connection: Connection, table: str, indexes: list[str]) -> tuple[int, int, dict[str, int]]:
    """What this transaction read of `table` so far: rows in sequence, rows by index, scans of each index."""
    found = await connection.execute(
        "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s", (table,)
    )
    ((in_sequence, by_index),) = await found.fetchall()
    found = await connection.execute(
        "SELECT name, pg_stat_get_xact_numscans(name::regclass) FROM unnest(%s::text[]) name", (indexes,)
    )
    return in_sequence, by_index, dict(await found.fetchall())


@pytest.mark.parametrize(
    ("read", "index"),
    [
        (lambda c: list_cases(c, Filter()), "cases_newest"),
        (lambda c: list_cases(c, Filter(), BEHIND), "cases_newest"),
        (lambda c: list_cases(c, Filter(stage=Stage.CLOSED), BEHIND), "cases_newest"),
        (lambda c: list_cases(c, Filter(stage=Stage.INSPECTING)), "cases_by_stage"),
        (lambda c: list_cases(c, Filter(stage=Stage.INSPECTING), DUE_BEHIND), "cases_by_stage"),
        (lambda c: list_cases(c, Filter(unit="unit-7")), "cases_of_unit"),
        (lambda c: list_cases(c, Filter(unit="unit-7"), BEHIND), "cases_of_unit"),
        (lambda c: list_cases(c, Filter(person=UUID(LI.id))), "cases_of_person"),
        (lambda c: list_cases(c, Filter(area="/310110/kj/c99/")), "cases_by_place"),
        (lambda c: list_cases(c, Filter(happened="received", since=AN_HOUR_AGO)), "cases_newest"),
        (lambda c: list_cases(c, Filter(happened="filed", since=AN_HOUR_AGO)), "cases_filed"),
        (lambda c: list_cases(c, Filter(happened="closed", since=AN_HOUR_AGO)), "cases_closed"),
        (lambda c: list_cases(c, Filter(happened="signed", since=AN_HOUR_AGO)), "cases_pkey"),
        (lambda c: list_cases(c, Filter(only_open=True)), "cases_open"),
        (lambda c: list_cases(c, Filter(light=Light.OVERDUE)), "cases_due cases_by_stage"),  # either skips to them
        (lambda c: list_cases(c, Filter(light=Light.DUE_SOON)), "cases_due"),
        (lambda c: list_cases(c, Filter(pause=PauseKind.FOR_REPORTER)), "cases_paused"),
        (board.news, "cases_pkey"),
        (lambda c: board.numbers(c, {"filed": Filter(happened="filed", since=AN_HOUR_AGO)}), "cases_filed"),
        (lambda c: board.numbers(c, {"closed": Filter(happened="closed", since=AN_HOUR_AGO)}), "cases_closed"),
        (lambda c: board.signed_after(c, AN_HOUR_AGO), "cases_pkey"),
        (lambda c: board.hot_places(c, AN_HOUR_AGO), "cases_newest"),
        (lambda c: desk.waiting(c, "alarms", AREA), "cases_alarms"),
        (lambda c: desk.waiting(c, "alarms-verifying", AREA, DUE_BEHIND), "cases_alarms"),
        (lambda c: desk.waiting(c, "intake", AREA), "cases_intake"),
        (lambda c: desk.waiting(c, "intake-verifying", AREA), "cases_intake"),
        (lambda c: desk.waiting(c, "dispatching", AREA), "cases_at_desk"),
        (lambda c: desk.waiting(c, "dispatching", AREA, DUE_BEHIND), "cases_at_desk"),
        (lambda c: desk.waiting(c, "closing", AREA), "cases_at_desk"),
        (lambda c: desk.waiting(c, "returned", AREA), "cases_to_rule"),
        (lambda c: desk.waiting(c, "returned-thrice", AREA), "cases_to_rule"),
        (lambda c: desk.waiting(c, "requested", AREA), "cases_to_rule"),
        (lambda c: desk.waiting(c, "calls", AREA), "cases_to_call"),
        (lambda c: desk.counted(c, ("alarms", "alarms-verifying")), "cases_alarms"),
        (lambda c: concerning(c, of_unit("unit-9", Role.HANDLER)), "cases_by_unit"),
        (lambda c: concerning(c, of_unit("unit-9", Role.LIAISON)), "cases_by_person"),
        (lambda c: concerning(c, INSPECTOR), "cases_by_stage"),
        (lambda c: concerning(c, DUTY_OFFICER), "cases_at_desk"),
        (lambda c: around.same_place(c, A_CASE), "cases_by_place"),
        (lambda c: around.linkable(c, A_CASE), "cases_by_place"),
        (lambda c: around.followers_of(c, A_CASE), "cases_by_main"),
        (lambda c: around.children_of(c, A_CASE.model_copy(update={"children": 1})), "cases_by_parent"),
        (lambda c: around.numbered(c, "LONG-7"), "cases_number_key"),
    ],
)
async def test_a_list_of_cases_reads_little_more_than_it_shows(
    connections: Pool, read: Callable[[Connection], Awaitable[Any]], index: str
) -> None:
    async with viewed_by(connections, (SUB_DISTRICT,)) as connection:
        await read(connection)
        in_sequence, by_index, scans = await rows_read(connection, "cases", index.split())
    assert (in_sequence, any(scans.values())) == (0, True)
    assert by_index <= MANY_TIMES_A_PAGE


@pytest.mark.parametrize(
    "read",
    [
        lambda c: board.committees_by_light(c, (SUB_DISTRICT,)),
        lambda c: board.numbers(c, {"open": Filter(only_open=True), "overdue": Filter(light=Light.OVERDUE)}),
        points_of_cases,
    ],
)
async def test_what_the_wall_asks_of_all_open_cases_reads_no_closed_one(
    connections: Pool, read: Callable[[Connection], Awaitable[Any]]
) -> None:
    async with viewed_by(connections, (SUB_DISTRICT,)) as connection:
        await read(connection)
        in_sequence, by_index, _ = await rows_read(connection, "cases", [])
    assert (in_sequence, by_index <= LONG / 5 + MANY_TIMES_A_PAGE) == (0, True)


async def test_the_news_of_a_day_are_read_from_their_index(connections: Pool) -> None:
    async with viewed_by(connections, (SUB_DISTRICT,)) as connection:
        await board.news(connection)
        in_sequence, by_index, scans = await rows_read(connection, "case_events", ["case_events_news"])
    assert (in_sequence, scans["case_events_news"]) == (0, 1)
    assert by_index <= MANY_TIMES_A_PAGE


async def test_the_name_of_a_place_is_looked_up_and_not_searched_for(connections: Pool) -> None:
    async with viewed_by(connections, (SUB_DISTRICT,)) as connection:
        page = await list_cases(connection, Filter())
        in_sequence, _, scans = await rows_read(connection, "areas", ["areas_pkey"])
    assert {row.place_label for row in page.rows} == {"b"}
    assert (in_sequence, scans["areas_pkey"] > 0) == (0, True)


@pytest.mark.parametrize(
    ("query", "values", "indexes", "never"),
    [
        (quarantine.LIST, {"at": None, "after": None, "waiting": False}, ["quarantine_by_age"], "quarantine"),
        (quarantine.LIST, {"at": NOW, "after": uuid4(), "waiting": False}, ["quarantine_by_age"], "quarantine"),
        (quarantine.LIST, {"at": None, "after": None, "waiting": True}, ["quarantine_waiting"], "quarantine"),
        (quarantine.LIST, {"at": NOW, "after": uuid4(), "waiting": True}, ["quarantine_waiting"], "quarantine"),
        (
            signals.LIST,
            {"at": None, "id": None, "type": None, "device": None},
            ["_received_at_id_idx", "inbox_partition_seq_key"],
            "inbox",
        ),
        (
            signals.LIST,
            {"at": NOW, "id": uuid4(), "type": None, "device": None},
            ["_received_at_id_idx", "inbox_partition_seq_key"],
            "inbox",
        ),
        (
            signals.LIST,
            {"at": None, "id": None, "type": None, "device": "cam-7"},
            ["_adapter_device_id_event_time_idx", "inbox_partition_seq_key"],
            "inbox",
        ),
        (
            devices.LIST,
            {"adapter": None, "device": None, "unregistered": False, "place": None, "kind": None},
            ["devices_pkey"],
            "devices",
        ),
        (
            devices.LIST,
            {"adapter": "frigate", "device": "cam-9", "unregistered": False, "place": None, "kind": None},
            ["devices_pkey"],
            "devices",
        ),
        (
            devices.LIST,
            {"adapter": None, "device": None, "unregistered": False, "place": "/310110/kj/c99/", "kind": None},
            ["devices_by_place"],
            "devices",
        ),
        (
            device_pages.LIST,
            {"registered": True, "areas": [SUB_DISTRICT], "text": "", "like": "%", "adapter": "", "device": ""},
            ["devices_pkey", "areas_pkey"],
            "devices",
        ),
        (case_index.LIST, {"stage": None, "open": False, "after": uuid4()}, ["cases_newest", "cases_pkey"], "cases"),
        (case_index.LIST, {"stage": None, "open": True, "after": uuid4()}, ["cases_open", "cases_pkey"], "cases"),
        (staff.LIST, {"unit": None, "role": None, "after": "c07"}, ["cases_by_person"], "cases"),
    ],
)
async def test_a_list_is_read_from_its_index(
    connections: Pool, query: str, values: dict[str, Any], indexes: list[str], never: str
) -> None:
    async with connections.connection() as connection:
        found = await connection.execute(f"EXPLAIN {query}", values | {"limit": 50})
        plan = "\n".join(line for (line,) in await found.fetchall())
    assert all(index in plan for index in indexes), plan
    assert f"Seq Scan on {never}" not in plan
