"""`linli simulate`: the demo's devices over the broker, and what cases that made."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer

from adapters.mapping import adapter_for_topic, read
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, answer, bad_input, missing, people
from cli.simulation.feed import Devices, Feed, next_start, stretch
from cli.simulation.sending import Message, send, with_copies
from settings import Settings
from store.cases_digest import cases_digest
from store.pool import Pool

LONGEST_SHUFFLE = timedelta(seconds=8)  # rules wait ten seconds for what is late; the way here takes some of them
LATE = timedelta(seconds=10)
PATIENCE = timedelta(seconds=120)  # for all that was sent to be read and decided
MOST = 50_000
UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes"}

DEVICES = """
SELECT kind, array_agg(device_id ORDER BY device_id) FROM devices
WHERE registered AND place IS NOT NULL AND kind = ANY (ARRAY['elevator-camera', 'smoke-sensor', 'door-magnet'])
GROUP BY kind, CASE WHEN kind = 'smoke-sensor' THEN place END ORDER BY min(place), kind
"""
COUNTED = """
SELECT (SELECT count(*) FROM inbox WHERE id = ANY (%b::uuid[])),
       (SELECT count(*) FROM quarantine WHERE at >= %s)
"""
UNDONE = """
SELECT EXISTS (SELECT FROM partition_seq AS s JOIN partitions AS p USING (id) WHERE p.position < s.last) AS unread,
       EXISTS (SELECT FROM perception_state WHERE due_at <= %s) AS due,
       EXISTS (SELECT FROM case_inbox) AS untold,
       EXISTS (SELECT FROM cases WHERE version = 0) AS unstarted
"""


class Made(NamedTuple):
    """What a simulation came to."""

    data: dict[str, Any]
    problems: list[Problem]


def duration(text: str) -> timedelta:
    """`5s`, `500ms`, `1m`, or plain seconds; raises Refused."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)?", text.strip())
    if match is None:
        raise bad_input("duration", f"不是时长：{text!r}", field="shuffle", fix="例如 5s 或 500ms")
    return timedelta(**{UNITS[match[2] or "s"]: float(match[1])})


async def _devices(connections: Pool) -> Devices:
    async with connections.connection() as connection:
        found = await (await connection.execute(DEVICES)).fetchall()

    def of(kind: str) -> list[list[str]]:
        return [ids for its_kind, ids in found if its_kind == kind]

    devices = Devices(
        cameras=sorted(one for ids in of("elevator-camera") for one in ids),
        smoke=of("smoke-sensor"),
        doors=sorted(one for ids in of("door-magnet") for one in ids),
    )
    if not (devices.cameras and devices.smoke and devices.doors):
        raise missing("no-devices", "没有演示用的设备（摄像机、烟感、门磁）", fix="linli up")
    return devices


async def _simulate(given: Settings, count: int, copies: int, shuffle: timedelta, seed: int) -> Made:
    async with store(given) as connections:
        length = stretch(count, copies)
        feed = Feed(await _devices(connections), count, seed, length).signals()
        began = datetime.now(UTC)
        start = next_start(began)
        run = f"{seed}-{int(start.timestamp())}"
        messages = [Message(said.topic, said.payload(start, run), said.at) for said in feed]
        ids = _ids(messages, start)
        people.print(f"发送 {count} 条感知信息，每条 {copies} 份，约 {length // 1000} 秒")
        try:
            sent = await send(given, with_copies(messages, copies, shuffle, seed), start)
        except OSError as error:
            raise missing("broker-unavailable", f"消息代理没有回应：{error}", fix="linli start broker") from error
        people.print("等待全部读取与判定")
        judged = start + timedelta(milliseconds=max(said.at for said in feed)) + LATE
        stored, quarantined, waiting = await _settled(connections, ids, began, judged)
        digest, cases = await cases_digest(connections)
    data = {
        "sent": sent.sent,
        "stored": stored,
        "refused": sent.refused,
        "duplicates": sent.sent - stored - quarantined,
        "quarantined": quarantined,
        "cases_digest": digest,
        "cases": cases,
    }
    return Made(data, [Problem(code="unsettled", reason=f"等了太久，还有：{'、'.join(waiting)}")] if waiting else [])


def _ids(messages: list[Message], start: datetime) -> list[UUID]:
    """The signals that these messages are, by the mappings in force."""
    readings = [read(adapter_for_topic(m.topic) or "", m.topic, m.payload, start + PATIENCE) for m in messages]
    return [signal.id for reading in readings for signal in reading.signals]


async def _settled(
    connections: Pool, ids: list[UUID], began: datetime, judged: datetime
) -> tuple[int, int, tuple[str, ...]]:
    """Wait until all is stored, read, decided and begun: signals stored, messages refused, and what is still undone."""
    limit = max(judged, datetime.now(UTC)) + PATIENCE
    while True:
        async with connections.connection() as connection:
            counted = await (await connection.execute(COUNTED, (ids, began))).fetchone()
            undone = await (await connection.execute(UNDONE, (judged,))).fetchone()
        stored, quarantined = counted or (0, 0)
        early = datetime.now(UTC) < judged + timedelta(seconds=1)
        names = ("未入库", "未读取", "未判定", "未送达", "未开始")
        waiting = tuple(name for name, is_so in zip(names, (stored < len(ids), *(undone or ())), strict=True) if is_so)
        if (not early and not waiting) or datetime.now(UTC) > limit:
            return stored, quarantined, waiting
        await asyncio.sleep(0.5)


def register(app: typer.Typer) -> None:
    @app.command("simulate")
    def simulate(
        *,
        count: Annotated[int, typer.Option(min=1, max=MOST, help="多少条感知信息。")] = 200,
        copies: Annotated[int, typer.Option(min=1, max=10, help="每条发送几份。")] = 1,
        shuffle: Annotated[str, typer.Option(help="每份随机推迟，最多这么久，例如 5s。")] = "0s",
        seed: Annotated[int, typer.Option(help="同一个数，同样的经过。")] = 1,
        as_json: JsonOption = False,
    ) -> None:
        """让演示设备实时发送感知信息（电瓶车、烟感、门磁），等全部判定后给出案件摘要。"""
        late = duration(shuffle)
        if late > LONGEST_SHUFFLE:
            raise bad_input("too-late", "最多推迟 8 秒：规则只等 10 秒内的迟到", field="shuffle", fix="--shuffle 5s")
        made = carry_out(_simulate(installation(), count, copies, late, seed))
        answer(
            "simulate",
            made.data,
            as_json=as_json,
            ok=not made.problems,
            problems=made.problems,
            show=lambda: people.print_json(data=made.data),
        )
