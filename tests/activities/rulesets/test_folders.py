"""Rulesets copied in by hand: a folder that lies still becomes a draft, and one that cannot run says why."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
import structlog
from databases import Database
from stages import DOOR, Authors, a_draft, authors

from activities.lasting import Failures
from activities.rulesets.looking import Folders
from domain.rulesets import Stage
from settings import Settings
from settings.model import RULESETS
from store.catalogue import current, put_catalogue
from store.pool import Connection, pool
from store.rulesets import STILL_CHANGING, Folder, folders, versions


@pytest.fixture
async def connection(seeded: Database) -> AsyncIterator[Connection]:
    async with pool(seeded.app_dsn) as connections, connections.connection() as found:
        yield found


@pytest.fixture
async def who(connection: Connection) -> Authors:
    return await authors(connection)


class Home:
    """A home with a folder of rulesets, and the caretaker who looks through it."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.rulesets = path / "rulesets"
        self.rulesets.mkdir()
        self._path = path
        self._connection = connection
        self.restart()

    def restart(self) -> None:
        """Another caretaker, who has seen nothing yet."""
        self._folders = Folders(Settings(home=self._path), Failures(structlog.get_logger()))

    async def look(self) -> None:
        await self._folders.look(self._connection)

    async def looked_through(self) -> dict[str, Folder]:
        """Twice: what is there lies still. By the folders' names."""
        await self.look()
        await self.look()
        return await self.listed()

    async def listed(self) -> dict[str, Folder]:
        return {found.name: found for found in await folders(self._connection) if found.origin == "home"}

    def copy(self, name: str = DOOR, **changed: str) -> Path:
        """A shipped ruleset under another name, with other words in its definition."""
        target = self.rulesets / name
        shutil.copytree(RULESETS / DOOR, target)
        definition = target / "ruleset.yaml"
        text = definition.read_text(encoding="utf-8").replace(f"ruleset: {DOOR}", f"ruleset: {name}")
        for old, new in changed.items():
            text = text.replace(old, new)
        definition.write_text(text, encoding="utf-8")
        return target


@pytest.fixture
def home(tmp_path: Path, connection: Connection) -> Home:
    return Home(tmp_path, connection)


async def test_a_folder_becomes_a_draft_of_nobody(home: Home, connection: Connection) -> None:
    home.copy("door-of-the-east")
    found = (await home.looked_through())["door-of-the-east"]
    (version,) = await versions(connection, "door-of-the-east")
    assert (version.hash, version.stage, version.author) == (found.hash, Stage.DRAFT, None)
    assert version.title


async def test_shipped_folders_are_looked_through_and_change_nothing(home: Home, connection: Connection) -> None:
    await home.looked_through()
    seen = {found.name: found.problems for found in await folders(connection) if found.origin == "shipped"}
    assert seen.keys() >= {DOOR, "corridor-smoke"}
    assert [version.stage for version in await versions(connection, DOOR)] == [Stage.ACTIVE]


async def test_a_changed_folder_is_another_draft_and_an_unchanged_one_none(home: Home, connection: Connection) -> None:
    folder = home.copy("door-of-the-east")
    await home.looked_through()
    await home.looked_through()
    assert len(await versions(connection, "door-of-the-east")) == 1
    template = folder / "template.zh.j2"
    template.write_text(template.read_text(encoding="utf-8") + "{# #}\n", encoding="utf-8")
    await home.looked_through()
    assert len(await versions(connection, "door-of-the-east")) == 2


async def test_what_somebody_wrote_in_the_console_keeps_its_author(
    home: Home, connection: Connection, who: Authors
) -> None:
    written = await a_draft(connection, who.xu, "请关门。")
    folder = home.copy()
    template = folder / "template.zh.j2"
    template.write_text(template.read_text(encoding="utf-8").replace("{% endblock %}", "请关门。{% endblock %}"))
    found = (await home.looked_through())[DOOR]
    assert found.hash == written
    author = {version.hash: version.author for version in await versions(connection, DOOR)}[written]
    assert author == who.xu.id


async def test_a_folder_that_is_being_copied_waits(home: Home, connection: Connection) -> None:
    folder = home.copy("door-of-the-east")
    template = folder / "template.zh.j2"
    text = template.read_text(encoding="utf-8")
    for part in (text[:10], text[:20], text):
        template.write_text(part, encoding="utf-8")
        await home.look()
        assert await versions(connection, "door-of-the-east") == []
    assert (await home.looked_through())["door-of-the-east"].problems == ()
    assert len(await versions(connection, "door-of-the-east")) == 1


def instead(path: Path, put: Callable[[Path], object]) -> None:
    path.unlink()
    put(path)


@pytest.mark.parametrize(
    ("spoil", "field", "said"),
    [
        (lambda folder: (folder / "template.zh.j2").unlink(), "-", "缺少"),
        (lambda folder: (folder / "ruleset.yaml").write_bytes(b"title: \xff\n"), "-", "不是 UTF-8"),
        (lambda folder: (folder / "ruleset.yaml").write_text("a: &a [*a]"), "-", "引用"),
        (lambda folder: (folder / "ruleset.yaml").write_bytes(b"#" * 300_000), "-", "大于"),
        (lambda folder: folder.rename(folder.with_name("door-of-the-west")), "ruleset", "放在名为"),
        (lambda folder: (folder / "template.zh.j2").write_bytes(b"a\n\x00"), "-", "U+0000"),
        (lambda folder: (folder / "ruleset.yaml").write_text('title: "a\\0"'), "-", "U+0000"),
        (lambda folder: instead(folder / "template.zh.j2", os.mkfifo), "-", "不是普通文件"),
        (lambda folder: instead(folder / "template.zh.j2", Path.mkdir), "-", "不是普通文件"),
        (lambda folder: instead(folder / "template.zh.j2", lambda path: path.symlink_to("nowhere")), "-", "缺少"),
        (lambda folder: instead(folder / "template.zh.j2", lambda path: path.symlink_to(path)), "-", "读不了"),
        (lambda folder: (shutil.rmtree(folder), folder.symlink_to(folder)), "-", "读不了"),
        (lambda folder: folder.rename(folder.with_name(os.fsdecode(b"door-\xff"))), "ruleset", "放在名为“door-\ufffd”"),
    ],
)
async def test_a_folder_that_cannot_run_says_why_and_is_taken_once_it_is_mended(
    home: Home, connection: Connection, spoil: object, field: str, said: str
) -> None:
    folder = home.copy("door-of-the-east")
    spoil(folder)  # type: ignore[operator]
    (found,) = (await home.looked_through()).values()
    assert found.hash is None
    assert (found.problems[0].field, said in found.problems[0].reason) == (field, True)
    shutil.rmtree(home.rulesets)
    home.rulesets.mkdir()
    home.copy("door-of-the-east")
    assert [(one.name, one.problems) for one in (await home.looked_through()).values()] == [("door-of-the-east", ())]
    assert len(await versions(connection, "door-of-the-east")) == 1


async def test_a_misspelt_field_is_named_with_its_line(home: Home) -> None:
    home.copy("door-of-the-east", **{"perceive:": "percieve:"})
    problems = {one.field: one for one in (await home.looked_through())["door-of-the-east"].problems}
    assert problems["percieve"].line > 1
    assert "perceive" in problems["percieve"].fix


async def test_a_folder_that_is_gone_is_forgotten_and_its_version_stays(home: Home, connection: Connection) -> None:
    folder = home.copy("door-of-the-east")
    await home.looked_through()
    shutil.rmtree(folder)
    assert await home.looked_through() == {}
    assert len(await versions(connection, "door-of-the-east")) == 1


async def test_a_folder_that_never_lies_still_is_listed_as_such_until_it_does(home: Home) -> None:
    folder = home.copy("door-of-the-east")
    template = folder / "template.zh.j2"
    text = template.read_text(encoding="utf-8")
    first = await home.looked_through()
    seen = []
    for more in range(1, 5):
        template.write_text(text + "{# #}" * more, encoding="utf-8")
        await home.look()
        seen.append(await home.listed())
    assert seen[0] == first  # what is copied in one go is not worth a word
    said = [listed["door-of-the-east"] for listed in seen[1:]]
    assert {(one.problems[0].code, one.hash) for one in said} == {(STILL_CHANGING, None)}
    assert len({one.seen_at for one in said}) == 1  # since when
    found = (await home.looked_through())["door-of-the-east"]
    assert (found.problems, found.hash is not None) == ((), True)


async def test_what_was_taken_before_a_restart_is_not_compiled_again_unless_the_catalogue_changed(
    home: Home, connection: Connection, who: Authors
) -> None:
    home.copy("door-of-the-east")
    first = await home.looked_through()
    home.restart()
    assert await home.looked_through() == first  # down to when it was seen
    now = await current(connection)
    fewer = {code: one for code, one in now.catalogue.items() if code != "door-maintenance"}
    assert await put_catalogue(connection, fewer, now.forms, who.xu.id, base=now.catalogue_hash)
    home.restart()
    assert (await home.looked_through())["door-of-the-east"].problems


async def test_a_folder_that_went_while_nobody_looked_is_forgotten(home: Home) -> None:
    folder = home.copy("door-of-the-east")
    home.copy("door-of-the-west")
    assert len(await home.looked_through()) == 2
    shutil.rmtree(folder)
    home.restart()
    assert (await home.looked_through()).keys() == {"door-of-the-west"}


async def test_a_folder_whose_going_could_not_be_written_down_is_forgotten_at_the_next_look(
    home: Home, seeded: Database
) -> None:
    folder = home.copy("door-of-the-east")
    home.copy("door-of-the-west")
    await home.looked_through()
    shutil.rmtree(folder)
    with psycopg.connect(seeded.owner_dsn, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;"
            "CREATE TRIGGER refused BEFORE DELETE ON ruleset_folders EXECUTE FUNCTION refused()"
        )
        with pytest.raises(psycopg.errors.RaiseException):
            await home.look()
        owner.execute("DROP TRIGGER refused ON ruleset_folders")
    await home.look()
    assert (await home.listed()).keys() == {"door-of-the-west"}


async def test_a_folder_that_fails_in_a_way_nobody_thought_of_says_so_and_the_others_are_taken(
    home: Home, connection: Connection, seeded: Database
) -> None:
    folder = home.copy("door-of-the-east")
    await home.looked_through()
    with psycopg.connect(seeded.owner_dsn) as owner:  # a record that nobody can read
        owner.execute(
            "INSERT INTO ruleset_steps (ruleset, hash, step, stage) SELECT id, hash, 'asked', 'shadow' FROM rulesets "
            "WHERE id = 'door-of-the-east'"
        )
    (folder / "template.zh.j2").write_text("{% block title %}门{% endblock %}{% block text %}门{% endblock %}")
    home.copy("door-of-the-west")
    found = await home.looked_through()
    assert "收不进来" in found["door-of-the-east"].problems[0].reason
    assert found["door-of-the-west"].problems == ()
    assert len(await versions(connection, "door-of-the-west")) == 1
