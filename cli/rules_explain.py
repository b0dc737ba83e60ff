"""`linli rules explain`: why a signal raised what it raised, or nothing; why a case is what it is."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import typer

from activities.perceive.rows import as_view
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Refused, answer, bad_input, people
from cli.rules import rules_app
from domain.events import Received, Worsened, upcast
from domain.signals import FieldValue
from rules.detections import Change
from rules.explain import Explained, explain_signal
from rules.standing import rows_asked
from store.perception import remembered
from store.rulesets import active_rulesets

SIGNAL = "SELECT id, body, received_at, partition FROM signals WHERE id = %s ORDER BY received_at LIMIT 1"
DECISIONS = """
    SELECT ruleset, hash, rule, detection, case_id, at, stage, effect, explanation FROM decisions
    WHERE signal_id = %s ORDER BY at"""
REASONS = """
    SELECT e.type, e.v, e.data FROM case_events e JOIN cases c ON c.id = e.case_id
    WHERE (c.id::text = %(case)s OR c.number = %(case)s) AND e.type IN ('received', 'worsened') ORDER BY e.version"""

EFFECTS = {
    "muted": "，没有立案：已由案件 {case} 涵盖",
    "joined": "，没有另外立案：已并入案件 {case}",
    "storm": "，没有另外立案：立案太多，已合并到案件 {case}",
    "reopened": "，重办案件 {case}",
}
PARTS = {"enter": "开始条件", "exit": "结束条件", "rules": "没有选中的规则"}
TRUTHS = {True: "成立", False: "不成立", None: "未提供"}
TRUE_OR_FALSE = {True: "是", False: "否"}


def register(app: typer.Typer) -> None:
    del app  # `cli.rules` has put the group there
    rules_app.command("explain")(explain)


def explain(
    *,
    signal: Annotated[UUID | None, typer.Option("--signal", help="感知信息的编号。")] = None,
    case: Annotated[str | None, typer.Option("--case", help="案件的编号或 id。")] = None,
    as_json: JsonOption = False,
) -> None:
    """逐条说明：这条感知信息为什么立案、为什么没有；这件案件是怎么判定的。"""
    if (signal is None) == (case is None):
        raise bad_input("usage", "请给出 --signal 或 --case 之一", field="signal")
    data = carry_out(_of_signal(signal) if signal else _of_case(str(case)))
    if data is None:
        raise _unknown(signal, case)
    answer("rules.explain", data, as_json=as_json, show=lambda: _show(data))


def _unknown(signal: UUID | None, case: str | None) -> Refused:
    if signal:
        return bad_input("unknown-signal", f"没有这条感知信息：{signal}", field="signal", fix="linli signals list")
    return bad_input("unknown-case", f"没有这件案件：{case}", field="case", fix="linli cases list")


async def _of_signal(signal: UUID) -> dict[str, Any] | None:
    given = installation()
    async with store(given) as connections, connections.connection() as connection:
        found = await (await connection.execute(SIGNAL, (signal,))).fetchone()
        if found is None:
            return None
        rulesets = await active_rulesets(connection, given.zone)
        decided = await (await connection.execute(DECISIONS, (signal,))).fetchall()
        signal_id, body, received_at, partition = found
        heard = as_view(signal_id, body)
        stored = await remembered(connection, partition, rows_asked(rulesets, heard))
    explained = explain_signal(rulesets, heard, stored)
    keys = ("ruleset", "hash", "rule", "detection", "case_id", "at", "stage", "effect", "explanation")
    return {
        "signal": {"id": signal_id, "type": body["type"], "received_at": received_at, "fields": body["fields"]},
        "detections": [_detection(each) for each in explained],
        "conditions": [line for each in explained for line in _conditions(each)],
        "decisions": [dict(zip(keys, row, strict=True)) for row in decided],
    }


def _detection(each: Explained) -> dict[str, Any]:
    return {
        "ruleset": each.ruleset,
        "hash": each.hash,
        "detection": each.detection,
        "label": each.label,
        "enters": each.enters,
        "exits": each.exits,
        "failed": [line.field for line in each.failed],
        "standing": each.standing,
        "facts": {line.field: line.value for line in each.facts},
        "decided": each.decided,
        "words": each.words,
    }


def _conditions(each: Explained) -> list[dict[str, Any]]:
    where = {"ruleset": each.ruleset, "detection": each.detection}
    return [
        {**where, "part": part, "field": line.field, "value": line.value, "true": line.holds, "words": line.words}
        for part, lines in (("enter", each.enter), ("exit", each.exit), ("rules", each.rules))
        for line in lines
    ]


async def _of_case(case: str) -> dict[str, Any] | None:
    async with store(installation()) as connections, connections.connection() as connection:
        rows = await (await connection.execute(REASONS, {"case": case})).fetchall()
    events = [upcast(kind, version, data) for kind, version, data in rows]
    whys = [event.matter.why for event in events if isinstance(event, Received | Worsened)]
    return {"case": case, "decisions": [why.model_dump(mode="json") for why in whys]} if whys else None


def told(data: dict[str, Any]) -> Iterator[str]:
    """What the command found, line by line, as an author reads it."""
    for each in data.get("detections", ()):
        yield each["words"]
        for line in data["conditions"]:
            if (line["ruleset"], line["detection"]) == (each["ruleset"], each["detection"]):
                yield f"  {PARTS[line['part']]}：{line['words']}"
    for why in data["decisions"]:
        became = EFFECTS.get(why.get("effect", ""), "")
        yield f"{why['ruleset']}：规则 {why['rule']}{became.format(case=why.get('case_id'))}"
        for line in why.get("conditions", ()):
            yield f"  {line['rule']}：{line['condition']} {TRUTHS[line['holds']]}{_observed(line['value'])}"
        for signal in why.get("signals", ()):
            yield f"  起因：linli rules explain --signal {signal}"


def _observed(value: FieldValue | None) -> str:
    if value in (None, "", Change.BEGAN):  # that it began is the condition itself
        return ""
    return f"，实际 {TRUE_OR_FALSE[value] if isinstance(value, bool) else value}"


def _show(data: dict[str, Any]) -> None:
    for line in told(data):
        people.print(line, markup=False)
