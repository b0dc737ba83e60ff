"""`linli people list`: who works here, where, and how much they have to do."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.installation import carry_out, installation, store
from cli.output import JsonOption, answer, people
from domain.people import Role
from store.staff import Colleague, staff

LIMIT = 500


async def _staff(unit: str | None, role: Role | None, after: str, limit: int) -> list[Colleague]:
    async with store(installation()) as connections, connections.connection() as connection:
        return await staff(connection, unit=unit, role=role, after=after, limit=limit + 1)


def show(items: list[dict[str, Any]]) -> None:
    table = Table("登录名", "姓名", "单位", "角色", "在岗", "在办", box=None)
    for item in items:
        on_roster = "是" if item["on_roster"] else "否"
        roles = " ".join(item["roles"])
        table.add_row(item["name"], item["display_name"], item["unit_label"], roles, on_roster, str(item["load"]))
    people.print(table)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="人员", no_args_is_help=True)
    app.add_typer(group, name="people")

    @group.callback()
    def about() -> None:
        """人员：单位、角色、区域、在岗与在办。"""

    @group.command("list")
    def list_people(
        *,
        unit: Annotated[str | None, typer.Option(help="只看这个单位。")] = None,
        role: Annotated[Role | None, typer.Option(help="只看有这个角色的人。")] = None,
        after: Annotated[str, typer.Option(help="从这个登录名之后开始（上一页的 next）。")] = "",
        limit: Annotated[int, typer.Option(min=1, max=5000)] = LIMIT,
        as_json: JsonOption = False,
    ) -> None:
        """列出人员，按登录名。"""
        found = carry_out(_staff(unit, role, after, limit))
        items = [asdict(person) for person in found[:limit]]
        more = items[-1]["name"] if len(found) > limit else None
        answer("people.list", {"items": items, "next": more}, as_json=as_json, show=lambda: show(items))
