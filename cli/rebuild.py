"""`linli rebuild`: give Temporal back what it lost: namespace attributes, readers, every open case."""

import typer

from activities.ensure import ensure_reader
from activities.reconcile import rebuild
from cli.installation import carry_out, installation, store, temporal
from cli.output import JsonOption, answer, people
from temporal.client import ensure_search_attributes


async def _rebuild() -> tuple[int, int]:
    given = installation()
    client = await temporal(given)
    await ensure_search_attributes(client)
    async with store(given) as connections:
        async with connections.connection() as connection:
            found = await connection.execute("SELECT id FROM partitions ORDER BY id")
            partitions = [number for (number,) in await found.fetchall()]
        for partition in partitions:
            await ensure_reader(client, partition)
        return await rebuild(connections, client)


def register(app: typer.Typer) -> None:
    @app.command("rebuild")
    def rebuild_all(*, as_json: JsonOption = False) -> None:
        """流程引擎的数据丢失后，为每个未结案件恢复流程；可重复执行。"""
        restored, opened = carry_out(_rebuild())
        data = {"restored": restored, "open": opened}
        answer("rebuild", data, as_json=as_json, show=lambda: people.print(f"未结 {opened} 件，恢复 {restored} 件"))
