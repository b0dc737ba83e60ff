"""Looking through the folders that rulesets are copied into: what is new there becomes a draft version."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import structlog
from psycopg import OperationalError

from activities.lasting import Failures
from rules.catalogue import Catalogue
from rules.compiled import Compiled
from rules.load import RULESET, TEMPLATE, of_folder, read_texts
from rules.problems import Problem, RulesetInvalid
from rules.reading import shown_name
from settings import Settings
from settings.model import RULESETS
from store.catalogue import current_catalogue, current_hashes
from store.pool import Connection
from store.rulesets import STILL_CHANGING, VersionTexts, add_version, forget_folders, is_taken, keep_folder
from store.rulesets.folders import Origin

RESTLESS = 2  # looks in a row that find a folder changed; from then on it is listed as such
Stamp = tuple[tuple[int, int], ...]  # modification time and size of each file
log = structlog.get_logger("rulesets")


class Texts(NamedTuple):
    definition: str
    template: str


@dataclass
class Seen:
    """A folder as the last look found it.

    `taken`: how it lay when it was taken; `changes`: how many looks in a row found it changed.
    """

    stamp: Stamp
    taken: Stamp | None = None
    changes: int = 0


class Folders:
    """Remembers what it has looked at: a folder is read again when its files change, or the catalogue does."""

    def __init__(self, settings: Settings, failures: Failures) -> None:
        self._zone = settings.zone
        self._failures = failures
        self._places: tuple[tuple[Origin, Path], ...] = (("shipped", RULESETS), ("home", settings.rulesets_folder))
        self._seen: dict[Path, Seen] = {}
        self._listed: dict[Path, set[Path]] = {}
        self._catalogue: Catalogue = {}
        self._catalogue_hash = ""

    async def look(self, connection: Connection) -> None:
        """Take what is new and lies still: a folder that is being copied waits for the next look.

        Whatever one folder holds, the others are looked through. Raises OperationalError: the store went away.
        """
        digest, _ = await current_hashes(connection)
        if digest != self._catalogue_hash:
            self._catalogue = await current_catalogue(connection)
            self._catalogue_hash = digest
            for seen in self._seen.values():
                seen.taken = None
        for origin, place in self._places:
            there = {folder: _stamp(folder) for folder in _folders(place)}
            for folder, stamp in there.items():
                with self._failures.passed_over("a folder cannot be taken", folder=shown_name(folder)):
                    await self._look_at(connection, origin, folder, stamp)
            await self._forget(connection, origin, place, set(there))

    async def _look_at(self, connection: Connection, origin: Origin, folder: Path, stamp: Stamp) -> None:
        seen = self._seen.setdefault(folder, Seen(stamp=()))
        if seen.stamp != stamp:
            seen.changes += bool(seen.stamp)
            seen.stamp = stamp
            if seen.changes == RESTLESS:
                seen.taken = None
                await _say(connection, origin, folder, "还在变化，等它停下", STILL_CHANGING)
            return
        seen.changes = 0
        if seen.taken == stamp:
            return
        try:
            await self._take(connection, origin, folder)
        except OperationalError:  # the store is away, or busy: the next look tries again
            raise
        except Exception as error:
            await _say(connection, origin, folder, f"收不进来：{type(error).__name__}")
            seen.taken = stamp
            raise
        seen.taken = stamp

    async def _take(self, connection: Connection, origin: Origin, folder: Path) -> None:
        """Keep what became of a folder. What was made a version of before, beside the same catalogue, is one."""
        name, digest = shown_name(folder), ""
        try:
            texts = Texts(*read_texts(folder))
            digest = self._digest(texts)
            if await is_taken(connection, origin, name, digest):
                return
            compiled = await asyncio.to_thread(self._compiled, folder, texts)
        except RulesetInvalid as invalid:
            log.warning("folder cannot be taken", folder=name, problems=[str(one) for one in invalid.problems])
            await keep_folder(connection, origin, name, digest, None, invalid.problems)
            return
        async with connection.transaction():
            added = await add_version(connection, VersionTexts.of(compiled, texts.definition), author=None)
            await keep_folder(connection, origin, name, digest, compiled.hash)
        if added:
            log.info("draft from a folder", ruleset=compiled.id, version=compiled.hash, folder=str(folder))

    def _digest(self, texts: Texts) -> str:
        return sha256("\0".join((*texts, self._catalogue_hash, self._zone.key)).encode()).hexdigest()

    def _compiled(self, folder: Path, texts: Texts) -> Compiled:
        return of_folder(shown_name(folder), texts, self._catalogue, self._zone)

    async def _forget(self, connection: Connection, origin: Origin, place: Path, there: set[Path]) -> None:
        """Whose folder is gone is listed no more; the first look clears away what went while nobody looked."""
        if self._listed.get(place) == there:
            return
        await forget_folders(connection, origin, [shown_name(folder) for folder in there])
        self._seen = {folder: seen for folder, seen in self._seen.items() if folder.parent != place or folder in there}
        self._listed[place] = there


async def _say(connection: Connection, origin: Origin, folder: Path, reason: str, code: str = "invalid") -> None:
    """What stands beside a folder that became no version."""
    name = shown_name(folder)
    await keep_folder(connection, origin, name, "", None, [Problem(name, 1, "-", reason, code=code)])


def _folders(place: Path) -> Iterator[Path]:
    """What looks like a ruleset: a folder with one of its two files."""
    try:
        found = sorted(place.iterdir())
    except OSError:  # none was made yet, or we may not look
        return
    for folder in found:
        if any(_is_there(folder / name) for name in (RULESET, TEMPLATE)):
            yield folder


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # somebody else's, or a link to itself: it is there, and reading it says why not
        return True
    return True


def _stamp(folder: Path) -> Stamp:
    found = []
    for name in (RULESET, TEMPLATE):
        try:
            stat = (folder / name).stat()
        except OSError:
            found.append((0, -1))
        else:
            found.append((stat.st_mtime_ns, stat.st_size))
    return tuple(found)
