"""The versions of rulesets: texts under their hash, written once."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from psycopg.rows import class_row

from domain.rulesets import Drafted, Stage
from rules.compiled import Compiled
from store.anchoring import record
from store.pool import Connection
from store.rulesets.steps import append, done_before, locked, standing

COLUMNS = """
    r.id AS ruleset, r.hash, r.title, r.stage, r.areas, r.since, r.starts_at, r.created_at, r.note, r.based_on,
    r.author, p.display_name AS author_name, r.crashes, r.quarantined_at, r.faults::text AS faults"""
OF_RULESET = f"""
    SELECT {COLUMNS} FROM rulesets r LEFT JOIN people p ON p.id = r.author
    WHERE r.id = %s ORDER BY r.created_at DESC, r.hash"""  # noqa: S608 - constants
TEXTS = "SELECT id AS ruleset, hash, title, definition, template FROM rulesets WHERE hash = %s"
ADD = """
    INSERT INTO rulesets (hash, id, title, stage, definition, template, author, note, based_on)
    VALUES (%(hash)s, %(ruleset)s, %(title)s, 'draft', %(definition)s, %(template)s, %(author)s, %(note)s, %(based_on)s)
    ON CONFLICT (hash) DO NOTHING RETURNING hash"""


@dataclass(frozen=True)
class VersionRow:
    """One version without its texts. `author` None: it lay in a folder. `faults`: JSON of why it cannot run."""

    ruleset: str
    hash: str
    title: str
    stage: Stage
    areas: list[str]
    since: datetime
    starts_at: datetime | None
    created_at: datetime
    note: str
    based_on: str | None
    author: UUID | None
    author_name: str | None
    crashes: int
    quarantined_at: datetime | None
    faults: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stage", Stage(self.stage))


@dataclass(frozen=True)
class VersionTexts:
    """What a version says: `ruleset.yaml` and `template.zh.j2`, as they were written."""

    ruleset: str
    hash: str
    title: str
    definition: str
    template: str

    @classmethod
    def of(cls, compiled: Compiled, definition: str) -> Self:
        return cls(compiled.id, compiled.hash, compiled.title, definition, compiled.template_text)


async def versions(connection: Connection, ruleset: str) -> list[VersionRow]:
    """Every version of a ruleset, the latest first."""
    async with connection.cursor(row_factory=class_row(VersionRow)) as cursor:
        return await (await cursor.execute(OF_RULESET, (ruleset,))).fetchall()


async def texts(connection: Connection, hash_: str) -> VersionTexts | None:
    async with connection.cursor(row_factory=class_row(VersionTexts)) as cursor:
        return await (await cursor.execute(TEXTS, (hash_,))).fetchone()


async def add_version(
    connection: Connection,
    new: VersionTexts,
    *,
    author: UUID | None,
    note: str = "",
    based_on: str | None = None,
    key: UUID | None = None,
) -> bool:
    """A new draft version; False: the same texts are there already, whoever wrote them.

    They must have been compiled: `new.hash` is that of `Compiled`. `key` makes a repeated request the same request;
    raises KeyTaken where it was used for something else.
    """
    row = {**asdict(new), "author": author, "note": note, "based_on": based_on}
    async with connection.transaction():
        await locked(connection, new.ruleset)
        if key is not None and await done_before(connection, key, new.ruleset, new.hash, "drafted", author):
            return False
        before = await standing(connection, new.ruleset)
        added = await (await connection.execute(ADD, row)).fetchone()
        if added is None:
            return False
        drafted = Drafted(version=new.hash, author=str(author) if author else None)
        await append(connection, new.ruleset, before, [drafted], by=author, note=note, key=key)
        subject = f"{new.ruleset}@{new.hash[:12]}"
        await record(connection, str(author or "linli"), "ruleset.drafted", subject, {"based_on": based_on})
    return True
