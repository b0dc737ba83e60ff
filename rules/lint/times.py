"""Lengths of time and numbers that perception cannot honour."""

from collections.abc import Iterator
from datetime import timedelta

from rules.compiled import Compiled, Listened
from rules.conditions import comparisons_of
from rules.durations import in_words
from rules.history import MOST_EPISODES
from rules.lint.finding import Finding
from rules.reading import Path
from rules.views import as_micros

TIMES = {"for": "持续多久才算", "silent": "多久没有消息", "within": "多长时间里", "over": "看最近多久"}


def times(compiled: Compiled) -> Iterator[Finding]:
    for listened in compiled.signals.values():
        yield from _of_signal(compiled, listened)
    longest = max(declared.late for declared in compiled.form.signals.values())
    for name, fact in compiled.form.facts.items():
        if fact.within is not None and as_micros(fact.within) < compiled.late_us:
            yield _too_short(("facts", name, "within"), "within", longest)
    counted = {window.name for window in compiled.windows}
    for rule in compiled.rules:
        for read in () if rule.condition is None else comparisons_of(rule.condition):
            if read.ref in counted and isinstance(read.value, int | float) and read.value > MOST_EPISODES:
                yield Finding(read.path, "too-many", f"每组最多记 {MOST_EPISODES} 次，达不到 {read.value}", "改小")


def _of_signal(compiled: Compiled, listened: Listened) -> Iterator[Finding]:
    declared = compiled.form.signals[listened.name]
    for perceived in listened.detections:
        path: Path = ("perceive", perceived.name)
        by_silence = compiled.form.perceive[perceived.name].by_silence
        if perceived.silent_us is not None and perceived.silent_us < listened.late_us:
            yield _too_short((*path, "enter" if by_silence else "exit"), "silent", declared.late)
        if 0 < perceived.for_us < listened.late_us:
            yield _too_short((*path, "for"), "for", declared.late)
    for name, derived in declared.derive.items():
        if derived.over is not None and derived.over < declared.late:
            yield _too_short(("signals", listened.name, "derive", name, "over"), "over", declared.late)


def _too_short(path: Path, word: str, late: timedelta) -> Finding:
    return Finding(
        path,
        "too-short",
        f"{TIMES[word]}（{word}）比信息最多晚到的时间（late，{in_words(late)}）还短",
        "加长它，或改短 late",
    )
