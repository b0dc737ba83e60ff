"""What `linli catalogue` and `linli duties` share: a table goes out as CSV or Excel, and comes in when looked at."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.installation import carry_out, installation, store
from cli.output import ExitCode, JsonOption, Problem, Refused, answer, bad_input, missing, people
from domain.people import Role
from rules.exchange import SUFFIXES
from rules.problems import Problem as Fault
from rules.problems import RulesetInvalid
from store.catalogue import ChangedMeanwhile, InForce, current
from store.catalogue_imports import Proposal
from store.exchanged import Exchanged
from store.pool import Connection
from store.staff import person_named

FileArgument = Annotated[Path, typer.Argument(help="表格文件：.csv 或 .xlsx。", dir_okay=False, metavar="FILE")]


def add_group(app: typer.Typer, command: str, table: Exchanged) -> None:
    """Add the commands of `table`, under the name `command`."""
    group = typer.Typer(help=table.label, no_args_is_help=True)
    app.add_typer(group, name=command)

    @group.callback()
    def about() -> None:
        pass

    about.__doc__ = f"{table.label}：导出、比较、导入。"

    @group.command("export")
    def export(file: FileArgument, *, as_json: JsonOption = False) -> None:
        """把现行的表写到文件，格式看扩展名。"""
        now = carry_out(_current())
        data = {"file": str(file), "rows": table.count(now)}
        _write(file, table.workbook(now) if _suffix(file) == ".xlsx" else table.csv(now))
        answer(f"{command}.export", data, as_json=as_json, show=lambda: people.print(f"已导出 {data['rows']} 行"))

    @group.command("diff")
    def diff(file: FileArgument, *, as_json: JsonOption = False) -> None:
        """文件与现行的表有哪些不同；能不能导入。"""
        proposal = carry_out(_proposal(table, file))
        data = described(proposal)
        problems = [_problem(fault) for fault in proposal.broken]
        answer(
            f"{command}.diff",
            data,
            as_json=as_json,
            ok=not problems,
            problems=problems,
            show=lambda: show_difference(data),
        )

    @group.command("import")
    def import_file(
        file: FileArgument,
        *,
        by: Annotated[str, typer.Option("--as", help="以谁的身份：登录名，须是系统管理员。")],
        note: Annotated[str, typer.Option("--note", help="为什么导入。")] = "",
        as_json: JsonOption = False,
    ) -> None:
        """导入文件，立即生效；会使现行规则集失效的不导入。"""
        data = carry_out(_import(table, file, by, note[:200]))

        def show() -> None:
            show_difference(data)
            people.print("已导入" if data["imported"] else "没有变化，没有导入")

        answer(f"{command}.import", data, as_json=as_json, show=show)


async def _current() -> InForce:
    async with store(installation()) as connections, connections.connection() as connection:
        return await current(connection)


async def _proposal(table: Exchanged, file: Path) -> Proposal:
    given = installation()
    data = _read(file)
    async with store(given) as connections, connections.connection() as connection:
        return await _proposed(connection, table, data, file.name, given.zone)


async def _import(table: Exchanged, file: Path, by: str, note: str) -> dict[str, Any]:
    """Raises Refused for a file that cannot be read or would break something, or a person who may not."""
    given = installation()
    data = _read(file)
    async with store(given) as connections, connections.connection() as connection:
        person = await person_named(connection, by)
        if person is None:
            raise missing("no-such-person", f"没有这个人员：{by}", field="as", fix="linli people list")
        if Role.SYSTEM_ADMIN not in person.roles:
            raise Refused(Problem(code="not-permitted", reason=f"{by} 不是系统管理员", field="as"))
        proposal = await _proposed(connection, table, data, file.name, given.zone)
        if proposal.broken:
            raise Refused(*map(_problem, proposal.broken), data=described(proposal))
        try:
            done = await proposal.put(connection, person.id, note)
        except ChangedMeanwhile as changed:
            raise Refused(
                Problem(code="changed-meanwhile", reason="刚有人导入了另一个版本", fix="再看一次不同")
            ) from changed
    return {**described(proposal), "imported": done}


async def _proposed(connection: Connection, table: Exchanged, data: bytes, file: str, zone: ZoneInfo) -> Proposal:
    try:
        return await table.propose(connection, data, file, zone)
    except RulesetInvalid as invalid:
        raise Refused(*map(_problem, invalid.problems), exit_code=ExitCode.BAD_INPUT) from invalid


def _suffix(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise bad_input("unknown-format", f"{file.name}：只能是 {' 或 '.join(SUFFIXES)}", field="file")
    return suffix


def _read(file: Path) -> bytes:
    _suffix(file)
    try:
        return file.read_bytes()
    except OSError as error:
        raise missing("file-unreadable", f"{file}：读不了，{error.strerror}", field="file") from error


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise missing("file-unwritable", f"{file}：写不了，{error.strerror}", field="file") from error


def _problem(fault: Fault) -> Problem:
    reason = f"{fault.file}:{fault.line}: {fault.reason}"
    return Problem(code=fault.code, field=fault.field, reason=reason, fix=fault.fix or None)


def described(proposal: Proposal) -> dict[str, Any]:
    return {**asdict(proposal.difference), "base": proposal.base}


def show_difference(data: dict[str, Any]) -> None:
    for key in data["added"]:
        people.print(f"+ {key}", style="green", markup=False)
    for key in data["removed"]:
        people.print(f"- {key}", style="red", markup=False)
    for row in data["changed"]:
        for cell in row["cells"]:
            people.print(f"~ {row['key']} {cell['column']}：{cell['before']} → {cell['after']}", markup=False)
    if not (data["added"] or data["removed"] or data["changed"]):
        people.print("没有不同")
