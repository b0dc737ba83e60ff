"""Photos that prove a step: checked, re-encoded, kept in an object store, their EXIF aside in the row."""

import asyncio
import io
import json
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import obstore
from obstore.store import LocalStore
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from psycopg.rows import class_row

from domain.cases import EvidenceRef
from domain.matters import Evidence
from store.pool import Connection, Pool, viewed_by

LARGEST_BYTES = 15 * 1024 * 1024
LONGEST_SIDE = 2560  # pixels, after re-encoding
MOST_PIXELS = 80_000_000  # before: more is a decompression bomb, not a phone's camera
MOST_PIXELS_AT_ONCE = 24_000_000  # of formats that are decoded whole, at some 20 bytes a pixel
DEVELOPED_AT_ONCE = 2
FORMATS = ("JPEG", "PNG", "WEBP")  # of several pictures in one JPEG (MPO) the first
DRAFTED = ("JPEG", "MPO")  # decoded at a fraction of their size
JPEG_QUALITY = 85
PHOTOS = (Evidence.PHOTO_BEFORE, Evidence.PHOTO_AFTER)
_DEVELOPERS = ThreadPoolExecutor(max_workers=DEVELOPED_AT_ONCE, thread_name_prefix="photos")
_EVIDENCE = uuid5(NAMESPACE_URL, "linli:evidence")
KEEP = """
    INSERT INTO evidence (id, case_id, kind, sha256, path, media_type, width, height, exif, uploaded_by)
    VALUES (%s, %s, %s, %s, %s, 'image/jpeg', %s, %s, %s, %s) ON CONFLICT DO NOTHING"""
_COLUMNS = "id, case_id, kind, path, media_type, width, height, uploaded_by, uploaded_at"


class PhotoRefused(Exception):
    """`code` is photo-unreadable or photo-too-large."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept: JPEG, upright, without EXIF."""

    data: bytes
    width: int
    height: int
    exif: dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """A row of evidence."""

    id: UUID
    case_id: UUID
    kind: str
    path: str
    media_type: str
    width: int
    height: int
    uploaded_by: UUID
    uploaded_at: datetime


def evidence_id(command_id: UUID, kind: Evidence, raw: bytes) -> UUID:
    """The same photo in the same form is the same evidence, however often it is sent."""
    return uuid5(_EVIDENCE, f"{command_id}/{kind.value}/{sha256(raw).hexdigest()}")


async def develop(raw: bytes) -> Photo:
    """Check and re-encode an uploaded photo, few at a time: each takes memory and a processor. Raises PhotoRefused."""
    return await asyncio.get_running_loop().run_in_executor(_DEVELOPERS, developed, raw)


def developed(raw: bytes) -> Photo:
    """The same, here and now."""
    if len(raw) > LARGEST_BYTES:
        raise PhotoRefused("photo-too-large", limit_mb=LARGEST_BYTES // 1024 // 1024)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _re_encoded(raw)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise PhotoRefused("photo-too-large", limit_mb=LARGEST_BYTES // 1024 // 1024) from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as unreadable:
        raise PhotoRefused("photo-unreadable") from unreadable


def _re_encoded(raw: bytes) -> Photo:
    with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
        most = MOST_PIXELS if image.format in DRAFTED else MOST_PIXELS_AT_ONCE
        if image.width * image.height > most:
            raise PhotoRefused("photo-too-large", limit_mb=LARGEST_BYTES // 1024 // 1024)
        exif = _exif(image)
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        smaller = image if image.mode in ("RGB", "L") else image.convert("RGB")
        smaller.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(smaller).convert("RGB")
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"", optimize=True)
    return Photo(out.getvalue(), upright.width, upright.height, exif)


def _exif(image: Image.Image) -> dict[str, Any]:
    """What the camera wrote, by name; values as text, since cameras write anything."""
    exif = image.getexif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    named = {ExifTags.TAGS.get(tag, str(tag)): str(value)[:500] for tag, value in exif.items()}
    located = {f"GPS.{ExifTags.GPSTAGS.get(tag, tag)}": str(value)[:200] for tag, value in gps.items()}
    return {key: value.replace("\x00", "") for key, value in (named | located).items()}


class EvidenceStore:
    """Where the photos lie: a local folder for now, any object store later."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._objects = LocalStore(folder)

    async def keep(
        self, connections: Pool, areas: Sequence[str], case_id: UUID, piece: EvidenceRef, raw: bytes, *, by: UUID
    ) -> None:
        """Keep a photo of a case that is seen in `areas`; the same piece twice is one. Raises PhotoRefused."""
        photo = await develop(raw)
        await self.keep_developed(connections, areas, case_id, piece, photo, by=by)

    async def keep_developed(
        self, connections: Pool, areas: Sequence[str], case_id: UUID, piece: EvidenceRef, photo: Photo, *, by: UUID
    ) -> None:
        """The same, of a photo that has been checked before its case began."""
        path = f"{case_id}/{piece.id}.jpg"
        await obstore.put_async(self._objects, path, photo.data)
        size = (photo.width, photo.height)
        row = (
            piece.id,
            case_id,
            piece.kind.value,
            sha256(photo.data).digest(),
            path,
            *size,
            json.dumps(photo.exif),
            by,
        )
        async with viewed_by(connections, areas) as connection:
            await connection.execute(KEEP, row)

    async def put(self, path: str, data: bytes) -> None:
        """Keep a photo that belongs to no case yet."""
        await obstore.put_async(self._objects, path, data)

    async def read(self, path: str) -> bytes:
        """The photo's bytes. Raises FileNotFoundError."""
        found = await obstore.get_async(self._objects, path)
        return bytes(await found.bytes_async())


async def kept(connection: Connection, evidence: UUID) -> Kept | None:
    async with connection.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM evidence WHERE id = %s", (evidence,))  # noqa: S608 - constants
        return await cursor.fetchone()


async def of_case(connection: Connection, case_id: UUID) -> list[Kept]:
    """All evidence of a case, oldest first."""
    async with connection.cursor(row_factory=class_row(Kept)) as cursor:
        await cursor.execute(
            f"SELECT {_COLUMNS} FROM evidence WHERE case_id = %s ORDER BY uploaded_at, id",  # noqa: S608 - constants
            (case_id,),
        )
        return await cursor.fetchall()


async def foreign(connection: Connection, case_id: UUID, brought: Sequence[EvidenceRef]) -> list[EvidenceRef]:
    """Those pieces that are not kept for this case in the kind they claim."""
    known = {(piece.id, piece.kind) for piece in await of_case(connection, case_id)}
    return [piece for piece in brought if (piece.id, piece.kind.value) not in known]
