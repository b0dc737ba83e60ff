"""`linli cases command`: what a person's form does, from a script."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from activities.giving import Given, StillWorking, StoreUnavailable, TemporalUnavailable, give, reach
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, Refused, answer, bad_input, missing, people
from domain.commands import Command
from domain.matters import Evidence
from settings import Settings
from store import case_index, evidence
from store.case_pages import standing
from store.evidence import EvidenceStore, PhotoRefused
from store.people import Person
from store.pool import Pool, viewed_by
from store.staff import person_named
from web.forms import GIVEN_BY_PEOPLE, Upload, command_of
from web.problems import Problem as Wrong
from web.refusals import sentence
from web.words import LABELS

Photos = list[tuple[Evidence, Path]]
CaseArgument = Annotated[str, typer.Argument(help="案件的 id 或编号。", metavar="CASE")]


def no_such_case(case: str) -> Refused:
    return missing("not-found", f"没有这个案件：{case}", field="case", fix="linli cases list")


def register_command(group: typer.Typer) -> None:
    @group.command("command")
    def command(
        case: CaseArgument,
        name: Annotated[str, typer.Argument(help=f"操作：{'、'.join(sorted(GIVEN_BY_PEOPLE))}", metavar="NAME")],
        *,
        by: Annotated[str, typer.Option("--as", help="以谁的身份：登录名。")],
        fields: Annotated[str, typer.Option("--with", help="操作的内容，一个 JSON 对象。")] = "{}",
        photo_before: Annotated[Path | None, typer.Option(help="处置前照片。", dir_okay=False)] = None,
        photo_after: Annotated[Path | None, typer.Option(help="处置后照片。", dir_okay=False)] = None,
        key: Annotated[UUID | None, typer.Option(help="操作的 id：重试时用同一个，只算一次。")] = None,
        as_json: JsonOption = False,
    ) -> None:
        """以某人的身份办理案件，与其页面上的表单相同。"""
        given_photos = ((Evidence.PHOTO_BEFORE, photo_before), (Evidence.PHOTO_AFTER, photo_after))
        photos = [(kind, path) for kind, path in given_photos if path is not None]
        data = carry_out(_carry_out(Asked(case, name, by, read_fields(fields), photos, key or uuid4())))
        answer(
            "cases.command",
            data,
            as_json=as_json,
            show=lambda: people.print(f"{LABELS['done'][name]}（第 {data['version']} 版，{data['stage']}）"),
        )


def read_fields(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad_input("not-json", f"--with 不是 JSON：{error}", field="with") from error
    if not isinstance(fields, dict):
        raise bad_input("not-json", "--with 要是一个 JSON 对象", field="with")
    return fields


@dataclass(frozen=True)
class Asked:
    """What the command line says."""

    case: str
    name: str
    by: str
    fields: dict[str, Any]
    photos: Photos
    key: UUID


async def _carry_out(asked: Asked) -> dict[str, Any]:
    given = installation()
    async with store(given) as connections:
        async with connections.connection() as connection:
            person = await person_named(connection, asked.by)
            found = await case_index.find(connection, asked.case)
        if person is None:
            raise missing("no-such-person", f"没有这个人员：{asked.by}", field="as", fix="linli people list")
        async with viewed_by(connections, person.actor.sight) as connection:
            if found is None or await standing(connection, found["id"]) is None:
                raise no_such_case(asked.case)
        case_id: UUID = found["id"]
        command = await _with_evidence(connections, given, asked, person, case_id)
        await _give(
            given, Given(command_id=asked.key, case_id=case_id, actor=person.actor, command=command, transport="cli")
        )
        async with connections.connection() as connection:
            after = await case_index.find(connection, str(case_id))
    assert after is not None  # noqa: S101 - cases are never deleted
    return {"case": case_id, "key": asked.key, "version": after["version"], "stage": after["stage"]}


async def _with_evidence(connections: Pool, given: Settings, asked: Asked, person: Person, case_id: UUID) -> Command:
    """The command, after its photos are kept. Raises Refused as the page's form would."""
    uploads = [Upload(asked.key, kind, raw) for kind, raw in read_photos(asked.photos)]
    brought = [*asked.fields.get("evidence", ()), *(upload.ref.model_dump() for upload in uploads)]
    command = _command(asked.name, {**asked.fields, "evidence": brought} if brought else asked.fields)
    kept = EvidenceStore(given.evidence_folder)
    areas = person.actor.sight
    for upload in uploads:
        try:
            await kept.keep(connections, areas, case_id, upload.ref, upload.raw, by=person.id)
        except PhotoRefused as refused:
            field = upload.ref.kind.value
            reason = _said(refused.code, {**refused.params, "field": field})
            raise bad_input(refused.code, reason, field=field) from refused
    async with viewed_by(connections, areas) as connection:
        if await evidence.foreign(connection, case_id, getattr(command, "evidence", ())):
            raise bad_input("evidence-unknown", _said("evidence-unknown", {}), field="evidence")
    return command


def _command(name: str, fields: dict[str, Any]) -> Command:
    if name not in GIVEN_BY_PEOPLE:
        fix = "、".join(sorted(GIVEN_BY_PEOPLE))
        raise bad_input("unknown-command", f"没有这项操作：{name}", field="name", fix=fix)
    try:
        return command_of(name, fields)
    except Wrong as wrong:
        raise bad_input(wrong.code, _said(wrong.code, wrong.params), field=wrong.params.get("field")) from wrong


def read_photos(photos: Photos) -> list[tuple[Evidence, bytes]]:
    try:
        return [(kind, path.read_bytes()) for kind, path in photos]
    except OSError as error:
        raise bad_input("photo-unreadable", f"照片读不出来：{error.filename}", field="photo") from error


async def _give(given: Settings, command: Given) -> None:
    """Raises Refused: exit 1 for what the case refuses, 3 where a server does not answer."""
    try:
        async with reach(given) as reached:
            outcome = await give(reached, command)
    except TemporalUnavailable as lost:
        raise _unanswered("temporal-unavailable", "linli up，或 linli start temporal") from lost
    except StoreUnavailable as lost:
        raise _unanswered("store-unavailable", "linli up，或 linli start postgres") from lost
    except StillWorking as lost:
        raise _unanswered("still-working", f"用同一个 --key {command.command_id} 再问一次") from lost
    if not outcome.accepted:
        field = outcome.params.get("field")
        reason = _said(outcome.code, outcome.params)
        problem = Problem(code=outcome.code, reason=reason, field=str(field) if field else None)
        raise Refused(problem, data={"case": command.case_id, "key": command.command_id, "params": outcome.params})


def _unanswered(code: str, fix: str) -> Refused:
    return missing(code, _said(code, {}), fix=fix)


def _said(code: str, params: dict[str, Any]) -> str:
    return sentence(code, params, str, lambda kind, word: LABELS[kind].get(word, word))
