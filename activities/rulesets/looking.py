"""Looking through the folders that rulesets are copied into: what is new there becomes a draft version."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import structlog
from psycopg import OperationalError

from rules.catalogue import Catalogue
from rules.compiled import Compiled
from rules.load import RULESET, TEMPLATE, of_folder, read_texts
from rules.problems import Problem, RulesetInvalid
from rules.reading import shown_name
from settings import Settings
from settings.model import RULESETS
from store.catalogue import current_catalogue, current_hashes
from store.pool import Connection
from store.rulesets import VersionTexts, add_version, forget_folders, keep_folder
from store.rulesets.folders import Origin

Stamp = tuple[tuple[int, int], ...]  # modification time and size of each file
log = structlog.get_logger("rulesets")


class Texts(NamedTuple):
    definition: str
    template: str

    @property
    def digest(self) -> str:
        return sha256("\0".join(self).encode()).hexdigest()


class Folders:
    """Remembers what it has looked at: a folder is read again when its files change, or the catalogue does."""

    def __init__(self, settings: Settings) -> None:
        self._zone = settings.zone
        self._places: tuple[tuple[Origin, Path], ...] = (("shipped", RULESETS), ("home", settings.rulesets_folder))
        self._stamps: dict[Path, Stamp] = {}
        self._taken: dict[Path, Stamp] = {}
        self._catalogue: Catalogue = {}
        self._catalogue_hash = ""

    async def look(self, connection: Connection) -> None:
        """Take what is new and lies still: a folder that is being copied waits for the next look."""
        digest, _ = await current_hashes(connection)
        if digest != self._catalogue_hash:
            self._catalogue = await current_catalogue(connection)
            self._catalogue_hash = digest
            self._taken.clear()
        for origin, place in self._places:
            there = {folder: _stamp(folder) for folder in _folders(place)}
            for folder, stamp in there.items():
                still = self._stamps.get(folder) == stamp
                self._stamps[folder] = stamp
                if still and self._taken.get(folder) != stamp:
                    await self._take_or_say_why(connection, origin, folder)
                    self._taken[folder] = stamp
            await self._forget(connection, origin, place, set(there))

    async def _take_or_say_why(self, connection: Connection, origin: Origin, folder: Path) -> None:
        """Whatever one folder holds, the others are looked through. Raises OperationalError: the store went away."""
        try:
            await self._take(connection, origin, folder)
        except OperationalError:
            raise
        except Exception as error:
            log.exception("folder cannot be taken", folder=shown_name(folder))
            problem = Problem(shown_name(folder), 1, "-", f"收不进来：{type(error).__name__}")
            await keep_folder(connection, origin, shown_name(folder), "", None, (problem,))

    async def _take(self, connection: Connection, origin: Origin, folder: Path) -> None:
        texts = Texts("", "")
        try:
            texts = Texts(*read_texts(folder))
            compiled = await asyncio.to_thread(self._compiled, folder, texts)
        except RulesetInvalid as invalid:
            log.warning(
                "folder cannot be taken",
                folder=shown_name(folder),
                problems=[str(one) for one in invalid.problems],
            )
            await keep_folder(connection, origin, shown_name(folder), texts.digest, None, invalid.problems)
            return
        async with connection.transaction():
            added = await add_version(connection, VersionTexts.of(compiled, texts.definition), author=None)
            await keep_folder(connection, origin, folder.name, texts.digest, compiled.hash)
        if added:
            log.info("draft from a folder", ruleset=compiled.id, version=compiled.hash, folder=str(folder))

    def _compiled(self, folder: Path, texts: Texts) -> Compiled:
        return of_folder(shown_name(folder), texts, self._catalogue, self._zone)

    async def _forget(self, connection: Connection, origin: Origin, place: Path, there: set[Path]) -> None:
        known = {folder for folder in self._stamps if folder.parent == place}
        gone = known - there
        for folder in gone:
            del self._stamps[folder]
            self._taken.pop(folder, None)
        if gone or not known:
            await forget_folders(connection, origin, [shown_name(folder) for folder in there])


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
        return path.is_file()
    except OSError:  # somebody else's: it is there, and reading it says why not
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
