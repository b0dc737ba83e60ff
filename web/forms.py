"""From what people and scripts send to a command: each field checked, what is wrong named."""

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from domain.cases import EvidenceRef
from domain.commands import COMMAND, COMMANDS, Command
from domain.lifecycle import PERMISSIONS
from domain.matters import Evidence
from store.evidence import PHOTOS, evidence_id
from web.i18n import N_
from web.problems import Problem

GIVEN_BY_PEOPLE = frozenset(PERMISSIONS) & frozenset(COMMANDS)
BY_THE_STORE = {"file": frozenset({"number"}), "settle": frozenset({"number"})}  # fields that nobody may send
NUMBER_FIELD = "to_number"  # of `link`: the main case, by the number that people copy
MOMENTS = ("until",)  # fields of date and time
# fields of a form that count only with some choices; a page without scripts shows them all
ONLY_WITH = {"hours": ("kind", {"extension"}), "until": ("kind", {"deferral", "suspension"})}
DEEPEST = 6
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")
REASONS = {
    "string_too_short": N_("至少 {min_length} 个字"),
    "string_too_long": N_("最多 {max_length} 个字"),
    "too_long": N_("最多 {max_length} 项"),
    "less_than_equal": N_("不能大于 {le}"),
    "greater_than_equal": N_("不能小于 {ge}"),
    "extra_forbidden": N_("没有这个字段"),
    "int_parsing": N_("要填整数"),
    "bool_parsing": N_("请选一项"),
    "literal_error": N_("请从列出的选项中选"),
    "enum": N_("请从列出的选项中选"),
    "uuid_parsing": N_("请从列表中选"),
    "datetime_from_date_parsing": N_("要填日期和时间"),
    "datetime_parsing": N_("要填日期和时间"),
    "timezone_aware": N_("时间要带时区"),
}


class Upload:
    """A photo that came with a form, under the id it will be kept by."""

    def __init__(self, command_id: UUID, kind: Evidence, raw: bytes) -> None:
        self.ref = EvidenceRef(id=evidence_id(command_id, kind, raw), kind=kind)
        self.raw = raw


def id_from(text: object, field: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as wrong:
        raise Problem(422, "field-invalid", field=field, reason="UUID") from wrong


def storable(value: Any, field: str = "body", depth: int = 0) -> None:
    """Raises Problem for what no text column can hold: NUL, half a character; and for endless nesting."""
    if depth > DEEPEST:
        raise Problem(422, "field-invalid", field=field, reason="too deep")
    match value:
        case str():
            if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
                raise Problem(422, "field-invalid", field=field, reason="U+0000, U+D800–U+DFFF")
        case Mapping():
            for key, one in value.items():
                storable(key, field, depth + 1)
                storable(one, str(key), depth + 1)
        case list() | tuple():
            for one in value:
                storable(one, field, depth + 1)


def as_read(text: str) -> str:
    """A stranger's text without what is not seen: control characters, and those that turn the order of letters."""
    return UNSEEN.sub("", text)


def command_of(name: str, fields: Mapping[str, Any]) -> Command:
    """The command `name` with these fields. Raises Problem naming the first field that is wrong."""
    if name not in GIVEN_BY_PEOPLE:
        raise Problem(404, "not-found")
    storable(fields)
    forbidden = BY_THE_STORE.get(name, frozenset()) & fields.keys()
    if forbidden:
        raise Problem(422, "field-invalid", field=min(forbidden), reason=REASONS["extra_forbidden"])
    try:
        return COMMAND.validate_python({**fields, "name": name})
    except ValidationError as wrong:
        raise _first(wrong) from wrong


def _first(wrong: ValidationError) -> Problem:
    issue = wrong.errors(include_url=False)[0]
    place = [part for part in issue["loc"] if isinstance(part, str) and part not in COMMANDS]
    field = place[0] if place else "body"
    if issue["type"] == "missing":
        return Problem(422, "field-missing", field=field)
    reason = REASONS.get(issue["type"])
    said = reason.format(**issue.get("ctx", {})) if reason else issue["msg"]
    return Problem(422, "field-invalid", field=field, reason=said)


def fields_of(name: str, form: Any) -> dict[str, Any]:
    """The command's own fields out of a page's form; empty ones count as not filled in."""
    model: type[BaseModel] | None = COMMANDS.get(name)
    known = model.model_fields.keys() - {"name", "evidence"} if model else set()
    if name == "link":
        known = known | {NUMBER_FIELD}
    sent = {key: form.get(key) for key in known}
    return {key: value for key, value in sent.items() if isinstance(value, str) and value.strip()}


def meant(fields: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """The fields as a command takes them: what does not go with the choice left out, local times in their zone."""
    kept = {key: value for key, value in fields.items() if key not in ONLY_WITH or _goes_with(fields, *ONLY_WITH[key])}
    return {key: _in_zone(value, zone) if key in MOMENTS else value for key, value in kept.items()}


def _goes_with(fields: Mapping[str, Any], choice: str, among: set[str]) -> bool:
    return choice not in fields or fields[choice] in among


def _in_zone(text: str, zone: tzinfo) -> datetime | str:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return text  # refused with the field's name, like any other wrong value
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


async def uploads_of(command_id: UUID, form: Any) -> list[Upload]:
    """The photos in a form, in the order of their fields."""
    sent = [(kind, file) for kind in PHOTOS for file in form.getlist(kind.value)]
    return [
        Upload(command_id, kind, await file.read())
        for kind, file in sent
        if isinstance(file, UploadFile) and file.filename
    ]
