"""The catalogue and the list of duties in force: versions that people import, the newest counts.

Where nothing was ever stored, the shipped files count. What is imported is told on the channel of the rulesets.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from psycopg.rows import class_row
from pydantic import TypeAdapter

from rules import catalogue as categories
from rules import duties as responsibilities
from rules.catalogue import Catalogue, load_catalogue, read_catalogue
from rules.category_codes import CodeForm, CodeForms, CodeName, load_codes
from rules.duties import DUTIES, Duties, load_duties, read_duties
from rules.load import CATALOGUE
from settings.model import RULESETS
from store.anchoring import record
from store.pool import Connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.catalogue', 0))"
TELL = "NOTIFY linli_rulesets"
NEWEST_CATALOGUE = "SELECT hash, content, codes::text FROM catalogue_versions ORDER BY id DESC LIMIT 1"
NEWEST_DUTIES = "SELECT hash, content FROM duty_versions ORDER BY id DESC LIMIT 1"
HASHES = """
    SELECT (SELECT hash FROM catalogue_versions ORDER BY id DESC LIMIT 1),
           (SELECT hash FROM duty_versions ORDER BY id DESC LIMIT 1)"""
ADD_CATALOGUE = "INSERT INTO catalogue_versions (hash, content, codes, imported_by, note) VALUES (%s, %s, %s, %s, %s)"
ADD_DUTIES = "INSERT INTO duty_versions (hash, content, imported_by, note) VALUES (%s, %s, %s, %s)"
VERSIONS = """
    SELECT v.id, v.hash, p.display_name AS imported_by, v.imported_at, v.note
    FROM {table} v LEFT JOIN people p ON p.id = v.imported_by ORDER BY v.id DESC LIMIT 50"""
OURS = """
    SELECT EXISTS (SELECT FROM {table} WHERE imported_by IS NOT NULL),
           (SELECT hash FROM {table} ORDER BY id DESC LIMIT 1)"""
KINDS = "SELECT DISTINCT kind FROM units"
_FORMS: TypeAdapter[dict[CodeName, CodeForm]] = TypeAdapter(dict[CodeName, CodeForm])


class ChangedMeanwhile(Exception):
    """Somebody imported another version after the difference was shown."""


@dataclass(frozen=True)
class InForce:
    """What counts now; the hashes change whenever something else counts."""

    catalogue: Catalogue
    forms: CodeForms
    duties: Duties
    catalogue_hash: str
    duties_hash: str


@dataclass(frozen=True)
class VersionRow:
    """A version, when it was imported and by whom; nobody imported the shipped one."""

    id: int
    hash: str
    imported_by: str | None
    imported_at: datetime
    note: str


async def current_catalogue(connection: Connection) -> Catalogue:
    """The categories that rulesets may name."""
    found = await (await connection.execute(NEWEST_CATALOGUE)).fetchone()
    return _catalogue(found[1], found[2]) if found else load_catalogue(RULESETS / CATALOGUE)


async def current_duties(connection: Connection) -> Duties:
    """Which kind of unit does what."""
    return (await current(connection)).duties


async def current(connection: Connection) -> InForce:
    catalogue = await (await connection.execute(NEWEST_CATALOGUE)).fetchone()
    duties = await (await connection.execute(NEWEST_DUTIES)).fetchone()
    if catalogue is None or duties is None:
        return shipped()
    known = _catalogue(catalogue[1], catalogue[2])
    return InForce(
        catalogue=known,
        forms=_forms(catalogue[2]),
        duties=_duties(duties[1]),
        catalogue_hash=catalogue[0],
        duties_hash=duties[0],
    )


async def current_hashes(connection: Connection) -> tuple[str, str]:
    """By which one sees, cheaply, whether something else counts: of the catalogue, and of the duties."""
    found = await (await connection.execute(HASHES)).fetchone()
    if found is None or None in found:
        ours = shipped()
        return ours.catalogue_hash, ours.duties_hash
    return found[0], found[1]


async def kinds_of_units(connection: Connection) -> frozenset[str]:
    """The kinds of units there are, and those that the list of duties in force names."""
    found = await (await connection.execute(KINDS)).fetchall()
    duties = (await current(connection)).duties
    return frozenset(kind for (kind,) in found) | {duty.unit_kind for duty in duties.items}


async def catalogue_versions(connection: Connection) -> list[VersionRow]:
    return await _versions(connection, "catalogue_versions")


async def duty_versions(connection: Connection) -> list[VersionRow]:
    return await _versions(connection, "duty_versions")


async def _versions(connection: Connection, table: str) -> list[VersionRow]:
    async with connection.cursor(row_factory=class_row(VersionRow)) as cursor:
        return await (await cursor.execute(VERSIONS.format(table=table))).fetchall()


async def put_catalogue(
    connection: Connection, catalogue: Catalogue, forms: CodeForms, by: UUID, *, base: str, note: str = ""
) -> bool:
    """Make these categories count, where those of the hash `base` still do.

    False: they count already. Raises ChangedMeanwhile.
    """
    made = catalogue_hash(catalogue, forms)
    async with connection.transaction():
        await connection.execute(LOCK)
        before, _ = await current_hashes(connection)
        if not _may_follow(before, base, made):
            return False
        content = categories.as_csv(catalogue.values())
        await connection.execute(ADD_CATALOGUE, (made, content, _written(forms), by, note))
        await _tell(connection, "catalogue.import", by, before, made)
    return True


async def put_duties(connection: Connection, duties: Duties, by: UUID, *, base: str, note: str = "") -> bool:
    """As `put_catalogue`, of the list of duties."""
    made = duties_hash(duties)
    async with connection.transaction():
        await connection.execute(LOCK)
        _, before = await current_hashes(connection)
        if not _may_follow(before, base, made):
            return False
        await connection.execute(ADD_DUTIES, (made, responsibilities.as_csv(duties.items), by, note))
        await _tell(connection, "duties.import", by, before, made)
    return True


def _may_follow(before: str, base: str, made: str) -> bool:
    if before == made:
        return False
    if before != base:
        raise ChangedMeanwhile
    return True


async def put_shipped(connection: Connection, catalogue: Catalogue, forms: CodeForms, duties: Duties) -> None:
    """Make the shipped tables count, each where nobody imported another. Idempotent."""
    async with connection.transaction():
        await connection.execute(LOCK)
        made = catalogue_hash(catalogue, forms)
        if await _ours_to_change(connection, "catalogue_versions", made):
            content = categories.as_csv(catalogue.values())
            await connection.execute(ADD_CATALOGUE, (made, content, _written(forms), None, ""))
        made = duties_hash(duties)
        if await _ours_to_change(connection, "duty_versions", made):
            await connection.execute(ADD_DUTIES, (made, responsibilities.as_csv(duties.items), None, ""))
        await connection.execute(TELL)


async def _ours_to_change(connection: Connection, table: str, made: str) -> bool:
    imported, newest = await (await connection.execute(OURS.format(table=table))).fetchone() or (False, None)
    return not imported and newest != made


async def _tell(connection: Connection, action: str, by: UUID, before: str, made: str) -> None:
    await record(connection, str(by), action, made[:12], {"before": before[:12]})
    await connection.execute(TELL)


def catalogue_hash(catalogue: Catalogue, forms: CodeForms) -> str:
    return _hash(categories.as_csv(catalogue.values()), _written(forms))


def duties_hash(duties: Duties) -> str:
    return _hash(responsibilities.as_csv(duties.items))


def _written(forms: CodeForms) -> str:
    return _FORMS.dump_json(dict(forms)).decode()


def _hash(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()


def shipped() -> InForce:
    """What lies in the folder of the rulesets, as if nobody had ever imported anything."""
    path = RULESETS / CATALOGUE
    catalogue, forms = load_catalogue(path), load_codes(path.with_suffix(".yaml"))
    duties = load_duties(RULESETS / DUTIES)
    return InForce(catalogue, forms, duties, catalogue_hash(catalogue, forms), duties_hash(duties))


@lru_cache(maxsize=8)
def _forms(codes: str) -> CodeForms:
    return _FORMS.validate_json(codes)


@lru_cache(maxsize=8)
def _catalogue(content: str, codes: str) -> Catalogue:
    return read_catalogue(content, CATALOGUE, _forms(codes))


@lru_cache(maxsize=8)
def _duties(content: str) -> Duties:
    return read_duties(content, DUTIES)
