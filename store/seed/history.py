"""Signals of the past, put where perception would have put them when it read them: for demonstrations and measuring."""

from collections.abc import Iterable
from itertools import count
from typing import Any

import psycopg

from domain.signals import Signal
from store.intake import partition_of

COPY = """
    COPY signals (id, partition, seq, adapter, device_id, type, kind, phase, place, event_time, received_at, body)
    FROM STDIN"""


def keep_signals(connection: psycopg.Connection[Any], said: Iterable[Signal]) -> int:
    """Stores what was said, in the order of its arrival, each with the place that it names; how many there were.

    Nothing follows from it: perception has read it, as far as anybody knows.
    """
    (partitions,) = connection.execute("SELECT count(*) FROM partition_seq").fetchone() or (1,)
    numbers = [count(1) for _ in range(partitions)]
    stored = 0
    with connection.cursor().copy(COPY) as rows:
        for one in said:
            place, source = one.location.place_code, one.source
            partition = partition_of(place, source.adapter, source.device_id, partitions)
            what = (one.type, one.kind.value, one.phase.value, place, one.event_time, one.received_at)
            named = (one.id, partition, next(numbers[partition]), source.adapter, source.device_id)
            rows.write_row((*named, *what, one.model_dump_json()))
            stored += 1
    return stored
