"""Rules on facts: Linli's engine beside others on the same rules, and its share of the way from signal to case."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import psutil
from psycopg import AsyncConnection

from bench import rivals
from bench.feed import Device, devices
from bench.figures import Figure, percentile
from bench.installation import Installation
from domain.signals import FieldValue, Kind, Location, Phase, Signal, Source, TimeOrigin, signal_id
from rules.classify import Question, plain_hits, spoken
from rules.compiled import Compiled
from rules.conditions import comparisons_of
from rules.engine.client import AT_ONCE, EngineClient
from rules.engine.compiled import EngineInside
from rules.load import load_folder
from settings.model import RULESETS
from store.intake import open_intake

PART = "evaluations"
SIZES = (10, 50, 500)  # rules
ROUNDS = 4
A_ROUND = 0.4  # seconds of processor time
PATIENCE = 30.0
ALARMS = 40
DECIDED = "SELECT EXISTS (SELECT FROM decisions WHERE signal_id = %s AND case_id IS NOT NULL)"
Said = dict[str, FieldValue]
T = TypeVar("T")


async def measure(installation: Installation) -> list[Figure]:
    client = EngineClient(installation.settings.engine_socket)
    engine = psutil.Process(installation.pid("engine"))
    try:
        figures = [figure for size in SIZES for figure in await asyncio.to_thread(_of_size, size, client, engine)]
        return figures + await _share_of_the_way(installation, client)
    finally:
        client.close()


def _of_size(size: int, client: EngineClient, engine: psutil.Process) -> list[Figure]:
    """Raises AssertionError where two engines do not find the same rules."""
    made, said = rivals.rules(size), rivals.facts(AT_ONCE)
    ours = rivals.as_ruleset(made)
    inside = EngineInside(ours.engine)
    others = {
        "rule-engine": rivals.rule_engine_of(made),
        "business-rules": rivals.business_rules_of(made),
        "zen-engine": rivals.zen_of(made),
    }
    named = [rivals.in_our_names(facts) for facts in said]
    expected = [set(inside.hits(facts)) for facts in named]
    assert expected == [set(plain_hits(ours, facts)) for facts in named]
    assert expected == [set(hits) for hits in client.hits(_questions(ours, named))]
    for hits in [*others.values(), rivals.zen_of(made, explain=True)]:
        assert expected == [hits(facts) for facts in said]
    rates = {name: _rate(said, hits) for name, hits in others.items()}
    told = rivals.zen_of(made, explain=True)
    with_trace = {"zen-engine": _rate(said, told)}
    per = f"{sum(map(len, expected)) / len(expected):.1f} rules hit, {len(ours.engine)} engine rulesets"
    figures = [
        _figure(f"{size} rules, in process", _rate(named, inside.hits), rates, per),
        _figure(f"{size} rules, by socket, {AT_ONCE} at once", _by_socket(ours, named, client, engine), rates),
        _figure(f"{size} rules, plain evaluator", _rate(named, lambda facts: plain_hits(ours, facts)), rates),
        _figure(f"{size} rules, in process, explained", _rate(named, _explained(ours, inside)), with_trace),
        *(Figure(PART, f"{size} rules, {name}", rate, "/s") for name, rate in rates.items()),
        *(Figure(PART, f"{size} rules, {name}, explained", rate, "/s") for name, rate in with_trace.items()),
    ]
    inside.close()
    return figures


def _figure(name: str, rate: float, beside: dict[str, float], note: str = "") -> Figure:
    ratios = ", ".join(f"{rate / other:.1f} × {of}" for of, other in beside.items())
    return Figure(PART, name, rate, "/s", note=f"{ratios}; {note}" if note else ratios)


def _questions(ours: Compiled, named: Sequence[Said]) -> list[Question]:
    return [Question(ours.engine, facts) for facts in named]


def _by_socket(ours: Compiled, named: Sequence[Said], client: EngineClient, engine: psutil.Process) -> float:
    """With the processor time of both ends."""
    questions = _questions(ours, named)

    def clock() -> float:
        theirs = engine.cpu_times()
        return time.process_time() + theirs.user + theirs.system

    return _rate([0], lambda _: client.hits(questions), clock) * len(questions)


def _explained(ours: Compiled, inside: EngineInside) -> Callable[[Said], object]:
    """As `classify` explains: the rules that hit, and every condition with what it saw and whether it held."""
    conditions = [rule.condition for rule in ours.rules if rule.condition is not None]
    tests = [comparison for condition in conditions for comparison in comparisons_of(condition)]
    return lambda facts: (inside.hits(facts), [spoken(ours, test, facts) for test in tests])


def _rate(given: Sequence[T], evaluate: Callable[[T], object], clock: Callable[[], float] = time.process_time) -> float:
    """Evaluations in a second of processor time, over all that is given again and again; the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        count, began = 0, clock()
        while (took := clock() - began) < A_ROUND:
            evaluate(given[count % len(given)])
            count += 1
        best = max(best, count / took)
    return best


async def _share_of_the_way(installation: Installation, client: EngineClient) -> list[Figure]:
    """One alarm after another, each from its commit in the inbox to the commit of what it opened or told."""
    with installation.owner() as connection:
        sensors = [device for device in devices(connection) if device.kind == "smoke-sensor"][:ALARMS]
    smoke = load_folder(RULESETS / "corridor-smoke")
    facts: Said = {"alarming": "began", "sensors_2m": 1, "smoke.alarm": True, "smoke.phase": "none"}
    ways, asked = [], []
    listener = await AsyncConnection.connect(installation.settings.database_url, autocommit=True)
    async with listener, open_intake(installation.settings) as intake:
        await listener.execute("LISTEN linli_case_inbox")
        for number, sensor in enumerate(sensors):
            alarm = _alarm(sensor, number)
            await intake.take([alarm])
            committed = time.perf_counter()
            await asyncio.wait_for(_decided(listener, alarm), PATIENCE)
            ways.append(time.perf_counter() - committed)
            began = time.perf_counter()
            await asyncio.to_thread(client.hits, [Question(smoke.engine, facts)])
            asked.append(time.perf_counter() - began)
    way, engine = percentile(ways, 0.5), percentile(asked, 0.5)
    note = f"one question with thread and socket {engine * 1e6:,.0f} µs, p50"
    return [
        Figure(PART, "inbox commit to case opened, p50", way * 1e3, "ms", note=f"{len(ways)} alarms one by one"),
        Figure(PART, "inbox commit to case opened, p95", percentile(ways, 0.95) * 1e3, "ms"),
        Figure(PART, "the rule engine's share of that", engine / way * 100, "%", note=note),
    ]


async def _decided(listener: AsyncConnection[tuple[Any, ...]], alarm: Signal) -> None:
    """Until the transaction that opened its case is seen."""
    while True:
        ((decided,),) = await (await listener.execute(DECIDED, (alarm.id,))).fetchall()
        if decided:
            return
        async for _ in listener.notifies(timeout=1, stop_after=1):
            pass


def _alarm(sensor: Device, number: int) -> Signal:
    at = datetime.now(UTC) - timedelta(milliseconds=1)
    source = Source(adapter=sensor.adapter, instance="main", device_id=sensor.id)
    return Signal(
        id=signal_id(source, ["alarm", number, at.isoformat()], "smoke.alarm", Phase.NONE),
        source=source,
        kind=Kind.STATE,
        type="smoke.alarm",
        phase=Phase.NONE,
        fields={"alarm": True},
        event_time=at,
        event_time_origin=TimeOrigin.DEVICE,
        received_at=at,
        location=Location(place_code=sensor.place),
        raw_ref=f"mqtt:bench/{sensor.adapter}",
    )
