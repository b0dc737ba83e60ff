"""`linli cases`: what cases there are, how one came to stand as it does."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from cli.giving import CaseArgument, no_such_case, register_command
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, answer, people
from domain.cases import Stage
from store import case_index

LIMIT = 500
WITH_MATTER = ("received", "worsened")  # events that say what the rules saw


async def _listing(stage: Stage | None, only_open: bool, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    async with store(installation()) as connections, connections.connection() as connection:
        return await case_index.listing(connection, stage=stage, only_open=only_open, after=after, limit=limit + 1)


async def _show(case: str) -> dict[str, Any]:
    async with store(installation()) as connections, connections.connection() as connection:
        found = await case_index.find(connection, case)
        if found is None:
            raise no_such_case(case)
        timeline = await case_index.timeline(connection, found["id"])
    why = [told["data"]["matter"]["why"] for told in timeline if told["type"] in WITH_MATTER]
    return {**found, "timeline": timeline, "why": why}


def show_list(items: list[dict[str, Any]]) -> None:
    table = Table("编号", "环节", "标题", "单位", "承办人", "时限", box=None)
    for item in items:
        due = item["due_at"].isoformat(timespec="minutes") if item["due_at"] else ""
        person = item["person"]["name"] if item["person"] else ""
        table.add_row(item["number"] or str(item["id"]), item["stage"], item["title"], item["unit"], person, due)
    people.print(table)


def show_case(shown: dict[str, Any]) -> None:
    people.print(f"{shown['number'] or shown['id']}  {shown['title']}  {shown['stage']}", markup=False)
    for told in shown["timeline"]:
        moment = told["at"].isoformat(timespec="seconds")
        people.print(f"{told['seq']:>4}  {moment}  {told['type']}  {told['actor_name']}", markup=False)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="案件", no_args_is_help=True)
    app.add_typer(group, name="cases")

    @group.callback()
    def about() -> None:
        """案件：列表、经过、办理。"""

    @group.command("list")
    def list_cases(
        *,
        stage: Annotated[Stage | None, typer.Option(help="只看这个环节。")] = None,
        only_open: Annotated[bool, typer.Option("--open", help="只看未结的。")] = False,
        after: Annotated[UUID | None, typer.Option(help="从这个案件之后开始（上一页的 next）。")] = None,
        limit: Annotated[int, typer.Option(min=1, max=5000)] = LIMIT,
        as_json: JsonOption = False,
    ) -> None:
        """列出案件，新的在前。"""
        found = carry_out(_listing(stage, only_open, after, limit))
        items = found[:limit]
        more = items[-1]["id"] if len(found) > limit else None
        answer("cases.list", {"items": items, "next": more}, as_json=as_json, show=lambda: show_list(items))

    @group.command("show")
    def show(case: CaseArgument, *, as_json: JsonOption = False) -> None:
        """一个案件的现状、经过，以及规则为什么这样判定。"""
        shown = carry_out(_show(case))
        answer("cases.show", shown, as_json=as_json, show=lambda: show_case(shown))

    register_command(group)
