"""`linli routes`: every address of the web process and what it needs."""

import typer
from rich.table import Table

from cli.output import JsonOption, answer, people
from web.pages import listed, routers


def register(app: typer.Typer) -> None:
    @app.command("routes", help="列出网页与接口的每个地址及其要求")
    def routes(as_json: JsonOption = False) -> None:
        items = listed(routers())

        def show() -> None:
            table = Table("地址", "方法", "需要", box=None)
            for item in items:
                table.add_row(item["path"], " ".join(item["methods"]), " ".join(item["needs"]))
            people.print(table)

        answer("routes", {"items": items, "next": None}, as_json=as_json, show=show)
