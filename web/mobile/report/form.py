"""What was found on patrol, as its form says it: every field checked before anything is written."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from domain.cases import EvidenceRef
from domain.matters import Evidence, Matter
from domain.places import UNPLACED
from rules.findings import FILE, FOLDER, Findings, read_findings
from settings.model import RULESETS
from store.evidence import Photo, PhotoRefused, develop
from store.organisation import place_label
from store.pool import Connection
from web.catalogue import in_force
from web.forms import storable, uploads_of
from web.problems import Problem
from web.public.report.form import Filled, whereabouts
from web.security import Viewer

FIELDS = ("case_id", "place", "lat", "lon", "category", "note", "step")
SETTLE = "settle"  # the button that says it was settled on the spot
LONGEST_NOTE = 500
Shots = tuple[tuple[EvidenceRef, Photo], ...]


def findings() -> Findings:
    """What can be found on patrol, by the catalogue in force."""
    return _findings(in_force().catalogue_hash)


@lru_cache(maxsize=2)
def _findings(_hash: str) -> Findings:
    return read_findings((RULESETS / FOLDER / FILE).read_text(encoding="utf-8"), in_force().catalogue)


@dataclass(frozen=True)
class Found:
    """A finding with its photos. The form has one id: the case's; the id of its one command follows from it."""

    case_id: UUID
    matter: Matter
    photos: Shots
    settled: bool
    note: str

    @property
    def command_id(self) -> UUID:
        return command_of(self.case_id)


def command_of(case_id: UUID) -> UUID:
    return uuid5(case_id, SETTLE)


def filled(form: Any) -> Filled:
    """The fields with blanks cut off. Raises Problem for what no text column can hold."""
    sent = {name: form.get(name) for name in FIELDS}
    texts = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    texts["note"] = texts.get("note", "").replace("\r\n", "\n")
    for name, value in texts.items():
        storable(value, name)
    return Filled(texts)


async def shots_in(sent: Filled, form: Any) -> Shots:
    """The photos as they are kept; it takes seconds, so hold no connection meanwhile. Raises Problem."""
    uploads = await uploads_of(command_of(_form_id(sent)), form)
    return tuple([(upload.ref, await _developed(upload.ref, upload.raw)) for upload in uploads])


async def found_by(connection: Connection, viewer: Viewer, sent: Filled, photos: Shots) -> Found:
    """The finding that was filled in. Raises Problem naming the first field that is wrong."""
    case_id, settled = _form_id(sent), sent.get("step") == SETTLE
    there = {ref.kind for ref, _ in photos}
    wanted = (Evidence.PHOTO_BEFORE, Evidence.PHOTO_AFTER) if settled else (Evidence.PHOTO_BEFORE,)
    missing = [kind.value for kind in wanted if kind not in there]
    if missing:
        raise Problem(422, "evidence-missing", field=missing[0], needs=missing)
    if sent.get("category") not in findings().kinds:
        raise Problem(422, "category-missing", field="category")
    if len(sent.get("note")) > LONGEST_NOTE:
        raise Problem(422, "text-too-long", field="note", most=LONGEST_NOTE)
    matter = await _matter(connection, viewer, sent, case_id)
    return Found(case_id, matter, photos, settled, sent.get("note"))


def _form_id(sent: Filled) -> UUID:
    try:
        return UUID(sent.get("case_id"))
    except ValueError as wrong:
        raise Problem(422, "form-unknown", field="case_id") from wrong


async def _developed(ref: EvidenceRef, raw: bytes) -> Photo:
    try:
        return await develop(raw)
    except PhotoRefused as refused:
        status = 413 if refused.code == "photo-too-large" else 422
        raise Problem(status, refused.code, field=ref.kind.value, **refused.params) from refused


async def _matter(connection: Connection, viewer: Viewer, sent: Filled, case_id: UUID) -> Matter:
    place, point = await whereabouts(connection, sent)
    if place == UNPLACED:
        raise Problem(422, "place-nowhere", field="place")
    label = await place_label(connection, place) or place
    if not viewer.actor.covers(place):
        raise Problem(422, "place-not-yours", field="place", place=label)
    facts = {"finder": viewer.person.display_name}
    if point:
        facts["position"] = f"{point.lat:.5f}, {point.lon:.5f}"
    same = "\n".join((str(viewer.person.id), place, sent.get("category"), sent.get("note")))
    return findings().matter(
        sent.get("category"), place, label, sent.get("note"), key=uuid5(case_id, same), facts=dict(facts)
    )
