"""`linli signals`: what devices said, what of it could not be read, and reading that again."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from adapters.mapping import read
from cli.installation import carry_out, installation, store
from cli.output import JsonOption, Problem, Refused, answer, bad_input, missing, people
from domain.intake import IntakeUnavailable
from store import quarantine, signals
from store.quarantine import Quarantined, ReplayResult

LIMIT = 500
LimitOption = Annotated[int, typer.Option(min=1, max=5000, help="最多几条。")]


def no_such_row(code: str, row: UUID) -> Refused:
    return bad_input(code, f"没有这一条：{row}", field="id")


async def _list(kind: str | None, device: str | None, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    async with store(installation()) as connections:
        behind = None
        if after is not None:
            behind = await signals.placed(connections, after)
            if behind is None:
                raise no_such_row("no-such-signal", after)
        return await signals.listing(connections, kind=kind, device=device, after=behind, limit=limit)


async def _show(signal: UUID) -> dict[str, Any]:
    async with store(installation()) as connections:
        found = await signals.show(connections, signal)
    if found is None:
        raise no_such_row("no-such-signal", signal)
    return found


async def _quarantine(after: UUID | None, limit: int, waiting: bool) -> list[Quarantined]:
    async with store(installation()) as connections:
        return await quarantine.listing(connections, after=after, limit=limit, waiting=waiting)


async def _replay(row: UUID | None) -> list[ReplayResult]:
    async with store(installation()) as connections:
        try:
            if row is None:
                return await quarantine.replay_all(connections, read)
            result = await quarantine.replay(connections, row, read)
        except IntakeUnavailable as error:
            raise missing("store-unavailable", f"数据库没有回应：{error}", fix="linli start postgres") from error
    if result is None:
        raise no_such_row("no-such-message", row)
    return [result]


def as_problem(result: ReplayResult) -> Problem:
    """Why a message still cannot be read, and which file to mend."""
    reason = f"{result.id} 仍不能读取：{result.reason}" + (f"（{result.detail}）" if result.detail else "")
    return Problem(code=result.reason or "", field=result.field, reason=reason, fix=result.mapping)


def show_signals(items: list[dict[str, Any]]) -> None:
    table = Table("编号", "发生", "类型", "阶段", "设备", "位置", "内容", box=None)
    for item in items:
        said = " ".join(f"{name}={value}" for name, value in item["fields"].items())
        where = item["place"] or "未登记"
        table.add_row(item["id"], item["event_time"], item["type"], item["phase"], item["device_id"], where, said)
    people.print(table)


def show_quarantine(items: list[dict[str, Any]]) -> None:
    table = Table("编号", "收到", "来源", "原因", "字段", "说明", "映射文件", box=None)
    for item in items:
        at = item["at"].isoformat(timespec="seconds")
        row = (str(item["id"]), at, item["adapter"], item["reason"], item["field"], item["detail"], item["mapping"])
        table.add_row(*row)
    people.print(table)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="感知信息", no_args_is_help=True)
    app.add_typer(group, name="signals")

    @group.callback()
    def about() -> None:
        """感知信息：设备说了什么，哪些没有读懂。"""

    @group.command("list")
    def list_signals(
        *,
        kind: Annotated[str | None, typer.Option("--type", help="只看这个类型，例如 smoke.alarm。")] = None,
        device: Annotated[str | None, typer.Option(help="只看这个设备。")] = None,
        after: Annotated[UUID | None, typer.Option(help="从这一条之后开始（上一页的 next）。")] = None,
        limit: LimitOption = LIMIT,
        as_json: JsonOption = False,
    ) -> None:
        """列出感知信息，新到的在前。"""
        found = carry_out(_list(kind, device, after, limit + 1))
        items = found[:limit]
        more = items[-1]["id"] if len(found) > limit else None
        answer("signals.list", {"items": items, "next": more}, as_json=as_json, show=lambda: show_signals(items))

    @group.command("show")
    def show(signal: Annotated[UUID, typer.Argument(help="编号")], *, as_json: JsonOption = False) -> None:
        """一条感知信息的全部内容。"""
        found = carry_out(_show(signal))
        answer("signals.show", found, as_json=as_json, show=lambda: people.print_json(data=found))

    register_quarantine(group)


def register_quarantine(group: typer.Typer) -> None:
    @group.command("quarantine")
    def list_quarantine(
        *,
        waiting: Annotated[bool, typer.Option("--waiting", help="只看还没有重放成功的。")] = False,
        after: Annotated[UUID | None, typer.Option(help="从这一条之后开始（上一页的 next）。")] = None,
        limit: LimitOption = LIMIT,
        as_json: JsonOption = False,
    ) -> None:
        """隔离区：没有读懂的消息、原因、字段，和可以修改的映射文件。"""
        found = carry_out(_quarantine(after, limit + 1, waiting))
        items = [row.as_item() for row in found[:limit]]
        more = items[-1]["id"] if len(found) > limit else None
        data = {"items": items, "next": more}
        answer("signals.quarantine", data, as_json=as_json, show=lambda: show_quarantine(items))

    @group.command("replay")
    def replay(
        row: Annotated[UUID | None, typer.Argument(help="编号")] = None,
        *,
        everything: Annotated[bool, typer.Option("--all", help="所有还没有重放成功的。")] = False,
        as_json: JsonOption = False,
    ) -> None:
        """修好映射后，把隔离的消息再读一次。"""
        if (row is None) != everything:
            raise bad_input("which", "给出一个编号，或用 --all", field="id", fix="linli signals replay --all")
        results = carry_out(_replay(row))
        done = [result for result in results if result.ok]
        items = [result._asdict() | {"ok": result.ok} for result in results]
        answer(
            "signals.replay",
            {"items": items, "replayed": len(done), "stored": sum(result.stored for result in results), "next": None},
            as_json=as_json,
            ok=len(done) == len(results),
            problems=[as_problem(result) for result in results if not result.ok],
            show=lambda: people.print(f"重放成功 {len(done)} 条，共 {len(results)} 条"),
        )
