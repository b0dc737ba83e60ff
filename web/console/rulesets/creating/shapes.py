"""The six common shapes of a scenario: what each asks its author, and where the answers go in its template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rules.durations import in_words, parse_duration
from web.i18n import N_

Answers = Mapping[str, Any]
Puts = list[tuple[str, Any]]  # a path of the YAML, and what stands there then


@dataclass(frozen=True)
class Shape:
    """`field`: the template's own name for what is looked at, of the type `kind`; `asks`: names of questions."""

    id: str
    title: str
    when: str
    signal: str
    field: str
    kind: str
    rule: str
    asks: tuple[str, ...]
    usual: Mapping[str, str]
    puts: Callable[[Answers], Puts]


def _threshold(given: Answers) -> Puts:
    line, hold = given["threshold"], given["hold"]
    back = _near(line, 0.9)
    over, step = "perceive/over", hold + timedelta(minutes=1)
    later, held = in_words(step), in_words(hold + max(hold * 0.1, timedelta(seconds=1)))
    swings = (line, back, line, _near(back, 0.999), line, line)
    puts: Puts = [
        (f"{over}/enter", {f"reading.{given['field']}": {"gte": line}}),
        (f"{over}/exit", {f"reading.{given['field']}": {"lt": back}}),
        (f"{over}/for", in_words(hold)),
        ("tests/0/feed", _feed(given, (("0s", line), (held, _near(line, 0.5))))),
        ("tests/1/feed", _feed(given, (("0s", _near(line, 0.99)), (later, _near(line, 0.99))))),
        ("tests/3/feed", _feed(given, tuple((in_words(step * n), value) for n, value in enumerate(swings)))),
    ]
    if hold:
        return [*puts, ("tests/2/feed", _feed(given, (("0s", line), (in_words(hold * 0.8), _near(line, 0.5)))))]
    return [*puts, ("tests/2/feed", _feed(given, (("0s", _near(line, 0.5)),))), ("tests/2/name", "读数一直很低")]


def _near(line: float, share: float) -> float:
    """A little on the quiet side of the line, also where the line is zero or below."""
    return round(line - abs(line or 1) * (1 - share), 3)


def _feed(given: Answers, said: tuple[tuple[str, Any], ...]) -> list[dict[str, Any]]:
    return [{"at": at, "reading": {given["field"]: value}} for at, value in said]


def _agreement(given: Answers) -> Puts:
    count, within = given["count"], given["within"]
    step = within / (count + 1)
    told = [_alarm(given, f"d{n + 1}", step * n) for n in range(count)]
    late = [_alarm(given, f"d{n + 1}", within * (n + 1)) for n in range(count)]
    few = "tests/0/feed", told
    puts: Puts = [
        ("facts/devices/within", in_words(within)),
        ("facts/devices/by", given["by"]),
        ("classify/0/if", {"all": [{"alarming": {"is": "began"}}, {"devices": {"gte": count}}]}),
        ("case/dedupe", given["by"]),
        few,
        ("tests/4/feed", late),
    ]
    return puts


def _alarm(given: Answers, device: str, at: timedelta) -> dict[str, Any]:
    return {"at": in_words(at), "device": device, "sensor": {given["field"]: True}}


def _repeated(given: Answers) -> Puts:
    count, within, line = given["count"], given["within"], given["threshold"]
    each = in_words(within / (count + 1))
    spoken = [{"at": "0s", "event": {given["field"]: line}}, {"at": "25s", "event": {"phase": "end"}}]
    faint = [{"at": "0s", "event": {given["field"]: _near(line, 0.99)}}, {"at": "25s", "event": {"phase": "end"}}]
    return [
        ("perceive/seen/enter", {f"event.{given['field']}": {"gte": line}}),
        ("facts/times/within", in_words(within)),
        ("facts/times/by", given["by"]),
        ("classify/0/if", {"all": [{"seen": {"is": "began"}}, {"times": {"gte": count}}]}),
        ("case/dedupe", given["by"]),
        ("tests/0/feed", {"repeat": count, "every": each, "of": spoken}),
        ("tests/1/feed", {"repeat": count - 1, "every": each, "of": spoken}),
        ("tests/2/feed", {"repeat": count, "every": each, "of": faint}),
        ("tests/3/feed", {"repeat": count, "every": in_words(within), "of": spoken}),
    ]


def _silence(given: Answers) -> Puts:
    silent = given["silent"]
    beat = [{"at": "0s", "heartbeat": {"phase": "none"}}]
    return [
        ("perceive/quiet/enter", {"heartbeat": {"silent": in_words(silent)}}),
        ("tests/0/feed", [*beat, {"at": in_words(silent + timedelta(hours=4))}]),
        ("tests/1/feed", {"repeat": 5, "every": in_words(silent * 0.9), "of": beat}),
    ]


def _keywords(given: Answers) -> Puts:
    words = given["keywords"]
    return [
        ("perceive/said/enter", {"report.text": {"contains_any": list(words)}}),
        ("tests/0/feed", [{"at": "0s", "report": {"text": f"您好，我们这里有{words[0]}，请来看看"}}]),
        ("tests/1/feed", [{"at": "0s", "report": {"text": f"反映一下{words[-1]}的问题"}}]),
    ]


def _schedule(given: Answers) -> Puts:
    hold, starts, ends = given["hold"], given["from"], given["to"]
    later = in_words(hold + timedelta(minutes=1))
    said = [{"at": at, "state": {given["field"]: True}} for at in ("0s", later)]
    short = [
        {"at": "0s", "state": {given["field"]: bool(hold)}},
        {"at": in_words(hold * 0.5), "state": {given["field"]: False}},
    ]
    held = {"all": [{f"state.{given['field']}": {"eq": True}}, {"hours.forbidden": {"eq": True}}]}
    return [
        ("hours/forbidden/from", starts),
        ("hours/forbidden/to", ends),
        ("hours/forbidden/days", given["days"]),
        ("perceive/wrong/enter", held),
        ("perceive/wrong/for", in_words(hold)),
        *((f"tests/{n}/start", starts) for n in (0, 1, 3)),
        ("tests/2/start", ends),
        *((f"tests/{n}/date", "2026-03-07" if given["days"] == "rest" else "2026-03-02") for n in range(4)),
        *((f"tests/{n}/feed", said) for n in (0, 2, 3)),
        ("tests/1/feed", short),
    ]


_WORK = ("category", "handler", "priority")
SHAPES = {
    shape.id: shape
    for shape in (
        Shape(
            "threshold", N_("读数超限"), N_("一台设备报一个数，到了一条线并持续一会儿。例：积水、温度、分贝。"),
            "reading", "water_depth", "number", "over", ("source", "threshold", "hold", *_WORK),
            {"threshold": "20", "hold": "5m", "category": "flooding", "handler": "property", "priority": "high"},
            _threshold,
        ),
        Shape(
            "agreement", N_("多个设备同时报警"), N_("一个可能是误报，同一处几个都报多半是真的。例：烟感。"),
            "sensor", "alarm", "boolean", "several", ("source", "count", "within", "by", *_WORK),
            {"count": "2", "within": "2m", "by": "place.unit", "category": "fire-alarm", "handler": "fire-station",
             "priority": "urgent"}, _agreement,
        ),
        Shape(
            "repeated", N_("屡次发生"), N_("一次只计数，一段时间里发生几次才去治理。例：电瓶车进电梯。"),
            "event", "confidence", "number", "again", ("source", "threshold", "count", "within", "by", *_WORK),
            {"threshold": "0.8", "count": "3", "within": "7d", "by": "place.building", "category": "lift-ebike-talk",
             "handler": "committee", "priority": "normal"}, _repeated,
        ),
        Shape(
            "silence", N_("该来的信息没有来"), N_("设备平时按时报平安，到时候没有消息。例：心跳、独居老人家的门磁。"),
            "heartbeat", "", "any", "quiet", ("source", "silent", *_WORK),
            {"silent": "26h", "category": "sensor-silent", "handler": "property", "priority": "normal"}, _silence,
        ),
        Shape(
            "keywords", N_("市民诉求关键词"), N_("市民写来的话里提到某几个词。例：飞线、油烟。"),
            "report", "text", "report", "said", ("keywords", *_WORK),
            {"keywords": "飞线、私拉电线、拉线充电", "category": "wire-charging", "handler": "committee",
             "priority": "normal"}, _keywords,
        ),
        Shape(
            "schedule", N_("不该有的时候有"), N_("白天允许、夜里不允许的事。例：夜里门一直开着、下班后还在运行。"),
            "state", "open", "boolean", "wrong", ("source", "from", "to", "days", "hold", *_WORK),
            {"from": "22:00", "to": "06:00", "days": "all", "hold": "5m", "category": "door-left-open",
             "handler": "property", "priority": "normal"}, _schedule,
        ),
    )
}  # fmt: skip


def puts_of(shape: Shape, ruleset: str, answers: Answers) -> Puts:
    """Everything that an author's answers change in the template of `shape`."""
    puts: Puts = [("ruleset", ruleset), ("title", answers["title"])]
    rule = "classify/0/then"
    work = [(f"{rule}/{name}", answers[name]) for name in _WORK]
    expected = [(f"tests/0/expect/{name}", answers[name]) for name in ("handler", "priority")]
    source = answers.get("source")
    if source is not None:
        at = f"signals/{shape.signal}"
        puts += [(f"{at}/type", source["type"]), (f"{at}/label", source["label"])]
        if shape.field:
            about = {"type": shape.kind, "label": source["field_label"]}
            puts += [(f"{at}/fields/{answers['field']}", about | ({"unit": source["unit"]} if source["unit"] else {}))]
    return [*puts, *work, *expected, *shape.puts(answers)]


def duration(text: str) -> timedelta:
    """`5m`, `5 分钟`, `2小时`: raises ValueError."""
    for words, sign in (("分钟", "m"), ("小时", "h"), ("秒", "s"), ("天", "d"), ("分", "m"), ("时", "h")):
        text = text.replace(words, sign)
    return parse_duration("".join(text.split()))
