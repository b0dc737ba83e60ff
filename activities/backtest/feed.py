"""Stored signals as rules read them, a day at a time: the server takes the few values that rules read out of a body."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from domain.places import Level, at_level
from rules.views import SignalView, moment, view_row

MERGED = ("value", "confidence", "severity")  # into the fields, as perception does (activities/perceive/rows.py)
A_DAY = timedelta(days=1)  # what is sorted at once, and how soon a cancelled job stops asking
COLUMNS = """
    s.id::text, s.type, s.phase, s.place,
    concat_ws('/', nullif(f.adapter, ''), nullif(f.instance, ''), nullif(f.device_id, ''), nullif(f.channel, '')),
    split_part(coalesce(b.raw_ref, ''), ':', 1), b.fields::text, b.value::text, b.confidence::text, b.severity,
    (extract(epoch FROM s.event_time) * 1000000)::bigint, (extract(epoch FROM s.received_at) * 1000000)::bigint"""
BODY = """
    CROSS JOIN LATERAL json_to_record(s.body) AS b
        (source json, fields json, value json, confidence json, severity text, raw_ref text)
    CROSS JOIN LATERAL json_to_record(b.source) AS f (adapter text, instance text, device_id text, channel text)"""
WHERE = """
    s.received_at >= {since} AND s.received_at < {until} AND s.type = ANY ({types})
    AND ({area}::text IS NULL OR s.place ^@ {area} OR {area} ^@ s.place)"""  # what is wider is heard there too
COPY = sql.SQL(f"""
    COPY (SELECT {COLUMNS} FROM signals s {BODY} WHERE {WHERE} AND s.partition = ANY ({{partitions}})
          ORDER BY s.received_at, s.seq) TO STDOUT""")  # noqa: S608 - constants
COUNT = sql.SQL(f"SELECT s.partition, count(*) FROM signals s WHERE {WHERE} GROUP BY s.partition")  # noqa: S608 - constants


class Stretch(NamedTuple):
    """Which stored signals: those that arrived from `since` up to `until`, of these types, of an area (None: all)."""

    since: datetime
    until: datetime
    types: tuple[str, ...]
    area: str | None = None

    def values(self, **other: Any) -> dict[str, sql.Composable]:
        """For a statement; of a part of a community all of it is heard: windows count that far."""
        area = None if self.area is None else (at_level(self.area, Level.COMMUNITY) or self.area)
        given = {**self._asdict(), "types": list(self.types), "area": area, **other}
        return {name: sql.Literal(value) for name, value in given.items()}


def days(stretch: Stretch) -> Iterator[tuple[datetime, datetime]]:
    """The stretch cut at midnights (UTC)."""
    since = stretch.since
    while since < stretch.until:
        midnight = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
        yield since, min(midnight, stretch.until)
        since = midnight


def counts(connection: psycopg.Connection[Any], stretch: Stretch) -> dict[int, int]:
    """How many there are in each partition of the inbox."""
    return dict(connection.execute(COUNT.format(**stretch.values())).fetchall())


def signals(
    connection: psycopg.Connection[Any], stretch: Stretch, partitions: Sequence[int]
) -> Iterator[tuple[SignalView, datetime]]:
    """Each with its arrival, in the order in which perception read them within each partition."""
    for since, until in days(stretch):
        statement = COPY.format(**stretch.values(partitions=list(partitions), since=since, until=until))
        with connection.cursor().copy(statement) as rows:
            for row in rows.rows():
                yield _view(row)


def _view(row: tuple[Any, ...]) -> tuple[SignalView, datetime]:
    signal_id, kind, phase, place, device, transport, body, value, confidence, severity, event_time, arrival = row
    fields = json.loads(body)
    for name, said in zip(MERGED, (value, confidence, severity), strict=True):
        if said is not None and name not in fields and said != "null":
            fields[name] = said if name == "severity" else json.loads(said)
    view = view_row(
        id=signal_id,
        type=kind,
        phase=phase,
        device_id=device,
        place=place,
        event_time=int(event_time),
        fields=fields,
        transport=transport,
    )
    return view, moment(int(arrival))
