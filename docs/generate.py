"""Writes docs/lifecycle.md out of the code: `python -m docs.generate` in the project's folder."""  # noqa: INP001

import ast
from collections.abc import Iterator
from pathlib import Path

from domain.cases import Stage
from domain.lifecycle import PERMISSIONS, Who
from domain.lifecycle.clocks import DESK_LIMITS
from domain.lifecycle.permissions import OPEN
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
    "press": "到时提醒与升级",
}
STANDING = {
    Who.RULE: "the system by rule",
    Who.HANDLER: "the person it is assigned to",
    Who.LIAISON: "liaison of the unit it is with",
    Who.TEAM: "any handler of that unit, while no person is named",
    Who.ACCEPTOR: "acceptor of the area",
    Who.DISPATCHER: "dispatcher of the area",
    Who.INSPECTOR: "inspector of the area, but nobody who handled it",
    Who.DUTY_OFFICER: "duty officer of the area",
    Who.GRID_WORKER: "grid worker of the area",
    Who.ANYONE: "anyone of the area or the unit",
}
HEAD = """\
# The life of a case: who may do what, and what is refused

*Generated from `domain/lifecycle/` and `web/refusals.py` by `python -m docs.generate`; do not edit by hand.*

`domain.lifecycle.decide` is the only judge: pages, API, command line and workflow ask the same function.
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
        "## Stage by stage\n",
        table(("stage", "commands of people", "of the system"), by_stage()),
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
        yield code(name), label_of(name), at, "; ".join(STANDING[who] for who in permission.who)


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
