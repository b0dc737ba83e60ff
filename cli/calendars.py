"""`linli calendars list | show | import`: whose hours count, and which days are free."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from cli.installation import carry_out, installation, store
from cli.output import ExitCode, JsonOption, Problem, Refused, answer, bad_input, missing, people
from domain.calendars import MIDNIGHT, Calendar, changed_days
from rules.calendars import load_calendar
from rules.problems import Problem as Fault
from rules.problems import RulesetInvalid
from store import calendars
from store.calendars import Imported, NotNewer, VersionTaken
from store.staff import person_named

BY_COMMAND = "cli"  # in the audit, where nobody is named


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="日历", no_args_is_help=True)
    app.add_typer(group, name="calendars")

    @group.callback()
    def about() -> None:
        """日历：工作时间、节假日与调休上班日。"""

    @group.command("list")
    def list_calendars(*, as_json: JsonOption = False) -> None:
        """列出日历的各个版本。"""
        items = [described(one) for one in carry_out(_listing())]
        data = {"items": items, "next": None}
        answer("calendars.list", data, as_json=as_json, show=lambda: show_list(items))

    @group.command("show")
    def show_one(
        name: Annotated[str, typer.Argument(help="日历的名称，例如 working-days。", metavar="NAME")],
        *,
        version: Annotated[str | None, typer.Option("--version", help="哪个版本；默认生效的版本。")] = None,
        as_json: JsonOption = False,
    ) -> None:
        """一个日历的时间、节假日和调休上班日。"""
        found = wanted(carry_out(_listing()), name, version)
        calendar = found.calendar
        days = {"holidays": sorted(calendar.holidays), "workdays": sorted(calendar.workdays)}
        data = {**described(found), **days}
        answer("calendars.show", data, as_json=as_json, show=lambda: show_calendar(calendar))

    @group.command("import")
    def import_one(
        file: Annotated[Path, typer.Argument(help="日历文件（YAML）。", dir_okay=False, metavar="FILE")],
        *,
        by: Annotated[str | None, typer.Option("--as", help="以谁的身份：登录名，写进审计。")] = None,
        check: Annotated[bool, typer.Option("--check", help="只看会有什么变化，不导入。")] = False,
        as_json: JsonOption = False,
    ) -> None:
        """导入一个新版本，未结案件的期限按它重新计算；先列出哪些日子变了。"""
        data = carry_out(_import(file.name, read(file), by, check=check))
        answer("calendars.import", data, as_json=as_json, show=lambda: show_import(data))


async def _listing() -> list[Imported]:
    async with store(installation()) as connections, connections.connection() as connection:
        return await calendars.listing(connection)


async def _import(file: str, calendar: Calendar, by: str | None, *, check: bool) -> dict[str, Any]:
    """Raises Refused for a version that may not be imported, or a person who is not there."""
    async with store(installation()) as connections, connections.connection() as connection:
        if by is not None and await person_named(connection, by) is None:
            raise missing("no-such-person", f"没有这个人员：{by}", field="as", fix="linli people list")
        before = (await calendars.newest(connection)).get(calendar.name)
        data = difference(before, calendar)
        try:
            done = not check and await calendars.import_calendar(connection, calendar, by or BY_COMMAND)
        except VersionTaken as taken:
            reason = f"{file}：已有版本 {taken}，内容不同；导入后的版本不再改动"
            raise bad_input("version-taken", reason, field="version", fix="改用更高的版本号") from taken
        except NotNewer as not_newer:
            reason = f"{file}：生效的是版本 {not_newer}，比 {calendar.version} 高"
            raise bad_input("version-not-newer", reason, field="version", fix="改用更高的版本号") from not_newer
    return {**data, "imported": done}


def read(file: Path) -> Calendar:
    """Raises Refused naming file, line, field and reason."""
    try:
        return load_calendar(file)
    except RulesetInvalid as invalid:
        raise bad_input_of(invalid.problems) from invalid
    except OSError as error:
        raise missing("file-unreadable", f"{file}：读不了，{error.strerror}", field="file") from error
    except UnicodeDecodeError as error:
        raise bad_input("not-text", f"{file.name}：不是 UTF-8 文字", field="file") from error


def bad_input_of(faults: tuple[Fault, ...]) -> Refused:
    problems = [
        Problem(code="calendar-invalid", field=f.field, reason=f"{f.file}:{f.line}: {f.reason}", fix=f.fix or None)
        for f in faults
    ]
    return Refused(*problems, exit_code=ExitCode.BAD_INPUT)


def wanted(known: list[Imported], name: str, version: str | None) -> Imported:
    """That version, else the one in force. Raises Refused."""
    for one in known:
        if one.calendar.name == name and (one.calendar.version == version if version else one.in_force):
            return one
    what = f"{name} {version}" if version else name
    raise missing("no-such-calendar", f"没有这个日历：{what}", field="name", fix="linli calendars list")


def difference(before: Calendar | None, after: Calendar) -> dict[str, Any]:
    """What `after` changes: days that become free or working, hours, and years that get a table."""
    free, working = changed_days(before, after) if before else ((), ())
    return {
        "name": after.name,
        "version": after.version,
        "before": before.version if before else None,
        "become_free": list(free),
        "become_working": list(working),
        "hours_before": hours(before) if before else [],
        "hours": hours(after),
        "zone_before": before.zone if before else None,
        "zone": after.zone,
        "new_years": sorted(after.years - before.years) if before else sorted(after.years),
        "lost_years": sorted(before.years - after.years) if before else [],
        "missing_years": years_missing(after),
    }


def described(one: Imported) -> dict[str, Any]:
    calendar = one.calendar
    return {
        "name": calendar.name,
        "version": calendar.version,
        "in_force": one.in_force,
        "zone": calendar.zone,
        "hours": hours(calendar),
        "years": sorted(calendar.years),
        "missing_years": years_missing(calendar),
        "imported_at": one.at,
        "imported_by": one.by,
    }


def hours(calendar: Calendar) -> list[str]:
    return [f"{start:%H:%M}-{'24:00' if end == MIDNIGHT else f'{end:%H:%M}'}" for start, end in calendar.hours]


def years_missing(calendar: Calendar) -> list[int]:
    """Of this year and the next, those whose holidays are not known."""
    if not calendar.hours:
        return []
    this_year = datetime.now(UTC).astimezone(ZoneInfo(calendar.zone)).year
    return [year for year in (this_year, this_year + 1) if year not in calendar.years]


def show_list(items: list[dict[str, Any]]) -> None:
    table = Table("名称", "版本", "生效", "时间", "有放假安排的年份", "缺", "导入", box=None)
    for item in items:
        in_force = "是" if item["in_force"] else ""
        imported = f"{item['imported_at']:%Y-%m-%d} {item['imported_by']}" if item["imported_at"] else "内置"
        clock = "、".join(item["hours"]) or "全天"
        years = [" ".join(map(str, item[which])) for which in ("years", "missing_years")]
        table.add_row(item["name"], item["version"], in_force, clock, *years, imported)
    people.print(table)


def show_calendar(calendar: Calendar) -> None:
    people.print(f"{calendar.name} {calendar.version}（{calendar.zone}）：{'、'.join(hours(calendar)) or '全天'}")
    show_days("放假", calendar.holidays)
    show_days("调休上班", calendar.workdays)
    warn_of_missing(years_missing(calendar))


def show_import(data: dict[str, Any]) -> None:
    before = f"（此前 {data['before']}）" if data["before"] else "（第一个版本）"
    people.print(f"{data['name']} {data['version']}{before}")
    if data["hours"] != data["hours_before"] and data["before"]:
        people.print(f"时间：{'、'.join(data['hours_before'])} → {'、'.join(data['hours'])}")
    if data["zone"] != data["zone_before"] and data["before"]:
        people.print(f"时区：{data['zone_before']} → {data['zone']}")
    show_days("改为休息", data["become_free"])
    show_days("改为上班", data["become_working"])
    if data["lost_years"]:
        people.print(f"不再有放假安排的年份：{'、'.join(map(str, data['lost_years']))}")
    warn_of_missing(data["missing_years"])
    people.print("已导入，未结案件的期限会重新计算" if data["imported"] else "没有导入")


def show_days(title: str, days: frozenset[date] | list[date]) -> None:
    if days:
        people.print(f"{title}：{'、'.join(f'{day:%Y-%m-%d}' for day in sorted(days))}")


def warn_of_missing(years: list[int]) -> None:
    for year in years:
        people.print(f"{year} 年还没有放假安排：只有周末休息", style="yellow")
