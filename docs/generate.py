"""Writes docs/lifecycle.md and the index of lint codes out of the code: `python -m docs.generate` here."""  # noqa: INP001

import ast
from collections.abc import Iterator
from pathlib import Path

from docs import lint_codes, ruleset_words, scenario_list
from domain.cases import PauseKind, RequestKind, Stage
from domain.lifecycle import PERMISSIONS, Who
from domain.lifecycle.permissions import FILED, OPEN, RETURNS_BEFORE_BRAIN
from domain.lifecycle.planning import DESK_LIMITS, LOUDEST, OVERALL_LADDER, REPEATS, YELLOW
from domain.lifecycle.waiting import (
    LONGEST_DEFERRAL,
    LONGEST_SUSPENSION,
    LONGEST_WAIT,
    MOST_EXTENSIONS,
    MOST_SUSPENSIONS,
)
from web.i18n import languages, translations
from web.problems import status_of
from web.refusals import SENTENCES
from web.words import LABELS

HERE = Path(__file__).parent
DECIDER = HERE.parent / "domain" / "lifecycle"
PAGE = HERE / "lifecycle.md"
CODE_AT = {"require": 1, "Refused": 0}  # which argument is the code
ENGLISH = "en"
SYSTEM_COMMANDS = {
    "note_worsened": "情况加重或再次发生",
    "note_cleared": "告警解除",
    "replan": "工作日历更新，重新计时",
    "press": "到时提醒与升级",
    "note_joined": "并入同一原因的情况",
    "call_parties": "请会办单位到场",
}
STANDING = {
    Who.RULE: "the system by rule",
    Who.HANDLER: "the person it is assigned to",
    Who.LIAISON: "liaison of the unit it is with",
    Who.TEAM: "any handler of that unit, while no person is named",
    Who.PARTY: "anyone of a unit that acts beside it (会办)",
    Who.FOR_UNIT: "duty desk of the area, where the unit has no accounts (names who was spoken to)",
    Who.ACCEPTOR: "acceptor of the area",
    Who.DISPATCHER: "dispatcher of the area",
    Who.INSPECTOR: "inspector of the area, but nobody who handled it",
    Who.DUTY_OFFICER: "duty officer of the area",
    Who.SUPERVISOR: "supervisor of the area",
    Who.GRID_WORKER: "grid worker of the area",
    Who.COMMITTEE: "committee worker of the area",
    Who.REPORTER: "the reporter, by the follow link",
    Who.ANYONE: "anyone of the area or the unit",
}
HEAD = """\
# The life of a case: who may do what, and what is refused

*Generated from `domain/lifecycle/` and `web/refusals.py` by `python -m docs.generate`; do not edit by hand.*

`domain.lifecycle.decide` is the only judge: pages, API, command line and workflow ask the same function.
"""
COMMANDS_FOOT = """\
What a resident reported is declined by the duty officer only, and closed only with a reply. A matter whose category
is filed at the desk stays `received` until somebody files, declines, links or settles it.
"""
PAUSES_HEAD = """\
## Pauses

While a case is paused no clock runs and the system gives it to nobody. A pause ends on its day, by `resume`, with the
stage it was for, or when the matter gets worse.
"""
RETURNS = f"""\
## Returns

Within the category's window a unit says whose the case is instead, and on which ground. Until it is ruled on, the unit
stays responsible and the clock goes on. The dispatcher rules; from return {RETURNS_BEFORE_BRAIN} on, the brain's
supervisor. What was granted is a precedent: the next case of that category and kind of unit in the same committee's
area goes to the owner at once.
"""
THRESHOLDS = " and ".join(f"{rung.at:.0%}" for rung in OVERALL_LADDER if rung.at)
CLOCKS = f"""\
## Clocks

Each stage has a clock and the case has one overall, from filing (once reopened, from then). The desk's stages and
emergencies are counted round the clock, all else in the working time of the category's calendar. Deadlines are planned
as instants when an event is appended, and recorded with it. What was used of a limit is carried over whatever moves
it: a pause, an extension, a new calendar. The light is green under {YELLOW:.0%}, then yellow, red at the end.

The stage's clock tells by the ladder of the ruleset, the overall one at {THRESHOLDS}. Each threshold tells once.
Only an emergency that nobody signed is told again, {REPEATS} times, a signing limit apart, louder up to {LOUDEST}.
"""
REFUSALS_HEAD = """\
## Refusals

A refusal is an answer with a stable code, parameters and a sentence that says what to do now. `{…}` are its parameters.
HTTP status: 403 not for this person, 409 not now (the case stands otherwise), 422 something in the form is missing or
wrong (named by `field`). `linli cases command` exits with 1.
"""
OTHERS_HEAD = """\
## Answers from before the case is asked

Given by pages, API and command line themselves: sign-in, forms, uploads, servers that do not answer.
"""


def page() -> str:
    """docs/lifecycle.md as it ought to be."""
    decided = sorted(codes_of_the_decider())
    others = sorted(SENTENCES.keys() - set(decided))
    parts = (
        HEAD,
        "## Stages\n",
        table(("stage", "label", "limit"), stages()),
        "## Commands\n",
        table(("command", "label", "at", "who"), commands()),
        COMMANDS_FOOT,
        "## Stage by stage\n",
        table(("stage", "commands of people", "of the system"), by_stage()),
        "## Requests\n",
        table(("request", "label", "what it gives", "limit"), requests()),
        PAUSES_HEAD,
        table(("pause", "label", "begins by", "ends early by"), pauses()),
        RETURNS,
        CLOCKS,
        REFUSALS_HEAD,
        table(
            ("code", "status", "Chinese", "English"),
            ((code(word), str(status_of(word)), *said(word)) for word in decided),
        ),
        OTHERS_HEAD,
        table(("code", "Chinese", "English"), ((code(word), *said(word)) for word in others)),
    )
    return "\n".join(parts)


def stages() -> Iterator[tuple[str, ...]]:
    of_the_case = {Stage.ASSIGNED: "`sign`", Stage.HANDLING: "`handle`", Stage.INSPECTING: "`inspect`"}
    for stage in Stage:
        minutes = int(DESK_LIMITS[stage].total_seconds() // 60) if stage in DESK_LIMITS else 0
        limit = f"{minutes} min" if minutes else f"{of_the_case[stage]} of its ruleset" if stage in of_the_case else "–"
        yield code(stage.value), LABELS["stage"][stage.value], limit


def commands() -> Iterator[tuple[str, ...]]:
    for name, permission in PERMISSIONS.items():
        at = ", ".join(code(stage.value) for stage in Stage if stage in permission.stages)
        if permission.stages == frozenset(Stage):
            at = "any"
        elif permission.stages == frozenset(OPEN):
            at = "any open"
        elif permission.stages == frozenset(FILED):
            at = "any open that is filed"
        yield code(name), label_of(name), at, "; ".join(STANDING[who] for who in permission.who)


def requests() -> Iterator[tuple[str, ...]]:
    given = {
        RequestKind.EXTENSION: (
            "hours of working time on the handling and the overall limit",
            f"{MOST_EXTENSIONS} times, before red",
        ),
        RequestKind.DEFERRAL: ("a pause", f"at most {LONGEST_DEFERRAL.days} days"),
        RequestKind.SUSPENSION: ("a pause", f"{MOST_SUSPENSIONS} time, at most {LONGEST_SUSPENSION.days} days"),
        RequestKind.VOID: ("closed as `voided`", "–"),
    }
    for kind in RequestKind:
        yield code(kind.value), LABELS["request"][kind.value], *given[kind]


def pauses() -> Iterator[tuple[str, ...]]:
    wait = f"`wait_for`, at most {LONGEST_WAIT.days} days"
    begins = {PauseKind.DEFERRAL: "a granted request", PauseKind.SUSPENSION: "a granted request"}
    for kind in PauseKind:
        ends = "the holder, the duty desk" + (", the reporter's answer" if kind is PauseKind.FOR_REPORTER else "")
        yield code(kind.value), LABELS["pause"][kind.value], begins.get(kind, wait), ends


def by_stage() -> Iterator[tuple[str, ...]]:
    for stage in Stage:
        here = {name: permission.who for name, permission in PERMISSIONS.items() if stage in permission.stages}
        people = [code(name) for name, who in here.items() if set(who) != {Who.RULE}]
        system = [code(name) for name, who in here.items() if Who.RULE in who]
        yield code(stage.value), ", ".join(people), ", ".join(system) or "–"


def codes_of_the_decider() -> set[str]:
    """Every code that `domain.lifecycle` can refuse with, as its source says it."""
    named = (
        node.args[CODE_AT[node.func.id]]
        for path in DECIDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_AT
    )
    return {str(argument.value) for argument in named if isinstance(argument, ast.Constant)}


def said(refusal: str) -> tuple[str, str]:
    """Its sentence in Chinese and, where the catalogue has it, in English."""
    chinese = SENTENCES[refusal]
    english = translations(ENGLISH).gettext(chinese) if ENGLISH in languages() else chinese
    return chinese, english if english != chinese else ""


def label_of(command: str) -> str:
    return SYSTEM_COMMANDS.get(command) or LABELS["command"][command]


def code(word: str) -> str:
    return f"`{word}`"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    for other in (lint_codes, ruleset_words, scenario_list):
        other.PAGE.write_text(other.page(), encoding="utf-8")
