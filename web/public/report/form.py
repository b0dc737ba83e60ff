"""What a report's form holds, checked: each field in the words of who fills it in."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from starlette.datastructures import UploadFile

from domain.places import UNPLACED, Point
from store.contacts import normalised
from store.evidence import Photo, PhotoRefused, develop
from store.geometry import nearest_place
from store.nearby import open_matter, place_named
from store.pool import Connection
from store.reports import LONGEST_NAME, LONGEST_TEXT, MOST_PHOTOS, NewReport
from web.forms import as_read, storable
from web.problems import Problem
from web.public.report.chips import BY_CODE, OPEN_TO_ALL, PLACE_KINDS
from web.security import Viewer

FORM_ID = re.compile(r"[A-Za-z0-9_-]{32,64}")  # at least 192 bits of base64url
FIELDS = (
    *("form", "place", "lat", "lon", "elsewhere", "place_kind", "text", "hint"),
    *("name", "phone", "follows", "looked", "website"),
)


@dataclass(frozen=True)
class Filled:
    """The fields as they were sent, to be shown again; and the photos, which a page cannot show again."""

    values: dict[str, str]
    photos: list[bytes] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.values.get(name, "")


async def filled(form: Any) -> Filled:
    """The fields with blanks cut off. Raises Problem for what no text column can hold."""
    sent = {name: form.get(name) for name in FIELDS}
    texts = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
    texts["text"] = texts.get("text", "").replace("\r\n", "\n")
    files = [file for file in form.getlist("photo") if isinstance(file, UploadFile) and file.filename]
    for name, value in texts.items():
        storable(value, name)
    return Filled({name: as_read(value) for name, value in texts.items()}, [await file.read() for file in files])


async def report_of(connection: Connection, sent: Filled, *, elder: bool, viewer: Viewer | None = None) -> NewReport:
    """The report that was filled in, without its photos. Raises Problem naming the first field that is wrong.

    `connection` sees all cases: a matter to follow is looked up among the open ones.
    """
    if sent.get("website"):
        raise Problem(422, "field-must-be-empty", field="website")
    if not FORM_ID.fullmatch(sent.get("form")):
        raise Problem(422, "form-unknown", field="form")
    text = _short(sent.get("text"), "report_text", LONGEST_TEXT)
    if not text and not sent.get("follows"):
        text = _sentence_of(sent.get("hint"))
    place, point = await whereabouts(connection, sent)
    return NewReport(
        form=sent.get("form"),
        text=text,
        place=place,
        place_kind=sent.get("place_kind") if sent.get("place_kind") in PLACE_KINDS else "",
        point=point,
        hint=sent.get("hint") if sent.get("hint") in BY_CODE else "",
        phone=_phone(sent.get("phone")),
        name=_short(sent.get("name"), "caller_name", LONGEST_NAME),
        on_behalf_by=viewer.person.id if viewer else None,
        elder=elder,
        follows=await _followed(connection, sent.get("follows")),
    )


def _short(text: str, name: str, longest: int) -> str:
    if len(text) > longest:
        raise Problem(422, "text-too-long", field=name, most=longest)
    return text


def _sentence_of(hint: str) -> str:
    """What the chosen chip says, where nothing was typed."""
    chip = BY_CODE.get(hint)
    if chip is None:
        raise Problem(422, "nothing-said", field="report_text")
    return chip.sentence


def _phone(text: str) -> str:
    if not text:
        return ""
    phone = normalised(text)
    if phone is None:
        raise Problem(422, "phone-wrong", field="phone")
    return phone


async def whereabouts(connection: Connection, sent: Filled) -> tuple[str, Point | None]:
    """A place that was chosen or scanned counts more than the point; a place nobody can name goes to the duty desk."""
    point = _point(sent.get("lat"), sent.get("lon"))
    chosen = sent.get("place")
    if chosen:
        if await place_named(connection, chosen) is None:
            raise Problem(422, "place-unknown", field="place")
        return chosen, point
    if point is not None:
        return await nearest_place(connection, point), point
    if sent.get("elsewhere"):
        return UNPLACED, None
    raise Problem(422, "place-missing", field="place")


def _point(lat: str, lon: str) -> Point | None:
    if not lat and not lon:
        return None
    try:
        point = Point(lat=float(lat), lon=float(lon))
    except ValueError as wrong:
        raise Problem(422, "place-unknown", field="place") from wrong
    if not (-90 <= point.lat <= 90 and -180 <= point.lon <= 180):  # noqa: PLR2004 - degrees
        raise Problem(422, "place-unknown", field="place")
    return point


async def _followed(connection: Connection, text: str) -> UUID | None:
    if not text:
        return None
    try:
        matter = await open_matter(connection, UUID(text), OPEN_TO_ALL)
    except ValueError:
        matter = None
    if matter is None:
        raise Problem(409, "matter-over", field="follows")
    return matter.id


async def developed(raws: list[bytes]) -> list[Photo]:
    """The photos as they are kept; it takes seconds, so hold no connection meanwhile. Raises Problem."""
    if len(raws) > MOST_PHOTOS:
        raise Problem(422, "too-many-photos", field="photo", most=MOST_PHOTOS)
    photos = []
    for raw in raws:
        try:
            photos.append(await develop(raw))
        except PhotoRefused as refused:
            status = 413 if refused.code == "photo-too-large" else 422
            raise Problem(status, refused.code, field="photo", **refused.params) from refused
    return photos
