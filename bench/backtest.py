"""A million stored signals played again: a month of everything, and a month in which all are of one kind."""

import asyncio
from datetime import UTC, datetime, timedelta

from activities.backtest.asked import beside, real_cases, texts_of
from activities.backtest.playing import Ask, Texts, play
from bench.cpu import Meter
from bench.figures import Figure
from bench.installation import Installation
from store.intake import partition_of
from store.pool import Connection, pool

PART = "backtest"
STORED = 1_000_000
A_MONTH = timedelta(days=30)
MIXED, OF_ONE_KIND = datetime(2001, 10, 1, tzinfo=UTC), datetime(2002, 10, 1, tzinfo=UTC)
BURST = 5  # signals that a device says one after another, 25 s apart
HELD = ("for: 60s", "for: 75s")
SPEAKERS = """
    SELECT adapter, device_id, kind, place FROM devices WHERE registered AND kind = ANY (%s) ORDER BY md5(device_id)"""
KINDS = ("elevator-camera", "smoke-sensor", "door-magnet", "level-meter")
TABLE = """
    CREATE TEMPORARY TABLE speakers (
        n int, adapter text, device_id text, kind text, place text COLLATE "C", partition smallint)"""
# A ride every twentieth time a camera sees something, an alarm every hundredth time that a sensor speaks.
FILL = """
    INSERT INTO signals
        (id, partition, seq, adapter, device_id, type, kind, phase, place, event_time, received_at, body)
    SELECT id, partition, row_number() OVER (PARTITION BY partition ORDER BY at, id), adapter, device_id, type, 'state',
           phase, place, at, at, json_build_object(
               'id', id, 'kind', 'state', 'type', type, 'phase', phase, 'metric', null, 'value', null, 'unit', null,
               'source', json_build_object(
                   'adapter', adapter, 'instance', 'main', 'device_id', device_id, 'channel', ''),
               'aggregation', null, 'fields', fields, 'event_time', at, 'event_time_origin', 'device',
               'event_time_text', null, 'received_at', at, 'quality', 'good', 'severity', null,
               'confidence', fields->'confidence', 'location', json_build_object(
                   'place_code', place, 'lat', null, 'lon', null, 'crs', 'EPSG:4326', 'floor', null),
               'evidence', '[]'::json, 'raw_ref', 'mqtt:bench/' || adapter)
    FROM (
        SELECT gen_random_uuid() AS id, s.*, at,
               CASE kind WHEN 'elevator-camera' THEN 'elevator.ebike' WHEN 'smoke-sensor' THEN 'smoke.alarm'
                         WHEN 'door-magnet' THEN 'door.contact' ELSE 'device.telemetry' END AS type,
               CASE WHEN kind = 'elevator-camera'
                    THEN (ARRAY['start', 'update', 'update', 'update', 'end'])[k + 1] ELSE 'none' END AS phase,
               CASE kind WHEN 'elevator-camera' THEN json_build_object(
                             'confidence', CASE WHEN dice < 5 THEN 0.85 ELSE 0.3 END + k * 0.02,
                             'in_doorway', dice < 2, 'label', 'ebike')
                         WHEN 'smoke-sensor' THEN json_build_object('alarm', dice = 0 AND k < 3)
                         WHEN 'door-magnet' THEN json_build_object('open', dice < 20 AND k < 4)
                         ELSE json_build_object('water_depth', dice / 10.0) END AS fields
        FROM (SELECT b, k, %(began)s::timestamptz + b * %(spacing)s + k * interval '25 s' AS at,
                     abs(hashint8(b)) %% 100 AS dice
              FROM generate_series(0, %(bursts)s - 1) AS b, generate_series(0, 4) AS k) AS said
        JOIN speakers AS s ON s.n = b %% %(speakers)s) AS signal"""


async def measure(installation: Installation) -> list[Figure]:
    """From the question to the difference, two processes and Postgres on the machine's processors."""
    figures = []
    async with pool(installation.settings.database_url, most=2) as connections, connections.connection() as connection:
        await asyncio.to_thread(_fill, installation, MIXED, KINDS)
        for name, ruleset, held in (
            ("a mixed month, e-bikes against itself", "ebike-in-elevator", False),
            ("a mixed month, e-bikes held longer", "ebike-in-elevator", True),
            ("a mixed month, smoke against itself", "corridor-smoke", False),
        ):
            figures.append(await _played(name, connection, installation, MIXED, ruleset, held=held))
        await asyncio.to_thread(_fill, installation, OF_ONE_KIND, KINDS[:1])
        for name, held in (("all of them e-bikes, against itself", False), ("all of them e-bikes, held longer", True)):
            figures.append(await _played(name, connection, installation, OF_ONE_KIND, "ebike-in-elevator", held=held))
        await asyncio.to_thread(_forget, installation)
    return figures


def _fill(installation: Installation, began: datetime, kinds: tuple[str, ...]) -> None:
    """A month of these devices, long before anything else that the home may hold."""
    with installation.owner() as connection:
        speakers = connection.execute(SPEAKERS, (list(kinds),)).fetchall()
        (partitions,) = connection.execute("SELECT count(*) FROM partition_seq").fetchone() or (1,)
        connection.execute("SET work_mem = '256MB'")
        connection.execute(TABLE)
        with connection.cursor().copy("COPY speakers FROM STDIN") as rows:
            for number, (adapter, device, kind, place) in enumerate(speakers):
                partition = partition_of(place, adapter, device, partitions)
                rows.write_row((number, adapter, device, kind, place, partition))
        bursts = STORED // BURST
        values = {"began": began, "bursts": bursts, "spacing": A_MONTH / bursts, "speakers": len(speakers)}
        connection.execute(FILL, values)
        connection.execute("ANALYZE signals")


def _forget(installation: Installation) -> None:
    with installation.owner() as connection:
        connection.execute("DELETE FROM signals WHERE received_at < %s", (OF_ONE_KIND + 2 * A_MONTH,))


async def _played(
    name: str, connection: Connection, installation: Installation, began: datetime, ruleset: str, *, held: bool
) -> Figure:
    given = installation.settings
    found = await connection.execute("SELECT hash FROM rulesets WHERE id = %s AND stage = 'active'", (ruleset,))
    (active,) = await found.fetchone() or ("",)
    against = await texts_of(connection, active)
    tried = Texts(ruleset, against.definition.replace(*HELD), against.template) if held else against
    until = began + A_MONTH + timedelta(hours=1)
    ask = Ask(given.database_url, tried, against, await beside(connection, given.zone_name), began, until)
    real = await real_cases(connection, await asyncio.to_thread(ask.rulesets), began, until)
    meter = Meter(installation, ("postgres",))
    played = await asyncio.to_thread(play, ask, real, lambda *_: None)
    cases, spent = len(played.difference.items), meter.spent()
    return Figure(
        PART,
        name,
        STORED / played.seconds,
        "/s",
        note=f"{played.signals:,} of {STORED:,} are of its types, {cases:,} cases, {played.seconds:.1f} s; processor "
        f"seconds: players {spent['bench']:.1f}, postgres {spent['postgres']:.1f}",
    )
