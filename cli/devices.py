"""`linli devices`: which devices there are, and which nobody registered yet."""

from typing import Annotated

import typer
from rich.table import Table

from cli.installation import carry_out, installation, store
from cli.output import JsonOption, answer, bad_input, people
from store import devices
from store.devices import Device

LIMIT = 500
SEPARATOR = "/"  # in `next`: adapter and device id


async def _list(
    unregistered: bool, place: str | None, kind: str | None, after: tuple[str, str] | None, limit: int
) -> list[Device]:
    async with store(installation()) as connections:
        return await devices.listing(
            connections, unregistered=unregistered, place=place, kind=kind, after=after, limit=limit
        )


def position(after: str | None) -> tuple[str, str] | None:
    """Where a list goes on, out of an earlier `next`."""
    if after is None:
        return None
    adapter, found, device = after.partition(SEPARATOR)
    if not found:
        raise bad_input("after", f"不是上一页的 next：{after!r}", field="after")
    return adapter, device


def show(found: list[Device]) -> None:
    table = Table("设备", "来源", "种类", "名称", "位置", "登记", box=None)
    for device in found:
        where = device.place_label or device.place or ""
        registered = "是" if device.registered else "未登记"
        table.add_row(device.device_id, device.adapter, device.kind, device.label, where, registered)
    people.print(table)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="设备", no_args_is_help=True)
    app.add_typer(group, name="devices")

    @group.callback()
    def about() -> None:
        """设备：种类、位置、登记与否。"""

    @group.command("list")
    def list_devices(
        *,
        unregistered: Annotated[bool, typer.Option("--unregistered", help="只看还没有登记的。")] = False,
        place: Annotated[str | None, typer.Option(help="只看这个区域里的，例如 /310110/kj/c07/。")] = None,
        kind: Annotated[str | None, typer.Option(help="只看这一种，例如 smoke-sensor。")] = None,
        after: Annotated[str | None, typer.Option(help="从这个设备之后开始（上一页的 next）。")] = None,
        limit: Annotated[int, typer.Option(min=1, max=5000, help="最多几台。")] = LIMIT,
        as_json: JsonOption = False,
    ) -> None:
        """列出设备。"""
        found = carry_out(_list(unregistered, place, kind, position(after), limit + 1))
        page = found[:limit]
        more = f"{page[-1].adapter}{SEPARATOR}{page[-1].device_id}" if len(found) > limit else None
        data = {"items": [device._asdict() for device in page], "next": more}
        answer("devices.list", data, as_json=as_json, show=lambda: show(page))
